"""What is to be written to the database, and the thread that writes it.

There are two kinds of writes. A change a person made (add, remove, restore) is committed at once, and the caller
can wait for that. What polls bring is saved up for about a second, the newest of each job, so that there is
less than one commit a second however much comes in. Nothing is dropped because the disk or another program is in the
way: it is kept, said once, and tried again. A write that fails for a reason of its own costs no other.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import NamedTuple, TypeVar

from app.store import history, jobs
from app.store.database import Database
from app.store.schema import explain, is_damage
from app.watch.events import Event
from app.watch.history import HistoryLimits, Sample, thin
from app.watch.storage import StoreError
from app.watch.watched import Watched

_COMMIT_EVERY = (
    1.2  # seconds between two commits of what polls bring; with the beats of the lead under one a second
)
_MANY = 10_000  # samples that wait to be written, from which on they are thin
_RETRY_AFTER = 5.0  # seconds after a write that failed
_CLOSE_PATIENCE = 1.5  # seconds to wait for the last commit
_ENDING = "dwtop is ending; nothing more is written."

T = TypeVar("T")
_Write = Callable[[sqlite3.Connection], object]
_Request = tuple[_Write, Future[object]]


class _Batch(NamedTuple):
    """What one transaction writes.

    Attributes:
        requests: Writes that somebody may wait for.
        entries: What is known of jobs, by ID.
        samples: What that adds to their histories, each with its job's ID.
        events: What that adds to the event log.
    """

    requests: Sequence[_Request] = ()
    entries: dict[str, Watched] = {}  # noqa: RUF012 because it is never changed
    samples: Sequence[tuple[str, Sample]] = ()
    events: Sequence[Event] = ()

    def parts(self) -> list["_Batch"]:
        """The same, each write by itself."""
        return [
            *(_Batch(requests=[one]) for one in self.requests),
            *(_Batch(entries={job_id: entry}) for job_id, entry in self.entries.items()),
            *(_Batch(samples=[one]) for one in self.samples),
            *(_Batch(events=[one]) for one in self.events),
        ]


class WriteQueue:
    """Everything that waits to be written. Safe to use from any thread.

    Attributes:
        on_save_error: Called from the writing thread, once, when what polls bring cannot be saved, and with an
            empty text when it can be again.
        on_file_replaced: Called from the writing thread when another file has taken the place of a damaged, removed or
            replaced one; returns the entries that have to be on its watch list.
        commits: How many transactions were committed.
        busy_since: When the write that is under way began, by the monotonic clock in seconds; None between two.
    """

    def __init__(
        self, database: Database, limits: HistoryLimits, on_save_error: Callable[[str], None]
    ) -> None:
        """Begin to wait for something to write.

        Args:
            database: Where to; from now on its writing connection belongs to the thread.
            limits: How much of the past is kept.
            on_save_error: As the attribute.
        """
        self.on_save_error = on_save_error
        self.on_file_replaced: Callable[[], Sequence[Watched]] = lambda: ()
        self.commits = 0
        self.busy_since: float | None = None
        self._database = database
        self._limits = limits
        self._wake = threading.Condition()
        self._urgent: list[_Request] = []
        self._chores: list[_Request] = []
        self._entries: dict[str, Watched] = {}
        self._samples: list[tuple[str, Sample]] = []
        self._events: list[Event] = []
        self._hurried = False
        self._closing = False
        self._troubled = False
        self._put_back: Sequence[Watched] = ()
        self._thread = threading.Thread(target=self._run, name="dwtop-store", daemon=True)
        self._thread.start()

    @property
    def pending(self) -> bool:
        """Whether there is something that is committed within about a second anyway."""
        return bool(self._entries or self._samples or self._events or self._chores)

    def soon(self, write: Callable[[sqlite3.Connection], T], *, can_wait: bool = False) -> Future[T]:
        """Have something written: at once, or along with the next commit of what polls bring.

        Args:
            write: Called with the connection, within a transaction.
            can_wait: Whether it need not be at once.

        Returns:
            The future holds what `write` returned, once that is committed, or a `StoreError`.
        """
        future: Future[T] = Future()
        with self._wake:
            if self._closing:
                future.set_exception(StoreError(_ENDING))
            else:
                line = self._chores if can_wait else self._urgent
                line.append((write, future))  # type: ignore[arg-type]  # because a future is invariant
            self._wake.notify()
        return future

    def save(self, entry: Watched, sample: Sample | None, events: Iterable[Event], *, at_once: bool) -> None:
        """Write what is known of a job now, within about a second; see `Store.save`."""
        with self._wake:
            idle = not self.pending
            self._entries[entry.id] = entry
            if sample:
                self._samples.append((entry.id, sample))
            self._events.extend(events)
            self._hurried |= at_once
            if idle or at_once:
                self._wake.notify()

    def log(self, event: Event) -> None:
        """Write an event that changes no job, within about a second."""
        with self._wake:
            idle = not self.pending
            self._events.append(event)
            if idle:
                self._wake.notify()

    def hurry(self) -> None:
        """Have the thread write what there is, and look after the file, without waiting for more."""
        with self._wake:
            self._hurried = True
            self._wake.notify()

    def complain(self, sentence: str) -> None:
        """Say that something is wrong with the database, once until something is written again."""
        if not self._troubled:
            self._troubled = True
            self._tell(sentence)

    def close(self) -> None:
        """Write what is left and give the connection back; takes 1.5 s at most."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(_CLOSE_PATIENCE)

    # The writing thread

    def _run(self) -> None:
        try:
            self._write_until_closed()
        finally:  # whatever ended it, nobody waits for it any more
            with self._wake:
                self._closing = True
                left = [*self._urgent, *self._chores]
            for _, future in left:
                if future.set_running_or_notify_cancel():
                    future.set_exception(StoreError(_ENDING))
            self._database.close_writer()

    def _write_until_closed(self) -> None:
        last = float("-inf")
        patience = _COMMIT_EVERY
        closing = False
        while not closing:
            with self._wake:
                while not (self._urgent or self._hurried or self._closing):
                    rest = last + patience - time.monotonic()
                    if self.pending and rest <= 0:
                        break
                    self._wake.wait(rest if self.pending else None)
                closing, self._hurried = self._closing, False
                # From here on a caller that gives up waiting changes nothing any more.
                due = [*self._urgent, *self._chores]
                requests = [one for one in due if one[1].set_running_or_notify_cancel()]
                self._urgent.clear()
                self._chores.clear()
                entries, self._entries = self._entries, {}
                samples, self._samples = self._samples, []
                events, self._events = self._events, []
            self.busy_since = time.monotonic()
            good = self._commit_or_fail(_Batch(requests, entries, samples, events))
            self.busy_since = None
            last, patience = time.monotonic(), _COMMIT_EVERY if good else _RETRY_AFTER

    def _commit_or_fail(self, batch: _Batch) -> bool:
        """Commit; whatever goes wrong in here, the thread goes on and nobody waits for what will not come."""
        try:
            return self._commit(batch)
        except Exception as error:
            self._fail(batch, error)
            return False

    def _commit(self, batch: _Batch) -> bool:
        """Write it all in one transaction; False if that has to be tried again later."""
        database = self._database
        try:
            self._renew()
            results = self._write(batch)
        except Exception as error:
            with suppress(sqlite3.Error):
                database.writer.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error) and is_damage(error) and not database.damaged:
                database.damaged = True
                return self._commit(batch)
            if not _can_pass(error):
                return self._without_the_bad_one(batch, error)
            self._keep_for_later(batch, _sentence(error, database))
            return False
        self.commits += 1
        for (_, future), result in zip(batch.requests, results, strict=True):
            future.set_result(result)
        if self._troubled:
            self._troubled = False
            self._tell("")
        return True

    def _write(self, batch: _Batch) -> list[object]:
        """The results of the requests."""
        writer, origin = self._database.writer, self._database.origin
        writer.execute("BEGIN IMMEDIATE")
        if self._put_back:
            jobs.restore(writer, origin, self._put_back)
        if batch.entries:
            jobs.save(writer, origin, batch.entries.values())
        history.add_samples(writer, origin, batch.samples, self._limits.samples)
        history.add_events(writer, origin, batch.events, self._limits.events)
        results = [write(writer) for write, _ in batch.requests]
        writer.execute("COMMIT")
        self._put_back = ()
        return results

    def _without_the_bad_one(self, batch: _Batch, error: Exception) -> bool:
        """One write fails whenever it is tried: find it, commit the others, and say which mistake it was."""
        parts = batch.parts()
        if len(parts) > 1:
            committed = [self._commit(part) for part in parts]
            return all(committed)
        self._put_back = ()
        self._fail(batch, error)
        return True

    def _fail(self, batch: _Batch, error: Exception) -> None:
        """Say that a write failed for a reason of its own: to those who wait for it, else to everybody."""
        failure = StoreError(f"A change could not be saved ({error!r}); please report it.")
        failure.__cause__ = error
        for _, future in batch.requests:
            if not future.done():
                future.set_exception(failure)
        if not batch.requests:
            self.complain(str(failure))

    def _keep_for_later(self, batch: _Batch, sentence: str) -> None:
        """Tell those who wait that it failed; what polls brought is written with the next commit."""
        for _, future in batch.requests:
            future.set_exception(StoreError(sentence))
        with self._wake:
            self._entries = batch.entries | self._entries
            self._samples = _bounded([*batch.samples, *self._samples], self._limits.samples)
            self._events = [*batch.events, *self._events][-self._limits.events :]
        self.complain(sentence)

    def _renew(self) -> None:
        """Go on with a new file if this one is damaged, was removed, or was replaced.

        Raises:
            StoreError: That is not possible now.
        """
        database = self._database
        if not database.needs_renewal():
            return
        if database.damaged:
            self._tell(f"The database {database.path} is damaged; what can be read of it is being saved.")
        database.renew()
        self._troubled = False  # so that the notice stays
        self._tell(database.notice)
        try:
            self._put_back = self.on_file_replaced()
        except Exception as error:
            self._fail(_Batch(), error)

    def _tell(self, sentence: str) -> None:
        with suppress(Exception):  # a screen that cannot show it does not stop the saving
            self.on_save_error(sentence)


def _can_pass(error: Exception) -> bool:
    """Whether the reason lies outside of what is written, so that the same write may succeed later."""
    outside = isinstance(error, StoreError | OSError | MemoryError | sqlite3.OperationalError)
    return outside or (isinstance(error, sqlite3.Error) and is_damage(error))


def _sentence(error: Exception, database: Database) -> str:
    return explain(error, database.path) if isinstance(error, sqlite3.Error) else str(error)


def _bounded(samples: list[tuple[str, Sample]], most: int) -> list[tuple[str, Sample]]:
    """What is kept of samples that cannot be written, for a disk may stay full for days."""
    if len(samples) <= _MANY:
        return samples
    by_job: dict[str, list[Sample]] = {}
    for job_id, one in samples:
        by_job.setdefault(job_id, []).append(one)
    return [(job_id, one) for job_id, past in by_job.items() for one in thin(past, most)]
