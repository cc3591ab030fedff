"""What was learned from finished jobs: above all a weighted sample of what they did from any position onwards.

The method is forecasting by analogues: kernel weights by age, models and position, a regression on how the jobs came
to the position (ridge regression; Hoerl and Kennard, 1970), and its residuals as the predictive distribution.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress, product
from math import ceil, exp, inf, log
from statistics import fmean
from typing import NamedTuple

from app.watch.forecast.course import SHORT_SECONDS, Course, Position, finished_course, points_left
from app.watch.history import Sample

USED_JOBS = 80  # the newest finished jobs, which forecasts are based on
_MAX_FITS = 1500  # positions whose `Analogues` are kept; when one more is asked for, all others are discarded
_HALF_LIFE_JOBS = 30.0  # a job counts half as much as one that finished this many jobs later
_OTHER_MODELS_JOBS = 5.0  # jobs with other models count half when there are this many with the same ones
_OTHER_STAGES_JOBS = 0.1  # likewise jobs that came to the position through other stages
_BANDWIDTH_POINTS = 5.0  # a job that was in the same phase only at a percentage this far away counts half
_SLOPE_RIDGE, _RECENT_RIDGE = 5.0, 1.0  # times the variance: the larger, the closer the slopes stay to 0
_MIN_VARIANCE = 0.003  # added to that variance, so that jobs that were all alike do not make it 0
_MAX_POINTS = 24  # kept of a position's sample; when there are more, neighbours are averaged


class Analogues(NamedTuple):
    """What finished jobs did from a position on. `Analogues()` means that none is comparable."""

    level: float = 0.0  # the median log ratio of the time left to the straight line's, after the regressions
    slope: float = 0.0  # on `Pace.log_speed`: 0 if the time left doubles at half the speed, 1 if it does not
    recent_slope: float = 0.0  # on `Pace.recent_slowdown`
    points: Sequence[Sequence[float]] = ()  # time left over its median, share of it until a change, weight
    weight: float = 0.0  # of all points together, in jobs
    variance: float = 0.0  # how far level and slopes were off: the mean square of their errors
    line_variance: float = 0.0  # how far the straight line was off: the mean square of the log ratio
    shape: Sequence[float] = ()  # the mean of `Pace.shape`


@dataclass(frozen=True, slots=True)
class Training:
    """What was learned from finished jobs; `Training()` knows nothing. Equal histories make equal values."""

    courses: tuple[Course, ...] = ()  # of the newest finished jobs, oldest first
    _fits: dict[tuple[Position, str], Analogues] = field(default_factory=dict, compare=False, repr=False)

    def analogues(self, here: Position, models: str) -> Analogues:
        """What finished jobs did from a position on. It is fitted when first asked for."""
        if (here, models) not in self._fits:
            if len(self._fits) >= _MAX_FITS:
                self._fits.clear()
            self._fits[here, models] = fit(self.courses, here, models)
        return self._fits[here, models]


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


def fit(courses: Sequence[Course], here: Position, models: str) -> Analogues:
    """What finished jobs, oldest first, did from a position on."""
    pairs = [(job, job.pace(here)) for job in reversed(courses) if here.running or here.phase in job.phases]
    if not pairs:
        return Analogues()
    paces = [pace for _, pace in pairs]
    near = [_BANDWIDTH_POINTS / (_BANDWIDTH_POINTS + abs(pace.percent - here.percent)) for pace in paces]
    weights = [0.5 ** (age / _HALF_LIFE_JOBS) * weight for age, weight in enumerate(near)]
    same_models = [job.models == models for job, _ in pairs]
    same_stages = [here.first > 0 or job.stages(pace.at) == here.stages for job, pace in pairs]
    for same, jobs in ((same_models, _OTHER_MODELS_JOBS), (same_stages, _OTHER_STAGES_JOBS)):
        other = jobs / (jobs + sum(compress(weights, same)))
        weights = [weight * (1.0 if alike else other) for weight, alike in zip(weights, same, strict=True)]
    new_way = here.percent == 0 and not any(same_stages)  # so speed says nothing
    unmoved = len(here.stages) == 1 and (new_way or here.percent < here.first)  # as when it was joined
    parts = (0.1, 0.3, 0.5, 0.7, 0.9) if unmoved else (0.0,)  # shares of its time there that may have passed
    weights = [weight / len(parts) for weight in weights for _ in parts]
    paces = [pace for pace in paces for _ in parts]
    ratios, dwell_shares = [], []
    for (job, pace), part in product(pairs, parts):
        dwell = job.next_move(pace.at) - pace.at
        remaining = max(job.last.at - pace.at - part * dwell, SHORT_SECONDS)
        ratios.append(log(remaining / points_left(pace.percent)) + (0.0 if new_way else pace.log_speed))
        dwell_shares.append((1 - part) * dwell / remaining)
    line_variance = fmean([value * value for value in ratios], weights)
    ridge = _SLOPE_RIDGE if here.percent > here.first else inf  # without progress no speed is known
    slope, ratios = _regress(weights, [pace.log_speed for pace in paces], ratios, ridge)
    recent_slope, ratios = _regress(weights, [pace.recent_slowdown for pace in paces], ratios, _RECENT_RIDGE)
    level = weighted_quantile(sorted(zip(ratios, weights, strict=True)), 0.5)
    variance = fmean([(value - level) ** 2 for value in ratios], weights)
    rows = sorted(zip([exp(value - level) for value in ratios], dwell_shares, weights, strict=True))
    size = ceil(len(rows) / _MAX_POINTS)
    groups = [zip(*rows[index : index + size], strict=True) for index in range(0, len(rows), size)]
    points = [(fmean(factors, ws), fmean(shares, ws), sum(ws)) for factors, shares, ws in groups]
    shape = [fmean(shares, weights) for shares in zip(*[pace.shape for pace in paces], strict=True)]
    speed_slope = 1.0 if new_way else slope
    return Analogues(level, speed_slope, recent_slope, points, sum(weights), variance, line_variance, shape)


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
    slope = sum(w * x * y for w, x, y in rows) / (ridge + sum(w * x * x for w, x, _ in rows))
    slope = min(max(slope, 0.0), 1.0)
    return slope, [y - slope * x for x, y in zip(xs, ys, strict=True)]
