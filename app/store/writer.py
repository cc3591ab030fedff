"""The thread that writes to the database, and its queue.

Writes are applied in the order in which they were queued. Changes by the user are committed at once, and the caller can
wait for them. Poll results are collected for about a second, keeping only the newest state of each job. If the disk is
full or another program holds a lock, nothing is dropped: the problem is reported once, and the writes are retried. A
write that fails for its own reason does not affect the others.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from app.store import history, jobs
from app.store.database import Database
from app.store.opening import Connection, is_damage, store_error
from app.watch.events import Event, EventKind
from app.watch.observable import Observable
from app.watch.storage import StoreError
from app.watch.watched import Watched

COMMIT_INTERVAL_SECONDS = 1.2
"""The minimum time between commits of poll results; including heartbeats, there is less than one commit a second."""

RETRY_DELAY_SECONDS = 5.0
"""The delay between a failed commit and the next attempt."""

_CLOSE_TIMEOUT_SECONDS = 1.5

_MAX_WAITING_WRITES = 100_000
"""How many writes may wait for a full disk; beyond that, the oldest samples and events are dropped."""

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Write:
    """One change of the database."""

    apply: Callable[[Connection], object]  # called within a transaction
    replaces: str | None = None  # the write replaces a waiting one with the same value
    future: Future[Any] | None = None  # gets the result or a `StoreError`; without one, the write is retried


class Writer:
    """Applies writes in its own thread, which owns the writing connection. Safe to use from any thread.

    Attributes:
        problem: A sentence to show while changes cannot be saved; else "". Set in any thread, like `repair_notice`.
        repair_notice: A sentence to show once if the file was damaged, removed or replaced, and works again; else "".
        entries_to_restore: Returns the entries for a new file that has replaced the database. Called in the thread.
        busy_since: When the current transaction began, in seconds on the monotonic clock; None while there is none.
    """

    def __init__(self, database: Database) -> None:
        self.problem = Observable(database.unsaved_notice)
        self.repair_notice = Observable(database.repair_notice)
        self.entries_to_restore: Callable[[], Sequence[Watched]] = lambda: ()
        self.busy_since: float | None = None
        self._database = database
        self._condition = threading.Condition()
        self._waiting: dict[object, Write] = {}  # in order, by `replaces` or else by itself
        self._urgent = False
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="dwtop-writer", daemon=True)
        self._thread.start()
        if database.repair_notice:
            self.queue(self._repair_event(database.repair_notice))

    @property
    def pending(self) -> bool:
        """Whether something will be committed within about a second anyway."""
        return bool(self._waiting)

    def submit(self, apply: Callable[[Connection], T], *, at_once: bool = True) -> Future[T]:
        """Apply a write at once, or together with the next poll results; the future holds its result."""
        future: Future[T] = Future()
        self.queue(Write(apply, future=future), at_once=at_once)
        return future

    def queue(self, *writes: Write, at_once: bool = False) -> None:
        """Apply writes in one transaction, within about a second or at once."""
        with self._condition:
            if self._closing:
                for write in writes:
                    if write.future:
                        write.future.set_exception(StoreError("dwtop is closing; nothing more is saved."))
                return
            wake = at_once or not self._waiting
            self._urgent |= at_once
            for write in writes:
                key = write.replaces or write
                self._waiting.pop(key, None)  # so that the newer write comes last
                self._waiting[key] = write
            if wake:
                self._condition.notify()

    def report(self, sentence: str) -> None:
        """Report a problem with the database, unless one was reported since the last commit."""
        if self.problem.value == self._database.unsaved_notice:
            _publish(self.problem, sentence)

    def close(self) -> None:
        """Write what is pending and close the connection; takes at most 1.5 s."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        self._thread.join(_CLOSE_TIMEOUT_SECONDS)

    def _run(self) -> None:
        next_commit_at = 0.0
        closing = False
        while not closing:
            with self._condition:
                while not (self._urgent or self._closing):
                    delay = next_commit_at - time.monotonic() if self._waiting else None
                    if delay is not None and delay <= 0:
                        break
                    self._condition.wait(delay)
                closing, self._urgent = self._closing, False
                waiting, self._waiting = self._waiting.values(), {}
            # From here on, cancelling a future does not stop its write.
            writes = [w for w in waiting if w.future is None or w.future.set_running_or_notify_cancel()]
            self.busy_since = time.monotonic()
            try:
                self._commit(writes)
            except Exception as error:  # whatever it is, the thread stays alive, and no caller waits forever
                self._retry_later(writes, error)
                next_commit_at = time.monotonic() + RETRY_DELAY_SECONDS
            else:
                next_commit_at = time.monotonic() + COMMIT_INTERVAL_SECONDS
            self.busy_since = None
        self._database.close()

    def _commit(self, writes: list[Write]) -> None:
        """Apply writes in one transaction. If this raises, none was applied, and they may be retried."""
        try:
            writes[:0] = self._reopen_if_needed()
            results = self._apply(writes)
        except Exception as error:
            with suppress(sqlite3.Error):
                self._database.writer.execute("ROLLBACK")
            if not is_damage(error) or self._database.damaged:
                raise
            self._database.damaged = True
            self._commit(writes)
            return
        _publish(self.problem, self._database.unsaved_notice)
        for write, result in results:
            if not isinstance(result, StoreError):
                if write.future:
                    write.future.set_result(result)
            elif write.future:
                write.future.set_exception(result)
            else:
                self.report(str(result))

    def _apply(self, writes: Sequence[Write]) -> list[tuple[Write, object]]:
        """Apply writes and commit; returns the result of each, or a `StoreError` if it failed for its own reason."""
        db = self._database.writer
        results: list[tuple[Write, object]] = []
        self._database.add_base_url()  # only now, since opening the file must not wait for other processes
        db.execute("BEGIN IMMEDIATE")
        db.revision = None
        for write in writes:
            db.execute("SAVEPOINT before_write")
            try:
                result = write.apply(db)
            except Exception as error:
                if _is_transient(error):
                    raise
                result = _write_error(error)
                db.execute("ROLLBACK TO before_write")
                db.revision = None  # this write may have created it
            db.execute("RELEASE before_write")
            results.append((write, result))
        db.execute("COMMIT")
        return results

    def _retry_later(self, writes: Sequence[Write], error: Exception) -> None:
        """Fail the writes that callers wait for, and queue the others again, ahead of newer ones."""
        failure = error if isinstance(error, StoreError) else _write_error(error)
        if isinstance(error, sqlite3.Error | OSError):
            failure = store_error(error, self._database.path)
        self.report(str(failure))  # before any caller sees its write fail
        for write in writes:
            if write.future:
                write.future.set_exception(failure)
        again: dict[object, Write] = {write.replaces or write: write for write in writes if not write.future}
        with self._condition:
            for key in self._waiting:
                again.pop(key, None)
            self._waiting = again | self._waiting
            expendable = [key for key, write in self._waiting.items() if not (write.future or write.replaces)]
            for key in expendable[: max(0, len(self._waiting) - _MAX_WAITING_WRITES)]:
                del self._waiting[key]

    def _reopen_if_needed(self) -> list[Write]:
        """Switch to a new file if this one was damaged, removed or replaced; returns what to write to it first."""
        database = self._database
        if not database.needs_reopening():
            return []
        if database.damaged:
            self.report(
                f"The database {database.path} is damaged; what can be read is being copied to a new file."
            )
        notice = database.reopen()
        _publish(self.repair_notice, notice)
        writes = [self._repair_event(notice)]
        try:
            writes.append(Write(partial(jobs.restore, entries=self.entries_to_restore())))
        except Exception as error:
            self.report(str(_write_error(error)))
        return writes

    def _repair_event(self, notice: str) -> Write:
        event = Event(self._database.writer.now(), EventKind.DATABASE, notice)
        return Write(partial(history.add_event, event=event))


def _publish(observable: Observable[str], sentence: str) -> None:
    with suppress(Exception):  # a subscriber that fails must not stop the thread
        observable.set(sentence)


def _write_error(error: Exception) -> StoreError:
    """The error of a write that fails for its own reason."""
    failure = StoreError(f"A change could not be saved ({error!r}); please report it.")
    failure.__cause__ = error
    return failure


def _is_transient(error: Exception) -> bool:
    """Whether the cause lies outside the write, which may then succeed later."""
    return isinstance(error, StoreError | OSError | MemoryError | sqlite3.OperationalError) or is_damage(
        error
    )
