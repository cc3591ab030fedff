"""The course of a job through its phases and percentages: where a running job is, and what a finished one did there."""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from math import log
from typing import NamedTuple

from app.job import Status, status_facts
from app.watch.history import Sample

_SEEN_FROM_START = 5.0  # percent: a job first seen running below this was seen from its start
_RESTARTED_FROM = 10.0  # percent: a fall from here or beyond to below _SEEN_FROM_START is a new run
_RECENT_POINTS, _STRETCH_POINTS = 10, 2  # the recent pace is a mean over short stretches
_MAX_HASTE = 1.5  # logarithm: four and a half times as fast or slow
_USUAL_POLL_SECONDS = 10.0
_MAX_PHASES = 60
_DIGITS = re.compile(r"\d+")


class Position(NamedTuple):
    """Where a job was at its last change. Times are in seconds since the epoch."""

    last: Sample
    phase: str  # as in `phase_of`
    running: bool
    began: float  # when this run, or this wait, was first seen
    first: int  # the percentage at which the run was first seen; 0 if its start was seen
    progress: float  # the last one known, 0 to 100
    percent: int
    crossed: float  # when this phase and percent were first seen together
    changed: float  # when any part of the state last changed
    step: float  # how many points the last advance made, if all of them may have been alike; else 0.0
    haste: float  # logarithm of the recent seconds a point over the average; 0.0 while unknown
    one_stage: bool  # whether the run has been in one stage only


def position(samples: Sequence[Sample], previous: Position | None = None) -> Position | None:
    """Where a job is after these samples; None without any, and for a job that has ended."""
    if not samples or status_facts(samples[-1].status).finished:
        return None
    last = samples[-1]
    if previous is not None and previous.last == last:
        return previous
    phase, running = phase_of(last), last.status == Status.IN_PROGRESS
    start = _run_start(samples)
    began, progress, first = samples[start].at, _known_progress(samples), 0
    if running and start == 0 and clamp(samples[0].progress) >= _SEEN_FROM_START:
        first = int(clamp(samples[0].progress))
    percent = int(progress) if running else 0
    crossed = last.at
    for earlier in reversed(samples[start:-1]):
        if phase_of(earlier) != phase or (earlier.progress is not None and clamp(earlier.progress) < percent):
            break
        crossed = earlier.at
    step, haste, one_stage = 0.0, 0.0, False
    if running:
        lower = (
            clamp(earlier.progress) for earlier in reversed(samples[start:-1]) if earlier.progress is not None
        )
        step = progress - next((earlier for earlier in lower if earlier < progress), progress)
        step = 0.0 if step > 0 and progress % step > 1e-6 else step

        def reached(at_percent: float) -> float:
            return samples[min(bisect_left(samples, at_percent, start, key=_progress), len(samples) - 1)].at

        haste = _haste(reached, began, percent, first)
        stages = {stage for _, _, _, stage in samples[start:]}
        one_stage = all(_stage_phase(stage) == phase for stage in stages)
    changed = last_change(samples)
    return Position(
        last, phase, running, began, first, progress, percent, crossed, changed, step, haste, one_stage
    )


def phase_of(sample: Sample) -> str:
    """The stage of a running job, else its status. Digits in a stage's name do not make another phase."""
    return _stage_phase(sample.stage) if sample.status == Status.IN_PROGRESS else " " + sample.status


def last_change(samples: Sequence[Sample]) -> float:
    """When the present state was first seen, in seconds since the epoch."""
    index = len(samples) - 1
    while index and samples[index - 1][1:] == samples[index][1:]:
        index -= 1
    return samples[index].at


def clamp(progress: float | None) -> float:
    """A progress as a number from 0 to 100; 0 for unknown."""
    return min(max(progress or 0.0, 0.0), 100.0)


class Moment(NamedTuple):
    """A finished job at the position of a running one. Times are in seconds."""

    percent: int
    elapsed: float  # since its run (or wait) began, or since the percentage the other was first seen at
    haste: float
    remaining: float  # until its end
    dwell: float  # until its next change of phase or percent


class Phase(NamedTuple):
    """A phase of a finished job: when it was first and last seen to change, and its longest time without a change."""

    came: float
    left: float
    quiet: float


