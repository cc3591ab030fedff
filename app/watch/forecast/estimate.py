"""When a job will be done: a median and an 80 % range, both quantiles of one weighted sample.

The sample: what finished jobs did from the same position, and two log-normal distributions, around their median and around
what remains at the job's own pace. What a single finished job predicts is moved towards that pace. While nothing changes,
that pace and jobs whose next change came sooner count less (Pareto), and a late change takes as long again (Lindy).
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import dist, exp, inf, log, sqrt

from app.watch.forecast.course import Course, Pace, course_of
from app.watch.forecast.stall import stalled_since
from app.watch.forecast.training import Analogues, Training, fit, weighted_quantile
from app.watch.history import Sample

# What the two log-normal distributions count for, in finished jobs, and the variances of logarithms that are assumed.
_OWN_JOBS = 2.5  # around what remains at the job's own pace; 3.5 half way, 7.9 at 90 %; divided by their number squared
_MEDIAN_JOBS = 2.0  # around the median of finished jobs, which is a guess while they are few
_VARIANCE, _LATE_VARIANCE = 0.18, 0.32  # of what remains at an even pace; added if the start was not seen
_OVERDUE_STEPS = 2.0  # the job's own pace counts less once the next step takes this many times as long
_MIN_LEFT = 0.35  # the median of finished jobs is at least this share of the usual time, in any silence
_CHANCE, _UNLIKE = 0.8, 0.025  # a doubt of 1: variance over squared log ratio; squared distance of shapes
_DEVIATES = (-1.3, -0.8, -0.4, 0.0, 0.4, 0.8, 1.3)  # equally likely points of a normal distribution, roughly

_MIN_SIDE = 0.03  # either side of the range is at least this share of the time ahead
_STEADY, _MAX_STEADY = 0.4, 0.05  # smaller moves are ignored: of the range's shorter side; of the time ahead
_SHOW_BELOW, _HIDE_ABOVE = 3.0, 6.0  # the greatest ratio of range end to start, to appear and to stay
_SLACK_SECONDS = 60.0  # added to both ends: ranges are shown in minutes
_MAX_CHANGES = 4  # a time appears and disappears at most twice


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a job is likely to be done, in seconds on the scale of its samples. No time lies before `at`."""

    at: float  # when it was made
    finish: float  # the median, steadied
    low: float  # the start of the 80 % range
    high: float  # its end
    shown: bool  # whether it is certain enough to show; never while the job is stalled
    changes: int  # how often `shown` has changed
    course: Course = field(repr=False)  # the job's course, which makes its next forecast cheaper
    pace: Pace = field(repr=False)  # likewise its pace

    @property
    def remaining(self) -> float:
        """Seconds until `finish`, from when the forecast was made; never negative."""
        return self.finish - self.at


def forecast(
    samples: Sequence[Sample],
    now: float,
    training: Training,
    *,
    models: str = "",
    previous: Forecast | None = None,
) -> Forecast | None:
    """When a job will be done; None if it has ended, or until there are finished jobs or progress.

    `samples` is the job's history, oldest first. `previous`, its last forecast, makes this one steadier and cheaper.
    """
    course = course_of(samples, None if previous is None else previous.course)
    if course is None:
        return None
    pace = previous.pace if previous and previous.course is course else course.pace(course.position)
    known = sorted(_remaining(course, pace, now, fit(training, course.position, models)))
    sample = known or (previous and [(previous.remaining, 1.0)])  # as in the last forecast, but not shown
    if not sample:
        return None
    short, middle, long = (max(weighted_quantile(sample, share), 1.0) for share in (0.1, 0.5, 0.9))
    low, high = now + min(short, (1 - _MIN_SIDE) * middle), now + max(long, (1 + _MIN_SIDE) * middle)
    finish, was_shown, changes = now + middle, False, 0
    if previous is not None:
        was_shown, changes = previous.shown, previous.changes
        tolerance = min(_STEADY * min(finish - low, high - finish), _MAX_STEADY * middle)
        finish = min(max(previous.finish, finish - tolerance), finish + tolerance)
    ratio = (high - now + _SLACK_SECONDS) / (low - now + _SLACK_SECONDS) if known else inf
    shown = ratio <= (_HIDE_ABOVE if was_shown else _SHOW_BELOW) and (was_shown or changes < _MAX_CHANGES)
    shown = shown and stalled_since(samples, now, training, models=models, course=course) is None
    return Forecast(now, finish, low, high, shown, changes + (shown != was_shown), course, pace)


