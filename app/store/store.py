"""One base URL's watch list, histories and events in one database file: the `app.watch.storage.JobStore`."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from app.store import history, jobs, lease, preferences
from app.store.database import Database
from app.store.opening import Connection, DatabaseDamaged
from app.store.reader import Reader
from app.store.writer import Write, Writer
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


def _read_required(query: Callable[Concatenate[Connection, P], T]) -> Callable[Concatenate["Store", P], T]:
    """Make a method of a query that the program needs; if the file is damaged, it waits until it is replaced."""

    def read(self: "Store", /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return self._read(lambda db: query(db, *args, **kwargs))
        except DatabaseDamaged:
            self._writer.submit(lambda db: None).result(_REPLACING_TIMEOUT_SECONDS)
            return self._read(lambda db: query(db, *args, **kwargs))

    return read


def _read_optional(
    query: Callable[Concatenate[Connection, P], list[T]],
) -> Callable[Concatenate["Store", P], list[T]]:
    """Make a method of a query that the program can do without; empty if the file cannot be read."""

    def read(self: "Store", /, *args: P.args, **kwargs: P.kwargs) -> list[T]:
        try:
            return self._read(lambda db: query(db, *args, **kwargs))
        except DatabaseDamaged:  # the writer is about to recover what can be read
            return []
        except StoreError as error:
            self._writer.report(str(error))
            return []

    return read


def _write(apply: Callable[Concatenate[Connection, P], T]) -> Callable[Concatenate["Store", P], Future[T]]:
    """Make a method of a change that is committed at once."""

    def write(self: "Store", /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        return self._writer.submit(lambda db: apply(db, *args, **kwargs))

    return write


class Store:
    """One base URL's watch list, histories and events in one database file. Safe to use from any thread.

    The methods are those of `JobStore`, and described there. What they read or write is in `jobs`, `history`,
    `lease` and `preferences`.

    Attributes:
        path: The database file.
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
            on_save_error: As in `JobStore`.
            or_in_memory: Whether to continue with a copy in memory if the file cannot be opened or written;
                `unsaved_notice` says so.

        Raises:
            StoreError: The file cannot be used.
        """
        self.path = path
        self.on_save_error = on_save_error
        self.on_file_replaced: Callable[[], Sequence[Watched]] = lambda: ()
        self.on_repair: Callable[[str], None] = lambda sentence: None
        self._now = now
        self._database = Database(path, base_url, limits, now, or_in_memory=or_in_memory)
        self._reader = Reader()
        self._writer = Writer(
            self._database,
            on_error=lambda sentence: self.on_save_error(sentence),
            on_repair=self._repaired,
            on_file_replaced=lambda: self.on_file_replaced(),
        )
        if self.repair_notice:
            self._log_repair(self.repair_notice)

    load = _read_required(jobs.load)
    load_first = _read_required(jobs.load_first)
    newest_revision = _read_required(jobs.newest_revision)
    preference = _read_required(preferences.get)
    changed_since = _read_required(jobs.changed_since)
    leader = _read_required(lease.leader)
    samples = _read_optional(history.samples_of)
    completed_histories = _read_optional(history.completed_histories)
    events = _read_optional(history.latest_events)

    add = _write(jobs.add)
    track = _write(jobs.track)
    remove = _write(jobs.remove)
    restore = _write(jobs.restore)
    set_muted = _write(jobs.set_muted)
    discard_histories = _write(history.discard_all)
    set_preference = _write(preferences.put)
    leave = _write(lease.leave)

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

    def read_soon(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call a method that reads, in the reading thread."""
        return self._reader.submit(read, *args, **kwargs)

    def data_version(self) -> int:
        """A number that changes with each commit to the file by any process, including this one."""
        version = self._read(lambda db: db.execute("PRAGMA data_version").fetchone()[0])
        return int(version) + (self._database.generation << 32)

    def check_integrity(self) -> None:
        """Check a file that was too large to be checked when it was opened. Blocks for 3 ms a MiB."""
        if not self._database.check():
            self._writer.wake()

    def save(
        self,
        entry: Watched,
        sample: Sample | None = None,
        events: Iterable[Event] = (),
        *,
        at_once: bool = False,
    ) -> None:
        """Save the state of a job, and append to its history and the event log, within about a second or at once."""
        writes = [Write(partial(jobs.save, entry=entry), replaces=entry.id)]
        if sample:
            writes.append(Write(partial(history.append_sample, job_id=entry.id, new=sample)))
        writes += [Write(partial(history.add_event, event=event)) for event in events]
        self._writer.queue(*writes, at_once=at_once)

    def log_event(self, event: Event) -> None:
        """Append an event to the log within about a second, without changing a job."""
        self._writer.queue(Write(partial(history.add_event, event=event)))

    def heartbeat(self, pane: Pane) -> Future[LeaseState]:
        """Record that a pane is alive, and acquire, renew or release the lease."""
        return self._writer.submit(partial(lease.heartbeat, pane=pane), at_once=not self._writer.pending)

    def prune(self, before: float, first: int = 0) -> Future[int | None]:
        """Delete a batch of old data; the future holds the `first` of the next batch, or None after the last."""
        return self._writer.submit(partial(history.prune, before=before, first=first), at_once=False)

    def close(self) -> None:
        """Write what is pending and close the file; takes 2 s at most."""
        self._reader.close()
        self._database.close_reader()
        self._writer.close()

    def _repaired(self, sentence: str) -> None:
        self._log_repair(sentence)
        self.on_repair(sentence)

    def _log_repair(self, sentence: str) -> None:
        self.log_event(Event(self._now(), EventKind.DATABASE, sentence))

    def _read(self, query: Callable[[Connection], T]) -> T:
        try:
            return self._database.read(query)
        except DatabaseDamaged:
            self._writer.wake()
            raise