class Course(NamedTuple):
    """What is kept of a finished job, about 4 KB. Times are in seconds, on the scale of its samples."""

    models: str
    start: float  # when it was first seen
    began: float  # when its last run began
    end: float
    reached: "array[float]"  # when it reached each whole percent
    moves: "array[float]"  # when its phase or percent changed
    phases: dict[str, Phase]  # the first sixty

    def moment(self, phase: str, percent: int, first: int, *, running: bool) -> Moment | None:
        """This job at a position of another; None if that one waits in a phase that this one never saw."""
        known = self.phases.get(phase)
        if running:
            at, origin = self.reached[percent], self.reached[first] if first else self.began
            if known is not None and not known.came <= at <= known.left:
                at = min(max(at, known.came), known.left)
                percent = bisect_right(self.reached, at, 0, 100) - 1
            haste = _haste(self.reached.__getitem__, origin, percent, first)
        elif known is not None:
            at, origin, haste = known.came, self.start, 0.0
        else:
            return None
        index = bisect_right(self.moves, at)
        until = self.moves[index] if index < len(self.moves) else self.end
        return Moment(percent, max(at - origin, 0.0), haste, max(self.end - at, 1.0), until - at)


def finished_course(samples: Sequence[Sample], models: str, ended_at: float | None) -> Course | None:
    """The course of a job that completed and whose start was seen; None for any other."""
    if len(samples) < 2 or samples[-1].status != Status.COMPLETED:
        return None
    lived, first = samples[:-1], samples[0]
    start = _run_start(lived)
    if lived[start].status != Status.IN_PROGRESS or (
        start == 0 and clamp(first.progress) >= _SEEN_FROM_START
    ):
        return None
    changes = [first, *(after for before, after in pairwise(lived) if after[1:] != before[1:])]
    end = samples[-1].at
    if ended_at is not None:
        end = min(ended_at, end)
    elif len(changes) > 1:  # polls see everything late, by half of the time between two of them
        end -= min(_USUAL_POLL_SECONDS, *(after.at - before.at for before, after in pairwise(changes))) / 2
    end = max(end, changes[-1].at)
    reached: list[float] = []
    for sample in lived[start:]:
        if sample.status == Status.IN_PROGRESS:
            reached += [sample.at] * (int(clamp(sample.progress)) + 1 - len(reached))
    reached += [end] * (101 - len(reached))
    moves: list[float] = []
    phases: dict[str, Phase] = {}
    before: tuple[str, int] | None = None
    for sample, until in zip(changes, [*(later.at for later in changes[1:]), end], strict=True):
        here = (phase_of(sample), int(clamp(sample.progress)))
        if here != before:
            moves.append(sample.at)
            before = here
        if here[0] in phases or len(phases) < _MAX_PHASES:
            came, _, quiet = phases.get(here[0], Phase(sample.at, sample.at, 0.0))
            phases[here[0]] = Phase(came, sample.at, max(quiet, until - sample.at))
    return Course(models, first.at, lived[start].at, end, array("d", reached), array("d", moves), phases)


def _run_start(samples: Sequence[Sample]) -> int:
    """The index of the sample with which the present run began; or the present wait, if the job never ran."""
    start, highest = 0, None
    for index, (_, status, raw, _) in enumerate(samples):
        if status != Status.IN_PROGRESS:
            continue
        progress = raw or 0.0
        if highest is None or (raw is not None and raw < _SEEN_FROM_START and highest >= _RESTARTED_FROM):
            start, highest = index, progress
        elif progress > highest:
            highest = progress
    return start


def _haste(reached: Callable[[int], float], began: float, percent: int, first: int) -> float:
    """Logarithm of the seconds a point took lately over those it took on average; 0.0 while unknown.

    Lately is a mean over short stretches, none of which counts more than twice the middle one: a single long wait
    hardly moves it. `reached` says when a percentage was reached.
    """
    now = reached(percent)
    if percent - first < _RECENT_POINTS + 2 or now <= began:
        return 0.0
    times = [reached(percent - back) for back in range(_RECENT_POINTS, 0, -_STRETCH_POINTS)] + [now]
    stretches = sorted(after - before for before, after in pairwise(times))
    moved = [stretch for stretch in stretches if stretch > 0]
    if not moved:
        return 0.0
    cap = 2 * moved[len(moved) // 2]
    recent = sum(min(stretch, cap) for stretch in stretches) / _RECENT_POINTS
    return min(max(log(recent * (percent - first) / (now - began)), -_MAX_HASTE), _MAX_HASTE)


@lru_cache(maxsize=2048)
def _stage_phase(stage: str | None) -> str:
    return _DIGITS.sub("#", stage) if stage else ""


def _known_progress(samples: Sequence[Sample]) -> float:
    for sample in reversed(samples):
        if sample.progress is not None or sample.status != Status.IN_PROGRESS:
            return clamp(sample.progress)
    return 0.0


def _progress(sample: Sample) -> float:
    return sample.progress or 0.0
