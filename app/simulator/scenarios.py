"""The scenarios of simulated jobs, drawn at random from a seed."""

import heapq
import math
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from app.simulator.catalogue import BRIEF, FAILURES, KINDS, MODELS, MODERATIONS, Kind

MINUTE, HOUR = 60.0, 3600.0


class Step(NamedTuple):
    """One part of a scenario. All times are in simulated seconds."""

    status: str
    stage: str | None
    start: float | None  # the progress at its start, in percent; None if the API sends none
    end: float | None
    seconds: float  # after the last step, its final state remains
    tick: float = 1.0  # how often progress is updated


class Scenario(NamedTuple):
    """Everything that happens to one job."""

    id: str
    begins: float  # when it is created, in simulated seconds from the start of the world; may be negative
    steps: tuple[Step, ...]
    fields: dict[str, Any]  # more fields of each answer about it
    error: str | None = None  # the `error_message` once it has failed or been moderated


def uuid_from(rng: random.Random) -> str:
    """Draw a random UUID (version 4)."""
    return str(UUID(int=rng.getrandbits(128), version=4))


def stage_steps(kind: Kind, seconds: float, rng: random.Random, variation: float = 1.0) -> list[Step]:
    """Create the steps of a document's stages, which take `seconds` in total.

    `variation` is how much the stages deviate from the averages of their kind, from 0 for not at all to 1 for about a
    third.
    """

    def vary(usual: float, spread: float) -> float:
        return usual + spread * variation * rng.uniform(-1, 1)

    spans = [stage.share * vary(1.025, 0.275) for stage in kind.stages]
    scale = seconds / math.fsum(spans)  # the same sum in every version of Python, unlike `sum`
    steps: list[Step] = []
    done = 0.0
    for stage, share in zip(kind.stages, spans, strict=True):
        span = share * scale
        tick = min(max(span / 60, 1.0), 20.0) * vary(1.0, 0.4)
        # For each part of a stage: the share of its progress made at its start and end, and its share of the time.
        parts = [(0.0, 1.0, 1.0)]
        if stage.pace == "jump":
            parts = [(0.0, 0.0, 1.0)]
        elif stage.pace == "plateau":
            level, length = vary(0.45, 0.25), vary(0.3, 0.1)
            before = (1 - length) * level
            parts = [(0.0, level, before), (level, level, length), (level, 1.0, 1 - length - before)]
        for low, high, part in parts:
            points = (done + low * stage.percent, done + high * stage.percent)
            steps.append(Step("in_progress", stage.name, *points, span * part, tick))
        done += stage.percent
    return steps


def cut(steps: Sequence[Step], percent: float) -> list[Step]:
    """The steps up to a percentage above 0; the last one is shortened."""
    kept: list[Step] = []
    for step in steps:
        assert step.start is not None
        assert step.end is not None
        if step.end >= percent:
            seconds = step.seconds * (percent - step.start) / (step.end - step.start)
            return [*kept, step._replace(end=percent, seconds=seconds)]
        kept.append(step)
    return kept


class Account:
    """The owner of simulated jobs."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._user = uuid_from(rng)
        self._projects = [uuid_from(rng) for _ in range(3)]

    def scenario(
        self,
        title: str | None,
        work: Sequence[Step],
        outcome: str,
        *,
        starts: float,
        submitted: float = 20.0,
        queued: float,
        draft: float = 0.0,
        error: str | None = None,
        **fields: Any,
    ) -> Scenario:
        """Assemble a scenario: the statuses before the work, the work, and the outcome.

        `starts` is when the work starts, in simulated seconds; `draft`, `submitted` and `queued` are how many seconds the
        job spends in these statuses; `fields` are more fields of each answer.
        """
        waits = [("draft", draft), ("submitted", submitted), ("queued", queued)]
        steps = [Step(status, None, None, None, seconds) for status, seconds in waits if seconds > 0]
        final = 100.0 if outcome == "completed" else work[-1].end
        steps += [*work, Step(outcome, work[-1].stage, final, final, math.inf)]
        fields |= {"user_id": self._user, "project_id": self._rng.choice(self._projects), "title": title}
        begins = starts - draft - submitted - queued
        return Scenario(uuid_from(self._rng), begins, tuple(steps), fields, error)


def scenarios(seed: int, count: int) -> list[Scenario]:
    """Draw the scenarios of `count` jobs; the same seed draws the same ones.

    About a third of the jobs have ended. The others share a fixed number of slots, in which one job follows another.
    """
    rng = random.Random(f"stories {seed}")  # noqa: S311 - repeatable, not secret
    account = Account(rng)
    used: Counter[str] = Counter()
    ended, running = int(count * 0.35), max(1, int(count * 0.4))
    drawn: list[Scenario] = []
    slots: list[float] = []
    for number in range(count):
        name = rng.choices(tuple(KINDS), (6, 6, 4, 3, 3))[0]
        if number == ended:  # there is always a job that ends soon
            name = BRIEF
        kind = KINDS[name]
        outcome = rng.choices(("completed", "failed", "moderated", "cancelled"), (80, 10, 4, 6))[0]
        if number >= ended + running and outcome == "cancelled":
            outcome = "completed"
        work = stage_steps(kind, rng.uniform(*kind.seconds), rng)
        if outcome != "completed":
            work = cut(work, rng.uniform(10, 90))
        duration = math.fsum(step.seconds for step in work)
        draft, submitted, queued = 0.0, rng.uniform(2, 15), rng.uniform(3, 120)
        if number < ended:
            starts = -duration - rng.uniform(MINUTE, 48 * HOUR)
        elif number < ended + running:
            starts = -duration * (rng.uniform(0.6, 0.9) if number == ended else rng.random())
            heapq.heappush(slots, starts + duration)
        else:
            starts = heapq.heappop(slots) + 1.0
            heapq.heappush(slots, starts + duration)
            queued = starts + rng.uniform(1, HOUR)
            if rng.random() < 0.3:
                draft, submitted, queued = starts + HOUR, rng.uniform(20, 600), rng.uniform(3, 120)
        edition, place = divmod(used[name], len(kind.titles))
        used[name] += 1
        title = f"{kind.titles[place]}, version {edition + 1}" if edition else kind.titles[place]
        errors = {"failed": FAILURES, "moderated": MODERATIONS}.get(outcome)
        drawn.append(
            account.scenario(
                # One job has no title, so that what is shown instead can be seen.
                None if (name, used[name]) == (BRIEF, 2) else title,
                work,
                outcome,
                starts=starts,
                draft=draft,
                submitted=submitted,
                queued=queued,
                error=rng.choice(errors) if errors else None,
                **_optional_fields(rng),
            )
        )
    rng.shuffle(drawn)
    return drawn


def _optional_fields(rng: random.Random) -> dict[str, Any]:
    """Draw optional fields. Some are null or missing, as the API allows."""
    fields: dict[str, Any] = {}
    models = rng.choice(("named", "named", "null", "missing"))
    if models != "missing":
        fields |= {name: rng.choice(names) if models == "named" else None for name, names in MODELS.items()}
    if rng.random() < 0.8:
        fields |= {"is_byok": rng.random() < 0.25, "is_starred": rng.random() < 0.2}
    return fields
