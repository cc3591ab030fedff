"""A finished job's life in a bounded form: when it reached each percent, and how long it stood there."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import NamedTuple

from app.job import Status
from app.watch.forecast.standing import clamp, phase_of, recent_pace
from app.watch.history import Sample

POINTS = 101
"""Grid points of a curve: 0 to 100 percent."""

_SECOND = 1.0  # added to times before their logarithm is taken, which keeps that of 0 finite
_USUAL_POLL = 5.0  # seconds between two polls, unless changes lie closer together
_ON_GRID = 0.01  # polls by which two changes may miss lying a whole number of polls apart
_MOST_PHASES = 60


class Moment(NamedTuple):
    """A finished job at one moment of its life, as another job can be compared with it.

    Attributes:
        law: Logarithm of what the linear law says remains: elapsed seconds times what is left over what is done.
        elapsed: Logarithm of the seconds since it began to run, or to wait.
        haste: Logarithm of the pace over the last points against the overall pace; 0.0 where unknown.
        remaining: Seconds from then to its end.
        dwell: Seconds until it changed next.
    """

    law: float
    elapsed: float
    haste: float
    remaining: float
    dwell: float


@dataclass(frozen=True, slots=True)
class Span:
    """One phase in a finished job's life: its moments when it came and just before it went.

    Attributes:
        first: The moment it came.
        last: The moment of its last change.
        came: Seconds from the start of the running life (of the waiting, for a phase of that) until it came.
        went: Likewise, until its last change.
        length: Seconds it took.
        gap: The longest time without a change in it, in seconds.
    """

    first: Moment
    last: Moment
    came: float
    went: float
    length: float
    gap: float


@dataclass(frozen=True, slots=True)
class Curve:
    """What is kept of a finished job, about 5 KB.

    Attributes:
        models: What it was written with; jobs with the same text are compared first.
        total: Seconds from first sight to its end.
        running: Seconds from when it began to run to its end.
        reached: When it was first seen at each percent or beyond, in seconds since it began to run.
        phases: Its phases by name, the first sixty of them.
        longest: Its longest time without a change while it ran, in seconds.
        grid: The moments that belong to `reached`: five numbers each, in the order of `Moment`.
    """

    models: str
    total: float
    running: float
    reached: "array[float]"
    phases: dict[str, Span]
    longest: float
    grid: "array[float]"

    def moment(self, phase: str, percent: int) -> Sequence[float]:
        """This job's moment in a phase at a percent: within the phase's bounds, if it knew that phase.

        Returns:
            What a `Moment` holds, in that order.
        """
        span = self.phases.get(phase)
        if span is not None:
            at = self.reached[percent]
            if at <= span.came or phase.startswith(" "):
                return span.first
            if at > span.went:
                return span.last
        return self.grid[5 * percent : 5 * percent + 5]


def linear_law(elapsed: float, progress: float) -> float:
    """Logarithm of the seconds that remain if the pace stays what it was on average.

    Progress within half a point of either end counts as half a point away, which keeps it finite.
    """
    return log((elapsed + _SECOND) * max(100.0 - progress, 0.5) / max(progress, 0.5))


def log_seconds(seconds: float) -> float:
    """Logarithm of a time of at least 0 seconds."""
    return log(max(seconds, 0.0) + _SECOND)


def curve(samples: Sequence[Sample], models: str = "", ended_at: float | None = None) -> Curve | None:
    """A finished job's curve.

    Args:
        samples: Its whole past, oldest first; the last one is its end.
        models: What it was written with.
        ended_at: When it really ended, in seconds since the epoch, if the last sample came late.

    Returns:
        None for a job that did not complete, or whose beginning was not seen: it cannot be compared with.
    """
    if len(samples) < 2 or samples[-1].status != Status.COMPLETED:
        return None
    first = samples[0]
    if first.status == Status.IN_PROGRESS and clamp(first.progress) >= 5.0:
        return None
    life = _Life(samples, _end(samples, ended_at))
    if not life.running:
        return None
    return life.curve(models)


def _end(samples: Sequence[Sample], ended_at: float | None) -> float:
    """When the job ended: as told, else half a poll before it was seen.

    Nobody says how often the job was asked for, but no two changes are seen closer together than two polls. Where
    all changes but the last lie on a grid of polls, that one was not seen by a poll: its time is the true one.
    """
    before, seen = samples[-2].at, samples[-1].at
    if ended_at is not None:
        return min(max(ended_at, before), seen)
    gaps = [after.at - sample.at for sample, after in pairwise(samples) if after.at - sample.at > _ON_GRID]
    poll = min([*gaps[:-1], _USUAL_POLL])
    on_grid = [abs(gap / poll - round(gap / poll)) < _ON_GRID for gap in gaps]
    if on_grid and all(on_grid[:-1]) and not on_grid[-1]:
        return seen
    return max(seen - poll / 2, before)


class _Life:
    """A finished job's changes, and what can be read off them."""

    def __init__(self, samples: Sequence[Sample], end: float) -> None:
        self.end = end
        self.waiting: list[Sample] = []
        self.running: list[Sample] = []
        state: object = None
        for entry in samples[:-1]:
            if entry[1:] != state:
                state = entry[1:]
                (self.running if entry.status == Status.IN_PROGRESS else self.waiting).append(entry)
        self.changes = [entry.at for entry in self.running]
        # Each progress that was higher than all before it, and when it was seen.
        self.peaks: list[float] = []
        self.peaked: list[float] = []

    def curve(self, models: str) -> Curve:
        began = self.running[0].at
        reached = array("d")
        grid = array("d")
        for entry in self.running:
            value = clamp(entry.progress)
            if self.peaks and value <= self.peaks[-1]:
                continue
            self.peaked.append(entry.at)
            self.peaks.append(value)
            fresh = int(value) + 1 - len(reached)
            if fresh > 0:
                reached.extend([entry.at - began] * fresh)
                grid.extend(self._moment(entry.at, value) * fresh)
        missing = POINTS - len(reached)
        reached.extend([self.end - began] * missing)
        grid.extend(self._moment(self.end, 100.0) * missing)
        start = self.waiting[0].at if self.waiting and self.waiting[0].at < began else began
        gaps = self._gaps()
        return Curve(models, self.end - start, self.end - began, reached, self._phases(gaps), max(gaps), grid)

    def _moment(self, at: float, progress: float) -> Moment:
        """The moment at a time and a progress; its peaks up to then are known."""
        elapsed = at - self.running[0].at
        haste = 0.0
        if progress >= 0.001 and elapsed > 0:
            pace = recent_pace(self._first_beyond, self.running[0].at, progress)
            haste = log(pace * progress / elapsed) if pace else 0.0
        index = bisect_right(self.changes, at)
        change = self.changes[index] if index < len(self.changes) else self.end
        return Moment(linear_law(elapsed, progress), log_seconds(elapsed), haste, self.end - at, change - at)

    def _first_beyond(self, progress: float) -> tuple[float, float]:
        """When a progress was reached, and which was seen then."""
        index = min(bisect_left(self.peaks, progress), len(self.peaks) - 1)
        return self.peaked[index], self.peaks[index]

    def _gaps(self) -> list[float]:
        """Seconds from each change of the running life to the next."""
        return [
            after - before for before, after in zip(self.changes, [*self.changes[1:], self.end], strict=True)
        ]

    def _phases(self, gaps: list[float]) -> dict[str, Span]:
        phases: dict[str, Span] = {}
        for index, entry in enumerate(self.waiting):
            after = self.waiting[index + 1].at if index + 1 < len(self.waiting) else self.running[0].at
            phase = phase_of(entry)
            if phase not in phases and after >= entry.at:
                came, dwell = entry.at - self.waiting[0].at, after - entry.at
                moment = Moment(linear_law(came, 0.0), log_seconds(came), 0.0, self.end - entry.at, dwell)
                phases[phase] = Span(moment, moment, came, came, dwell, dwell)
        began = self.running[0].at
        bounds: dict[str, tuple[int, int]] = {}
        for index, entry in enumerate(self.running):
            phase = phase_of(entry)
            if phase not in bounds and len(bounds) >= _MOST_PHASES:
                continue
            bounds[phase] = (bounds[phase][0] if phase in bounds else index, index)
        for phase, (low, high) in bounds.items():
            first, last = self.running[low], self.running[high]
            came, went = first.at - began, last.at - began
            phases[phase] = Span(
                self._moment(first.at, clamp(first.progress)),
                self._moment(last.at, clamp(last.progress)),
                came,
                went,
                went + gaps[high] - came,
                max(gaps[low : high + 1]),
            )
        return phases
