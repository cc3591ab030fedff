"""The database as the rest of the program sees it: the store that `app.watch.storage.JobStore` describes."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import ParamSpec, TypeVar

from app.store import history, jobs, lease
from app.store.database import Database
from app.store.opening import DatabaseDamaged
from app.store.reader import Reader
from app.store.writer import Batch, Writer
from app.watch.events import Event
from app.watch.history import HistoryLimits, Sample
from app.watch.storage import LeaseState, Pane, StoreError
from app.watch.watched import Watched

_DEFAULT_LIMITS = HistoryLimits()
_REPLACING_TIMEOUT_SECONDS = 60.0

_BUSY_AFTER_SECONDS = 3.0
"""How long a read or write may take before people are told that it is held up."""

P = ParamSpec("P")
T = TypeVar("T")


class Store:
    """One base URL's watch list, histories and events in one database file. Safe to use from any thread.

    Methods that read block on the disk. On an event loop, call them by `read_soon`:

        entries = await asyncio.wrap_future(store.read_soon(store.load))

    If the file cannot be read, they raise `StoreError`, but for histories and events, which are empty then. The
    future of a write that could not be committed holds a `StoreError`, and nothing was changed.

    Attributes:
        path: The database file.
        on_save_error: Called from the writing thread with a sentence when something cannot be saved, once until
            something is saved again; then with "".
        on_file_replaced: Called from the writing thread when a new file replaced a damaged, removed or replaced one;
            returns the entries that have to be on its watch list.
    """

    def __init__(
        self,
        path: Path,
        base_url: str,
        *,
        limits: HistoryLimits = _DEFAULT_LIMITS,
        now: Callable[[], float] = time.time,
        on_save_error: Callable[[str], None] = lambda sentence: None,
        or_in_memory: bool = False,
    ) -> None:
        """Open the file, creating it if it is missing.

        Args:
            path: The database file.
            base_url: Whose jobs these are.
            limits: How much history is kept.
            now: The wall clock, in seconds since the epoch.
            on_save_error: As the attribute.
            or_in_memory: Whether to go on with a copy in memory if the file cannot be opened or written; `notice`
                says so.

        Raises:
            StoreError: The file cannot be used.
        """
        self.path = path
        self.on_save_error = on_save_error
        self.on_file_replaced: Callable[[], Sequence[Watched]] = lambda: ()
        self._limits = limits
        self._now = now
        self._database = Database(path, base_url, now, or_in_memory=or_in_memory)
        self._reader = Reader()
        self._writer = Writer(
            self._database,
            limits,
            on_error=lambda sentence: self.on_save_error(sentence),
            on_file_replaced=lambda: self.on_file_replaced(),
        )

    @property
    def notice(self) -> str:
        """A sentence for people if the file was damaged, removed or replaced, or if nothing is kept; else ""."""
        return self._database.notice

    @property
    def busy_notice(self) -> str:
        """A sentence for people while the disk, or a lock of another program, blocks a read or write; else ""."""
        since = [at for at in (self._reader.busy_since, self._writer.busy_since) if at is not None]
        if not since or time.monotonic() - min(since) < _BUSY_AFTER_SECONDS:
            return ""
        return f"The database {self.path} does not answer yet; what jobs report is saved as soon as it does."

    def close(self) -> None:
        """Write what is pending and close the file; takes 2 s at most."""
        self._reader.close()
        self._database.close_reader()
        self._writer.close()

    # Reading

    def read_soon(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call a method that reads in the reading thread."""
        return self._reader.submit(read, *args, **kwargs)

    def load(self) -> list[Watched]:
        """The whole watch list, in the order in which jobs were added."""
        return self._read_required(lambda connection: jobs.load(connection, self._database.origin))

    def load_first(self, limit: int) -> list[Watched]:
        """At most `limit` entries that come first by status, for a quick first frame."""
        return self._read_required(
            lambda connection: jobs.load_first(connection, self._database.origin, limit)
        )

    def newest_revision(self) -> int:
        """The revision of the latest change, for `changed_since`."""
        return self._read_required(jobs.newest_revision)

    def changed_since(self, revision: int) -> tuple[int, list[Watched], list[str]]:
        """What changed after a revision: the newest revision, changed entries, and IDs no longer on the list."""
        return self._read(lambda connection: jobs.changed_since(connection, self._database.origin, revision))

    def data_version(self) -> int:
        """A number that differs after each commit to the file by any process, this one included."""
        version = self._read(lambda connection: connection.execute("PRAGMA data_version").fetchone()[0])
        return int(version) + (self._database.generation << 32)

    def samples(self, job_id: str) -> list[Sample]:
        """A job's history, oldest first; what came in the last second may be missing."""
        return self._read_optional(
            lambda connection: history.samples_of(connection, self._database.origin, job_id)
        )

    def completed_histories(self, limit: int) -> list[tuple[list[Sample], str, str]]:
        """Histories of the latest completed jobs, oldest first, each with its writing and reasoning model."""
        return self._read_optional(
            lambda connection: history.completed_histories(connection, self._database.origin, limit)
        )

    def events(self, job_id: str | None = None, limit: int = 200) -> list[Event]:
        """The latest events of one job or of all, newest first; what came in the last second may be missing."""
        return self._read_optional(
            lambda connection: history.latest_events(connection, self._database.origin, job_id, limit)
        )

    def leader(self) -> tuple[object, ...]:
        """What the lease says of the leader: who it is, and what it knows of the connection; equal while that is so."""
        return self._read(lambda connection: lease.leader(connection, self._database.origin))

    def preference(self, name: str) -> str | None:
        """The text that was stored under a name, or None."""
        row = self._read_required(
            lambda connection: connection.execute(
                "SELECT value FROM preference WHERE name = ?", (name,)
            ).fetchone()
        )
        return str(row[0]) if row else None

    def check_integrity(self) -> None:
        """Check a file that was too large to be checked when it was opened. Blocks."""
        if not self._database.check():
            self._writer.wake()

    # What people change: committed when the future is done

    def add(self, job_ids: Sequence[str], *, followed: bool = False) -> Future[list[Watched]]:
        """Put jobs on the watch list; the future holds the entries that are new on it.

        Args:
            job_ids: The jobs.
            followed: Whether they are added without being asked for; those that a person removed stay off the list.
        """
        at = self._now()
        return self._writer.submit(
            lambda connection: jobs.add(connection, self._database.origin, job_ids, at, followed)
        )

    def track(self, job_ids: Sequence[str]) -> Future[None]:
        """Keep answers about these jobs from now on, whether or not they are on the watch list."""
        at = self._now()
        return self._writer.submit(
            lambda connection: jobs.track(connection, self._database.origin, job_ids, at)
        )

    def remove(self, job_ids: Sequence[str]) -> Future[list[str]]:
        """Take jobs off the watch list; the future holds the IDs that were on it."""
        return self._writer.submit(lambda connection: jobs.remove(connection, self._database.origin, job_ids))

    def restore(self, entries: Sequence[Watched]) -> Future[None]:
        """Put removed entries back in their old places."""
        return self._writer.submit(
            lambda connection: jobs.restore(connection, self._database.origin, entries)
        )

    def discard_histories(self) -> Future[None]:
        """Delete the histories of all jobs."""
        return self._writer.submit(lambda connection: history.discard(connection, self._database.origin))

    def set_muted(self, job_id: str, muted: bool) -> Future[None]:
        """Mute a job, or unmute it."""
        return self._writer.submit(
            lambda connection: jobs.set_muted(connection, self._database.origin, job_id, muted)
        )

    def set_preference(self, name: str, value: str) -> Future[None]:
        """Store a text under a name for later runs."""

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO preference (name, value) VALUES (?, ?)", (name, value))

        return self._writer.submit(write)

    # What runs by itself

    def save(
        self,
        entry: Watched,
        sample: Sample | None = None,
        events: Iterable[Event] = (),
        *,
        at_once: bool = False,
    ) -> None:
        """Save what is known of a job, within about a second.

        Args:
            entry: The newest state; an older one that was not written yet is skipped.
            sample: What to append to the job's history, if anything.
            events: What to append to the event log.
            at_once: Whether it is committed without delay, since it cannot be asked for again.
        """
        samples = {entry.id: [sample]} if sample else {}
        self._writer.add(Batch([], {entry.id: entry}, samples, list(events)), at_once=at_once)

    def log_event(self, event: Event) -> None:
        """Append an event that changes no job to the log, within about a second."""
        self._writer.add(Batch(events=[event]))

    def heartbeat(self, pane: Pane) -> Future[LeaseState]:
        """Renew a pane's presence, and take, keep or give up the lead."""
        at = self._now()
        return self._writer.submit(
            lambda connection: lease.heartbeat(connection, self._database.origin, pane, at),
            at_once=not self._writer.pending,
        )

    def leave(self, pane_id: str) -> Future[None]:
        """Remove a pane; if it led, the lead is free at once."""
        return self._writer.submit(lambda connection: lease.leave(connection, self._database.origin, pane_id))

    def prune(self, before: float, first: int = 0) -> Future[int | None]:
        """Delete old samples, events and removed jobs, and thin long histories, for a few hundred jobs.

        Args:
            before: What is older is deleted, in seconds since the epoch.
            first: Where to go on; 0 to begin.

        Returns:
            A future for where to go on, or None at the end.
        """
        return self._writer.submit(
            lambda connection: history.prune(connection, before, self._limits.samples, first), at_once=False
        )

    def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return self._database.read(read)
        except DatabaseDamaged:
            self._writer.wake()
            raise

    def _read_required(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """Read what is indispensable; if the file is damaged, wait until it is replaced."""
        try:
            return self._read(read)
        except DatabaseDamaged:
            self._writer.submit(lambda connection: None).result(_REPLACING_TIMEOUT_SECONDS)
            return self._read(read)

    def _read_optional(self, read: Callable[[sqlite3.Connection], list[T]]) -> list[T]:
        """Read what is dispensable; empty if it cannot be read."""
        try:
            return self._read(read)
        except DatabaseDamaged:  # what can be read of it is back in a moment
            return []
        except StoreError as error:
            self._writer.report(str(error))
            return []
