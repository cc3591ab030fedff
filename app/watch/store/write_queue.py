"""What is to be written to the database, and the thread that writes it.

There are two kinds of writes. A change a person made (add, remove, restore) is committed at once, and whoever
made it can wait for that. What polls bring is saved up for about a second, the newest of each job, so that there is
less than one commit a second however much comes in. Nothing is dropped because a write failed: it is kept, said
once, and tried again.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from typing import TypeVar

from app.watch.events import Event
from app.watch.history import Limits, Sample, thinned
from app.watch.store import jobs, past
from app.watch.store.database import Database
from app.watch.store.errors import StoreError
from app.watch.store.schema import explain, is_damage
from app.watch.watched import Watched

_COMMIT_EVERY = (
    1.2  # seconds between two commits of what polls bring; with the beats of the lead under one a second
)
_MANY = 10_000  # samples that wait to be written, from which on they are thinned
_RETRY_AFTER = 5.0  # seconds after a write that failed
_CLOSE_PATIENCE = 1.5  # seconds to wait for the last commit

T = TypeVar("T")
_Write = Callable[[sqlite3.Connection], object]


class WriteQueue:
    """Everything that waits to be written. Safe to use from any thread.

    Attributes:
        on_trouble: Called from the writing thread, once, when what polls bring cannot be saved, and with an
            empty text when it can be again.
        on_rescue: Called from the writing thread when another file has taken the place of a damaged one.
        commits: How many transactions were committed.
    """

    def __init__(self, database: Database, limits: Limits, on_trouble: Callable[[str], None]) -> None:
        """Begin to wait for something to write.

        Args:
            database: Where to; from now on its writing connection belongs to the thread.
            limits: How much of the past is kept.
            on_trouble: As the attribute.
        """
        self.on_trouble = on_trouble
        self.on_rescue: Callable[[], None] = lambda: None
        self.commits = 0
        self._database = database
        self._limits = limits
        self._wake = threading.Condition()
        self._urgent: list[tuple[_Write, Future[object]]] = []
        self._chores: list[tuple[_Write, Future[object]]] = []
        self._entries: dict[str, Watched] = {}
        self._samples: list[tuple[str, Sample]] = []
        self._events: list[Event] = []
        self._hurried = False
        self._closing = False
        self._troubled = False
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
                future.set_exception(StoreError("dwtop is ending; nothing more is written."))
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
            self.on_trouble(sentence)

    def close(self) -> None:
        """Write what is left and give the connection back; takes 1.5 s at most."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(_CLOSE_PATIENCE)

    # The writing thread

    def _run(self) -> None:
        last = float("-inf")
        patience = _COMMIT_EVERY
        while True:
            with self._wake:
                while not (self._urgent or self._hurried or self._closing):
                    rest = last + patience - time.monotonic()
                    if self.pending and rest <= 0:
                        break
                    self._wake.wait(rest if self.pending else None)
                ending, self._hurried = self._closing, False
                # From here on a caller that gives up waiting changes nothing any more.
                due = [*self._urgent, *self._chores]
                urgent = [one for one in due if one[1].set_running_or_notify_cancel()]
                self._urgent.clear()
                self._chores.clear()
                entries, self._entries = self._entries, {}
                samples, self._samples = self._samples, []
                events, self._events = self._events, []
            good = self._commit(urgent, entries, samples, events)
            last, patience = time.monotonic(), _COMMIT_EVERY if good else _RETRY_AFTER
            if ending:
                self._database.close_writer()
                return

    def _commit(
        self,
        urgent: list[tuple[_Write, Future[object]]],
        entries: dict[str, Watched],
        samples: list[tuple[str, Sample]],
        events: list[Event],
    ) -> bool:
        """Write it all in one transaction. What polls brought is taken back in if that fails."""
        database = self._database
        done: list[tuple[Future[object], object]] = []
        try:
            self._keep_up()
            database.writer.execute("BEGIN IMMEDIATE")
            if entries:
                jobs.save(database.writer, database.origin, entries.values())
            past.add_samples(database.writer, database.origin, samples, self._limits.samples)
            past.add_events(database.writer, database.origin, events, self._limits.events)
            done.extend((future, write(database.writer)) for write, future in urgent)
            database.writer.execute("COMMIT")
        except (sqlite3.Error, StoreError) as error:
            with suppress(sqlite3.Error):
                database.writer.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error) and is_damage(error) and not database.damaged:
                database.damaged = True
                return self._commit(urgent, entries, samples, events)
            sentence = str(error) if isinstance(error, StoreError) else explain(error, database.path)
            for _, future in urgent:
                future.set_exception(StoreError(sentence))
            with self._wake:
                self._entries = entries | self._entries
                self._samples = _bounded(samples + self._samples, self._limits.samples)
                self._events = (events + self._events)[-self._limits.events :]
            self.complain(sentence)
            return False
        self.commits += 1
        for future, result in done:
            future.set_result(result)
        if self._troubled:
            self._troubled = False
            self.on_trouble("")
        return True

    def _keep_up(self) -> None:
        """Go on with the new file, where a damaged one was rescued.

        Raises:
            StoreError: That is not possible now.
        """
        if self._database.keep_up():
            if notice := self._database.notice:
                self._troubled = False  # so that this stays said
                self.on_trouble(notice)
            self.on_rescue()


def _bounded(samples: list[tuple[str, Sample]], most: int) -> list[tuple[str, Sample]]:
    """What is kept of samples that cannot be written, for a disk may stay full for days."""
    if len(samples) <= _MANY:
        return samples
    by_job: dict[str, list[Sample]] = {}
    for job_id, one in samples:
        by_job.setdefault(job_id, []).append(one)
    return [(job_id, one) for job_id, past in by_job.items() for one in thinned(past, most)]
