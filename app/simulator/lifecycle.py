"""The state of simulated jobs: a pure function of their scenarios and of the simulated time.

Nothing runs in the background: each answer is computed from the steps of the job's scenario. Simulated seconds are the
elapsed seconds of the clock, multiplied by the speed. The times in answers are those of the clock.
"""

import math
import random
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any, NamedTuple

from app.simulator.scenarios import Scenario

_CANCELLABLE = ("queued", "in_progress")
_FINAL = ("completed", "failed", "moderated", "cancelled")
_CANCEL_DELAY_SECONDS = (0.5, 4.0)  # the shortest and longest time from an accepted cancel to its effect
_CANCEL_RACE_SECONDS = 12.0  # a job this close to its end may finish before a cancel takes effect


class World:
    """The jobs of one simulated account.

    `speed`, greater than 0, is in simulated seconds per second of the clock; simulated time starts at the first reading
    of the clock. `pauses` are when the API asks all clients to wait: start and end of each, in simulated seconds.
    """

    def __init__(
        self,
        scenarios: Iterable[Scenario],
        *,
        speed: float = 1.0,
        clock: Callable[[], float] = time.time,
        pauses: Iterable[tuple[float, float]] = (),
    ) -> None:
        self._speed = speed
        self._clock = clock
        self.start = clock()
        """When simulated time started, in seconds since the epoch."""
        self._pauses = tuple(pauses)
        self._runs: dict[str, _Run] = {}
        for scenario in scenarios:
            self.put(scenario)

    @property
    def ids(self) -> tuple[str, ...]:
        """The IDs of all jobs, in the order in which they were added."""
        return tuple(self._runs)

    def put(self, scenario: Scenario) -> None:
        """Add a job."""
        self._runs[scenario.id] = _Run(scenario)

    def job(self, job_id: str) -> dict[str, Any] | None:
        """The API's current answer about the job with a canonical ID; None if there is no such job yet."""
        run, now = self._runs.get(job_id), self._now()
        if run is None or now < run.scenario.begins:
            return None
        return self._answer(run, run.at(now))

    def jobs(self) -> list[dict[str, Any]]:
        """The API's current answers about all jobs, in the order in which they were added."""
        return [job for job_id in self.ids if (job := self.job(job_id)) is not None]

    def pause_left(self) -> float:
        """How much longer the API asks all clients to wait, in seconds of the clock; 0.0 if it does not."""
        now = self._now()
        left = max((end - now for start, end in self._pauses if start <= now < end), default=0.0)
        return left / self._speed

    def history(self, job_id: str, count: int) -> list[tuple[float, dict[str, Any]]]:
        """The distinct answers about a job until now, with their times in seconds since the epoch.

        They include the answers to `count` evenly spaced polls, the one at the start of each step, and the current one.
        """
        run = self._runs[job_id]
        first, last = run.scenario.begins, min(self._now(), run.ends)
        polls = {first + (last - first) * number / count for number in range(count + 1)}
        moments = sorted(polls | {moment for moment in run.starts if moment <= last})
        answers: list[tuple[float, dict[str, Any]]] = []
        for moment in moments:
            answer = self._answer(run, run.at(moment))
            if not answers or answers[-1][1] != answer or moment == moments[-1]:
                answers.append((self.start + moment / self._speed, answer))
        return answers

    def cancel(self, job_id: str) -> tuple[int, dict[str, str]]:
        """The API's answer to a cancel: HTTP status and body. The job is cancelled a moment later, unless it ends first."""
        run, now = self._runs.get(job_id), self._now()
        if run is None or now < run.scenario.begins:
            return 404, {"error": "Job not found"}
        status = run.at(now).status
        if status not in _CANCELLABLE:
            return 400, {"error": f"Job cannot be cancelled: its status is {status}"}
        if math.isinf(run.cancelled_at):
            run.cancelled_at = now + self._delay(run, now)
        return 200, {"message": "Job cancellation requested"}

    def _now(self) -> float:
        return (self._clock() - self.start) * self._speed

    def _timestamp(self, simulated: float) -> str:
        moment = datetime.fromtimestamp(self.start + simulated / self._speed, UTC)
        return moment.isoformat(timespec="milliseconds")

    def _delay(self, run: "_Run", now: float) -> float:
        """How long an accepted cancel takes to have an effect, in simulated seconds; infinite if it comes too late."""
        rng = random.Random(f"cancel {run.scenario.id}")  # noqa: S311 - repeatable, not secret
        scale = min(1.0, self._speed)  # so that it never takes more than 4 seconds of the clock
        if run.ends - now < _CANCEL_RACE_SECONDS * scale and rng.random() < 0.5:
            return math.inf
        return rng.uniform(*_CANCEL_DELAY_SECONDS) * scale

    def _answer(self, run: "_Run", state: "_State") -> dict[str, Any]:
        scenario = run.scenario
        answer: dict[str, Any] = {
            "id": scenario.id,
            "status": state.status,
            "created_at": self._timestamp(scenario.begins),
            "updated_at": self._timestamp(state.since),
            "error_message": scenario.error if state.status in ("failed", "moderated") else None,
        }
        if state.stage is not None:
            answer["progress_stage"] = state.stage
        if state.percent is not None:
            answer["progress"] = answer["percent_complete"] = round(state.percent, 1)
        return answer | scenario.fields


class _State(NamedTuple):
    """The state of a job. `since` is when it last changed, in simulated seconds."""

    status: str
    stage: str | None
    percent: float | None
    since: float


class _Run:
    """A job that follows its scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.cancelled_at = math.inf  # when a cancel takes effect, in simulated seconds
        lengths = (step.seconds for step in scenario.steps[:-1])
        self.starts = list(accumulate(lengths, initial=scenario.begins))
        steps = zip(self.starts, scenario.steps, strict=True)
        self.ends = next((start for start, step in steps if step.status in _FINAL), math.inf)

    def at(self, now: float) -> _State:
        """Its state at a simulated time, including the effect of a cancel."""
        if now >= self.cancelled_at:
            stopped = self._scripted(self.cancelled_at)
            if stopped.status in _CANCELLABLE:
                return stopped._replace(status="cancelled", since=self.cancelled_at)
        return self._scripted(now)

    def _scripted(self, now: float) -> _State:
        """Its state without any cancel."""
        number = max(bisect_right(self.starts, now) - 1, 0)
        start, step = self.starts[number], self.scenario.steps[number]
        if step.start is None or step.end is None or step.end == step.start or math.isinf(step.seconds):
            return _State(step.status, step.stage, step.start, start)
        if now - start >= step.seconds:  # only in the last step
            return _State(step.status, step.stage, step.end, start + step.seconds)
        elapsed = now - start
        elapsed -= elapsed % step.tick
        percent = step.start + (step.end - step.start) * elapsed / step.seconds
        return _State(step.status, step.stage, percent, start + elapsed)
