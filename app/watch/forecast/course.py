"""The course of a job through its phases and percentages. Times are in seconds, on the scale of its samples."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import pairwise
from math import hypot, log
from operator import attrgetter
from typing import NamedTuple

from app.job import Status, status_facts
from app.watch.history import Sample

_SEEN_FROM_START_PERCENT = 10  # a run first seen below this counts as seen from its start
_RESTARTED_SHARE = 0.25  # progress below this share of (the percentages reached, less 10) begins a new run
_RECENT_POINTS, _STRETCH_POINTS = 10, 2  # the recent pace is that of the last 10 points, in stretches of 2
SHORT_SECONDS = 7.5  # shorter times count as about this long, since ratios of a few seconds say little
EVEN_SHAPE = (0.2, 0.4, 0.6, 0.8)  # about the `Pace.shape` of a job whose pace never changed
_STEPS = 20  # to see how even the pace is, progress is cut into 20 to 39 steps; below 20 points, into points
_STEP_VARIANCE = 0.5  # added to `Pace.unevenness` after one step; after n steps, 1/n of it
_FEW_STEPS = 6  # if there are more, one that took over half of the time is left out as an interruption


class Position(NamedTuple):
    """Where a job is. Jobs are compared at the same position."""

    phase: str  # as in `phase_of`
    running: bool
    percent: int
    first: int  # the percentage that its pace is measured from: not 0 if nobody saw the job begin
    stages: frozenset[str] = frozenset()  # the phases in which it has run so far


class Pace(NamedTuple):
    """How a job came to a position, or to the nearest percentage at which it was in the same phase."""

    at: float  # when it came there
    percent: int
    seconds: float = 0.0  # from `Position.first` to `percent`, less an interruption
    points: int = 0  # made in that time; at most 0 if it has not passed `Position.first`
    steps: int = 0  # by which they were made: points made at once are one
    unevenness: float = 0.0  # added for uneven or few steps to the variance of the log of the remaining time
    recent_slowdown: float = 0.0  # the logarithm of recent over average seconds per point; 0 if unknown
    shape: Sequence[float] = ()  # shares of the time that it took to make 1, 2, 3 and 4 fifths of the points

    @property
    def log_speed(self) -> float:
        """The logarithm of the points per second."""
        return log(max(self.points, 0.5) / hypot(self.seconds, SHORT_SECONDS))


class Phase(NamedTuple):
    """A job's time in a phase."""

    first: float  # when it entered the phase
    last: float  # when it last changed there
    longest_quiet: float = 0.0  # its longest time without a change there; the present one does not count
    reached: tuple[float, ...] = ()  # as in `Course`, if the next stage began a new run


