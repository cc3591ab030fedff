"""What happens to simulated jobs: scenarios, drawn from a seed before the first of them begins."""

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
    Kind,
)

MINUTE, HOUR = 60.0, 3600.0


class Step(NamedTuple):
    """One part of a scenario.

    Attributes:
        status: One of the statuses that the API documents.
        stage: The name of the stage, or None for none.
        start: The progress at its beginning, in percent; None where the API says nothing about progress.
        end: The progress at its end.
        seconds: How long it lasts, in simulated seconds. The last step has no end.
        tick: Progress is updated once in this many simulated seconds.
    """

    status: str
    stage: str | None
    start: float | None
    end: float | None
    seconds: float
    tick: float = 1.0


class Scenario(NamedTuple):
    """Everything that happens to one job.

    Attributes:
        id: Its UUID.
        begins: When it is created, in simulated seconds from the start of the world; may be negative.
        steps: What happens to it, in order.
        fields: Further fields of every answer about it.
        error: The `error_message` once it has failed or was moderated.
        reports: Which fields carry the progress: `both`, `rounded` (both, one of them whole), `progress`, `percent`.
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


def scenarios(seed: int, count: int) -> list[Scenario]:
    """Draw the scenarios of a number of jobs: first up to twelve of mixed outcomes, then a queue of others.

    Of the first twelve some finish, fail and are moderated within two minutes, and some run for hours. Of the
    others some are over, some run, and the rest wait for one of as many slots as there are running ones.

    Args:
        seed: The same seed draws the same scenarios.
        count: How many jobs, at least 0.
    """
    rng = random.Random(f"stories {seed}")  # noqa: S311 - repeatable, not secret
    writer = _Writer(rng)
    drawn = [writer.opening(outline) for outline in _OPENING[:count]]
    drawn += writer.queue(count - len(drawn))
    return drawn


def stage_steps(kind: Kind, seconds: float, rng: random.Random, variation: float = 1.0) -> list[Step]:
    """The stages of a document, each at its own speed.

    Args:
        kind: What kind of document.
        seconds: How long they take in all.
        rng: Draws how much they differ from what is usual for the kind.
        variation: How much they differ: 0 for not at all, 1 for as much as a third.
    """

    def vary(usual: float, spread: float) -> float:
        return usual + spread * variation * rng.uniform(-1, 1)

    spans = [stage.share * vary(1.025, 0.275) for stage in kind.stages]
    scale = seconds / sum(spans)
    steps: list[Step] = []
    done = 0.0
    for stage, share in zip(kind.stages, spans, strict=True):
        span = share * scale
        tick = min(max(span / 60, 1.0), 20.0) * vary(1.0, 0.4)
        parts = [
            (0.0, 1.0, 1.0)
        ]  # the share of the stage's progress at the start and at the end, and of its time
        if stage.pace == "jump":
            parts = [(0.0, 0.0, 1.0)]
        elif stage.pace == "plateau":
            rest, length = vary(0.45, 0.25), vary(0.3, 0.1)
            before = (1 - length) * rest
            parts = [(0.0, rest, before), (rest, rest, length), (rest, 1.0, 1 - length - before)]
        for low, high, part in parts:
            points = (done + low * stage.percent, done + high * stage.percent)
            steps.append(Step("in_progress", stage.name, *points, span * part, tick))
        done += stage.percent
    return steps


class _Outline(NamedTuple):
    """One of the first twelve jobs; pairs are ranges to draw from.

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
    _Outline(BOOK, over=(2.5 * HOUR, 3.5 * HOUR), lasts=(5.5 * HOUR, 7 * HOUR)),
    _Outline(REPORT, over=(28, 45)),
    _Outline(PAPER, over=(6 * MINUTE, 9 * MINUTE)),
    _Outline(REPORT, "failed", over=(65, 95), lasts=(6 * MINUTE, 9 * MINUTE)),
    _Outline(BRIEF, runs=(26, 34), waits=(35, 45), submitted=(20, 24)),
    _Outline(REVIEW, over=(-50 * MINUTE, -20 * MINUTE)),
    _Outline(PAPER, "moderated", over=(50, 75), lasts=(3 * MINUTE, 5 * MINUTE)),
    _Outline(GRANT, runs=(-40 * MINUTE, -25 * MINUTE), lasts=(2.5 * HOUR, 3.5 * HOUR)),
    _Outline(
        BOOK, runs=(35 * MINUTE, 50 * MINUTE), lasts=(9 * HOUR, 12 * HOUR), waits=(55 * MINUTE, 65 * MINUTE)
    ),
    _Outline(BRIEF, runs=(5 * MINUTE, 8 * MINUTE), draft=14 * MINUTE, waits=(40, 80)),
    _Outline(REPORT, "failed", over=(-20 * HOUR, -14 * HOUR), lasts=(3 * MINUTE, 8 * MINUTE)),
    _Outline(GRANT, "cancelled", over=(-3 * HOUR, -2 * HOUR), lasts=(11 * MINUTE, 30 * MINUTE)),
)


