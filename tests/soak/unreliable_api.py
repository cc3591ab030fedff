"""An API whose jobs come and go, and which often fails: all of it a function of time and a seed."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from app.deepwriter.errors import (
    ApiError,
    BadAnswer,
    NotFound,
    RateLimited,
    Rejected,
    ServerError,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from app.job import Job
from tests.no_account import NoAccount

HOUR, DAY = 3600.0, 86_400.0

STAGES = ("Outline", "Research", "Drafting", "Fact checking", "Polishing")

_ERRORS: tuple[tuple[float, Callable[[], ApiError], float], ...] = (
    (0.010, lambda: Unreachable("refused"), 0.01),
    (0.008, lambda: TimedOut("no answer"), 10.0),
    (0.008, lambda: ServerError("500"), 0.2),
    (0.004, lambda: BadAnswer("half an object"), 0.2),
    (0.002, lambda: NotFound("no such job"), 0.1),
    (0.001, lambda: RateLimited("slow down", retry_after=30.0), 0.1),
)
"""Errors of single requests: probability, error, and seconds until it is raised."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """When a job changes, in seconds since the epoch."""

    id: str
    queued: float
    started: float
    ended: float
    end: str
    cancelled: float = float("inf")

    def at(self, now: float) -> Job:
        """The job as the API would describe it at a moment."""
        status, progress, stage = "queued", None, None
        if now >= min(self.ended, self.cancelled):
            status = "cancelled" if self.cancelled < self.ended else self.end
            progress = 100.0 if status == "completed" else 50.0
        elif now >= self.started:
            share = (now - self.started) / (self.ended - self.started)
            status, progress = "in_progress", round(100 * share, 1)
            stage = STAGES[min(int(share * len(STAGES)), len(STAGES) - 1)]
        return Job(
            self.id,
            "user",
            "project",
            status,
            self.queued,
            now,
            progress,
            stage,
            f"Document {self.id[-6:]}",
            error_message="it went wrong" if status == "failed" else None,
        )


class UnreliableApi(NoAccount):
    """An `Api` that fails in every way there is.

    Args:
        seed: For every random choice.
        wall: The time, in seconds since the epoch.
        job_seconds: The shortest and the longest time for which a job runs.
        max_queue_seconds: The longest time for which it waits before.
        fails: Whether requests fail.
    """

    def __init__(
        self,
        seed: int,
        wall: Callable[[], float],
        *,
        job_seconds: tuple[float, float] = (600.0, 60_000.0),
        max_queue_seconds: float = HOUR,
        fails: bool = True,
    ) -> None:
        self._chance = random.Random(seed)
        self._wall = wall
        self._job_seconds = job_seconds
        self._max_queue_seconds = max_queue_seconds
        self._fails = fails
        self._timelines: dict[str, Timeline] = {}
        self._created = 0
        self._began = wall()
        self.locked = False
        self.requests = 0
        self.failures = 0
        self.in_flight: set[str] = set()

    def new_job(self) -> str:
        """Add a job; returns its ID."""
        self._created += 1
        now, chance = self._wall(), self._chance
        shortest, longest = self._job_seconds
        started = now + chance.uniform(0, self._max_queue_seconds)
        ended = started + shortest * (longest / shortest) ** chance.random()
        end = chance.choices(["completed", "failed", "moderated"], [90, 8, 2])[0]
        timeline = Timeline(str(UUID(int=self._created)), now, started, ended, end)
        self._timelines[timeline.id] = timeline
        return timeline.id

    def forget(self, job_id: str) -> None:
        """Remove a job that will not be requested again."""
        self._timelines.pop(job_id, None)

    async def fetch(self, job_id: str) -> Job:
        """As in `JobApi`."""
        assert job_id not in self.in_flight, "two requests for one job at once"
        self.in_flight.add(job_id)
        try:
            await self._fail_sometimes()
            await asyncio.sleep(self._chance.uniform(0.05, 0.5))
            return self._timelines[job_id].at(self._wall())
        finally:
            self.in_flight.discard(job_id)

    async def cancel(self, job_id: str) -> str:
        """As in `JobApi`."""
        await self._fail_sometimes()
        await asyncio.sleep(self._chance.uniform(0.05, 0.5))
        timeline = self._timelines[job_id]
        if self._wall() >= min(timeline.ended, timeline.cancelled):
            raise Rejected("the job has ended", 400)
        later = self._wall() + self._chance.uniform(0.5, 30.0)
        self._timelines[job_id] = Timeline(
            timeline.id, timeline.queued, timeline.started, timeline.ended, timeline.end, later
        )
        return "cancelling"

    async def _fail_sometimes(self) -> None:
        self.requests += 1
        error, seconds = self._next_error()
        if error:
            self.failures += 1
            await asyncio.sleep(seconds)
            raise error

    def _next_error(self) -> tuple[ApiError | None, float]:
        if self.locked:
            return Unauthorized("the token was not accepted"), 0.1
        if not self._fails:
            return None, 0.0
        since = self._wall() - self._began
        if since % (7 * HOUR) < 20 * 60:  # a long deployment, or a closed laptop
            return Unreachable("refused"), 0.01
        roll = self._chance.random()
        for probability, make_error, seconds in _ERRORS:
            if roll < probability:
                return make_error(), seconds
            roll -= probability
        return None, 0.0
