"""When to poll each job, based on its interval, the outcomes of its requests, and the budget.

Times are readings of one monotonic clock, in seconds.
"""

import heapq
import random
from collections.abc import Callable, Iterable, Iterator, Mapping

from app.watch.polling.intervals import Intervals, backoff, jittered, stretch_factor
from app.watch.watched import Watched

_REPLAN_FACTOR = 1.5
"""Replan all jobs once their intervals are this many times longer than the budget requires."""


class Schedule:
    """The unfinished jobs and when they are due.

    While a job is being fetched it is not in the schedule: `take` or `take_next` removes it, and `plan` puts it back.

    Attributes:
        intervals: How often to poll when all is well.
    """

    def __init__(
        self,
        intervals: Intervals,
        per_minute: float,
        *,
        clock: Callable[[], float],
        rng: random.Random,
        pause_before: Callable[[Watched, bool], float | None] = lambda entry, selected: None,
    ) -> None:
        """Plan nothing yet.

        Args:
            intervals: How often to poll when all is well.
            per_minute: The request budget; if it is too small for all, every interval stretches alike.
            clock: The monotonic clock.
            rng: The source of randomness.
            pause_before: Seconds until it is worth polling a job again, given whether it is under the cursor; None
                to use its plain interval.
        """
        self.intervals = intervals
        self._per_minute = per_minute
        self._clock = clock
        self._rng = rng
        self._pause_before = pause_before
        self._pauses: dict[str, float] = {}  # the latest of each job, in seconds
        self._cursor: str | None = None
        self._visible: tuple[str, ...] = ()
        self._queue = DueQueue()
        self._started: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._demands: dict[str, float] = {}  # requests a second, by job
        self._demand = 0.0
        self._max_stretch = 1.0  # the longest stretch of any plan in force

    def __len__(self) -> int:
        """How many jobs are polled, including those being fetched."""
        return len(self._demands)

    def __iter__(self) -> Iterator[str]:
        """The planned jobs, without those being fetched."""
        return iter(self._queue)

    def __contains__(self, job_id: str) -> bool:
        """Whether a job is planned, and not being fetched."""
        return job_id in self._queue

    def interval(self, entry: Watched) -> float | None:
        """Seconds between two polls of a job at present, stretched to the budget; None for never."""
        interval = self._pauses.get(entry.id) or self.intervals.of(entry.cadence)
        return None if interval is None else interval * self._stretch

    def set_viewport(self, cursor: str | None, visible: Iterable[str]) -> bool:
        """Set which jobs are on the screen; they are polled first.

        Returns:
            Whether the cursor moved to a job that may now be worth polling sooner, and should be planned again.
        """
        moved = cursor != self._cursor
        self._cursor, self._visible = cursor, tuple(visible)
        due = self._queue.due(cursor) if cursor is not None else None
        return moved and cursor in self._pauses and due is not None and due > self._clock()

    # Due jobs

    def next_due(self, now: float) -> float | None:
        """When the earliest job is due, at most `now` if one is due already; None without jobs."""
        return self._queue.next_due(now)

    def take_next(self, now: float) -> tuple[str, float] | None:
        """Remove and return the job to poll now, with the time it was due; None if no job is due."""
        return self._queue.pop(now, self._cursor, self._visible)

    def least_recently_polled(self) -> str | None:
        """The planned job whose latest request is the longest ago. Polling it makes all jobs take turns."""
        never = float("-inf")
        return min(self._queue, key=lambda job_id: self._started.get(job_id, never), default=None)

    def take(self, job_id: str) -> None:
        """Remove a job, if it is planned."""
        self._queue.drop(job_id)

    def make_due_now(self, job_ids: Iterable[str]) -> None:
        """Make planned jobs due now that would be later."""
        self._queue.make_due_now(job_ids, self._clock())

    # Outcomes of requests

    def started(self, job_id: str, now: float) -> None:
        """Note that a request about a job is sent."""
        self._started[job_id] = now

    def failed(self, job_id: str) -> None:
        """Note that a request about a job failed; the next one waits longer."""
        self._failures[job_id] = self._failures.get(job_id, 0) + 1

    def succeeded(self, job_id: str) -> None:
        """Note that a request about a job was answered."""
        self._failures.pop(job_id, None)

    # Planning

    def plan_first(self, entry: Watched, *, fetching: bool = False) -> None:
        """Plan a job that is new on the list; it is due at once if it is polled at all.

        Args:
            entry: The job.
            fetching: Whether it is being fetched; `plan` then follows.
        """
        interval = self.intervals.of(entry.cadence)
        self._set_demand(entry.id, interval)
        if interval is not None and not fetching:
            self._queue.put(entry.id, self._clock(), fresh=entry.job is None)

    def plan(self, entry: Watched, due: float | None = None) -> None:
        """Plan a job's next poll, counting from the start of its latest request.

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
        self._set_demand(entry.id, pause or plain)
        interval = self.interval(entry)
        if interval is None:
            self._queue.drop(entry.id)
            return
        self._max_stretch = max(self._max_stretch, self._stretch)
        if failures := self._failures.get(entry.id):
            next_due = started + backoff(interval, failures, self._rng)
        elif self.intervals.exact:
            next_due = (due if due is not None else started) + interval
            if next_due <= self._clock():
                next_due = started + interval
        elif pause is not None:
            next_due = started + interval  # with jitter already
        else:
            next_due = started + jittered(interval, self._rng)
        if entry.job and entry.job.retry_after:
            next_due = max(next_due, started + entry.job.retry_after)
        self._queue.put(entry.id, next_due, fresh=entry.job is None)

    def replan(self, entries: Mapping[str, Watched]) -> None:
        """Replan the jobs that are due later, because intervals have changed; jobs due now stay due.

        Args:
            entries: The watch list.
        """
        now = self._clock()
        self._max_stretch = 1.0
        for job_id in list(self._queue):
            due = self._queue.due(job_id)
            if job_id in self._started and due is not None and due > now:
                self.plan(entries[job_id])

    @property
    def should_replan(self) -> bool:
        """Whether jobs have ended or been removed, so that the budget allows much shorter intervals than planned."""
        return _REPLAN_FACTOR * self._stretch < self._max_stretch

    def forget(self, job_id: str) -> None:
        """Forget a job that is no longer watched."""
        self._set_demand(job_id, None)
        self._queue.drop(job_id)
        self._failures.pop(job_id, None)
        self._started.pop(job_id, None)
        self._pauses.pop(job_id, None)

    @property
    def _stretch(self) -> float:
        return stretch_factor(self._demand, self._per_minute)

    def _set_demand(self, job_id: str, interval: float | None) -> None:
        self._demand -= self._demands.pop(job_id, 0.0)
        if interval is not None:
            self._demands[job_id] = 1.0 / interval
            self._demand += 1.0 / interval


class DueQueue:
    """A heap of due times, and an order among the jobs that are due.

    The job under the cursor comes first, then those never fetched, then those on the screen, then the one that has
    waited longest. Every operation takes O(log n) or O(rows on the screen).
    """

    def __init__(self) -> None:
        self._due: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []
        self._ready: dict[str, float] = {}  # due jobs in the order in which they fell due
        self._ready_fresh: dict[str, None] = {}  # those in `_ready` that were never fetched
        self._fresh: set[str] = set()  # all jobs that were never fetched

    def __len__(self) -> int:
        return len(self._due)

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._due

    def __iter__(self) -> Iterator[str]:
        return iter(self._due)

    def put(self, job_id: str, due: float, *, fresh: bool = False) -> None:
        """Set when a job is due, replacing any earlier time.

        Args:
            job_id: The job.
            due: When, on the clock of `pop`.
            fresh: Whether it was never fetched.
        """
        self.drop(job_id)
        self._due[job_id] = due
        if fresh:
            self._fresh.add(job_id)
        heapq.heappush(self._heap, (due, job_id))
        if len(self._heap) > 2 * len(self._due) + 64:  # too many stale entries
            self._heap = [(when, name) for name, when in self._due.items() if name not in self._ready]
            heapq.heapify(self._heap)

    def drop(self, job_id: str) -> None:
        """Remove a job, if it is there."""
        self._due.pop(job_id, None)
        self._ready.pop(job_id, None)
        self._ready_fresh.pop(job_id, None)
        self._fresh.discard(job_id)

    def make_due_now(self, job_ids: Iterable[str], now: float) -> None:
        """Make jobs due now that would be later."""
        for job_id in job_ids:
            if self._due.get(job_id, now) > now:
                self.put(job_id, now, fresh=job_id in self._fresh)

    def due(self, job_id: str) -> float | None:
        """When a job is due; None if it is not there."""
        return self._due.get(job_id)

    def pop(
        self, now: float, cursor: str | None = None, visible: Iterable[str] = ()
    ) -> tuple[str, float] | None:
        """Remove and return the job to poll now, with the time it was due; None if no job is due.

        Args:
            now: The clock's reading.
            cursor: The job under the cursor.
            visible: The jobs on the screen.
        """
        self._collect_ready(now)
        if not self._ready:
            return None
        chosen = self._choose(cursor, visible)
        due = self._due[chosen]
        self.drop(chosen)
        return chosen, due

    def next_due(self, now: float) -> float | None:
        """When the earliest job is due, at most `now` if one is due already; None without jobs."""
        self._collect_ready(now)
        if self._ready:
            return now
        return self._heap[0][0] if self._heap else None

    def _collect_ready(self, now: float) -> None:
        while self._heap:
            due, job_id = self._heap[0]
            if self._due.get(job_id) == due and job_id not in self._ready:
                if due > now:
                    return
                self._ready[job_id] = due
                if job_id in self._fresh:
                    self._ready_fresh[job_id] = None
            heapq.heappop(self._heap)

    def _choose(self, cursor: str | None, visible: Iterable[str]) -> str:
        if cursor is not None and cursor in self._ready:
            return cursor
        on_screen = [job_id for job_id in visible if job_id in self._ready]
        if self._ready_fresh:
            seen = (job_id for job_id in on_screen if job_id in self._ready_fresh)
            return next(seen, next(iter(self._ready_fresh)))
        if on_screen:
            return min(on_screen, key=self._ready.__getitem__)
        return next(iter(self._ready))