def _remaining(course: Course, pace: Pace, now: float, analogues: Analogues) -> list[tuple[float, float]]:
    """The sample: seconds that may remain, each with a weight."""
    spent, quiet = max(now - pace.at, 0.0), max(now - course.last.at, 0.0)  # there; without a change
    variance = _VARIANCE + pace.unevenness + (_LATE_VARIANCE if course.position.first else 0.0)
    variance = variance / sqrt(1 + analogues.weight) + analogues.variance
    own, rest, credible = [], 0.0, 1.0
    if pace.points > 0 and pace.seconds > 0:
        rest, step_seconds = _at_own_pace(course, pace, spent)
        credible = min(_OVERDUE_STEPS * step_seconds / max(quiet, 1.0), 1.0) ** 2  # 1 until then
        jobs = _OWN_JOBS / max(analogues.weight, 1.0) ** 2 * sqrt(1 + pace.points / pace.left)
        own = _log_normal(rest, sqrt(variance), jobs * credible)
    if not analogues.points:
        return own
    shift = (1 - analogues.slope) * pace.log_line + analogues.recent_slope * pace.recent_slowdown
    usual = exp(min(analogues.level + shift, 18.0))  # from the position; at most two years
    finished = []
    for factor, dwell, weight in analogues.points:
        until, after = usual * factor * dwell, usual * factor * (1 - dwell)  # the next change, and after it
        if quiet > until:  # an overdue change
            until, weight = 2 * quiet - until, weight * (max(until, 1.0) / max(quiet, 1.0)) ** 2
        finished.append((until + after - spent, weight))
    middle = max(weighted_quantile(sorted(finished), 0.5), _MIN_LEFT * usual)
    finished += _log_normal(middle, sqrt(variance), _MEDIAN_JOBS * min(analogues.weight, 1.0))
    doubt = _doubt(log(rest / middle), variance, credible, pace, analogues) if own else 0.0
    return own + [(seconds * (rest / middle) ** doubt, weight) for seconds, weight in finished]


def _at_own_pace(course: Course, pace: Pace, spent: float) -> tuple[float, float]:
    """Seconds that remain at the job's own pace, at least `spent` / 2 less one step; seconds that a step takes."""
    here, per_point = course.position, pace.seconds / pace.points
    step = here.percent + 1 - bisect_left(course.reached, course.reached[here.percent])  # last made at once
    ahead = min(step, pace.left / 2, spent / per_point)  # the part of the next step that is probably done
    rest = (pace.seconds + spent) / (pace.points + ahead) * (pace.left - ahead)
    # A job keeps its recent pace in its first stage, which is known if it has a name and the start was seen.
    if here.first == 0 and here.stages == {here.phase} != {""}:
        rest *= exp(pace.recent_slowdown)
    return max(rest, spent / 2 - per_point * step), per_point * step


def _doubt(log_ratio: float, variance: float, credible: float, pace: Pace, analogues: Analogues) -> float:
    """How much of a log ratio not to believe, from 0 to 1: half if the doubts about one finished job add up to 1."""
    chance = variance / max(_CHANCE * log_ratio**2, 1e-9)
    unlike = dist(pace.shape, analogues.shape) ** 2 / _UNLIKE
    doubts = credible * ((chance + unlike) / analogues.weight**2) ** 3
    return doubts / (1 + doubts)


def _log_normal(middle: float, deviation: float, jobs: float) -> list[tuple[float, float]]:
    """The points of a log-normal distribution. `deviation` is that of its logarithm, `jobs` the weight of all points."""
    return [(middle * exp(deviate * deviation), jobs / len(_DEVIATES)) for deviate in _DEVIATES]