class _Writer:
    """Draws scenarios from one random generator."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._user = uuid_from(rng)
        self._projects = [uuid_from(rng) for _ in range(3)]
        self._titles = {name: rng.sample(kind.titles, len(kind.titles)) for name, kind in KINDS.items()}
        self._titled = dict.fromkeys(KINDS, 0)

    def opening(self, outline: _Outline) -> Scenario:
        """One of the first twelve jobs."""
        lasts = self._rng.uniform(*(outline.lasts or KINDS[outline.kind].seconds))
        if outline.over is not None:
            runs = self._rng.uniform(*outline.over) - lasts
        else:
            assert outline.runs is not None
            runs = self._rng.uniform(*outline.runs)
        waits = outline.draft + self._rng.uniform(*outline.waits)
        return self._scenario(
            outline.kind, outline.outcome, runs - waits, runs, lasts, outline.draft, outline.submitted
        )

    def queue(self, count: int) -> list[Scenario]:
        """Any number of further jobs, for a limited number of slots."""
        rng = self._rng
        over, running = int(count * 0.35), max(1, int(count * 0.4))
        drawn: list[Scenario] = []
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
            drawn.append(self._scenario(kind, outcome, runs - waits, runs, lasts, draft))
        rng.shuffle(drawn)
        return drawn

    def _scenario(
        self,
        kind: str,
        outcome: str,
        begins: float,
        runs: float,
        lasts: float,
        draft: float,
        submitted: tuple[float, float] = (2.0, 15.0),
    ) -> Scenario:
        """One job: created at `begins`, at work from `runs` for `lasts` seconds, a draft for `draft` seconds."""
        rng = self._rng
        # Work that breaks off was planned to take longer.
        planned = lasts if outcome == "completed" else lasts / rng.uniform(0.25, 0.8)
        work = cut(stage_steps(KINDS[kind], planned, rng), lasts)
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
        return Scenario(
            uuid_from(rng),
            begins,
            tuple(steps),
            self._fields(kind),
            rng.choice(error) if error else None,
            rng.choice(("both", "both", "rounded", "progress", "percent")),
        )

    def _fields(self, kind: str) -> dict[str, Any]:
        """The fields that all answers about one job share; some are null or missing, as the API allows."""
        rng = self._rng
        titles = self._titles[kind]
        edition, number = divmod(self._titled[kind], len(titles))
        self._titled[kind] += 1
        title = titles[number] if not edition else f"{titles[number]}, version {edition + 1}"
        fields: dict[str, Any] = {
            "user_id": self._user,
            "project_id": rng.choice(self._projects),
            # One without a title, so that it is seen what is shown instead.
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


def cut(steps: list[Step], seconds: float) -> list[Step]:
    """The first seconds of some steps; the last one reached is shortened."""
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
