"""How simulated jobs unfold: pure and repeatable, a function of the seed and of the simulated time.

Nothing runs in the background. Every job has a written life, a row of steps; asking for it at some moment reads
off where it stands. Simulated seconds are elapsed seconds of the clock times the speed; the times in the
answers are times of the clock, so that they agree with the wall whatever the speed.
"""

import math
import random
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from enum import Enum
from itertools import accumulate
from typing import Any, NamedTuple

from app.simulator.scenarios import Step, Story, stories, uuid_from

STATUSES = ("draft", "submitted", "queued", "in_progress", "completed", "failed", "moderated", "cancelled")
"""Every status that the API documents."""

_CANCELLABLE = ("queued", "in_progress")
_FINAL = ("completed", "failed", "moderated", "cancelled")
_CANCEL_DELAY = (0.5, 4.0)  # seconds until an accepted cancel takes effect: the least and the most
_TOO_LATE = 12.0  # within so many seconds of its end, a job may be past stopping


class CancelResult(Enum):
    """What became of a request to cancel."""

    ACCEPTED = "accepted"
    NOT_CANCELLABLE = "not cancellable"
    NOT_FOUND = "not found"


class CancelAnswer(NamedTuple):
    """The answer to a request to cancel.

    Attributes:
        result: What became of it.
        message: The same in a sentence, as the API says it.
    """

    result: CancelResult
    message: str


class World:
    """The jobs of one simulated account. Safe to use from several threads.

    Args:
        seed: The same seed makes the same jobs, live the same lives.
        jobs: How many there are at the start, at least 0.
        speed: Simulated seconds per second of the clock, above 0.
        clock: Seconds since the epoch; the world begins at its first reading.

    Raises:
        ValueError: The number of jobs or the speed is out of range.
    """

    def __init__(
        self, seed: int = 0, jobs: int = 12, speed: float = 1.0, clock: Callable[[], float] = time.time
    ) -> None:
        if jobs < 0:
            raise ValueError(f"the number of simulated jobs must be 0 or more, not {jobs}")
        if not 0 < speed < math.inf:
            raise ValueError(f"the speed of the simulation must be a number above 0, not {speed}")
        self._seed = seed
        self._speed = speed
        self._clock = clock
        self._began = clock()
        self._pauses: tuple[tuple[float, float], ...] = ()
        self._lock = threading.Lock()
        self._added = random.Random(f"added {seed}")  # noqa: S311 - a seeded play, no secrets
        self._lives = {story.id: _Life(story) for story in stories(seed, jobs)}

    @property
    def ids(self) -> tuple[str, ...]:
        """The IDs of all jobs, in the order in which they came."""
        return tuple(self._lives)

    def job(self, job_id: str) -> dict[str, Any] | None:
        """What the API answers about a job now.

        Args:
            job_id: A UUID in its canonical spelling.

        Returns:
            A value ready for JSON that obeys the API's schema; None if there is no such job, or not yet.
        """
        life, now = self._lives.get(job_id), self._now()
        if life is None or now < life.story.begins:
            return None
        return self._answer(life, life.at(now))

    def jobs(self) -> list[dict[str, Any]]:
        """What the API answers about every job now, in the order in which they were added."""
        return [job for job_id in self.ids if (job := self.job(job_id)) is not None]

    def pause_left(self) -> float:
        """For how many seconds of the clock the API still asks all clients to pause; 0 for not at all."""
        now = self._now()
        return (
            max((end - now for start, end in self._pauses if start <= now < end), default=0.0) / self._speed
        )

    def cancel(self, job_id: str) -> CancelAnswer:
        """Ask for a job to be cancelled. It stops a moment later, or ends first.

        Args:
            job_id: A UUID in its canonical spelling.
        """
        with self._lock:
            life, now = self._lives.get(job_id), self._now()
            if life is None or now < life.story.begins:
                return CancelAnswer(CancelResult.NOT_FOUND, "Job not found")
            status = life.at(now).status
            if status not in _CANCELLABLE:
                return CancelAnswer(
                    CancelResult.NOT_CANCELLABLE, f"Job cannot be cancelled: its status is {status}"
                )
            if math.isinf(life.stops):
                life.stops = now + self._delay(life, now)
            return CancelAnswer(CancelResult.ACCEPTED, "Job cancellation requested")

    def add(
        self,
        steps: Iterable[Step | tuple[str, str | None, float | None, float | None, float]],
        *,
        job_id: str | None = None,
        age: float = 0.0,
        cancel_after: float | None = None,
        error: str | None = None,
        reports: str = "both",
        **fields: Any,
    ) -> str:
        """Add a job with a written life.

        Args:
            steps: What happens to it: (status, stage, progress at the start and at the end in percent, seconds).
                The last one lasts for ever. Progress None leaves the progress fields out.
            job_id: Its UUID in canonical spelling; by default one is drawn.
            age: How many simulated seconds ago it began; negative for later, until when it is not found.
            cancel_after: Simulated seconds from an accepted cancel to its effect, `math.inf` for never; by
                default drawn from 0.5 to 4, and never more than 4 seconds of the clock.
            error: What `error_message` says once it has failed or was moderated.
            reports: Which fields tell the progress, as in `Story`.
            **fields: Further fields of its answers; they win over all others.

        Returns:
            Its ID.

        Raises:
            ValueError: There are no steps, or one has a status that the API does not document.
        """
        script = tuple(Step(*step) for step in steps)
        if not script:
            raise ValueError("a simulated job needs at least one step")
        for step in script:
            if step.status not in STATUSES:
                raise ValueError(f"{step.status!r} is no status of the API: use one of {', '.join(STATUSES)}")
        with self._lock:
            drawn = [uuid_from(self._added) for _ in range(3)]
            job_id = job_id or drawn[0]
            facts = {"user_id": drawn[1], "project_id": drawn[2], "title": "A job", **fields}
            story = Story(job_id, self._now() - age, script, facts, error, reports)
            self._lives[job_id] = _Life(story, cancel_after)
        return job_id

    def remove(self, job_id: str) -> None:
        """Let a job vanish, as if its owner had deleted it; nothing happens if there is none."""
        self._lives.pop(job_id, None)

    def _now(self) -> float:
        return (self._clock() - self._began) * self._speed

    def _timestamp(self, simulated: float) -> str:
        moment = datetime.fromtimestamp(self._began + simulated / self._speed, UTC)
        return moment.isoformat(timespec="milliseconds")

    def _delay(self, life: "_Life", now: float) -> float:
        """How long an accepted cancel takes, in simulated seconds; infinite if it comes too late."""
        if life.cancel_after is not None:
            return life.cancel_after
        chance = random.Random(f"cancel {self._seed} {life.story.id}")  # noqa: S311 - a seeded play
        patience = min(1.0, self._speed)
        if life.ends - now < _TOO_LATE * patience and chance.random() < 0.5:
            return math.inf
        return chance.uniform(*_CANCEL_DELAY) * patience

    def _answer(self, life: "_Life", state: "_State") -> dict[str, Any]:
        story = life.story
        answer: dict[str, Any] = {
            "id": story.id,
            "status": state.status,
            "created_at": self._timestamp(story.begins),
            "updated_at": self._timestamp(state.since),
            **_progress(state.percent, story.reports),
        }
        if state.stage is not None:
            answer["progress_stage"] = state.stage
        if state.status in ("failed", "moderated"):
            answer["error_message"] = story.error
        elif story.reports == "both":
            answer["error_message"] = None
        return answer | story.fields


