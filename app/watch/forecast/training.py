"""What finished jobs taught, as one frozen value: the sample of what they did from any position on.

The method is forecasting by analogues with a regression on the state: kernel weights by age and models, ridge
regression (Hoerl and Kennard 1970), residuals as the predictive distribution.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import ceil, exp, log
from statistics import fmean
from typing import NamedTuple

from app.job import Status
from app.watch.forecast.course import Course, Position, finished_course, log_elapsed, log_straight_line
from app.watch.history import Sample

USED_JOBS = 120
"""How many finished jobs, the newest ones, a forecast is based on."""

_MAX_LAG_JOBS = 16  # a position is fitted anew after at most so many finished jobs
_MAX_FITS = 1500
_HALF_LIFE_JOBS = 40.0  # a job counts half of one that finished so many jobs later
_OTHER_MODELS_JOBS = 4.0  # other models count half as soon as there are so many jobs of the same
_RIDGE_JOBS = 2.0  # jobs' worth of belief in the prior slopes
_EARLY_POINTS = 2.0  # points of progress until which a job's elapsed time says little of what remains
_MIN_VARIANCE = 0.003  # of logarithms
_MAX_POINTS = 16  # of a position's sample
_ENOUGH_SAME_MODELS = 15
_MIN_JOBS_A_SIDE = 6  # before and after a change of speed
_CERTAIN = 4.5  # t statistic from which a change of speed is not by chance


class Analogues(NamedTuple):
    """What finished jobs did from one position on; times as in `app.watch.forecast.course.Moment`."""

    level: float  # the median of what remained, at elapsed time 0 and haste 0
    elapsed_slope: float
    haste_slope: float
    points: tuple[
        tuple[float, float, float], ...
    ]  # what remained over that, share of it until a change, weight
    weight: float  # how many jobs that is worth

    def remaining(self, here: Position) -> float:
        """The median of the seconds that remain from a job's last change of phase or percent."""
        elapsed = here.crossed - here.began
        line = log_straight_line(elapsed, here.first, here.percent) if here.running else 0.0
        slopes = self.elapsed_slope * log_elapsed(elapsed) + self.haste_slope * here.haste
        return exp(min(line + self.level + slopes, 18.0))


@dataclass(frozen=True, slots=True)
class Training:
    """What finished jobs taught; `Training()` knows nothing. Equal histories make equal values.

    Attributes:
        seen: How many jobs were learned from in all.
        courses: The newest of them, oldest first, without those from before the models changed their speed.
    """

    seen: int = 0
    courses: tuple[Course, ...] = ()
    # Pure results by what they follow from; shared with the values learned from this one.
    _fits: dict[tuple[object, ...], Analogues | None] = field(default_factory=dict, compare=False, repr=False)

    def analogues(self, here: Position, models: str) -> Analogues | None:
        """What finished jobs did from a position on; None if none of them can be compared.

        A position is fitted when it is first asked for, and again as an eighth more jobs, at most 16, are known:
        at another job for each percent, so that not all are fitted at once.
        """
        known = len(self.courses)
        lag = (self.seen + 7 * here.percent) % min(2 ** max(known.bit_length() - 4, 0), _MAX_LAG_JOBS)
        courses = self.courses[max(known - lag - USED_JOBS, 0) : known - lag]
        key = (self.seen - lag, len(courses), models, here.phase, here.percent, here.first, here.running)
        if key not in self._fits:
            if len(self._fits) >= _MAX_FITS:
                self._fits.clear()
            self._fits[key] = fit(courses, here, models)
        return self._fits[key]

    def quiet_times(self, phase: str, models: str) -> list[float]:
        """The longest seconds without a change that each finished job had in a phase, ascending.

        Those of the same models where there are enough of them, else all.
        """
        there = [one for one in self.courses if phase in one.phases]
        same = [one for one in there if one.models == models]
        return sorted(
            one.phases[phase].quiet for one in (same if len(same) >= _ENOUGH_SAME_MODELS else there)
        )


def learn(
    training: Training, samples: Sequence[Sample], models: str = "", ended_at: float | None = None
) -> Training:
    """What is known after one more finished job.

    Args:
        training: What was known before; it stays as it was.
        samples: The job's whole history, oldest first, ending with its final status.
        models: What it was written with, always spelled alike.
        ended_at: When it really ended, in seconds since the epoch, if the last sample came late.

    Returns:
        `training` itself for a job that did not complete, or whose start was not seen.
    """
    course = finished_course(samples, models, ended_at)
    if course is None:
        return training
    courses = (*training.courses, course)[-USED_JOBS - _MAX_LAG_JOBS :]
    outdated = _before_change(courses)
    return Training(training.seen + 1, courses[outdated:], {} if outdated else training._fits)  # noqa: SLF001  (of the same class)


