"""What was learned from finished jobs: above all a weighted sample of what they did from any position onwards.

The method is forecasting by analogues: weights by age, models and stages, a regression on how the jobs came to the
position (ridge regression; Hoerl and Kennard, 1970), and its residuals as the predictive distribution.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, exp, log
from statistics import fmean
from typing import NamedTuple

from app.watch.forecast.course import SHORT_SECONDS, Course, Position, finished_course
from app.watch.history import Sample

USED_JOBS = 80  # the newest finished jobs, which forecasts are based on
_HALF_LIFE_JOBS = 40.0  # a job counts half as much as one that finished this many jobs later
_OTHER_MODELS_JOBS, _OTHER_STAGES_JOBS = 5.0, 0.1  # others count half beside this many with the same
_SLOPE_RIDGE, _RECENT_RIDGE = 4.0, 1.0  # times the variance: the larger, the closer the slopes stay to 0
_MIN_VARIANCE = 0.003  # added to that variance, so that jobs that were all alike do not make it 0


class Analogues(NamedTuple):
    """What finished jobs did from a position on. `Analogues()` means that none is comparable."""

    level: float = 0.0  # the median log ratio of the time left to the straight line's, after the regressions
    slope: float = 0.0  # on minus `Pace.log_line`: 0 if half the speed doubles the time left, 1 if not
    recent_slope: float = 0.0  # on `Pace.recent_slowdown`
    points: Sequence[Sequence[float]] = ()  # time left over its median, share of it until a change, weight
    weight: float = 0.0  # of all points together, in jobs
    variance: float = 0.0  # how far level and slopes were off: the mean square of their errors
    shape: Sequence[float] = ()  # the mean of `Pace.shape`


@dataclass(frozen=True, eq=False)  # `fit` finds it again by its identity
class Training:
    """What was learned from finished jobs; `Training()` knows nothing."""

    courses: tuple[Course, ...] = ()  # of the newest finished jobs, oldest first


def learn(
    training: Training, samples: Sequence[Sample], models: str = "", ended_at: float | None = None
) -> Training:
    """A new `Training` with one more finished job; the same if it did not complete, or its start was not seen.

    `samples` is the job's whole history, oldest first, ending with its final status. `ended_at` is when it really ended,
    if the last sample came late. `models` tells kinds of jobs apart: any text that is always spelled the same.
    """
    course = finished_course(samples, models, ended_at)
    return training if course is None else Training((*training.courses, course)[-USED_JOBS:])


def remember(finished: Iterable[tuple[Sequence[Sample], str]]) -> Training:
    """Learn from many finished jobs at once: the samples and the models of each, in the order in which they finished."""
    courses = [course for job in finished if (course := finished_course(*job)) is not None]
    return Training(tuple(courses[-USED_JOBS:]))


@lru_cache(1000)  # the positions last asked for
def fit(training: Training, here: Position, models: str) -> Analogues:
    """What finished jobs did from a position on."""
    jobs = [job for job in reversed(training.courses) if here.running or here.phase in job.phases]
    if not jobs:
        return Analogues()
    unmoved = here.percent < here.first and len(here.stages) == 1  # as when it was joined
    parts = (0.1, 0.3, 0.5, 0.7, 0.9) if unmoved else (0.0,)  # shares of its time there that may have passed
    rows = [(job, job.pace(here), part) for job in jobs for part in parts]
    weights = [0.5 ** (age // len(parts) / _HALF_LIFE_JOBS) / len(parts) for age in range(len(rows))]
    same_models = [job.models == models for job, _, _ in rows]
    same_stages = [here.first > 0 or job.stages(pace.at) == here.stages for job, pace, _ in rows]
    for same, half_at in ((same_models, _OTHER_MODELS_JOBS), (same_stages, _OTHER_STAGES_JOBS)):
        other = half_at / (half_at + sum([w * alike for w, alike in zip(weights, same, strict=True)]))
        weights = [weight * (1.0 if alike else other) for weight, alike in zip(weights, same, strict=True)]
    ratios, dwell_shares = [], []
    for job, pace, part in rows:
        dwell = job.next_move(pace.at) - pace.at
        remaining = max(job.last.at - pace.at - part * dwell, SHORT_SECONDS)
        ratios.append(log(remaining) - pace.log_line)
        dwell_shares.append((1 - part) * dwell / remaining)
    paces = [pace for _, pace, _ in rows]
    slope, ratios = _regress(weights, [-pace.log_line for pace in paces], ratios, _SLOPE_RIDGE)
    recent_slope, ratios = _regress(weights, [pace.recent_slowdown for pace in paces], ratios, _RECENT_RIDGE)
    level = weighted_quantile(sorted(zip(ratios, weights, strict=True)), 0.5)
    variance = fmean([(value - level) ** 2 for value in ratios], weights)
    points = sorted(zip([exp(value - level) for value in ratios], dwell_shares, weights, strict=True))
    size = ceil(len(points) / 20)  # with more than 20 points, neighbours are averaged
    groups = [zip(*points[index : index + size], strict=True) for index in range(0, len(points), size)]
    points = [(fmean(factors, ws), fmean(shares, ws), sum(ws)) for factors, shares, ws in groups]
    shape = [fmean(shares, weights) for shares in zip(*[pace.shape for pace in paces], strict=True)]
    return Analogues(level, slope, recent_slope, points, sum(weights), variance, shape)


def weighted_quantile(pairs: Sequence[tuple[float, float]], share: float) -> float:
    """A quantile of ascending (value, weight) pairs, interpolated between the midpoints of the weights."""
    goal, before = share * sum([weight for _, weight in pairs]), 0.0
    last, last_middle = pairs[0][0], 0.0
    for value, weight in pairs:
        middle = before + weight / 2
        if middle >= goal:
            return last + (value - last) * (goal - last_middle) / (middle - last_middle)
        last, last_middle = value, middle
        before += weight
    return last


def _regress(ws: list[float], xs: list[float], ys: list[float], ridge: float) -> tuple[float, list[float]]:
    """Weighted ridge regression on one variable: the slope, kept between 0 and 1, and `ys` less what it explains."""
    x_mean, y_mean = fmean(xs, ws), fmean(ys, ws)
    ridge *= _MIN_VARIANCE + fmean([(y - y_mean) ** 2 for y in ys], ws)
    rows = [(w, x - x_mean, y) for w, x, y in zip(ws, xs, ys, strict=True)]
    slope = sum([w * x * y for w, x, y in rows]) / (ridge + sum([w * x * x for w, x, _ in rows]))
    slope = min(max(slope, 0.0), 1.0)
    return slope, [y - slope * x for x, y in zip(xs, ys, strict=True)]
