"""The course of a job through its phases and percentages. Times are in seconds, on the scale of its samples."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import pairwise
from math import hypot, log
from statistics import median
from typing import NamedTuple

from app.job import Status, status_facts
from app.watch.history import Sample

_SEEN_FROM_START_PERCENT = 10  # a run first seen below this counts as seen from its start
_RESTARTED_SHARE = 0.25  # progress below this share of (the percentages reached, less 10) begins a new run
_PARTS, _FIFTH, _RECENT = 25, 5, 3  # parts that the points made are cut into; in a fifth; that are recent
_STEP_VARIANCE = 0.7  # added to `Pace.unevenness` after one step; after n steps, 1/n of it
_FEW_STEPS = 6  # if more parts took any time, one that took over half of the whole is an interruption
SHORT_SECONDS = 7.5  # shorter times count as about this long, since ratios of a few seconds say little


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
    left: float  # the points from there to the end, at least half a point
    seconds: float = 0.0  # from `Position.first` to there; an interruption counts as a usual part
    points: int = 0  # made in that time; at most 0 if it has not passed `Position.first`
    unevenness: float = 0.0  # added for uneven or few steps to the variance of the log of the remaining time
    recent_slowdown: float = 0.0  # the logarithm of recent over average seconds per point; 0 if unknown
    shape: Sequence[float] = (0.2, 0.4, 0.6, 0.8)  # shares of the time after 1 to 4 fifths of the points

    @property
    def log_line(self) -> float:
        """The logarithm of the seconds that remain on a straight line through its progress."""
        return log(self.left * hypot(self.seconds, SHORT_SECONDS) / max(self.points, 0.5))


class Phase(NamedTuple):
    """A job's time in a phase."""

    first: float  # when it entered the phase
    last: float  # when it last changed there
    longest_quiet: float = 0.0  # its longest time without a change there; the present one does not count
    reached: tuple[float, ...] = ()  # as in `Course`, if progress began again in a later stage


class Course(NamedTuple):
    """A summary of a job's samples, about 4 KB in size."""

    position: Position
    last: Sample  # the first one in the present state; for a finished job, at its end
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
            return Pace(self.phases[here.phase].first, 100.0)
        phase = self.phases.get(here.phase)
        reached = (phase and phase.reached) or self.reached
        percent, at = here.percent, reached[here.percent]
        if phase is not None and not phase.first <= at <= phase.last:
            at = min(max(at, phase.first), phase.last)
            percent = max(bisect_right(reached[:100], at) - 1, 0)
        begin = reached[here.first] if here.first < len(reached) else at
        start = bisect_right(reached, begin) - 1 if here.first else 0
        left, points, seconds = max(100 - percent, 0.5), percent - start, max(at - begin, 0.0)
        if points <= 0 or seconds <= 0:
            return Pace(at, left, seconds, points, _STEP_VARIANCE)
        moments = [*[reached[start + points * part // _PARTS] for part in range(_PARTS)], at]
        parts = [after - before for before, after in pairwise(moments)]
        shape = [(moment - begin) / (seconds + SHORT_SECONDS) for moment in moments[_FIFTH:-1:_FIFTH]]
        steps = sum([part > 0 for part in parts])
        if steps > _FEW_STEPS and (longest := max(parts)) > seconds / 2:  # an interruption
            seconds = (seconds - longest) / (1 - 1 / _PARTS)
            parts[parts.index(longest)] = seconds / _PARTS
        variance = max(sum([(part / seconds) ** 2 for part in parts]) - 1 / steps, 0.0)  # Cochran (1977)
        unevenness = variance * (1 + points / left) + _STEP_VARIANCE / steps
        last, made = parts[-_RECENT:], max(percent + 1 - bisect_right(reached, moments[-1 - _RECENT]), 1)
        recent = sum([min(part, 2 * median(last)) for part in last])
        recent_slowdown = log(recent / made * points / seconds) if points >= _PARTS and recent > 0 else 0.0
        return Pace(at, left, seconds, points, unevenness, recent_slowdown, shape)


def course_of(samples: Sequence[Sample], previous: Course | None = None) -> Course | None:
    """The course of a job; None if it has ended. Starting from `previous`, its last course, is cheaper."""
    if not samples or status_facts(samples[-1].status).finished:
        return None
    new = samples[bisect_left(samples, previous.last.at, key=lambda sample: sample.at) :] if previous else []
    return reduce(_after, new, previous) if new else reduce(_after, samples, None)  # or the clock went back


def finished_course(samples: Sequence[Sample], models: str, ended_at: float | None = None) -> Course | None:
    """The course of a job that completed and whose start was seen; None for any other."""
    course = course_of(samples[:-1])
    if course is None or not course.reached or samples[-1].status != Status.COMPLETED:
        return None
    if samples[0].status == Status.IN_PROGRESS and (samples[0].progress or 0.0) >= _SEEN_FROM_START_PERCENT:
        return None  # its start was not seen
    end = samples[-1].at - 2.5 if ended_at is None else min(samples[-1].at, ended_at)  # polls see it late
    course = _after(course, samples[-1]._replace(at=max(end, course.last.at)))
    reached = course.reached + (course.last.at,) * (101 - len(course.reached))
    return course._replace(reached=reached, models=models)


def phase_of(sample: Sample) -> str:
    """The stage of a running job, else a space and its status. Digits in stage names are ignored."""
    running = sample.status == Status.IN_PROGRESS
    return re.sub(r"\d+", "#", sample.stage or "") if running else " " + sample.status


def _after(course: Course | None, sample: Sample) -> Course:
    """The course after one more sample."""
    if course and sample[1:] == course.last[1:]:
        return course
    phase, running, progress = phase_of(sample), sample.status == Status.IN_PROGRESS, sample.progress
    at = max(sample.at, course.last.at) if course else sample.at
    joined = course is None  # a first sample does not say when its percentage was reached
    course = course or Course(Position(phase, False, 0, 0), sample, (), {phase: Phase(at, at)})
    before, percent, first, reached = course.position, 0, course.position.first, course.reached
    previous = course.phases[before.phase]
    previous = previous._replace(longest_quiet=max(previous.longest_quiet, at - course.last.at))
    phases = {**course.phases, before.phase: previous}
    if running:
        percent = before.percent if progress is None else int(min(max(0.0, progress), 100.0))
        known_now = len(reached) == 1 and course.last.progress is None and progress is not None
        if not reached or known_now or percent < _RESTARTED_SHARE * (len(reached) - _SEEN_FROM_START_PERCENT):
            if reached and phase not in phases:  # its stages have progress of their own
                run = reached + (at,) * (101 - len(reached))
                phases = {name: one._replace(reached=one.reached or run) for name, one in phases.items()}
            start_unseen = percent >= _SEEN_FROM_START_PERCENT or (joined and progress is None)
            first, reached = (percent + joined if start_unseen else 0), ()
        reached += (at,) * (percent + 1 - len(reached))
    phases[phase] = phases.get(phase, Phase(at, at))._replace(last=at)
    here = Position(phase, running, percent, first, before.stages | ({phase} if running else set()))
    return Course(here, sample._replace(at=at), reached, phases)
