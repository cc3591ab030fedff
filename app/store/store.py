"""The database as the rest of the program sees it: one thread reads, another one writes."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import ParamSpec, TypeVar

from app.store import history, jobs, lease, preferences
from app.store.database import Database
from app.store.errors import DatabaseDamaged
from app.store.reader import ReadQueue
from app.store.writer import WriteQueue
from app.watch.events import Event
from app.watch.history import HistoryLimits, Sample
from app.watch.storage import LeaseState, Pane, StoreError
from app.watch.watched import Watched

_LIMITS = HistoryLimits()
_RESCUE_PATIENCE = 60.0  # seconds to wait for what can be read of a damaged file

_SLOW_SECONDS = 3.0
"""After which a read or write that is under way is taken to be held up."""

P = ParamSpec("P")
T = TypeVar("T")


class Store:
    """One base URL's watch list, history and events in one database file. Safe to use from any thread.

    Methods that read wait for the disk. On an event loop they are called by `read_soon`:

        entries = await asyncio.wrap_future(store.read_soon(store.load))

    Where the file cannot be read, reading the list raises `StoreError`, and the past is empty. The future of a write
    that could not be committed holds a `StoreError`, and nothing was changed.
    """

    def __init__(
        self,
        path: Path,
        base_url: str,
        *,
        limits: HistoryLimits = _LIMITS,
        now: Callable[[], float] = time.time,
        on_save_error: Callable[[str], None] = lambda sentence: None,
        or_in_memory: bool = False,
    ) -> None:
        """Open the file, making it where there is none.

        Args:
            path: The database file.
            base_url: Whose jobs these are.
            limits: How much of the past is kept.
            now: The wall clock, in seconds since the epoch.
            on_save_error: Called from the writing thread, once, when what polls bring cannot be saved, and with an
                empty text when it can be again.
            or_in_memory: Whether to go on with a copy in memory if the file cannot be opened or written; `notice`
                says so.

        Raises:
            StoreError: The file cannot be used.
        """
        self.path = path
        self._limits = limits
        self._now = now
        self._database = Database(path, base_url, now, or_in_memory=or_in_memory)
        self._queue = WriteQueue(self._database, limits, on_save_error)
        self._reads = ReadQueue()

    def read_soon(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call a function that reads, in the thread for that, so that the caller need not wait."""
        return self._reads.soon(read, *args, **kwargs)

    # What there is

    @property
    def busy_notice(self) -> str:
        """A sentence while the disk, or a lock of another program, holds up what is read or written; else empty."""
        begun = [at for at in (self._reads.busy_since, self._queue.busy_since) if at is not None]
        if not begun or time.monotonic() - min(begun) < _SLOW_SECONDS:
            return ""
        return f"The database {self.path} does not answer yet; what you change is kept as soon as it does."

    @property
    def notice(self) -> str:
        """A sentence for people where the file was out of order; else empty."""
        return self._database.notice

    @property
    def commits(self) -> int:
        """How many transactions were committed."""
        return self._queue.commits

    @property
    def on_save_error(self) -> Callable[[str], None]:
        """Told, from the writing thread, when what polls bring cannot be saved, and when it can be again."""
        return self._queue.on_save_error

    @on_save_error.setter
    def on_save_error(self, tell: Callable[[str], None]) -> None:
        self._queue.on_save_error = tell

    @property
    def on_file_replaced(self) -> Callable[[], Sequence[Watched]]:
        """Called from the writing thread when another file has taken the place of a damaged, removed or replaced one.

        It returns the entries that have to be on the new file's watch list.
        """
        return self._queue.on_file_replaced

    @on_file_replaced.setter
    def on_file_replaced(self, entries: Callable[[], Sequence[Watched]]) -> None:
        self._queue.on_file_replaced = entries

    def check_integrity(self) -> None:
        """Look through a file that was too large for that when it was opened; not in a hurry, and in a thread."""
        if not self._database.check():
            self._queue.hurry()

    def load(self) -> list[Watched]:
        """The whole watch list, in the order in which jobs were added."""
        return self._list(lambda connection: jobs.load(connection, self._database.origin))

    def load_first(self, most: int) -> list[Watched]:
        """As much of it as comes first by status, for whoever has to show something at once."""
        return self._list(lambda connection: jobs.load_first(connection, self._database.origin, most))

    def samples(self, job_id: str) -> list[Sample]:
        """One job's history, oldest first; what came in the last second may be missing, or cannot be read."""
        return self._past(lambda connection: history.samples_of(connection, self._database.origin, job_id))

    def completed_histories(self, limit: int) -> list[tuple[list[Sample], str, str]]:
        """The histories of the jobs that completed last, oldest first, each with its writing and reasoning model."""
        return self._past(lambda connection: history.completed(connection, self._database.origin, limit))

    def events(self, job_id: str | None = None, limit: int = 200) -> list[Event]:
        """One job's events, or all jobs', newest first; what came in the last second may be missing."""
        if job_id is None:
            return self._past(
                lambda connection: history.latest_events(connection, self._database.origin, limit)
            )
        return self._past(
            lambda connection: history.events_of(connection, self._database.origin, job_id, limit)
        )

    def data_version(self) -> int:
        """A number that is another one after each commit to the file, whoever made it."""
        version = self._read(lambda connection: connection.execute("PRAGMA data_version").fetchone()[0])
        return int(version) + (self._database.generation << 32)

    def newest_revision(self) -> int:
        """The revision of what was written last, for `changed_since`."""
        return self._list(jobs.newest_revision)

    def changed_since(self, revision: int) -> tuple[int, list[Watched], list[str]]:
        """What was written after a revision: the newest revision, entries of the list, and IDs no longer on it."""
        return self._read(lambda connection: jobs.changed_since(connection, self._database.origin, revision))

    def preference(self, name: str) -> str | None:
        """What is remembered under a name since an earlier run, or None."""
        return self._list(lambda connection: preferences.preference(connection, name))

    # What a person changes: committed when the future is done

    def add(self, job_ids: Sequence[str], *, followed: bool = False) -> Future[list[Watched]]:
        """Put jobs on the watch list. The future holds the entries of those that were not on it.

        With `followed`, jobs that a person removed stay off the list.
        """
        at = self._now()

        def write(connection: sqlite3.Connection) -> list[Watched]:
            origin = self._database.origin
            add = jobs.follow if followed else jobs.add
            return jobs.find(connection, origin, add(connection, origin, job_ids, at))

        return self._soon(write)

    def track(self, job_ids: Sequence[str]) -> Future[None]:
        """Keep what is heard of these jobs from now on, whether or not they are on the watch list."""
        at = self._now()
        return self._soon(lambda connection: jobs.know(connection, self._database.origin, job_ids, at))

    def remove(self, job_ids: Sequence[str]) -> Future[list[str]]:
        """Take jobs off the watch list. The future holds those that were on it."""
        return self._soon(lambda connection: jobs.remove(connection, self._database.origin, job_ids))

    def restore(self, entries: Sequence[Watched]) -> Future[None]:
        """Put removed jobs back where they stood."""
        return self._soon(lambda connection: jobs.restore(connection, self._database.origin, entries))

    def discard_histories(self) -> Future[None]:
        """Delete the histories of all jobs."""
        return self._soon(lambda connection: history.discard(connection, self._database.origin))

    def set_muted(self, job_id: str, muted: bool) -> Future[None]:
        """Have a job draw no attention, or some again."""
        return self._soon(lambda connection: jobs.mute(connection, self._database.origin, job_id, muted))

    def heartbeat(self, pane: Pane) -> Future[LeaseState]:
        """Say that a pane is alive; the future holds whether it leads."""
        at = self._now()
        return self._soon(
            lambda connection: lease.beat(connection, self._database.origin, pane, at),
            can_wait=self._queue.pending,  # for what polls brought is about to be written
        )

    def leave(self, pane_id: str) -> Future[None]:
        """A pane ends."""
        return self._soon(lambda connection: lease.leave(connection, self._database.origin, pane_id))

    def set_preference(self, name: str, value: str) -> Future[None]:
        """Remember a text under a name for later runs."""
        return self._soon(lambda connection: preferences.remember(connection, name, value))

    def prune(self, before: float, first: int = 0) -> Future[int | None]:
        """Delete samples and events older than a moment, what there is too much of, and what no list needs.

        It is done for a few hundred jobs at a time, along with the next commit of what polls bring.

        Args:
            before: Seconds since the epoch.
            first: Where to go on; 0 to begin.

        Returns:
            The future holds where to go on, or None at the end.
        """
        return self._soon(
            lambda connection: history.forget(connection, before, self._limits.samples, first), can_wait=True
        )

    # What polls bring: committed within about a second

    def save(
        self,
        entry: Watched,
        sample: Sample | None = None,
        events: Iterable[Event] = (),
        *,
        at_once: bool = False,
    ) -> None:
        """Keep what is known of a job now.

        Args:
            entry: The newest state; an older one that was not written yet is skipped.
            sample: What it adds to the job's history, if anything.
            events: What it adds to the event log.
            at_once: Whether it is committed without waiting for more, for what cannot be asked for again.
        """
        self._queue.save(entry, sample, events, at_once=at_once)

    def log_event(self, event: Event) -> None:
        """Add an event that changes no job."""
        self._queue.log(event)

    def close(self) -> None:
        """Write what is left and close the file; takes 2 s at most."""
        self._reads.close()
        self._database.close_reader()
        self._queue.close()

    # How it reads

    def _past(self, read: Callable[[sqlite3.Connection], list[T]]) -> list[T]:
        """What lies behind, which nobody needs so much that they should fail without."""
        try:
            return self._read(read)
        except DatabaseDamaged:  # what can be read of it is there in a moment
            return []
        except StoreError as error:
            self._queue.complain(str(error))
            return []

    def _list(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """What has to be there: worth waiting for a rescue."""
        try:
            return self._read(read)
        except DatabaseDamaged:
            self._soon(lambda connection: None).result(_RESCUE_PATIENCE)
            return self._read(read)

    def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return self._database.read(read)
        except DatabaseDamaged:
            self._queue.hurry()
            raise

    def _soon(self, write: Callable[[sqlite3.Connection], T], *, can_wait: bool = False) -> Future[T]:
        return self._queue.soon(write, can_wait=can_wait)
