"""The course of a job through its phases and percentages: where a running job is, and what a finished one did there.

Times are in seconds, those of finished jobs on the scale of their samples.
"""

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
_SHORT_SECONDS = 15.0  # added to elapsed times, which makes short ones alike
_USUAL_POLL_SECONDS = 10.0
_DIGITS = re.compile(r"\d+")


class Position(NamedTuple):
    """Where a job was at its last change of phase or percent."""

    last: Sample
    phase: str  # as in `phase_of`
    running: bool
    began: float  # when this run, or this wait, was first seen
    first: int  # the percentage at which the run was first seen; 0 if its start was seen
    percent: int  # the last one known
    crossed: float  # when this phase and percent were first seen together
    step: int  # how many points the last advance made, if all of them may have been alike; else 0
    haste: float  # logarithm of the recent seconds a point over the average; 0.0 while unknown
    one_stage: bool  # whether the run has been in one stage only


def position(samples: Sequence[Sample], previous: Position | None = None) -> Position | None:
    """Where a job is after these samples; None without any, and for a job that has ended."""
    if not samples or status_facts(samples[-1].status).finished:
        return None
    last = samples[-1]
    if previous is not None and previous.last == last:
        return previous
    phase, running, start = phase_of(last), last.status == Status.IN_PROGRESS, _run_start(samples)
    run, first, step, haste, one_stage = samples[start:], 0, 0, 0.0, False
    known = [int(clamp(sample.progress)) for sample in run if running and sample.progress is not None]
    percent = known[-1] if known else 0
    if running:
        joined = int(clamp(run[0].progress))
        first = joined if start == 0 and joined >= _SEEN_FROM_START else 0
        step = percent - next((lower for lower in reversed(known) if lower < percent), percent)
        step = 0 if step and percent % step else step

        def reached(at_percent: float) -> float:
            return run[min(bisect_left(run, at_percent, key=_progress), len(run) - 1)].at

        haste = _haste(reached, run[0].at, percent, first)
        one_stage = all(_stage_phase(stage) == phase for stage in {sample.stage for sample in run})
    crossed = last.at
    for earlier in reversed(run[:-1]):
        if phase_of(earlier) != phase or (earlier.progress is not None and clamp(earlier.progress) < percent):
            break
        crossed = earlier.at
    return Position(last, phase, running, run[0].at, first, percent, crossed, step, haste, one_stage)


def phase_of(sample: Sample) -> str:
    """The stage of a running job, else its status. Digits in a stage's name do not make another phase."""
    return _stage_phase(sample.stage) if sample.status == Status.IN_PROGRESS else " " + sample.status


def last_change(samples: Sequence[Sample]) -> float:
    """When the present state was first seen."""
    index = len(samples) - 1
    while index and samples[index - 1][1:] == samples[index][1:]:
        index -= 1
    return samples[index].at


def clamp(progress: float | None) -> float:
    """A progress as a number from 0 to 100; 0 for unknown."""
    return min(max(progress or 0.0, 0.0), 100.0)


def log_elapsed(seconds: float) -> float:
    """Logarithm of the seconds a job has taken so far, among which short ones are alike."""
    return log(seconds + _SHORT_SECONDS)


def log_straight_line(elapsed: float, first: int, percent: int) -> float:
    """Logarithm of the seconds that remain at the average pace; either end counts as half a point away at least."""
    return log_elapsed(elapsed) + log(max(100 - percent, 0.5) / max(percent - first, 0.5))


class Moment(NamedTuple):
    """A finished job at the position of a running one."""

    elapsed: (
        float  # logarithm: since its run (or wait) began, or since the percentage the other was first seen at
    )
    haste: float
    remaining: float  # logarithm: until its end, over the straight line's if the other runs
    dwell: float  # share of that until its next change of phase or percent


class Phase(NamedTuple):
    """A phase of a finished job: when it was first and last seen to change, and its longest time without a change."""

    came: float
    left: float
    quiet: float


