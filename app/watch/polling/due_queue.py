"""Which job to ask for next: a heap of due times, and an order among those that are due."""

import heapq
from collections.abc import Iterable, Iterator


class DueQueue:
    """Jobs and when each is to be asked for, on one monotonic clock in seconds.

    Each job stands in it at most once. Among those that are due, the job under the cursor goes first, then
    those never fetched, then those on the screen, then the one that has waited longest. Every step is
    O(log n), or O(rows on the screen), whatever the number of jobs.
    """

    def __init__(self) -> None:
        self._due: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []
        self._ready: dict[str, float] = {}  # due jobs in the order in which they fell due
        self._fresh: dict[str, None] = {}  # the ready ones that were never fetched
        self._never_fetched: set[str] = set()

    def __len__(self) -> int:
        return len(self._due)

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._due

    def __iter__(self) -> Iterator[str]:
        return iter(self._due)

    def put(self, job_id: str, due: float, *, fresh: bool = False) -> None:
        """Set when a job is due, whatever was set before.

        Args:
            job_id: Which job.
            due: When, on the clock of `pop`.
            fresh: Whether it was never fetched.
        """
        self.drop(job_id)
        self._due[job_id] = due
        if fresh:
            self._never_fetched.add(job_id)
        heapq.heappush(self._heap, (due, job_id))
        if len(self._heap) > 2 * len(self._due) + 64:  # too many entries that were overtaken
            self._heap = [(when, name) for name, when in self._due.items() if name not in self._ready]
            heapq.heapify(self._heap)

    def drop(self, job_id: str) -> None:
        """Forget a job, if it is there."""
        self._due.pop(job_id, None)
        self._ready.pop(job_id, None)
        self._fresh.pop(job_id, None)
        self._never_fetched.discard(job_id)

    def make_due_now(self, job_ids: Iterable[str], now: float) -> None:
        """Make jobs due now that would be later."""
        for job_id in job_ids:
            if self._due.get(job_id, now) > now:
                self.put(job_id, now, fresh=job_id in self._never_fetched)

    def due(self, job_id: str) -> float | None:
        """When a job is due; None if it is not there."""
        return self._due.get(job_id)

    def pop(
        self, now: float, cursor: str | None = None, visible: Iterable[str] = ()
    ) -> tuple[str, float] | None:
        """Take the job to ask for now, with the time it was due; None if none is.

        Args:
            now: The clock's reading.
            cursor: The job under the cursor.
            visible: The jobs on the screen.
        """
        self._collect(now)
        if not self._ready:
            return None
        chosen = self._choose(cursor, visible)
        due = self._due[chosen]
        self.drop(chosen)
        return chosen, due

    def next_due(self, now: float) -> float | None:
        """When the earliest job is due; not later than `now` if one is already; None if there are no jobs."""
        self._collect(now)
        if self._ready:
            return now
        return self._heap[0][0] if self._heap else None

    def _collect(self, now: float) -> None:
        while self._heap:
            due, job_id = self._heap[0]
            current = self._due.get(job_id)
            if current == due and job_id not in self._ready:
                if due > now:
                    return
                self._ready[job_id] = due
                if job_id in self._never_fetched:
                    self._fresh[job_id] = None
            heapq.heappop(self._heap)

    def _choose(self, cursor: str | None, visible: Iterable[str]) -> str:
        if cursor is not None and cursor in self._ready:
            return cursor
        on_screen = [job_id for job_id in visible if job_id in self._ready]
        if self._fresh:
            return next((job_id for job_id in on_screen if job_id in self._fresh), next(iter(self._fresh)))
        if on_screen:
            return min(on_screen, key=self._ready.__getitem__)
        return next(iter(self._ready))
