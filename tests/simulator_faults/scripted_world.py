"""A world whose jobs a test writes one by one."""

import random
import time
from collections.abc import Callable, Iterable
from typing import Any

from app.job import Status
from app.simulator.lifecycle import World, _Run
from app.simulator.scenarios import Scenario, Step, scenarios, uuid_from

StepLike = Step | tuple[str, str | None, float | None, float | None, float]


class ScriptedWorld(World):
    """A `World` that jobs can be added to and removed from."""

    def __init__(
        self, seed: int = 0, jobs: int = 0, speed: float = 1.0, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(scenarios(seed, jobs), speed=speed, clock=clock)
        self._random = random.Random(f"added {seed}")
        self._delays: dict[str, float] = {}

    def add(
        self,
        steps: Iterable[StepLike],
        *,
        job_id: str | None = None,
        age: float = 0.0,
        cancel_after: float | None = None,
        error: str | None = None,
        **fields: Any,
    ) -> str:
        """Add a job; returns its ID, which is drawn by default.

        Its steps are tuples of status, stage, progress at the start and at the end in percent, and simulated seconds. It
        was created `age` simulated seconds ago; before that, it is not found. A cancel takes effect after
        `cancel_after` simulated seconds. The fields are further ones of its answers, and replace all others.
        """
        script = tuple(Step(*step) for step in steps)
        assert script
        assert all(step.status in list(Status) for step in script), script
        drawn = [uuid_from(self._random) for _ in range(3)]
        job_id = job_id or drawn[0]
        fields = {"user_id": drawn[1], "project_id": drawn[2], "title": "A job", **fields}
        self.put(Scenario(job_id, self._now() - age, script, fields, error))
        if cancel_after is not None:
            self._delays[job_id] = cancel_after
        return job_id

    def remove(self, job_id: str) -> None:
        """Remove a job, as if its owner had deleted it; does nothing if there is none."""
        self._runs.pop(job_id, None)

    def _delay(self, run: _Run, now: float) -> float:
        drawn = super()._delay(run, now)
        return self._delays.get(run.scenario.id, drawn)
