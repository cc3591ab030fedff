"""The database as the rest of the program sees it: reads at once, writes in a thread of their own.

There are two kinds of writes. A change a person made (add, remove, restore) is committed at once, and whoever
made it can wait for that. What polls bring is saved up for a second, the newest of each job, so that there is
at most one commit a second however much comes in. Nothing is dropped because a write failed: it is kept, said
once, and tried again.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from app.watch.events import Event
from app.watch.history import Limits, Sample, thinned
from app.watch.store import jobs, lease, past, preferences
from app.watch.store.database import Database
from app.watch.store.errors import DatabaseDamaged, StoreError
from app.watch.store.schema import explain, is_damage
from app.watch.watched import Watched

_LIMITS = Limits()
_COMMIT_EVERY = 1.0  # seconds between two commits of what polls bring
_MANY = 10_000  # samples that wait to be written, from which on they are thinned
_RETRY_AFTER = 5.0  # seconds after a write that failed
_RESCUE_PATIENCE = 60.0  # seconds to wait for what can be read of a damaged file
_CLOSE_PATIENCE = 1.5  # seconds to wait for the last commit

T = TypeVar("T")
_Write = Callable[[sqlite3.Connection], object]


class Store:
    """One base URL's watch list, history and events in one database file. Safe to use from any thread."""

    def __init__(
        self,
        path: Path,
        base_url: str,
        *,
        limits: Limits = _LIMITS,
        now: Callable[[], float] = time.time,
        on_trouble: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        """Open the file, making it where there is none.

        Args:
            path: The database file.
            base_url: Whose jobs these are.
            limits: How much of the past is kept.
            now: The wall clock, in seconds since the epoch.
            on_trouble: Called from the writing thread, once, when what polls bring cannot be saved, and with an
                empty text when it can be again.

        Raises:
            StoreError: The file cannot be used.
        """
        self.path = path
        self._limits = limits
        self._now = now
        self.on_trouble = on_trouble
        self._database = Database(path, base_url, now)
        self.on_rescue: Callable[[], None] = lambda: None
        self._wake = threading.Condition()
        self._urgent: list[tuple[_Write, Future[object]]] = []
        self._chores: list[tuple[_Write, Future[object]]] = []
        self._entries: dict[str, Watched] = {}
        self._samples: list[tuple[str, Sample]] = []
        self._events: list[Event] = []
        self._hurried = False
        self._closing = False
        self._troubled = False
        self.commits = 0
        self._thread = threading.Thread(target=self._run, name="dwtop-store", daemon=True)
        self._thread.start()

    # What there is

    @property
    def notice(self) -> str:
        """A sentence for people where the file was out of order; else empty."""
        return self._database.notice

    @property
    def _writer(self) -> sqlite3.Connection:
        return self._database.writer

    def check(self) -> None:
        """Look through a file that was too large for that when it was opened; not in a hurry, and in a thread."""
        if not self._database.check():
            self._hurry()

    def load(self) -> list[Watched]:
        """The whole watch list, in the order in which jobs were added."""
        return self._list(lambda connection: jobs.load(connection, self._database.origin))

    def load_first(self, most: int) -> list[Watched]:
        """As much of it as comes first by status, for whoever has to show something at once."""
        return self._list(lambda connection: jobs.load_first(connection, self._database.origin, most))

    def samples(self, job_id: str) -> list[Sample]:
        """One job's history, oldest first; what came in the last second may be missing, or cannot be read."""
        return self._past(lambda connection: past.samples_of(connection, self._database.origin, job_id))

    def completed(self, limit: int) -> list[tuple[list[Sample], str, str]]:
        """The histories of the jobs that completed last, oldest first, each with its writing and reasoning model."""
        return self._past(lambda connection: past.completed(connection, self._database.origin, limit))

    def events(self, job_id: str | None = None, limit: int = 200) -> list[Event]:
        """One job's events, or all jobs', newest first; what came in the last second may be missing."""
        if job_id is None:
            return self._past(lambda connection: past.latest_events(connection, self._database.origin, limit))
        return self._past(lambda connection: past.events_of(connection, self._database.origin, job_id, limit))

    def data_version(self) -> int:
        """A number that is another one after each commit to the file, whoever made it."""
        return int(self._read(lambda connection: connection.execute("PRAGMA data_version").fetchone()[0]))

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

    def add(self, job_ids: Sequence[str]) -> Future[list[Watched]]:
        """Put jobs on the watch list. The future holds the entries of those that were not on it."""
        at = self._now()

        def write(connection: sqlite3.Connection) -> list[Watched]:
            return jobs.find(
                connection, self._database.origin, jobs.add(connection, self._database.origin, job_ids, at)
            )

        return self._soon(write)

    def know(self, job_ids: Sequence[str]) -> Future[None]:
        """Keep what is heard of these jobs from now on, whether or not they are on the watch list."""
        at = self._now()
        return self._soon(lambda connection: jobs.know(connection, self._database.origin, job_ids, at))

    def remove(self, job_ids: Sequence[str]) -> Future[list[str]]:
        """Take jobs off the watch list. The future holds those that were on it."""
        return self._soon(lambda connection: jobs.remove(connection, self._database.origin, job_ids))

    def restore(self, entries: Sequence[Watched]) -> Future[None]:
        """Put removed jobs back where they stood."""
        return self._soon(lambda connection: jobs.restore(connection, self._database.origin, entries))

    def mute(self, job_id: str, muted: bool) -> Future[None]:
        """Have a job draw no attention, or some again."""
        return self._soon(lambda connection: jobs.mute(connection, self._database.origin, job_id, muted))

    def beat(self, pane: lease.Pane) -> Future[lease.Lead]:
        """Say that a pane is alive; the future holds whether it leads."""
        at = self._now()
        line = (
            self._chores if self._pending else None
        )  # with what polls brought, where that is about to be written
        return self._soon(lambda connection: lease.beat(connection, self._database.origin, pane, at), line)

    def leave(self, pane_id: str) -> Future[None]:
        """A pane ends."""
        return self._soon(lambda connection: lease.leave(connection, self._database.origin, pane_id))

    def remember(self, name: str, value: str) -> Future[None]:
        """Remember a text under a name for later runs."""
        return self._soon(lambda connection: preferences.remember(connection, name, value))

    def forget(self, before: float, first: int = 0) -> Future[int | None]:
        """Delete samples and events older than a moment, what there is too much of, and what no list needs.

        It is done for a few hundred jobs at a time, along with the next commit of what polls bring.

        Args:
            before: Seconds since the epoch.
            first: Where to go on; 0 to begin.

        Returns:
            The future holds where to go on, or None at the end.
        """
        return self._soon(
            lambda connection: past.forget(connection, before, self._limits.samples, first), self._chores
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
        with self._wake:
            idle = not self._pending
            self._entries[entry.id] = entry
            if sample:
                self._samples.append((entry.id, sample))
            self._events.extend(events)
            self._hurried |= at_once
            if idle or at_once:
                self._wake.notify()

    def log(self, event: Event) -> None:
        """Add an event that changes no job."""
        with self._wake:
            idle = not self._pending
            self._events.append(event)
            if idle:
                self._wake.notify()

    def close(self) -> None:
        """Write what is left and close the file; takes 1.5 s at most."""
        self._database.close_reader()
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(_CLOSE_PATIENCE)

    # The writing thread

    def _keep_up(self) -> None:
        """Go on with the new file, where a damaged one was rescued.

        Raises:
            StoreError: That is not possible now.
        """
        if self._database.keep_up():
            if self.notice:
                self._troubled = False  # so that this stays said
                self.on_trouble(self.notice)
            self.on_rescue()

    def _past(self, read: Callable[[sqlite3.Connection], list[T]]) -> list[T]:
        """What lies behind, which nobody needs so much that they should fail without."""
        try:
            return self._read(read)
        except DatabaseDamaged:  # what can be read of it is there in a moment
            return []
        except StoreError as error:
            if not self._troubled:
                self._troubled = True
                self.on_trouble(str(error))
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
            self._hurry()
            raise

    def _hurry(self) -> None:
        """Have the writing thread look after the file."""
        with self._wake:
            self._hurried = True
            self._wake.notify()

    def _soon(
        self,
        write: Callable[[sqlite3.Connection], T],
        line: list[tuple[_Write, Future[object]]] | None = None,
    ) -> Future[T]:
        """Have something written by the other thread: at once, or in the line of what can wait."""
        future: Future[T] = Future()
        with self._wake:
            if self._closing:
                future.set_exception(StoreError("dwtop is ending; nothing more is written."))
            else:
                (self._urgent if line is None else line).append((write, future))  # type: ignore[arg-type]  # because a future is invariant
            self._wake.notify()
        return future

    def _run(self) -> None:
        last = float("-inf")
        patience = _COMMIT_EVERY
        while True:
            with self._wake:
                while not (self._urgent or self._hurried or self._closing):
                    rest = last + patience - time.monotonic()
                    if self._pending and rest <= 0:
                        break
                    self._wake.wait(rest if self._pending else None)
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

    @property
    def _pending(self) -> bool:
        return bool(self._entries or self._samples or self._events or self._chores)

    def _commit(
        self,
        urgent: list[tuple[_Write, Future[object]]],
        entries: dict[str, Watched],
        samples: list[tuple[str, Sample]],
        events: list[Event],
    ) -> bool:
        """Write it all in one transaction. What polls brought is taken back in if that fails."""
        done: list[tuple[Future[object], object]] = []
        try:
            self._keep_up()
            self._writer.execute("BEGIN IMMEDIATE")
            if entries:
                jobs.save(self._writer, self._database.origin, entries.values())
            past.add_samples(self._writer, self._database.origin, samples, self._limits.samples)
            past.add_events(self._writer, self._database.origin, events, self._limits.events)
            done.extend((future, write(self._writer)) for write, future in urgent)
            self._writer.execute("COMMIT")
        except (sqlite3.Error, StoreError) as error:
            with suppress(sqlite3.Error):
                self._writer.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error) and is_damage(error) and not self._database.damaged:
                self._database.damaged = True
                return self._commit(urgent, entries, samples, events)
            sentence = str(error) if isinstance(error, StoreError) else explain(error, self.path)
            for _, future in urgent:
                future.set_exception(StoreError(sentence))
            with self._wake:
                self._entries = entries | self._entries
                self._samples = _bounded(samples + self._samples, self._limits.samples)
                self._events = (events + self._events)[-self._limits.events :]
            if not self._troubled:
                self._troubled = True
                self.on_trouble(sentence)
            return False
        self.commits += 1
        for future, result in done:
            future.set_result(result)
        if self._troubled:
            self._troubled = False
            self.on_trouble("")
        return True


def _bounded(samples: list[tuple[str, Sample]], most: int) -> list[tuple[str, Sample]]:
    """What is kept of samples that cannot be written, for a disk may stay full for days."""
    if len(samples) <= _MANY:
        return samples
    by_job: dict[str, list[Sample]] = {}
    for job_id, one in samples:
        by_job.setdefault(job_id, []).append(one)
    return [(job_id, one) for job_id, past in by_job.items() for one in thinned(past, most)]
