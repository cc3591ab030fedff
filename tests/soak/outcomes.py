"""The lives of thousands of jobs, and an API that tells them badly: all of it a function of time and a seed."""

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

HOUR, DAY = 3600.0, 86_400.0

STAGES = ("Outline", "Research", "Drafting", "Fact checking", "Polishing")

_FLAWS: tuple[tuple[float, Callable[[], ApiError], float], ...] = (
    (0.010, lambda: Unreachable("refused"), 0.01),
    (0.008, lambda: TimedOut("no answer"), 10.0),
    (0.008, lambda: ServerError("500", 500), 0.2),
    (0.004, lambda: BadAnswer("half an object"), 0.2),
    (0.002, lambda: NotFound("no such job"), 0.1),
    (0.001, lambda: RateLimited("slow down", retry_after=30.0), 0.1),
)
"""What goes wrong with single requests: how likely, what, and after how many seconds."""


@dataclass(frozen=True, slots=True)
class Life:
    """One job's life, in seconds since the epoch."""

    id: str
    queued: float
    started: float
    ended: float
    end: str
    cancelled: float = float("inf")

    def at(self, now: float) -> Job:
        """What the API would say of it."""
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


class Fate:
    """A `JobApi` whose jobs come and go for ever, and which fails in every way there is."""

    def __init__(self, seed: int, wall: Callable[[], float]) -> None:
        """There are no jobs yet.

        Args:
            seed: For everything that happens.
            wall: The time, in seconds since the epoch.
        """
        self._chance = random.Random(seed)
        self._wall = wall
        self._lives: dict[str, Life] = {}
        self._born = 0
        self._began = wall()
        self.locked = False
        self.requests = 0
        self.failures = 0
        self.in_flight: set[str] = set()

    def new_job(self) -> str:
        """Another job; its ID."""
        self._born += 1
        now, chance = self._wall(), self._chance
        started = now + chance.uniform(0, HOUR)
        ended = started + 600 * 100 ** chance.random()  # from ten minutes to almost a day
        end = chance.choices(["completed", "failed", "moderated"], [90, 8, 2])[0]
        life = Life(str(UUID(int=self._born)), now, started, ended, end)
        self._lives[life.id] = life
        return life.id

    def forget(self, job_id: str) -> None:
        """Nobody will ask for a job any more."""
        self._lives.pop(job_id, None)

    async def fetch(self, job_id: str) -> Job:
        """As in `JobApi`."""
        assert job_id not in self.in_flight, "two requests for one job at once"
        self.in_flight.add(job_id)
        try:
            await self._suffer()
            await asyncio.sleep(self._chance.uniform(0.05, 0.5))
            return self._lives[job_id].at(self._wall())
        finally:
            self.in_flight.discard(job_id)

    async def cancel(self, job_id: str) -> str:
        """As in `JobApi`."""
        await self._suffer()
        await asyncio.sleep(self._chance.uniform(0.05, 0.5))
        life = self._lives[job_id]
        if self._wall() >= min(life.ended, life.cancelled):
            raise Rejected("the job has ended", 400)
        later = self._wall() + self._chance.uniform(0.5, 30.0)
        self._lives[job_id] = Life(life.id, life.queued, life.started, life.ended, life.end, later)
        return "cancelling"

    async def _suffer(self) -> None:
        self.requests += 1
        error, seconds = self._trouble()
        if error:
            self.failures += 1
            await asyncio.sleep(seconds)
            raise error

    def _trouble(self) -> tuple[ApiError | None, float]:
        if self.locked:
            return Unauthorized("the token was not accepted"), 0.1
        since = self._wall() - self._began
        if since % (7 * HOUR) < 20 * 60:  # a deploy that takes its time, or a machine that was closed
            return Unreachable("refused"), 0.01
        roll = self._chance.random()
        for likelihood, flaw, seconds in _FLAWS:
            if roll < likelihood:
                return flaw(), seconds
            roll -= likelihood
        return None, 0.0
