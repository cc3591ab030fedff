"""What finished jobs did from one position on, as a weighted sample around a regression.

The method is forecasting by analogues with a regression on the state (kernel weights by age and models, ridge
regression after Hoerl and Kennard 1970, residuals as the predictive distribution).
"""

from collections.abc import Iterable, Sequence
from math import exp, log, sqrt
from typing import NamedTuple

from app.watch.forecast.curve import Curve

POINTS = 16
"""The most points that the sample of a position is kept in."""

_HALF_LIFE_JOBS = 40.0  # a job counts half of one that finished so many jobs later
_OTHER_MODELS_JOBS = 4.0  # other models count half as soon as there are so many jobs of the same
_RIDGE_JOBS = 2.0  # jobs' worth of belief in the prior slopes
_PRIOR_JOBS = 2.0  # jobs' worth of belief in ...
_PRIOR_VARIANCE = 0.5  # ... how finished jobs scatter around their level (all variances are of logarithms)
_EARLY_POINTS = 2.0  # points of progress until which a job's elapsed time says little of what remains
_SHORT_SECONDS = 15.0  # added to elapsed times, which makes short ones alike
_MIN_VARIANCE = 0.003
_OUTLIER = 2.5  # standard deviations at which residuals are capped for the slopes


class Point(NamedTuple):
    """One point of a sample: remaining time over the level, the share of it until the next change, and a weight."""

    ratio: float
    dwell_share: float
    weight: float


class Analogues(NamedTuple):
    """The sample at one position.

    Attributes:
        level: Logarithm of the remaining seconds (while running: over the straight line's) at the mean position.
        elapsed_slope, elapsed_mean: How that goes with the logarithm of the elapsed time.
        haste_slope, haste_mean: How it goes with haste.
        points: What jobs did around that, ascending.
        weight: How many jobs that is worth.
        spread: Standard deviation of the logarithm around the level.
    """

    level: float
    elapsed_slope: float
    elapsed_mean: float
    haste_slope: float
    haste_mean: float
    points: tuple[Point, ...]
    weight: float
    spread: float

    def log_remaining(self, elapsed: float, haste: float) -> float:
        """The level for a job that took `elapsed` seconds to get here."""
        return (
            self.level
            + self.elapsed_slope * (log(elapsed + _SHORT_SECONDS) - self.elapsed_mean)
            + self.haste_slope * (haste - self.haste_mean)
        )


def straight_line(elapsed: float, points: float, left: float) -> float:
    """Logarithm of the seconds that remain if the pace stays what it was on average.

    Args:
        elapsed: Seconds that it took so far.
        points: Points of progress made in them.
        left: Points that remain; within half a point of either end counts as half a point.
    """
    return log((elapsed + _SHORT_SECONDS) * max(left, 0.5) / max(points, 0.5))


