"""One base URL's watch list, histories and events in one database file."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Concatenate, ParamSpec, TypeVar

from app.store import history, jobs, lease
from app.store.database import Database
from app.store.opening import Connection, DatabaseDamaged
from app.store.writer import Write, Writer
from app.watch.events import Event
from app.watch.history import HistoryLimits, Sample
from app.watch.sharing.pane import LeaseState, Pane
from app.watch.storage import StoreError
from app.watch.watched import Watched

_DEFAULT_LIMITS = HistoryLimits()

_BUSY_AFTER_SECONDS = 3.0
"""A read or write that takes longer than this is reported by `Store.busy_notice`."""

P = ParamSpec("P")
T = TypeVar("T")


def _read(
    query: Callable[Concatenate[Connection, P], T], *, if_unreadable: Callable[[], T] | None = None
) -> Callable[Concatenate["Store", P], T]:
    """Turn a query into a method. If the file is damaged, the method waits until the file has been replaced.

    If the file cannot be read, the method reports why and returns `if_unreadable()`, or without that raises `StoreError`.
    """

    def read(self: "Store", /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            with suppress(DatabaseDamaged):
                return self._database.read(lambda db: query(db, *args, **kwargs))
            self._writer.submit(lambda db: None).result()  # replaces the file first
            return self._database.read(lambda db: query(db, *args, **kwargs))
        except StoreError as error:
            if if_unreadable is None:
                raise
            if not self._reader.closing:  # otherwise, closing has interrupted the read
                self._writer.report(str(error))
            return if_unreadable()

    return read


def _write(
    apply: Callable[Concatenate[Connection, P], T],
) -> Callable[Concatenate["Store", P], Future[T]]:
    """Turn a write into a method. Its change is committed at once."""

    def write(self: "Store", /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        return self._writer.submit(lambda db: apply(db, *args, **kwargs))

    return write


def _preference(db: Connection, name: str) -> str | None:
    """The text stored under a name; None if there is none."""
    row = db.execute("SELECT value FROM preference WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else None


def _set_preference(db: Connection, name: str, value: str, *, unless: Sequence[str] = ()) -> None:
    """Store a text under a name for later runs, unless one of the `unless` texts is already stored there."""
    db.execute(
        "INSERT INTO preference (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
        f" WHERE value NOT IN ({', '.join('?' * len(unless))})",
        (name, value, *unless),
    )


class Store:
    """A `JobStore` in one database file. Most methods are functions of `jobs`, `history` and `lease`."""

    def __init__(
        self,
        path: Path | None,
        base_url: str,
        *,
        limits: HistoryLimits = _DEFAULT_LIMITS,
        now: Callable[[], float] = time.time,
        or_in_memory: bool = False,
    ) -> None:
        """Open the file, creating it if it is missing. Raises `StoreError` if it cannot be used.

        Without a path, the database is in memory. With `or_in_memory`, a copy in memory is used if the file cannot be
        opened or written; `problem` says so.
        """
        self._database = Database(path, base_url, limits, now, or_in_memory=or_in_memory)
        self.path = self._database.path
        self._reader = Reader()
        self._writer = Writer(self._database)
        self.problem = self._writer.problem
        self.repair_notice = self._writer.repair_notice

    load = _read(jobs.load)
    preference = _read(_preference)
    changed_since = _read(jobs.changed_since)
    data_version = _read(jobs.data_version)
    state_of_others = _read(lease.state_of_others)
    samples = _read(history.samples_of, if_unreadable=list)
    completed_histories = _read(history.completed_histories, if_unreadable=list)
    events = _read(history.latest_events, if_unreadable=list)

    add = _write(jobs.add)
    track = _write(jobs.track)
    remove = _write(jobs.remove)
    restore = _write(jobs.restore)
    set_muted = _write(jobs.set_muted)
    discard_histories = _write(history.discard_all)
    set_preference = _write(_set_preference)
    leave = _write(lease.leave)
    prune = _write(history.prune)

    @property
    def busy_notice(self) -> str:
        """A sentence to show while the disk, or another program's lock, blocks a read or write; else ""."""
        since = [at for at in (self._reader.busy_since, self._writer.busy_since) if at is not None]
        if not since or time.monotonic() - min(since) < _BUSY_AFTER_SECONDS:
            return ""
        return f"The database {self.path} does not respond yet; changes are saved as soon as it does."

    def read_soon(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call a method that reads, in the reader's thread."""
        return self._reader.submit(read, *args, **kwargs)

    def restore_from(self, entries: Callable[[], Sequence[Watched]]) -> None:
        """Set the source of the entries for a new file that replaces the database. It is called in another thread."""
        self._writer.entries_to_restore = entries

    def save(self, entry: Watched, sample: Sample | None = None, event: Event | None = None) -> None:
        """Save the state of a job, and append to its history and the event log; at once with an event."""
        writes = [Write(partial(jobs.save, entry=entry), replaces=entry.id)]
        if sample:
            writes.append(Write(partial(history.append_sample, job_id=entry.id, sample=sample)))
        if event:
            writes.append(Write(partial(history.add_event, event=event)))
        self._writer.queue(*writes, at_once=event is not None)

    def log_event(self, event: Event) -> None:
        """Append an event to the log within about a second, without changing a job."""
        self._writer.queue(Write(partial(history.add_event, event=event)))

    def heartbeat(self, pane: Pane) -> Future[LeaseState]:
        """Record that a pane is alive, and acquire, renew or release the lease."""
        return self._writer.submit(partial(lease.heartbeat, pane=pane), at_once=not self._writer.pending)

    def close(self) -> None:
        """Write what is pending and close the file; takes 2 s at most."""
        self._reader.close()
        self._writer.close()


class Reader:
    """Calls functions in its own thread, so that no other thread waits for the disk or a lock. Thread-safe.

    A `ThreadPoolExecutor` would keep the program from exiting while the disk hangs.

    Attributes:
        busy_since: When the current call began, in seconds on the monotonic clock; None while there is none.
        closing: Whether `close` was called.
    """

    def __init__(self) -> None:
        self.busy_since: float | None = None
        self.closing = False
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        threading.Thread(target=self._run, name="dwtop-reader", daemon=True).start()

    def submit(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call a function; the future holds what it returned or raised."""
        future: Future[T] = Future()

        def call() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(read(*args, **kwargs))
            except Exception as error:
                future.set_exception(error)

        if self.closing:
            future.set_exception(StoreError("dwtop is closing; nothing more is read."))
        else:
            self._calls.put(call)
        return future

    def close(self) -> None:
        """End the thread once the calls already submitted are done."""
        self.closing = True
        self._calls.put(None)

    def _run(self) -> None:
        while call := self._calls.get():
            self.busy_since = time.monotonic()
            call()
            self.busy_since = None
