"""The lives that simulated jobs lead, written down before the first of them begins."""

import heapq
import math
import random
from typing import Any, NamedTuple

from app.simulator.catalogue import (
    BOOK,
    BRIEF,
    FAILURES,
    FUNCTION_MODELS,
    GRANT,
    KINDS,
    MODERATIONS,
    PAPER,
    REASONING_MODELS,
    REPORT,
    REVIEW,
    WRITING_MODELS,
)

MINUTE, HOUR = 60.0, 3600.0


class Step(NamedTuple):
    """One leg of a job's life.

    Attributes:
        status: One of the statuses that the API documents.
        stage: The name of the stage, or None for none.
        start: The progress at its beginning, in percent; None where the API says nothing about progress.
        end: The progress at its end.
        seconds: How long it lasts, in simulated seconds. The last step of a life lasts for ever.
        tick: The API notices progress only every so many simulated seconds.
    """

    status: str
    stage: str | None
    start: float | None
    end: float | None
    seconds: float
    tick: float = 1.0


class Story(NamedTuple):
    """One job's whole life.

    Attributes:
        id: Its UUID.
        begins: When it is created, in simulated seconds; negative for before the world was.
        steps: What happens to it.
        fields: What every answer about it says besides.
        error: What `error_message` says once it has failed or was moderated.
        reports: Which fields tell the progress: `both`, `rounded` (both, one of them whole), `progress`, `percent`.
    """

    id: str
    begins: float
    steps: tuple[Step, ...]
    fields: dict[str, Any]
    error: str | None = None
    reports: str = "both"


def uuid_from(rng: random.Random) -> str:
    """A random UUID (version 4), drawn from the given generator."""
    digits = f"{rng.getrandbits(128):032x}"
    variant = "89ab"[int(digits[16], 16) % 4]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def stories(seed: int, count: int) -> list[Story]:
    """The lives of a world's jobs: a staged opening of twelve, then as many drawn ones as are asked for.

    The opening is made for people who look on: jobs that finish, fail and are moderated within the first two
    minutes, and long ones that go on for hours. Of the drawn ones some are over, some run, and the rest wait for
    one of as many slots as there are running ones.

    Args:
        seed: The same seed tells the same stories.
        count: How many jobs, at least 0.
    """
    rng = random.Random(f"stories {seed}")  # noqa: S311 - a seeded play, no secrets
    author = _Author(rng)
    told = [author.scene(scene) for scene in _OPENING[:count]]
    told += author.crowd(count - len(told))
    return told


class _Scene(NamedTuple):
    """A part in the opening; pairs are ranges to draw from.

    `runs` is when its work begins and `over` when it has ended, in simulated seconds from the world's start:
    one of the two is given. `lasts` overrides how long its kind usually takes.
    """

    kind: str
    outcome: str = "completed"
    runs: tuple[float, float] | None = None
    over: tuple[float, float] | None = None
    lasts: tuple[float, float] | None = None
    draft: float = 0.0
    waits: tuple[float, float] = (4.0, 90.0)
    submitted: tuple[float, float] = (2.0, 15.0)


_OPENING = (
    _Scene(BOOK, over=(2.5 * HOUR, 3.5 * HOUR), lasts=(5.5 * HOUR, 7 * HOUR)),
    _Scene(REPORT, over=(28, 45)),
    _Scene(PAPER, over=(6 * MINUTE, 9 * MINUTE)),
    _Scene(REPORT, "failed", over=(65, 95), lasts=(6 * MINUTE, 9 * MINUTE)),
    _Scene(BRIEF, runs=(26, 34), waits=(35, 45), submitted=(20, 24)),
    _Scene(REVIEW, over=(-50 * MINUTE, -20 * MINUTE)),
    _Scene(PAPER, "moderated", over=(50, 75), lasts=(3 * MINUTE, 5 * MINUTE)),
    _Scene(GRANT, runs=(-40 * MINUTE, -25 * MINUTE), lasts=(2.5 * HOUR, 3.5 * HOUR)),
    _Scene(
        BOOK, runs=(35 * MINUTE, 50 * MINUTE), lasts=(9 * HOUR, 12 * HOUR), waits=(55 * MINUTE, 65 * MINUTE)
    ),
    _Scene(BRIEF, runs=(5 * MINUTE, 8 * MINUTE), draft=14 * MINUTE, waits=(40, 80)),
    _Scene(REPORT, "failed", over=(-20 * HOUR, -14 * HOUR), lasts=(3 * MINUTE, 8 * MINUTE)),
    _Scene(GRANT, "cancelled", over=(-3 * HOUR, -2 * HOUR), lasts=(11 * MINUTE, 30 * MINUTE)),
)


