"""When each job is to be asked for next, from its interval, how its requests went, and what the budget allows."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping

from app.watch.polling.due_queue import DueQueue
from app.watch.polling.pacing import Intervals, backoff, spread, stretch
from app.watch.watched import Watched

_RELIEF = 1.5
"""By so much intervals must have become too long for the budget before all jobs are planned anew."""


class Schedule:
    """Unfinished jobs and when they are due, on one monotonic clock in seconds.

    A job that is being asked for is taken out with `take` or `next`, and put back with `plan`.
    """

    def __init__(
        self,
        intervals: Intervals,
        per_minute: float,
        *,
        clock: Callable[[], float],
        rng: random.Random,
        pause_before: Callable[[Watched, bool], float | None] = lambda entry, watched: None,
    ) -> None:
        """Nothing is planned.

        Args:
            intervals: How often to ask when all is well.
            per_minute: The request budget; where it is too small for all, every interval stretches alike.
            clock: The monotonic clock.
            rng: The source of randomness.
            pause_before: Seconds until it is worth asking for a job again, given whether a person looks at it;
                None where its plain interval is to be kept.
        """
        self.intervals = intervals
        self._per_minute = per_minute
        self._clock = clock
        self._rng = rng
        self._pause_before = pause_before
        self._pauses: dict[str, float] = {}  # what was planned last for each job, in seconds
        self._cursor: str | None = None
        self._visible: tuple[str, ...] = ()
        self._queue = DueQueue()
        self._started: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._wanted: dict[str, float] = {}  # requests a second that each job's interval asks for
        self._demand = 0.0
        self._planned_for = 1.0  # the most that intervals were stretched by in any plan that stands

    def __len__(self) -> int:
        """How many jobs are polled, those being asked for included."""
        return len(self._wanted)

    def __iter__(self) -> Iterator[str]:
        """The jobs that are planned; those being asked for are not."""
        return iter(self._queue)

    def planned(self, job_id: str) -> bool:
        """Whether a job is in it, and not being asked for."""
        return job_id in self._queue

    def interval(self, entry: Watched) -> float | None:
        """Seconds between two polls of a job as things are, stretched to the budget; None for never."""
        interval = self._pauses.get(entry.id) or self.intervals.of(entry.cadence)
        return None if interval is None else interval * self._stretch

    def set_viewport(self, cursor: str | None, visible: Iterable[str]) -> bool:
        """Say which jobs a person sees; they go first.

        Returns:
            Whether another job is under the cursor now, and may be worth asking for sooner: plan it again.
        """
        moved = cursor != self._cursor
        self._cursor, self._visible = cursor, tuple(visible)
        due = self._queue.due(cursor) if cursor is not None else None
        return moved and cursor in self._pauses and due is not None and due > self._clock()

    # What is due

    def next_due(self, now: float) -> float | None:
        """When the earliest job is due; not later than `now` if one is already; None if there is none."""
        return self._queue.next_due(now)

    def next(self, now: float) -> tuple[str, float] | None:
        """Take out the job to ask for now, with the time it was due; None if none is."""
        return self._queue.pop(now, self._cursor, self._visible)

    def least_recently_polled(self) -> str | None:
        """The planned job that was not asked for longest; asking for that one, they take turns."""
        never = float("-inf")
        return min(self._queue, key=lambda job_id: self._started.get(job_id, never), default=None)

    def take(self, job_id: str) -> None:
        """Take out a job, if it is there, because it is asked for now."""
        self._queue.drop(job_id)

    def make_due_now(self, job_ids: Iterable[str]) -> None:
        """Make jobs due now that would be later."""
        self._queue.make_due_now(job_ids, self._clock())

    # What became of it

    def started(self, job_id: str, now: float) -> None:
        """A request about a job goes out."""
        self._started[job_id] = now

    def failed(self, job_id: str) -> None:
        """A request about a job brought nothing; the next ones wait longer."""
        self._failures[job_id] = self._failures.get(job_id, 0) + 1

    def succeeded(self, job_id: str) -> None:
        """A request about a job was answered."""
        self._failures.pop(job_id, None)

    # When to ask next

    def plan_first(self, entry: Watched, *, asking: bool = False) -> None:
        """A job is watched from now on, and due at once if it is to be polled at all.

        Args:
            entry: The job.
            asking: Whether it is being asked for; then it will be planned after that.
        """
        interval = self.intervals.of(entry.cadence)
        self._want(entry.id, interval)
        if interval is not None and not asking:
            self._queue.put(entry.id, self._clock(), fresh=entry.job is None)

    def plan(self, entry: Watched, due: float | None = None) -> None:
        """Set when a job is due next, counted from the start of its latest request.

        Args:
            entry: The job.
            due: When that request was due; an exact interval counts from there, so that it does not drift.
        """
        if (started := self._started.get(entry.id)) is None:
            self.plan_first(entry)
            return
        plain = self.intervals.of(entry.cadence)
        pause = None if plain is None else self._pause_before(entry, entry.id == self._cursor)
        if pause is None:
            self._pauses.pop(entry.id, None)
        else:
            self._pauses[entry.id] = pause
        self._want(entry.id, pause or plain)
        interval = self.interval(entry)
        if interval is None:
            self._queue.drop(entry.id)
            return
        self._planned_for = max(self._planned_for, self._stretch)
        if failures := self._failures.get(entry.id):
            next_due = started + backoff(interval, failures, self._rng)
        elif self.intervals.exact:
            next_due = (due if due is not None else started) + interval
            if next_due <= self._clock():
                next_due = started + interval
        elif pause is not None:
            next_due = started + interval  # spread already
        else:
            next_due = started + spread(interval, self._rng)
        if entry.job and entry.job.retry_after:
            next_due = max(next_due, started + entry.job.retry_after)
        self._queue.put(entry.id, next_due, fresh=entry.job is None)

    def plan_anew(self, entries: Mapping[str, Watched]) -> None:
        """Plan again what is planned for later, because intervals have changed; what is due stays due.

        Args:
            entries: The watch list.
        """
        now = self._clock()
        self._planned_for = 1.0
        for job_id in list(self._queue):
            due = self._queue.due(job_id)
            if job_id in self._started and due is not None and due > now:
                self.plan(entries[job_id])

    @property
    def relieved(self) -> bool:
        """Whether the budget allows intervals much shorter than those planned, because jobs have ended or gone."""
        return _RELIEF * self._stretch < self._planned_for

    def forget(self, job_id: str) -> None:
        """A job is not watched any more."""
        self._want(job_id, None)
        self._queue.drop(job_id)
        self._failures.pop(job_id, None)
        self._started.pop(job_id, None)
        self._pauses.pop(job_id, None)

    @property
    def _stretch(self) -> float:
        return stretch(self._demand, self._per_minute)

    def _want(self, job_id: str, interval: float | None) -> None:
        self._demand -= self._wanted.pop(job_id, 0.0)
        if interval is not None:
            self._wanted[job_id] = 1.0 / interval
            self._demand += 1.0 / interval