class Course(NamedTuple):
    """A summary of a job's samples, about 4 KB in size."""

    position: Position
    last: Sample  # the first one in the present state; for a finished job, at its end
    moved: float  # when the present phase and percentage were first seen
    reached: tuple[float, ...]  # when the present run reached each whole percent
    phases: Mapping[str, Phase]
    models: str = ""  # of a finished job

    def stages(self, at: float) -> set[str]:
        """The phases in which the job ran up to a time."""
        return {name for name, phase in self.phases.items() if phase.first <= at and not name.startswith(" ")}

    def next_move(self, at: float) -> float:
        """When a finished job reached the next percentage or phase after a time; that time if there was none."""
        moves = [move for phase in self.phases.values() for move in (phase.first, *phase.reached)]
        return min([move for move in (*self.reached, *moves) if move > at], default=at)

    def pace(self, here: Position) -> Pace:
        """How this job came to a position, measured from when it reached the percentage `here.first`."""
        if not here.running:
            return Pace(self.phases[here.phase].first, 0)
        phase = self.phases.get(here.phase)
        reached = (phase and phase.reached) or self.reached
        percent, at = here.percent, reached[here.percent]
        if phase is not None and not phase.first <= at <= phase.last:
            at = min(max(at, phase.first), phase.last)
            percent = max(bisect_right(reached[:100], at) - 1, 0)
        begin = reached[here.first] if here.first < len(reached) else at
        start = bisect_right(reached, begin) - 1 if here.first else 0
        points, seconds, recent_slowdown = percent - start, max(at - begin, 0.0), 0.0
        if points >= _RECENT_POINTS + _STRETCH_POINTS and (recent := _recent_pace(reached, percent, at)) > 0:
            recent_slowdown = log(recent * points / seconds)
        moments = [reached[start + int(max(points, 0) * share)] for share in EVEN_SHAPE]
        shape = [(moment - begin) / (seconds + SHORT_SECONDS) for moment in moments]
        stride = max(points // _STEPS, 1)
        counts = Counter(reached[start : percent + 1 : stride])  # points made at once are one step
        steps = [(after - before, stride * counts[after]) for before, after in pairwise(counts)]
        if len(steps) > _FEW_STEPS and (interruption := max(steps))[0] > seconds / 2:
            steps.remove(interruption)
            seconds, points, recent_slowdown = seconds - interruption[0], points - interruption[1], 0.0
        variance = sum([(took / seconds - made / points) ** 2 for took, made in steps])  # Cochran (1977)
        unevenness = variance * (1 + points / points_left(percent)) + _STEP_VARIANCE / max(len(steps), 1)
        return Pace(at, percent, seconds, points, len(steps), unevenness, recent_slowdown, shape)


def course_of(samples: Sequence[Sample], previous: Course | None = None) -> Course | None:
    """The course of a job; None if it has ended. Starting from `previous`, its last course, is cheaper."""
    if not samples or status_facts(samples[-1].status).finished:
        return None
    new = samples[bisect_left(samples, previous.last.at, key=attrgetter("at")) :] if previous else []
    return reduce(_after, new, previous) if new else reduce(_after, samples, None)  # or the clock went back


def finished_course(samples: Sequence[Sample], models: str, ended_at: float | None = None) -> Course | None:
    """The course of a job that completed and whose start was seen; None for any other."""
    course = course_of(samples[:-1]) if samples and samples[-1].status == Status.COMPLETED else None
    if course is None or not course.reached:
        return None
    if samples[0].status == Status.IN_PROGRESS and (samples[0].progress or 0.0) >= _SEEN_FROM_START_PERCENT:
        return None  # its start was not seen
    # The end is seen late, on average by half the five seconds or so between two polls.
    end = samples[-1].at - 2.5 if ended_at is None else min(samples[-1].at, ended_at)
    course = _after(course, samples[-1]._replace(at=max(end, course.last.at)))
    reached = course.reached + (course.last.at,) * (101 - len(course.reached))
    return course._replace(reached=reached, models=models)


def points_left(percent: int) -> float:
    """The points from a percentage to the end, at least half a point."""
    return max(100 - percent, 0.5)


def phase_of(sample: Sample) -> str:
    """The stage of a running job, else a space and its status. Digits in stage names are ignored."""
    if sample.status != Status.IN_PROGRESS:
        return " " + sample.status
    return re.sub(r"\d+", "#", sample.stage or "")


def _recent_pace(reached: Sequence[float], percent: int, at: float) -> float:
    """The recent seconds per point, up to a time. No stretch counts more than twice the median one."""
    times = [*reached[percent - _RECENT_POINTS : percent : _STRETCH_POINTS], at]
    stretches = sorted(after - before for before, after in pairwise(times))
    limit = 2 * stretches[len(stretches) // 2]
    return sum(min(stretch, limit) for stretch in stretches) / _RECENT_POINTS


def _after(course: Course | None, sample: Sample) -> Course:
    """The course after one more sample."""
    phase, running, progress = phase_of(sample), sample.status == Status.IN_PROGRESS, sample.progress
    at = max(sample.at, course.last.at) if course else sample.at
    joined = course is None  # a first sample does not say when its percentage was reached
    course = course or Course(Position(phase, False, 0, 0), sample, at, (), {phase: Phase(at, at)})
    if not joined and sample[1:] == course.last[1:]:
        return course
    before, percent, first, reached = course.position, 0, course.position.first, course.reached
    previous = course.phases[before.phase]
    previous = previous._replace(longest_quiet=max(previous.longest_quiet, at - course.last.at))
    phases = {**course.phases, before.phase: previous}
    if running:
        percent = before.percent if progress is None else int(min(max(0.0, progress), 100.0))
        known_now = len(reached) == 1 and course.last.progress is None and progress is not None
        if not reached or known_now or percent < _RESTARTED_SHARE * (len(reached) - _SEEN_FROM_START_PERCENT):
            if reached and phase not in phases:  # its stages have runs of their own
                run = reached + (at,) * (101 - len(reached))
                phases = {name: one._replace(reached=one.reached or run) for name, one in phases.items()}
            start_unseen = percent >= _SEEN_FROM_START_PERCENT or (joined and progress is None)
            first, reached = (percent + joined if start_unseen else 0), ()
        reached += (at,) * (percent + 1 - len(reached))
    phases[phase] = phases.get(phase, Phase(at, at))._replace(last=at)
    here = Position(phase, running, percent, first, before.stages | ({phase} if running else set()))
    return Course(here, sample._replace(at=at), course.moved if here == before else at, reached, phases)