def analogues(
    curves: Sequence[Curve], models: str, phase: str, percent: int, first: int, *, running: bool
) -> Analogues | None:
    """What finished jobs did from a position on.

    Args:
        curves: Finished jobs, oldest first.
        models: What the running job is written with.
        phase: Its phase.
        percent: Its whole percent.
        first: The percentage at which it was first seen running.
        running: Whether it runs.

    Returns:
        None if no finished job can be compared.
    """
    there = [curve for curve in curves if phase in curve.phases]
    if len(there) < max(2, len(curves) // 5):
        there = list(curves) if running else []
    if not there:
        return None
    moments = []
    weights = []
    same = sum(0.5 ** (age / _HALF_LIFE_JOBS) for age, c in enumerate(reversed(there)) if c.models == models)
    for age, curve in enumerate(reversed(there)):
        moment = curve.moment(phase, percent, first, running=running)
        if moment is not None:
            others = 1.0 if curve.models == models else _OTHER_MODELS_JOBS / (_OTHER_MODELS_JOBS + same)
            weights.append(0.5 ** (age / _HALF_LIFE_JOBS) * others)
            moments.append(moment)
    total = sum(weights)
    elapsed = [log(moment.elapsed + _SHORT_SECONDS) for moment in moments]
    hastes = [moment.haste for moment in moments]
    ratios = [log(moment.remaining) for moment in moments]
    slope = 0.0
    if running:
        ratios = [
            log(m.remaining) - straight_line(m.elapsed, m.percent - first, 100.0 - m.percent) for m in moments
        ]
        # Early on, a long time so far is no reason to expect a long time to come: the line is taken back.
        slope = -_EARLY_POINTS / (_EARLY_POINTS + percent - first)
    elapsed_mean, haste_mean = _mean(elapsed, weights), _mean(hastes, weights)
    elapsed = [e - elapsed_mean for e in elapsed]
    hastes = [h - haste_mean for h in hastes]
    elapsed_slope, haste_slope = _slopes(ratios, elapsed, hastes, weights, slope)
    residuals = [
        r - elapsed_slope * e - haste_slope * h for r, e, h in zip(ratios, elapsed, hastes, strict=True)
    ]
    (level,) = weighted_quantiles(sorted(zip(residuals, weights, strict=True)), (0.5,))
    scattered = sorted(
        (residual - level, moment.dwell / moment.remaining, weight)
        for residual, moment, weight in zip(residuals, moments, weights, strict=True)
    )
    scatter = sum(weight * min(residual**2, 4.0) for residual, _, weight in scattered)
    variance = (_PRIOR_JOBS * _PRIOR_VARIANCE + scatter) / (_PRIOR_JOBS + total)
    return Analogues(
        level,
        elapsed_slope,
        elapsed_mean,
        haste_slope,
        haste_mean,
        _merged(scattered, total),
        total,
        sqrt(variance),
    )


def weighted_quantiles(pairs: Sequence[tuple[float, float]], shares: Iterable[float]) -> list[float]:
    """Ascending quantiles of ascending (value, weight) pairs, interpolated between the middles of the weights."""
    total = sum([weight for _, weight in pairs])
    found: list[float] = []
    goals = [share * total for share in shares]
    before = 0.0
    last, last_middle = pairs[0][0], 0.0
    for value, weight in pairs:
        middle = before + weight / 2
        while len(found) < len(goals) and middle >= goals[len(found)]:
            goal = goals[len(found)]
            found.append(last + (value - last) * (goal - last_middle) / (middle - last_middle))
        last, last_middle = value, middle
        before += weight
    return found + [last] * (len(goals) - len(found))


def _slopes(
    ratios: Sequence[float],
    elapsed: Sequence[float],
    hastes: Sequence[float],
    weights: Sequence[float],
    prior: float,
) -> tuple[float, float]:
    """Ridge regression on two centred variables; the first slope is drawn to its prior, the second to 0."""
    rest = [ratio - prior * e for ratio, e in zip(ratios, elapsed, strict=True)]
    (middle,) = weighted_quantiles(sorted(zip(rest, weights, strict=True)), (0.5,))
    variance = _MIN_VARIANCE + _mean([min((r - middle) ** 2, 1.0) for r in rest], weights)
    cap = _OUTLIER * sqrt(variance)
    rest = [min(max(r - middle, -cap), cap) for r in rest]
    penalty = _RIDGE_JOBS * variance
    rows = list(zip(weights, elapsed, hastes, rest, strict=True))
    ee = sum(w * e * e for w, e, _, _ in rows) + penalty
    hh = sum(w * h * h for w, _, h, _ in rows) + penalty
    eh = sum(w * e * h for w, e, h, _ in rows)
    er = sum(w * e * r for w, e, _, r in rows)
    hr = sum(w * h * r for w, _, h, r in rows)
    determinant = ee * hh - eh * eh
    return prior + (er * hh - hr * eh) / determinant, (hr * ee - er * eh) / determinant


def _mean(values: Iterable[float], weights: Sequence[float]) -> float:
    return sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)


def _merged(scattered: Sequence[tuple[float, float, float]], total: float) -> tuple[Point, ...]:
    """At most about `POINTS` points: neighbours are put together until they weigh enough."""
    enough = total / POINTS if len(scattered) > POINTS else 0.0
    merged: list[Point] = []
    value = dwell = weight = 0.0
    for index, (residual, dwell_share, each) in enumerate(scattered, 1):
        value += residual * each
        dwell += dwell_share * each
        weight += each
        if weight >= enough or index == len(scattered):
            merged.append(Point(exp(value / weight), dwell / weight, weight))
            value = dwell = weight = 0.0
    return tuple(merged)
