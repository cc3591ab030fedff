"""The public face of the database: implements the protocol `app.watch.storage.JobStore`."""

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
from app.watch.events import Event, EventKind
from app.watch.history import HistoryLimits, Sample
from app.watch.storage import LeaseState, Pane, StoreError
from app.watch.watched import Watched

_DEFAULT_LIMITS = HistoryLimits()
_REPLACING_TIMEOUT_SECONDS = 60.0

_BUSY_AFTER_SECONDS = 3.0
"""A read or write that takes longer than this is reported by `Store.busy_notice`."""

P = ParamSpec("P")
T = TypeVar("T")


class Store:
    """One base URL's watch list, histories and events in one database file. Safe to use from any thread.

    Methods that read block on the disk. On an event loop, call them through `read_soon`:

        entries = await asyncio.wrap_future(store.read_soon(store.load))

    If the file cannot be read, they raise `StoreError`, except for histories and events, which are then empty. The
    future of a write that could not be committed holds a `StoreError`, and nothing has changed.

    Attributes:
        path: The database file.
        on_save_error: Called from the writing thread with a sentence when something cannot be saved, and with "" once
            saving works again.
        on_file_replaced: Called from the writing thread when a new file replaced a damaged, removed or replaced one;
            returns the entries to put on its watch list.
        on_repair: Called from the writing thread with a sentence when such a file works again.
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
            base_url: The base URL of the API that the jobs belong to.
            limits: How much history is kept.
            now: The wall clock, in seconds since the epoch.
            on_save_error: See the attribute.
            or_in_memory: Whether to continue with a copy in memory if the file cannot be opened or written;
                `unsaved_notice` says so.

        Raises:
            StoreError: The file cannot be used.
        """
        self.path = path
        self.on_save_error = on_save_error
        self.on_file_replaced: Callable[[], Sequence[Watched]] = lambda: ()
        self.on_repair: Callable[[str], None] = lambda sentence: None
        self._limits = limits
        self._now = now
        self._database = Database(path, base_url, now, or_in_memory=or_in_memory)
        self._reader = Reader()
        self._writer = Writer(
            self._database,
            limits,
            on_error=lambda sentence: self.on_save_error(sentence),
            on_repair=self._repaired,
            on_file_replaced=lambda: self.on_file_replaced(),
        )
        if self.repair_notice:
            self._log_repair(self.repair_notice)

    @property
    def repair_notice(self) -> str:
        """A sentence to show once if the file was damaged, removed or replaced, and works again; else ""."""
        return self._database.repair_notice

    @property
    def unsaved_notice(self) -> str:
        """A sentence to show while the file cannot be used and nothing is saved; else ""."""
        return self._database.unsaved_notice

    @property
    def busy_notice(self) -> str:
        """A sentence to show while the disk, or another program's lock, blocks a read or write; else ""."""
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
        """Call a method that reads, in the reading thread."""
        return self._reader.submit(read, *args, **kwargs)

    def load(self) -> list[Watched]:
        """The whole watch list, in the order in which jobs were added."""
        return self._read_required(lambda connection: jobs.load(connection, self._database.origin))

    def load_first(self, limit: int) -> list[Watched]:
        """The first `limit` entries by status, for a quick first frame."""
        return self._read_required(
            lambda connection: jobs.load_first(connection, self._database.origin, limit)
        )

    def newest_revision(self) -> int:
        """The revision of the latest change, for `changed_since`."""
        return self._read_required(jobs.newest_revision)

    def changed_since(self, revision: int) -> tuple[int, list[Watched], list[str]]:
        """Changes after a revision: the newest revision, the changed entries, and the IDs of removed jobs."""
        return self._read(lambda connection: jobs.changed_since(connection, self._database.origin, revision))

    def data_version(self) -> int:
        """A number that changes with each commit to the file by any process, including this one."""
        version = self._read(lambda connection: connection.execute("PRAGMA data_version").fetchone()[0])
        return int(version) + (self._database.generation << 32)

    def samples(self, job_id: str) -> list[Sample]:
        """A job's history, oldest first; samples from the last second may be missing."""
        return self._read_optional(
            lambda connection: history.samples_of(connection, self._database.origin, job_id)
        )

    def completed_histories(self, limit: int) -> list[tuple[list[Sample], str, str]]:
        """Histories of the latest completed jobs, oldest first, each with its writing and reasoning model."""
        return self._read_optional(
            lambda connection: history.completed_histories(connection, self._database.origin, limit)
        )

    def events(self, job_id: str | None = None, limit: int = 200) -> list[Event]:
        """The latest events of one job or of all, newest first; events from the last second may be missing."""
        return self._read_optional(
            lambda connection: history.latest_events(connection, self._database.origin, job_id, limit)
        )

    def leader(self) -> tuple[object, ...]:
        """The leader's ID and link state from the lease. Compare two results to notice a change."""
        return self._read(lambda connection: lease.leader(connection, self._database.origin))

    def preference(self, name: str) -> str | None:
        """The text stored under a name, or None."""
        row = self._read_required(
            lambda connection: connection.execute(
                "SELECT value FROM preference WHERE name = ?", (name,)
            ).fetchone()
        )
        return str(row[0]) if row else None

    def check_integrity(self) -> None:
        """Check a file that was too large to be checked when it was opened. Blocks for 3 ms a MiB."""
        if not self._database.check():
            self._writer.wake()

    # Changes by the user: committed when the future is done

    def add(self, job_ids: Sequence[str], *, followed: bool = False) -> Future[list[Watched]]:
        """Put jobs on the watch list; the future holds the new entries.

        Args:
            job_ids: The jobs.
            followed: Whether they are added automatically; jobs that the user removed are then skipped.
        """
        at = self._now()
        return self._writer.submit(
            lambda connection: jobs.add(connection, self._database.origin, job_ids, at, followed)
        )

    def track(self, job_ids: Sequence[str]) -> Future[None]:
        """Keep answers about these jobs from now on, even if they are not on the watch list."""
        at = self._now()
        return self._writer.submit(
            lambda connection: jobs.track(connection, self._database.origin, job_ids, at)
        )

    def remove(self, job_ids: Sequence[str]) -> Future[list[str]]:
        """Take jobs off the watch list; the future holds the IDs that were on it."""
        return self._writer.submit(lambda connection: jobs.remove(connection, self._database.origin, job_ids))

    def restore(self, entries: Sequence[Watched]) -> Future[None]:
        """Put removed entries back where they were."""
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

    # Automatic writes

    def save(
        self,
        entry: Watched,
        sample: Sample | None = None,
        events: Iterable[Event] = (),
        *,
        at_once: bool = False,
    ) -> None:
        """Save the state of a job within about a second.

        Args:
            entry: The newest state; it replaces an older one that was not written yet.
            sample: What to append to the job's history, if anything.
            events: What to append to the event log.
            at_once: Whether to commit without delay, because it cannot be fetched again.
        """
        samples = {entry.id: [sample]} if sample else {}
        self._writer.add(Batch([], {entry.id: entry}, samples, list(events)), at_once=at_once)

    def log_event(self, event: Event) -> None:
        """Append an event to the log within about a second, without changing a job."""
        self._writer.add(Batch(events=[event]))

    def heartbeat(self, pane: Pane) -> Future[LeaseState]:
        """Record that a pane is alive, and acquire, renew or release the lease."""
        at = self._now()
        return self._writer.submit(
            lambda connection: lease.heartbeat(connection, self._database.origin, pane, at),
            at_once=not self._writer.pending,
        )

    def leave(self, pane_id: str) -> Future[None]:
        """Remove a pane; if it was the leader, the lease is free at once."""
        return self._writer.submit(lambda connection: lease.leave(connection, self._database.origin, pane_id))

    def prune(self, before: float, first: int = 0) -> Future[int | None]:
        """Delete old samples, events and removed jobs, and thin long histories, one batch of jobs at a time.

        Args:
            before: Anything older is deleted; seconds since the epoch.
            first: Where to continue; 0 to begin.

        Returns:
            A future with the `first` of the next batch, or None after the last.
        """
        return self._writer.submit(
            lambda connection: history.prune(connection, before, self._limits.samples, first), at_once=False
        )

    def _repaired(self, sentence: str) -> None:
        self._log_repair(sentence)
        self.on_repair(sentence)

    def _log_repair(self, sentence: str) -> None:
        self.log_event(Event(self._now(), EventKind.DATABASE, sentence))

    def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return self._database.read(read)
        except DatabaseDamaged:
            self._writer.wake()
            raise

    def _read_required(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """Read what the program cannot do without; if the file is damaged, wait until it is replaced."""
        try:
            return self._read(read)
        except DatabaseDamaged:
            self._writer.submit(lambda connection: None).result(_REPLACING_TIMEOUT_SECONDS)
            return self._read(read)

    def _read_optional(self, read: Callable[[sqlite3.Connection], list[T]]) -> list[T]:
        """Read what the program can do without; empty if it cannot be read."""
        try:
            return self._read(read)
        except DatabaseDamaged:  # the writer is about to recover what can be read
            return []
        except StoreError as error:
            self._writer.report(str(error))
            return []
