"""When to poll each job, based on its interval, the outcomes of its requests, and the budget.

Times are readings of one monotonic clock, in seconds.
"""

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from app.watch.observable import Observable
from app.watch.polling.intervals import Intervals, backoff, jittered
from app.watch.watch_list import WatchList
from app.watch.watched import Watched

_REPLAN_FACTOR = 1.5
"""All jobs are replanned once their intervals are this many times as long as the budget requires."""

AT_ONCE = float("-inf")
"""When a job that was never fetched is due."""


@dataclass(slots=True)
class _Polling:
    """What the schedule knows about one job."""

    started: float | None = None  # when its latest request was sent; None before the first
    due: float | None = None  # when the poll in flight was due; None for a request by the user
    failures: int = 0  # how many of its latest requests failed in a row
    interval: float = math.inf  # seconds between polls, if the budget allows it; infinite until planned


class Schedule:
    """The unfinished jobs of a watch list, and when they are due.

    Attributes:
        due: When each job is due, except for those being fetched: they are removed, and `plan` puts them back.
    """

    def __init__(
        self,
        watch_list: WatchList,
        intervals: Observable[Intervals],
        requests_per_minute: float,
        *,
        clock: Callable[[], float],
        now: Callable[[], float],
        rng: random.Random,
    ) -> None:
        """Make all jobs due. If the budget is too small for them, all intervals are stretched by the same factor."""
        self.intervals = intervals
        self.due: dict[str, float] = {}
        self._watch_list = watch_list
        self._budget = requests_per_minute / 60.0
        self._clock = clock
        self._now = now
        self._rng = rng
        self._polling: defaultdict[str, _Polling] = defaultdict(_Polling)
        self._cursor: str | None = None
        self._visible: tuple[str, ...] = ()
        self._demand = 0.0  # requests per second for all jobs, if the budget allows it
        self._max_stretch = 1.0  # the greatest stretch of any plan in force
        for job_id in watch_list.entries:
            self.plan(job_id)
        intervals.subscribe(lambda changed: self.replan())

    def __len__(self) -> int:
        """How many jobs are polled, including those being fetched."""
        return len(self._polling)

    def interval(self, entry: Watched) -> float | None:
        """The current seconds between two polls of a job, stretched to the budget; None if it is not polled."""
        polling = self._polling.get(entry.id)
        return polling.interval * self._stretch if polling else None

    def set_viewport(self, cursor: str | None, visible: Iterable[str]) -> None:
        """Set which jobs are on the screen; they are polled first, and the one under the cursor more often."""
        moved = cursor != self._cursor
        self._cursor, self._visible = cursor, tuple(visible)
        # A job that has come under the cursor is polled at the fast interval, rather than by its forecast.
        if moved and cursor is not None and self.due.get(cursor, AT_ONCE) > self._clock():
            self.plan(cursor)

    def take_next(self, now: float) -> str:
        """Remove and return the job to poll now. One must be due."""
        job_id = next_job(self.due, now, self._cursor, self._visible)
        assert job_id is not None
        self._polling[job_id].due = self.due.pop(job_id)
        return job_id

    def least_recently_polled(self) -> str | None:
        """The planned job that was polled least recently. Always polling this one makes all jobs take turns."""
        return min(self.due, key=lambda job_id: self._polling[job_id].started or float("-inf"), default=None)

    def make_due_now(self, *, only_failed: bool = False) -> None:
        """Make all planned jobs due, or only those whose latest request failed."""
        for job_id, due in list(self.due.items()):
            entry = self._watch_list.entries[job_id]
            now = self._now_for(entry)
            if due > now and (entry.failure or not only_failed):
                self.due[job_id] = now

    # Outcomes of requests

    def started(self, job_id: str) -> None:
        """Note that a request about a job is being sent."""
        self._polling[job_id].started = self._clock()

    def ended(self, job_id: str, *, failed: bool) -> None:
        """Note that a request about a job ended. Each failure in a row delays the next poll further."""
        polling = self._polling[job_id]
        polling.failures = polling.failures + 1 if failed else 0

    # Planning

    def plan(self, job_id: str) -> None:
        """Plan a job's next poll, counting from the start of its latest request. A new job is due at once.

        A job that is finished or no longer watched is dropped.
        """
        entry = self._watch_list.entries.get(job_id)
        plain = self.intervals.value.of(entry.cadence) if entry else None
        if entry is None or plain is None:
            self.due.pop(job_id, None)
            if forgotten := self._polling.pop(job_id, None):
                self._demand -= 1.0 / forgotten.interval
            return
        polling, pause = self._polling[job_id], None
        if forecaster := self._watch_list.forecaster:
            watched = job_id == self._cursor
            pause = forecaster.pause_before(entry, self._now(), self.intervals.value, watched=watched)
        self._demand -= 1.0 / polling.interval
        polling.interval = pause or plain
        self._demand += 1.0 / polling.interval
        if polling.started is None:
            self.due[job_id] = self._now_for(entry)
            return
        stretch = self._stretch
        self._max_stretch = max(self._max_stretch, stretch)
        interval = polling.interval * stretch
        started, due, polling.due = polling.started, polling.due, None
        if polling.failures:
            next_due = started + backoff(interval, polling.failures, self._rng)
        elif self.intervals.value.exact:
            next_due = (due if due is not None else started) + interval  # from when it was due: no drift
            if next_due <= self._clock():
                next_due = started + interval
        else:
            next_due = started + jittered(interval, self._rng.random())
        self.due[job_id] = next_due

    def replan(self) -> None:
        """Replan the jobs that are not due yet, after a change of intervals; jobs due now stay due."""
        now = self._clock()
        self._max_stretch = 1.0
        for job_id, due in list(self.due.items()):
            if due > now and self._polling[job_id].started is not None:
                self.plan(job_id)

    @property
    def should_replan(self) -> bool:
        """Whether the budget allows much shorter intervals than planned, since jobs have ended or been removed."""
        return _REPLAN_FACTOR * self._stretch < self._max_stretch

    def _now_for(self, entry: Watched) -> float:
        """The due time that makes a job due now."""
        return self._clock() if entry.job else AT_ONCE

    @property
    def _stretch(self) -> float:
        """How much longer all intervals must be to fit the budget, at least 1.0."""
        return max(1.0, self._demand / self._budget)


def next_job(
    due: Mapping[str, float], now: float, cursor: str | None = None, visible: Iterable[str] = ()
) -> str | None:
    """The job to poll now, by when each is due; None if none is.

    The job under the cursor comes first, then those that are `AT_ONCE`, then those on the screen, then the one that has
    waited longest.
    """
    earliest = min(due.values(), default=math.inf)  # takes 10 us for 1,000 jobs, so no heap is needed
    if earliest > now:
        return None
    if cursor is not None and due.get(cursor, math.inf) <= now:
        return cursor
    latest = earliest if earliest == AT_ONCE else now
    on_screen = [job_id for job_id in visible if due.get(job_id, math.inf) <= latest]
    return min(on_screen or due, key=due.__getitem__)
