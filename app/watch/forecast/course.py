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
_RESTARTED_SHARE = 0.25  # a percentage below this share of (percentages reached - 10) begins a new run
_RECENT_POINTS, _STRETCH_POINTS = 10, 2  # the recent pace is that of the last 10 points, in stretches of 2
SHORT_SECONDS = 15.0  # shorter times count as about this long: a few seconds would make a large ratio
EVEN_SHAPE = (0.2, 0.4, 0.6, 0.8)  # `Pace.shape` of a job whose pace never changed
_STEPS = 20  # progress is cut into 20 to 39 steps, or into single points, to see how even the pace is
_STEP_VARIANCE = 0.5  # added to `Pace.unevenness` after one step; after n steps, 1/n of it
_FEW_STEPS = 6  # with more, one that took more than half of the time is an interruption, and does not count
_POLL_SECONDS = 5.0  # between two polls of a running job


class Position(NamedTuple):
    """Where a job is, as far as it matters for comparing jobs."""

    phase: str  # as in `phase_of`
    running: bool
    percent: int
    first: int  # the run counts from this percentage: 0, or the one after that at which it was joined late
    stages: frozenset[str] = frozenset()  # the phases in which it ran so far


class Pace(NamedTuple):
    """How a job came to a position, or to the nearest percentage that it had in the same phase."""

    at: float  # when it was there
    percent: int
    seconds: float = 0.0  # since it reached the percentage `first` of the position, without an interruption
    points: int = 0  # made in that time; negative if it has not reached that percentage
    unevenness: float = 0.0  # what uneven steps add to the variance of the logarithm of the remaining time
    recent_slowdown: float = 0.0  # the logarithm of the recent seconds per point over the average, if known
    shape: Sequence[float] = ()  # shares of the time, with interruptions, until 1 to 4 fifths of the points

    @property
    def speed(self) -> float:
        """The logarithm of the points per second."""
        return log(max(self.points, 0.5) / hypot(self.seconds, SHORT_SECONDS))


class Phase(NamedTuple):
    """When a job entered a phase, when it last changed there, and its longest time without a change there."""

    first: float
    last: float
    longest_quiet: float = 0.0  # does not count the time since the last change


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
        index = bisect_right(self.reached, at)
        moves = [phase.first for phase in self.phases.values() if phase.first > at]
        return min([*moves, *self.reached[index : index + 1]], default=at)

    def pace(self, here: Position) -> Pace:
        """How this job came to a position, counted from when it reached the percentage `here.first`."""
        phase, reached, percent = self.phases.get(here.phase), self.reached, here.percent
        if not here.running:
            return Pace(self.phases[here.phase].first, 0)
        at = reached[percent] if phase is None else min(max(reached[percent], phase.first), phase.last)
        if at != reached[percent]:
            percent = max(bisect_right(reached[:100], at) - 1, 0)
        begin = reached[min(here.first, len(reached) - 1)]
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
        variance = sum([(took / seconds - made / points) ** 2 for took, made in steps])
        unevenness = variance * (1 + points / points_left(percent)) + _STEP_VARIANCE / max(len(steps), 1)
        return Pace(at, percent, seconds, points, unevenness, recent_slowdown, shape)


def course_of(samples: Sequence[Sample], previous: Course | None = None) -> Course | None:
    """The course of a job; None if it has ended. `previous`, its last course, makes this one cheaper."""
    if not samples or status_facts(samples[-1].status).finished:
        return None
    if previous is None or samples[-1].at < previous.last.at:  # no last course, or one by another clock
        return reduce(_after, samples, None)
    return reduce(_after, samples[bisect_left(samples, previous.last.at, key=attrgetter("at")) :], previous)


def finished_course(samples: Sequence[Sample], models: str, ended_at: float | None = None) -> Course | None:
    """The course of a job that completed and whose start was seen; None for any other."""
    course = course_of(samples[:-1]) if samples and samples[-1].status == Status.COMPLETED else None
    if course is None or not course.reached:
        return None
    if course.position.first and len(course.position.stages) == len(course.phases):
        return None  # first seen running, and beyond its start
    # Polls notice an end late, on average by half the time between two polls.
    end = samples[-1].at - _POLL_SECONDS / 2 if ended_at is None else min(samples[-1].at, ended_at)
    course = _after(course, samples[-1]._replace(at=max(end, course.last.at)))
    reached = course.reached + (course.last.at,) * (101 - len(course.reached))
    return course._replace(reached=reached, models=models)


def points_left(percent: int) -> float:
    """The points from a percentage to the end, at least half a point."""
    return max(100 - percent, 0.5)


def phase_of(sample: Sample) -> str:
    """The stage of a running job, else a blank and its status. Digits in stage names are ignored."""
    if sample.status != Status.IN_PROGRESS:
        return " " + sample.status
    return re.sub(r"\d+", "#", sample.stage or "")


def _recent_pace(reached: Sequence[float], percent: int, at: float) -> float:
    """The recent seconds per point, up to a time; a single long wait hardly counts."""
    times = [*reached[percent - _RECENT_POINTS : percent : _STRETCH_POINTS], at]
    stretches = sorted(after - before for before, after in pairwise(times))
    longest = 2 * stretches[len(stretches) // 2]
    return sum(min(stretch, longest) for stretch in stretches) / _RECENT_POINTS


def _after(course: Course | None, sample: Sample) -> Course:
    """The course after one more sample."""
    phase, running, progress = phase_of(sample), sample.status == Status.IN_PROGRESS, sample.progress
    at = max(sample.at, course.last.at) if course else sample.at
    percent = int(min(max(0.0, progress or 0.0), 100.0)) if running else 0
    if course is None:
        course = Course(Position(phase, False, 0, 0), sample, at, (), {phase: Phase(at, at)})
    elif sample[1:] == course.last[1:]:
        return course
    before, first, reached = course.position, course.position.first, course.reached
    if running:
        if progress is None and before.running:
            percent = before.percent
        if not reached or percent < _RESTARTED_SHARE * (len(reached) - _SEEN_FROM_START_PERCENT):
            joined = not reached and phase == before.phase  # late: when it reached this percentage is unknown
            first, reached = percent + joined if percent >= _SEEN_FROM_START_PERCENT else 0, ()
        reached += (at,) * (percent + 1 - len(reached))
    previous = course.phases[before.phase]
    previous = previous._replace(longest_quiet=max(previous.longest_quiet, at - course.last.at))
    phases = {**course.phases, before.phase: previous}
    phases[phase] = phases.get(phase, Phase(at, at))._replace(last=at)
    here = Position(phase, running, percent, first, before.stages | ({phase} if running else set()))
    return Course(here, sample._replace(at=at), course.moved if here == before else at, reached, phases)
