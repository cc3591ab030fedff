"""A finished job in a bounded form: when it reached each percent, and what it did in each phase."""

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from app.job import Status
from app.watch.forecast.position import (
    SEEN_FROM_START,
    clamp,
    phase_of,
    recent_haste,
    run_start,
)
from app.watch.history import Sample

_USUAL_POLL_SECONDS = 10.0
_MAX_PHASES = 60


class Moment(NamedTuple):
    """A finished job at the position of a running one. Times are in seconds.

    Attributes:
        percent: Its whole percent there.
        elapsed: Since the run (or the wait) began, or since it passed the percentage the other was first seen at.
        haste: As in `app.watch.forecast.position.Position`.
        remaining: From there to the end.
        dwell: From there to the next position.
    """

    percent: int
    elapsed: float
    haste: float
    remaining: float
    dwell: float


class Phase(NamedTuple):
    """A phase of a finished job: when it was first and last seen to change, and its longest time without a change."""

    came: float
    left: float
    quiet: float


@dataclass(frozen=True, slots=True)
class Curve:
    """What is kept of a finished job, about 4 KB. Times are on the scale of its samples.

    Attributes:
        models: What it was written with.
        start: When it was first seen.
        began: When its last run began.
        end: When it ended.
        reached: When it reached each whole percent.
        moves: When its phase or whole percent changed.
        phases: By name, the first sixty of them.
    """

    models: str
    start: float
    began: float
    end: float
    reached: "array[float]"
    moves: "array[float]"
    phases: dict[str, Phase]

    def moment(self, phase: str, percent: int, first: int, *, running: bool) -> Moment | None:
        """This job at a position of another.

        Args:
            phase: The other's phase.
            percent: Its whole percent.
            first: The percentage at which it was first seen running.
            running: Whether it runs.

        Returns:
            None if it waits in a phase that this job never saw.
        """
        known = self.phases.get(phase)
        if running:
            at, origin = self.reached[percent], self.reached[first] if first else self.began
            if known is not None and not known.came <= at <= known.left:
                at = min(max(at, known.came), known.left)
                percent = bisect_right(self.reached, at, 0, 100) - 1
            haste = recent_haste(self.reached.__getitem__, origin, percent, first)
        elif known is not None:
            at, origin, haste = known.came, self.start, 0.0
        else:
            return None
        index = bisect_right(self.moves, at)
        until = self.moves[index] if index < len(self.moves) else self.end
        return Moment(percent, max(at - origin, 0.0), haste, max(self.end - at, 1.0), until - at)


def curve(samples: Sequence[Sample], models: str = "", ended_at: float | None = None) -> Curve | None:
    """A finished job's curve.

    Args:
        samples: Its whole history, oldest first; the last one is its end.
        models: What it was written with.
        ended_at: When it really ended, if that is known better than by the last sample.

    Returns:
        None for a job that did not complete, or whose start was not seen.
    """
    if len(samples) < 2 or samples[-1].status != Status.COMPLETED:
        return None
    first = samples[0]
    if first.status == Status.IN_PROGRESS and clamp(first.progress) >= SEEN_FROM_START:
        return None
    lived = samples[:-1]
    start = run_start(lived)
    if lived[start].status != Status.IN_PROGRESS:
        return None
    changes = [lived[0], *(after for before, after in pairwise(lived) if after[1:] != before[1:])]
    end = _end(changes, samples[-1].at, ended_at)
    reached: list[float] = []
    for sample in lived[start:]:
        percent = int(clamp(sample.progress)) if sample.status == Status.IN_PROGRESS else -1
        if percent >= len(reached):
            reached += [sample.at] * (percent + 1 - len(reached))
    reached += [end] * (101 - len(reached))
    moves, phases = _phases(changes, end)
    return Curve(models, first.at, lived[start].at, end, array("d", reached), array("d", moves), phases)


def _phases(changes: Sequence[Sample], end: float) -> tuple[list[float], dict[str, Phase]]:
    """When phase or whole percent changed, and each phase."""
    moves: list[float] = []
    phases: dict[str, Phase] = {}
    before: tuple[str, int] | None = None
    for index, sample in enumerate(changes):
        name = phase_of(sample)
        until = changes[index + 1].at if index + 1 < len(changes) else end
        known = phases.get(name)
        if known is not None:
            phases[name] = Phase(known.came, sample.at, max(known.quiet, until - sample.at))
        elif len(phases) < _MAX_PHASES:
            phases[name] = Phase(sample.at, sample.at, until - sample.at)
        here = (name, int(clamp(sample.progress)))
        if here != before:
            moves.append(sample.at)
            before = here
    return moves, phases


def _end(changes: Sequence[Sample], seen: float, ended_at: float | None) -> float:
    """When a job ended: as given, else half a poll before that was seen, since polls see everything late."""
    last = changes[-1].at
    if ended_at is not None:
        return max(min(ended_at, seen), last)
    if len(changes) < 2:
        return seen
    poll = min(after.at - before.at for before, after in pairwise(changes))
    return max(seen - min(poll, _USUAL_POLL_SECONDS) / 2, last)