class Course(NamedTuple):
    """What is kept of a finished job, about 4 KB."""

    models: str
    start: float  # when it was first seen
    began: float  # when its last run began
    end: float
    reached: "array[float]"  # when it reached each whole percent
    moves: "array[float]"  # when its phase or percent changed
    phases: dict[str, Phase]

    def moment(self, here: Position) -> Moment | None:
        """This job at a position of another; None if that one waits in a phase that this one never saw."""
        known, percent = self.phases.get(here.phase), here.percent
        if here.running:
            at, origin = self.reached[percent], self.reached[here.first] if here.first else self.began
            if known is not None and not known.came <= at <= known.left:
                at = min(max(at, known.came), known.left)
                percent = bisect_right(self.reached, at, 0, 100) - 1
            haste = _haste(self.reached.__getitem__, origin, percent, here.first)
        elif known is not None:
            at, origin, haste = known.came, self.start, 0.0
        else:
            return None
        index, remaining = bisect_right(self.moves, at), max(self.end - at, 1.0)
        dwell = (self.moves[index] if index < len(self.moves) else self.end) - at
        elapsed = max(at - origin, 0.0)
        line = log_straight_line(elapsed, here.first, percent) if here.running else 0.0
        return Moment(log_elapsed(elapsed), haste, log(remaining) - line, dwell / remaining)


def finished_course(samples: Sequence[Sample], models: str, ended_at: float | None = None) -> Course | None:
    """The course of a job that completed and whose start was seen; None for any other."""
    lived = samples[:-1]
    if not lived or samples[-1].status != Status.COMPLETED:
        return None
    first, run = lived[0], lived[_run_start(lived) :]
    if run[0].status != Status.IN_PROGRESS or (run[0] is first and clamp(first.progress) >= _SEEN_FROM_START):
        return None
    changes = [first, *(after for before, after in pairwise(lived) if after[1:] != before[1:])]
    # Polls see an end late, by half of the time between two of them.
    poll = min((after.at - before.at for before, after in pairwise(changes)), default=0.0)
    end = (
        samples[-1].at - min(poll, _USUAL_POLL_SECONDS) / 2
        if ended_at is None
        else min(ended_at, samples[-1].at)
    )
    end = max(end, changes[-1].at)
    reached: list[float] = []
    for sample in run:
        if sample.status == Status.IN_PROGRESS:
            reached += [sample.at] * (int(clamp(sample.progress)) + 1 - len(reached))
    reached += [end] * (101 - len(reached))
    phases: dict[str, Phase] = {}
    for sample, until in zip(changes, [*(later.at for later in changes[1:]), end], strict=True):
        name = phase_of(sample)
        came, _, quiet = phases.get(name, Phase(sample.at, sample.at, 0.0))
        phases[name] = Phase(came, sample.at, max(quiet, until - sample.at))
    moves = array("d", sorted({*reached, *(phase.came for phase in phases.values())}))
    return Course(models, first.at, run[0].at, end, array("d", reached), moves, phases)


def _run_start(samples: Sequence[Sample]) -> int:
    """The index of the sample with which the present run began; a progress back near 0 is a new run."""
    start, highest = 0, None
    for index, (_, status, progress, _) in enumerate(samples):
        if status == Status.IN_PROGRESS:
            again = (
                progress is not None and progress < _SEEN_FROM_START and (highest or 0.0) >= _RESTARTED_FROM
            )
            if highest is None or again:
                start, highest = index, 0.0
            highest = max(highest, progress or 0.0)
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
    stretches = [after - before for before, after in pairwise(times) if after > before]
    if not stretches:
        return 0.0
    cap = 2 * sorted(stretches)[len(stretches) // 2]
    recent = sum(min(stretch, cap) for stretch in stretches) / _RECENT_POINTS
    return min(max(log(recent * (percent - first) / (now - began)), -_MAX_HASTE), _MAX_HASTE)


@lru_cache(maxsize=2048)
def _stage_phase(stage: str | None) -> str:
    return _DIGITS.sub("#", stage) if stage else ""


def _progress(sample: Sample) -> float:
    return sample.progress or 0.0
