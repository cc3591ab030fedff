"""The thread that writes to the database, and its queue.

Changes by the user (add, remove, restore) are committed at once, and the caller can wait for them. Poll results are
collected for about a second, only the newest entry of each job, which keeps commits below one a second under any
load. If the disk is full or another program holds a lock, nothing is dropped: the problem is reported once, and the
batch is retried. A write that is itself at fault fails alone.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from app.store import history, jobs
from app.store.database import Database
from app.store.opening import is_damage, store_error
from app.watch.events import Event
from app.watch.history import HistoryLimits, Sample, thin
from app.watch.storage import StoreError
from app.watch.watched import Watched

COMMIT_INTERVAL_SECONDS = 1.2
"""Between two commits of poll results; including heartbeats, this makes less than one commit a second."""

RETRY_DELAY_SECONDS = 5.0
"""Between a failed commit and the next attempt."""

_CLOSE_TIMEOUT_SECONDS = 1.5

T = TypeVar("T")
Write = Callable[[sqlite3.Connection], object]


@dataclass(slots=True)
class Batch:
    """What one transaction writes.

    Attributes:
        requests: Writes whose callers may wait for their futures.
        entries: The newest entries, by ID.
        samples: What to append to histories, by ID, oldest first.
        events: What to append to the event log.
    """

    requests: list[tuple[Write, Future[object]]] = field(default_factory=list)
    entries: dict[str, Watched] = field(default_factory=dict)
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.requests or self.entries or self.samples or self.events)

    def extend(self, newer: "Batch", limits: HistoryLimits) -> None:
        """Append a newer batch. Drops what the limits would delete anyway, since a disk may stay full for days."""
        self.requests += newer.requests
        self.entries |= newer.entries
        for job_id, samples in newer.samples.items():
            waiting = self.samples.setdefault(job_id, [])
            waiting += samples
            if len(waiting) > 2 * limits.samples:
                self.samples[job_id] = thin(waiting, limits.samples)
        self.events += newer.events
        del self.events[: -limits.events]

    def parts(self) -> list["Batch"]:
        """Split into one batch per write."""
        return [
            *(Batch(requests=[request]) for request in self.requests),
            *(Batch(entries={job_id: entry}) for job_id, entry in self.entries.items()),
            *(Batch(samples={job_id: samples}) for job_id, samples in self.samples.items()),
            *(Batch(events=[event]) for event in self.events),
        ]


class Writer:
    """Writes batches in its own thread. Safe to use from any thread.

    Attributes:
        busy_since: When the current transaction began, on the monotonic clock in seconds; None between two.
    """

    def __init__(
        self,
        database: Database,
        limits: HistoryLimits,
        *,
        on_error: Callable[[str], None],
        on_repair: Callable[[str], None],
        on_file_replaced: Callable[[], Sequence[Watched]],
    ) -> None:
        """Start the thread.

        Args:
            database: Its writing connection belongs to the thread from now on.
            limits: How much history is kept.
            on_error: Called from the thread with a sentence when something cannot be saved, and with "" once
                saving works again.
            on_repair: Called from the thread with a sentence when a damaged, removed or replaced file works again.
            on_file_replaced: Called from the thread when a new file replaced the database; returns the entries to
                put on its watch list.
        """
        self.busy_since: float | None = None
        self._database = database
        self._limits = limits
        self._on_error = on_error
        self._on_repair = on_repair
        self._on_file_replaced = on_file_replaced
        self._condition = threading.Condition()
        self._waiting = Batch()
        self._urgent = False
        self._closing = False
        self._error_reported = False
        self._entries_to_restore: Sequence[Watched] = ()
        self._thread = threading.Thread(target=self._run, name="dwtop-writer", daemon=True)
        self._thread.start()

    @property
    def pending(self) -> bool:
        """Whether something will be committed within about a second anyway."""
        return bool(self._waiting)

    def submit(self, write: Callable[[sqlite3.Connection], T], *, at_once: bool = True) -> Future[T]:
        """Write at once, or together with the next poll results.

        Args:
            write: Called with the connection, within a transaction.
            at_once: Whether to commit now instead of with the next batch.

        Returns:
            A future with the result of `write` once it is committed, or with a `StoreError`.
        """
        future: Future[T] = Future()
        # A future is invariant in its type, though this one is only written to.
        self.add(Batch(requests=[(write, future)]), at_once=at_once)  # type: ignore[list-item]
        return future

    def add(self, batch: Batch, *, at_once: bool = False) -> None:
        """Add to the queue; written within about a second, or at once."""
        with self._condition:
            if self._closing:
                _fail_requests(batch, StoreError("dwtop is ending; nothing more is written."))
                return
            wake = at_once or not self._waiting
            self._urgent |= at_once
            self._waiting.extend(batch, self._limits)
            if wake:
                self._condition.notify()

    def wake(self) -> None:
        """Make the thread check the file and write what is pending, at once."""
        self.add(Batch(), at_once=True)

    def report(self, sentence: str) -> None:
        """Report a problem with the database, unless one was reported since the last commit."""
        if not self._error_reported:
            self._error_reported = True
            self._report_sentence(sentence)

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
                batch, self._waiting = self._waiting, Batch()
            # From here on, cancelling a future no longer stops its write.
            batch.requests = [
                request for request in batch.requests if request[1].set_running_or_notify_cancel()
            ]
            self.busy_since = time.monotonic()
            try:
                committed = self._commit(batch)
            except Exception as error:  # keeps the thread alive, and callers from waiting forever
                self._fail(batch, error)
                committed = False
            self.busy_since = None
            next_commit_at = time.monotonic() + (
                COMMIT_INTERVAL_SECONDS if committed else RETRY_DELAY_SECONDS
            )
        self._database.close_writer()

    def _commit(self, batch: Batch) -> bool:
        """Write a batch in one transaction; False if it must be retried later."""
        database = self._database
        try:
            self._reopen_if_needed()
            results = self._write(batch)
        except Exception as error:
            with suppress(sqlite3.Error):
                database.writer.execute("ROLLBACK")
            if is_damage(error) and not database.damaged:
                database.damaged = True
                return self._commit(batch)
            if _is_transient(error):
                self._requeue(batch, error)
                return False
            parts = batch.parts()
            if len(parts) > 1:  # find the one that fails
                committed = [self._commit(part) for part in parts]
                return all(committed)
            self._entries_to_restore = ()
            self._fail(batch, error)
            return True
        for (_, future), result in zip(batch.requests, results, strict=True):
            future.set_result(result)
        if self._error_reported:
            self._error_reported = False
            self._report_sentence("")
        return True

    def _write(self, batch: Batch) -> list[object]:
        """Write a batch, and return the results of its requests."""
        writer, origin = self._database.writer, self._database.origin
        writer.execute("BEGIN IMMEDIATE")
        if self._entries_to_restore:
            jobs.restore(writer, origin, self._entries_to_restore)
        if batch.entries:
            jobs.save(writer, origin, batch.entries.values())
        for job_id, samples in batch.samples.items():
            history.add_samples(writer, origin, job_id, samples, self._limits.samples)
        history.add_events(writer, origin, batch.events, self._limits.events)
        results = [write(writer) for write, _ in batch.requests]
        writer.execute("COMMIT")
        self._entries_to_restore = ()
        return results

    def _requeue(self, batch: Batch, error: Exception) -> None:
        """Fail the requests, and keep the rest for the next commit."""
        failure = (
            store_error(error, self._database.path) if isinstance(error, sqlite3.Error) else StoreError(error)
        )
        self.report(str(failure))  # first, so that a caller who fails finds it reported
        _fail_requests(batch, failure)
        batch.requests = []
        with self._condition:
            batch.extend(self._waiting, self._limits)
            self._waiting = batch

    def _fail(self, batch: Batch, error: Exception) -> None:
        """Report a faulty write to its caller, or through `report` if it has none."""
        failure = StoreError(f"A change could not be saved ({error!r}); please report it.")
        failure.__cause__ = error
        _fail_requests(batch, failure)
        if not batch.requests:
            self.report(str(failure))

    def _reopen_if_needed(self) -> None:
        """Switch to a new file if this one was damaged, removed or replaced.

        Raises:
            StoreError: The new file cannot be opened now.
        """
        database = self._database
        if not database.needs_reopening():
            return
        if database.damaged:
            self.report(f"The database {database.path} is damaged; what can be read of it is being saved.")
        database.reopen()
        with suppress(Exception):  # a listener that fails does not stop the saving
            self._on_repair(database.repair_notice)
        try:
            self._entries_to_restore = self._on_file_replaced()
        except Exception as error:
            self._fail(Batch(), error)

    def _report_sentence(self, sentence: str) -> None:
        with suppress(Exception):  # a failing callback must not stop the thread
            self._on_error(sentence)


def _fail_requests(batch: Batch, failure: StoreError) -> None:
    for _, future in batch.requests:
        if not future.done():
            future.set_exception(failure)


def _is_transient(error: Exception) -> bool:
    """Whether the cause is outside the write itself, so that the same write may succeed later."""
    return isinstance(error, StoreError | OSError | MemoryError | sqlite3.OperationalError) or is_damage(
        error
    )
