"""What finished jobs taught, as one frozen value: the sample of what they did from any position on.

The method is forecasting by analogues with a regression on the state: kernel weights by age and models, ridge
regression (Hoerl and Kennard 1970), residuals as the predictive distribution.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import ceil, exp, log, sqrt
from typing import NamedTuple

from app.job import Status
from app.watch.forecast.course import Course, Position, finished_course
from app.watch.history import Sample

USED_JOBS = 120
"""How many finished jobs, the newest ones, a forecast is based on."""

_MAX_LAG_JOBS = 16  # a position is fitted anew after at most so many finished jobs
_MAX_FITS = 1500
_HALF_LIFE_JOBS = 40.0  # a job counts half of one that finished so many jobs later
_OTHER_MODELS_JOBS = 4.0  # other models count half as soon as there are so many jobs of the same
_RIDGE_JOBS = 2.0  # jobs' worth of belief in the prior slopes
_EARLY_POINTS = 2.0  # points of progress until which a job's elapsed time says little of what remains
_MAX_POINTS = 16  # of a position's sample
_SHORT_SECONDS = 15.0  # added to elapsed times, which makes short ones alike
_MIN_VARIANCE = 0.003  # of logarithms
_OUTLIER = 2.5  # standard deviations at which residuals are capped for the slopes
_ENOUGH_SAME_MODELS = 15
_MIN_JOBS_A_SIDE = 6  # before and after a change of speed
_CERTAIN = 4.5  # t statistic from which a change of speed is not by chance
_NO_CHANGE = 0.1  # difference of mean logarithms that is too small to matter


class Analogues(NamedTuple):
    """What finished jobs did from one position on."""

    level: float  # logarithm of the remaining seconds (while running: over the straight line's) at the means below
    elapsed_slope: float  # how that goes with the logarithm of the elapsed time ...
    elapsed_mean: float
    haste_slope: float  # ... and with haste
    haste_mean: float
    points: tuple[
        tuple[float, float, float], ...
    ]  # what remains over the level, share of it until the next change, weight
    weight: float  # how many jobs that is worth

    def log_remaining(self, here: Position) -> float:
        """Logarithm of the seconds that remain from a job's last change of phase or percent, in the median."""
        elapsed = here.crossed - here.began
        level = self.level + self.haste_slope * (here.haste - self.haste_mean)
        level += self.elapsed_slope * (log(elapsed + _SHORT_SECONDS) - self.elapsed_mean)
        return level + (_straight_line(elapsed, here.first, here.percent) if here.running else 0.0)


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
        every = min(2 ** max(known.bit_length() - 4, 0), _MAX_LAG_JOBS)
        lag = (self.seen + 7 * here.percent) % every
        oldest = max(known - lag - USED_JOBS, 0)
        key = (
            self.seen - lag,
            known - lag - oldest,
            models,
            here.phase,
            here.percent,
            here.first,
            here.running,
        )
        if key not in self._fits:
            if len(self._fits) >= _MAX_FITS:
                self._fits.clear()
            self._fits[key] = fit(self.courses[oldest : known - lag], here, models)
        return self._fits[key]

    def quiet_times(self, phase: str, models: str) -> list[float]:
        """The longest time without a change, in seconds, that each finished job had in a phase, ascending.

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
    newest = (finished_course(*entry, None) for entry in completed[-USED_JOBS - _MAX_LAG_JOBS :])
    courses = tuple(course for course in newest if course is not None)
    return Training(len(courses), courses[_before_change(courses) :])


def fit(courses: Sequence[Course], here: Position, models: str) -> Analogues | None:
    """What finished jobs, oldest first, did from a position on; None if none of them can be compared."""
    there = [course for course in courses if here.phase in course.phases]
    if here.running and len(there) < max(2, len(courses) // 5):
        there = list(courses)
    found = [
        (moment, 0.5 ** (age / _HALF_LIFE_JOBS), course.models == models)
        for age, course in enumerate(reversed(there))
        if (moment := course.moment(here.phase, here.percent, here.first, running=here.running))
    ]
    if not found:
        return None
    same = sum(weight for _, weight, alike in found if alike)
    others = _OTHER_MODELS_JOBS / (_OTHER_MODELS_JOBS + same)
    moments = [moment for moment, _, _ in found]
    weights = [weight * (1.0 if alike else others) for _, weight, alike in found]
    total = sum(weights)
    ratios, prior = [log(moment.remaining) for moment in moments], 0.0
    if here.running:
        ratios = [
            r - _straight_line(m.elapsed, here.first, m.percent) for r, m in zip(ratios, moments, strict=True)
        ]
        # Early on, a long time so far is no reason to expect a long time to come: the line is taken back.
        prior = -_EARLY_POINTS / (_EARLY_POINTS + here.percent - here.first)
    elapsed = [log(moment.elapsed + _SHORT_SECONDS) for moment in moments]
    elapsed_mean = sum(e * w for e, w in zip(elapsed, weights, strict=True)) / total
    haste_mean = sum(moment.haste * w for moment, w in zip(moments, weights, strict=True)) / total
    rows = [
        (w, e - elapsed_mean, m.haste - haste_mean, r)
        for w, e, m, r in zip(weights, elapsed, moments, ratios, strict=True)
    ]
    elapsed_slope, haste_slope = _slopes(rows, prior)
    residuals = [r - elapsed_slope * e - haste_slope * h for _, e, h, r in rows]
    level = weighted_quantile(sorted(zip(residuals, weights, strict=True)), 0.5)
    points = sorted(
        (residual - level, moment.dwell / moment.remaining, weight)
        for residual, moment, weight in zip(residuals, moments, weights, strict=True)
    )
    size = ceil(len(points) / _MAX_POINTS)
    merged = tuple(_merged(points[index : index + size]) for index in range(0, len(points), size))
    return Analogues(level, elapsed_slope, elapsed_mean, haste_slope, haste_mean, merged, total)


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


def _merged(points: Sequence[tuple[float, float, float]]) -> tuple[float, float, float]:
    """One point in place of neighbours: the mean residual, as a factor, the mean share, and their weight together."""
    weight = sum(w for _, _, w in points)
    return exp(sum(r * w for r, _, w in points) / weight), sum(s * w for _, s, w in points) / weight, weight


def _straight_line(elapsed: float, first: int, percent: int) -> float:
    """Logarithm of the seconds that remain at the average pace; points within half a point of either end count half."""
    return log((elapsed + _SHORT_SECONDS) * max(100 - percent, 0.5) / max(percent - first, 0.5))


def _slopes(rows: Sequence[tuple[float, float, float, float]], prior: float) -> tuple[float, float]:
    """Ridge regression of the last column on the second and third, centred ones, weighted by the first.

    The first slope is drawn to its prior, the second to 0.
    """
    total = sum(w for w, _, _, _ in rows)
    middle = weighted_quantile(sorted((r - prior * e, w) for w, e, _, r in rows), 0.5)
    rest = [r - prior * e - middle for _, e, _, r in rows]
    variance = (
        _MIN_VARIANCE + sum(w * min(r * r, 1.0) for (w, _, _, _), r in zip(rows, rest, strict=True)) / total
    )
    cap = _OUTLIER * sqrt(variance)
    ee = hh = _RIDGE_JOBS * variance
    eh = er = hr = 0.0
    for (w, e, h, _), r in zip(rows, rest, strict=True):
        capped = min(max(r, -cap), cap)
        ee, hh, eh, er, hr = (
            ee + w * e * e,
            hh + w * h * h,
            eh + w * e * h,
            er + w * e * capped,
            hr + w * h * capped,
        )
    determinant = ee * hh - eh * eh
    return prior + (er * hh - hr * eh) / determinant, (hr * ee - er * eh) / determinant


def _before_change(courses: Sequence[Course]) -> int:
    """How many of the oldest jobs to leave out: those from before all models became faster or slower.

    The logarithms of the running times, less the mean of their models, are cut where the means on both sides differ
    most for their scatter (the largest two-sample t statistic over all places; Hinkley 1970).
    """
    logs = [log(max(course.end - course.began, 1.0)) for course in courses]
    by_models: dict[str, list[float]] = defaultdict(list)
    for course, value in zip(courses, logs, strict=True):
        by_models[course.models].append(value)
    means = {models: sum(values) / len(values) for models, values in by_models.items()}
    values = [value - means[course.models] for course, value in zip(courses, logs, strict=True)]
    count, total, squares = len(values), sum(values), sum(value * value for value in values)
    best, cut = _CERTAIN, 0
    for index, left in enumerate(accumulate(values[: max(count - _MIN_JOBS_A_SIDE, 0)]), 1):
        before, after = left / index, (total - left) / (count - index)
        variance = (
            max((squares - index * before**2 - (count - index) * after**2) / max(count - 2, 1), 0.0) + 1e-4
        )
        distance = abs(after - before)
        score = distance / sqrt(variance * (1 / index + 1 / (count - index)))
        if index >= _MIN_JOBS_A_SIDE and distance > _NO_CHANGE and score > best:
            best, cut = score, index
    return cut