def _progress(percent: float | None, reports: str) -> dict[str, float]:
    if percent is None:
        return {}
    exact, whole = round(percent, 1), float(int(percent))
    match reports:
        case "progress":
            return {"progress": exact}
        case "percent":
            return {"percent_complete": exact}
        case "rounded":
            return {"progress": whole, "percent_complete": exact}
        case _:
            return {"progress": exact, "percent_complete": exact}


class _State(NamedTuple):
    """Where a life stands; `since` is when that last changed, in simulated seconds."""

    status: str
    stage: str | None
    percent: float | None
    since: float


class _Life:
    """One job on its way through its story."""

    def __init__(self, story: Story, cancel_after: float | None = None) -> None:
        self.story = story
        self.cancel_after = cancel_after
        self.stops = math.inf
        lengths = (step.seconds for step in story.steps[:-1])
        self._starts = list(accumulate(lengths, initial=story.begins))
        finals = zip(self._starts, story.steps, strict=True)
        self.ends = next((start for start, step in finals if step.status in _FINAL), math.inf)

    def at(self, now: float) -> _State:
        """Where it stands at a simulated time, a cancel included."""
        if now >= self.stops:
            stopped = self._written(self.stops)
            if stopped.status in _CANCELLABLE:
                return stopped._replace(status="cancelled", since=self.stops)
        return self._written(now)

    def _written(self, now: float) -> _State:
        """Where it would stand if nobody had interfered."""
        number = max(bisect_right(self._starts, now) - 1, 0)
        start, step = self._starts[number], self.story.steps[number]
        if step.start is None or step.end is None or step.end == step.start or math.isinf(step.seconds):
            return _State(step.status, step.stage, step.start, start)
        if now - start >= step.seconds:  # only the last step is ever outlived
            return _State(step.status, step.stage, step.end, start + step.seconds)
        noticed = now - start
        if step.tick > 0:
            noticed -= noticed % step.tick
        percent = step.start + (step.end - step.start) * noticed / step.seconds
        return _State(step.status, step.stage, percent, start + noticed)