def remember(finished: Iterable[tuple[Sequence[Sample], str]]) -> Training:
    """What is known after many finished jobs, as at the start of the program.

    Args:
        finished: The samples and the models of each, in the order in which they finished.
    """
    completed = [entry for entry in finished if entry[0] and entry[0][-1].status == Status.COMPLETED]
    newest = (finished_course(*entry) for entry in completed[-USED_JOBS - _MAX_LAG_JOBS :])
    courses = tuple(course for course in newest if course is not None)
    return Training(len(courses), courses[_before_change(courses) :])


def fit(courses: Sequence[Course], here: Position, models: str) -> Analogues | None:
    """What finished jobs, oldest first, did from a position on; None if none of them can be compared."""
    there = [course for course in courses if here.phase in course.phases]
    if here.running and len(there) < max(2, len(courses) // 5):
        there = list(courses)
    ages = [(0.5 ** (age / _HALF_LIFE_JOBS), course) for age, course in enumerate(reversed(there))]
    same = sum(weight for weight, course in ages if course.models == models)
    others = _OTHER_MODELS_JOBS / (_OTHER_MODELS_JOBS + same)
    found = [
        (weight * (1.0 if course.models == models else others), moment)
        for weight, course in ages
        if (moment := course.moment(here)) is not None
    ]
    if not found:
        return None
    weights = [weight for weight, _ in found]
    # Early on, a long time so far is no reason to expect a long time to come: the line is taken back.
    prior = -_EARLY_POINTS / (_EARLY_POINTS + here.percent - here.first) if here.running else 0.0
    rest = [moment.remaining - prior * moment.elapsed for _, moment in found]
    elapsed_slope, rest = _slope(weights, [moment.elapsed for _, moment in found], rest)
    haste_slope, rest = _slope(weights, [moment.haste for _, moment in found], rest)
    level = weighted_quantile(sorted(zip(rest, weights, strict=True)), 0.5)
    points = sorted(
        (r - level, moment.dwell, weight) for r, (weight, moment) in zip(rest, found, strict=True)
    )
    size = ceil(len(points) / _MAX_POINTS)
    merged = tuple(_merged(points[index : index + size]) for index in range(0, len(points), size))
    return Analogues(level, prior + elapsed_slope, haste_slope, merged, sum(weights))


def weighted_quantile(pairs: Sequence[tuple[float, float]], share: float) -> float:
    """A quantile of ascending (value, weight) pairs, interpolated between the middles of the weights."""
    goal, before = share * sum([weight for _, weight in pairs]), 0.0
    last, last_middle = pairs[0][0], 0.0
    for value, weight in pairs:
        middle = before + weight / 2
        if middle >= goal:
            return last + (value - last) * (goal - last_middle) / (middle - last_middle)
        last, last_middle = value, middle
        before += weight
    return last


def _slope(ws: Sequence[float], xs: Sequence[float], ys: Sequence[float]) -> tuple[float, list[float]]:
    """Weighted ridge regression on one variable: the slope, drawn to 0, and what it leaves of `ys`."""
    x_mean, y_mean = fmean(xs, ws), fmean(ys, ws)
    ridge = _RIDGE_JOBS * (_MIN_VARIANCE + fmean([(y - y_mean) ** 2 for y in ys], ws))
    rows = [(w, x - x_mean, y) for w, x, y in zip(ws, xs, ys, strict=True)]
    slope = sum(w * x * y for w, x, y in rows) / (ridge + sum(w * x * x for w, x, _ in rows))
    return slope, [y - slope * x for x, y in zip(xs, ys, strict=True)]


def _merged(points: Sequence[tuple[float, float, float]]) -> tuple[float, float, float]:
    """One point in place of neighbours: their mean, as a factor in place of a logarithm, and their weight together."""
    weights = [weight for _, _, weight in points]
    remaining, dwell = fmean([r for r, _, _ in points], weights), fmean([d for _, d, _ in points], weights)
    return exp(remaining), dwell, sum(weights)


def _before_change(courses: Sequence[Course]) -> int:
    """How many of the oldest jobs to leave out: those from before all models became faster or slower.

    The logarithms of the running times, less the mean of their models, are cut where the means on both sides differ
    most for their scatter (the largest two-sample t statistic over all places; Hinkley 1970).
    """
    logs = [(course.models, log(max(course.end - course.began, 1.0))) for course in courses]
    means = {models: fmean(value for m, value in logs if m == models) for models in {m for m, _ in logs}}
    values, count = [value - means[models] for models, value in logs], len(logs)
    between = {  # the sum of squares between the two sides
        index: left * left * count / (index * (count - index))
        for index, left in enumerate(accumulate(values[:-_MIN_JOBS_A_SIDE]), 1)
        if index >= _MIN_JOBS_A_SIDE
    }
    cut = max(between, key=between.__getitem__, default=0)
    within = sum(value * value for value in values) - between.get(cut, 0.0) + _MIN_VARIANCE * count
    return cut if between.get(cut, 0.0) * (count - 2) > _CERTAIN**2 * within else 0