class _Author:
    """Writes lives from one stream of chance."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._user = uuid_from(rng)
        self._projects = [uuid_from(rng) for _ in range(3)]
        self._titles = {name: rng.sample(kind.titles, len(kind.titles)) for name, kind in KINDS.items()}
        self._told = dict.fromkeys(KINDS, 0)

    def scene(self, scene: _Scene) -> Story:
        """A part of the opening."""
        lasts = self._rng.uniform(*(scene.lasts or KINDS[scene.kind].seconds))
        if scene.over is not None:
            runs = self._rng.uniform(*scene.over) - lasts
        else:
            assert scene.runs is not None
            runs = self._rng.uniform(*scene.runs)
        waits = scene.draft + self._rng.uniform(*scene.waits)
        return self._story(scene.kind, scene.outcome, runs - waits, runs, lasts, scene.draft, scene.submitted)

    def crowd(self, count: int) -> list[Story]:
        """Any number of further jobs, around a limited number of slots."""
        rng = self._rng
        over, running = int(count * 0.35), max(1, int(count * 0.4))
        told: list[Story] = []
        slots: list[float] = []
        for number in range(count):
            kind = rng.choices((BRIEF, REPORT, PAPER, REVIEW, GRANT, BOOK), (4, 6, 4, 3, 2, 3))[0]
            outcome = rng.choices(("completed", "failed", "moderated", "cancelled"), (86, 8, 2, 4))[0]
            lasts = rng.uniform(*KINDS[kind].seconds)
            if outcome != "completed":
                lasts *= rng.uniform(0.1, 0.9)
            waits, draft = rng.uniform(3, 120), 0.0
            if number < over:
                runs = -lasts - rng.uniform(MINUTE, 48 * HOUR)
            elif number < over + running:
                runs = -lasts * rng.random()
                heapq.heappush(slots, runs + lasts)
            else:
                runs = heapq.heappop(slots) + 1.0
                heapq.heappush(slots, runs + lasts)
                waits = runs + rng.uniform(1, HOUR)
                draft = waits * 0.9 if rng.random() < 0.2 else 0.0
                outcome = "completed" if outcome == "cancelled" else outcome
            told.append(self._story(kind, outcome, runs - waits, runs, lasts, draft))
        rng.shuffle(told)
        return told

    def _story(
        self,
        kind: str,
        outcome: str,
        begins: float,
        runs: float,
        lasts: float,
        draft: float,
        submitted: tuple[float, float] = (2.0, 15.0),
    ) -> Story:
        """One life: created at `begins`, at work from `runs` for `lasts` seconds, a draft for `draft` seconds."""
        rng = self._rng
        # Where it breaks off, the work has been planned for longer than it got.
        planned = lasts if outcome == "completed" else lasts / rng.uniform(0.25, 0.8)
        work = _cut(self._work(kind, planned), lasts)
        waits = runs - begins - draft
        accepted = min(rng.uniform(*submitted), 0.8 * waits)
        waiting = [
            Step("draft", None, None, None, draft),
            Step("submitted", None, None, None, accepted),
            Step("queued", None, 0.0, 0.0, waits - accepted),
        ]
        last = work[-1]
        final = 100.0 if outcome == "completed" else last.end
        steps = [step for step in waiting if step.seconds > 0]
        steps += [*work, Step(outcome, last.stage, final, final, math.inf)]
        error = {"failed": FAILURES, "moderated": MODERATIONS}.get(outcome)
        return Story(
            uuid_from(rng),
            begins,
            tuple(steps),
            self._fields(kind),
            rng.choice(error) if error else None,
            rng.choice(("both", "both", "rounded", "progress", "percent")),
        )

    def _work(self, kind: str, seconds: float) -> list[Step]:
        """The stages of a document, each at its own speed, that take so many seconds in all."""
        rng = self._rng
        stages = KINDS[kind].stages
        spans = [stage.share * rng.uniform(0.75, 1.3) for stage in stages]
        scale = seconds / sum(spans)
        steps: list[Step] = []
        done = 0.0
        for stage, share in zip(stages, spans, strict=True):
            span, end = share * scale, done + stage.percent
            tick = min(max(span / 60, 1.0), 20.0) * rng.uniform(0.6, 1.4)
            legs: tuple[tuple[float, float, float], ...]
            if stage.pace == "jump":
                legs = ((0.0, 0.0, 1.0),)
            elif stage.pace == "plateau":
                rest, length = rng.uniform(0.2, 0.7), rng.uniform(0.2, 0.4)
                before = (1 - length) * rest
                legs = ((0.0, rest, before), (rest, rest, length), (rest, 1.0, 1 - length - before))
            else:
                legs = ((0.0, 1.0, 1.0),)
            for low, high, part in legs:
                points = (done + low * stage.percent, done + high * stage.percent)
                steps.append(Step("in_progress", stage.name, *points, span * part, tick))
            done = end
        return steps

    def _fields(self, kind: str) -> dict[str, Any]:
        """What stays the same in all answers about one job; some of it is null or missing, as the API may do."""
        rng = self._rng
        titles = self._titles[kind]
        edition, number = divmod(self._told[kind], len(titles))
        self._told[kind] += 1
        title = titles[number] if not edition else f"{titles[number]}, version {edition + 1}"
        fields: dict[str, Any] = {
            "user_id": self._user,
            "project_id": rng.choice(self._projects),
            # An untitled one is worth seeing, but only one in a short list.
            "title": None if kind == BRIEF and number == 1 else title,
        }
        models = rng.choice(("named", "named", "null", "missing"))
        for name, choices in (
            ("reasoning_model", REASONING_MODELS),
            ("writing_model", WRITING_MODELS),
            ("function_model", FUNCTION_MODELS),
        ):
            if models != "missing":
                fields[name] = rng.choice(choices) if models == "named" else None
        if rng.random() < 0.8:
            fields |= {"is_byok": rng.random() < 0.25, "is_starred": rng.random() < 0.2}
        return fields


def _cut(steps: list[Step], seconds: float) -> list[Step]:
    """The first so many seconds of some steps; the last one reached is shortened."""
    kept: list[Step] = []
    left = seconds
    for step in steps:
        if left <= 0:
            break
        if step.seconds <= left or step.start is None or step.end is None:
            kept.append(step)
        else:
            reached = step.start + (step.end - step.start) * left / step.seconds
            kept.append(step._replace(end=reached, seconds=left))
        left -= step.seconds
    return kept
