"""What finished jobs say about a job at one position: a small regression, and what became of those that stood still.

At a position (a phase, and a percent of progress) every finished job has a moment with a true remaining time.
The logarithm of that time, less what the linear law says, is regressed on two facts that the running job shares
with them: how long it took to come here, and its pace over the last points against its pace overall. Both slopes
are shrunk (ridge regression, Hoerl and Kennard 1970): the one on the pace towards 0, the one on the elapsed time
towards -1 at the very beginning, where a few seconds more or less say nothing about the rest, and towards 0 later.
With both at 0 it is the linear law with a correction for this position; with -1 jobs take a time of their own however
long they took so far. The level is a weighted median, so that a few stalled jobs do not move it.

While the job stands still, those that had moved on by then are left out, and what remains is read from the others
(the empirical residual life; a Kaplan-Meier estimate without censoring).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, compress
from math import exp, log
from operator import mul, sub
from statistics import median

from app.watch.forecast.curve import Curve

_RECENCY = 0.5 ** (1 / 80)  # the weight of a job against that of the one that finished after it
_STRANGERS = 4.0  # with so many jobs of the same models, those of others count half
_RIDGE = 2.0  # how strongly the slopes are shrunk
_EARLY = 2.0  # percent of progress at which the slope on the elapsed time is shrunk towards -1/2
_PRIOR_JOBS = 0.5  # so many jobs stand for what is believed before any was seen: no correction
_PRIOR_SPREAD = 0.45  # the spread that is believed then; it counts twice as many jobs
_LEAST_SPREAD = 0.02  # no forecast is more certain than that
_CLIP = 3.0  # spreads from the median from which on a job counts as if it lay there


@dataclass(frozen=True, slots=True)
class Fit:
    """How the linear law has to be corrected at one position.

    Attributes:
        jobs: How many finished jobs it stands on, weighted.
        level: What to add to the linear law's logarithm.
        by_elapsed: Slope on the logarithm of the elapsed time less its mean.
        elapsed: That mean.
        by_haste: Slope on the haste less its mean.
        haste: That mean.
        spread: Standard deviation of the logarithm of the remaining time, robustly.
        typical: Median of the logarithm of the remaining time itself.
        dwells: How long the jobs stood still here, as shares of what was forecast for them; ascending.
        rests: What remained for those jobs, as shares of the same, in the same order.
    """

    jobs: float = 0.0
    level: float = 0.0
    by_elapsed: float = 0.0
    elapsed: float = 0.0
    by_haste: float = 0.0
    haste: float = 0.0
    spread: float = _PRIOR_SPREAD
    typical: float | None = None
    dwells: tuple[float, ...] = ()
    rests: tuple[float, ...] = ()
    _medians: dict[int, float] = field(default_factory=dict, compare=False, repr=False)

    def log_remaining(self, law: float, elapsed: float, haste: float) -> float:
        """Logarithm of the seconds that remain from the position on.

        Args:
            law: What the linear law says, as a logarithm.
            elapsed: Logarithm of the elapsed seconds.
            haste: Logarithm of the recent pace against the overall pace.
        """
        return (
            law
            + self.level
            + self.by_elapsed * (elapsed - self.elapsed)
            + self.by_haste * (haste - self.haste)
        )

    def rest(self, dwell: float) -> float | None:
        """The share of the forecast that remained, from their last change on, for jobs that stood still longer.

        Args:
            dwell: How long the job has stood still, as a share of the forecast.

        Returns:
            None if too few of the finished jobs ever did.
        """
        gone = bisect_right(self.dwells, dwell)
        left = len(self.dwells) - gone
        if left < (3 if len(self.dwells) >= 10 else 1):
            return None
        found = self._medians.get(gone)
        if found is None:
            found = self._medians[gone] = median(self.rests[gone:])
        return found


NOTHING = Fit()


def fit(curves: Sequence[Curve], models: str, phase: str, percent: int) -> Fit:
    """The fit at one position.

    Args:
        curves: Finished jobs, oldest first. Newer ones count more: one finished eighty jobs ago counts half.
        models: What the running job is written with. When there are many jobs with the same models, the others
            hardly count; when there are few, they all do.
        phase: The running job's phase; jobs that never were in it are left out if enough were.
        percent: Its progress, 0 to 100, rounded down.
    """
    known = [number for number, one in enumerate(curves) if phase in one.phases]
    if len(known) < max(2, len(curves) // 5):
        if phase.startswith(" "):
            return NOTHING
        known = list(range(len(curves)))
    if not known:
        return NOTHING
    newest = len(curves) - 1
    weights = [_RECENCY ** (newest - number) for number in known]
    alike = [curves[number].models == models for number in known]
    same = sum(compress(weights, alike))
    stranger = _STRANGERS / (_STRANGERS + same)
    weights = [weight if own else weight * stranger for weight, own in zip(weights, alike, strict=True)]
    moments = [curves[number].moment(phase, percent) for number in known]
    return _solve(weights, moments, -_EARLY / (_EARLY + percent))


def _solve(weights: list[float], moments: list[Sequence[float]], prior: float) -> Fit:
    total = sum(weights)
    laws, elapseds, hastes, remainings, dwells = zip(*moments, strict=True)
    logs = [log(max(remaining, 1.0)) for remaining in remainings]
    offs = list(map(sub, logs, laws))
    middle = _weighted_median(offs, weights)
    scale = max(_weighted_median([abs(off - middle) for off in offs], weights) * 1.4826, _LEAST_SPREAD)
    low, high = middle - _CLIP * scale, middle + _CLIP * scale
    elapsed = sum(map(mul, weights, elapseds)) / total
    haste = sum(map(mul, weights, hastes)) / total
    # Both facts and the answer less their middles, the answer without its outliers and less what is expected of it.
    es = [value - elapsed for value in elapseds]
    hs = [value - haste for value in hastes]
    zs = [
        (low if off < low else high if off > high else off) - middle - prior * e
        for off, e in zip(offs, es, strict=True)
    ]
    weighted_es = list(map(mul, weights, es))
    weighted_hs = list(map(mul, weights, hs))
    penalty = _RIDGE * (sum(map(mul, map(mul, weights, zs), zs)) / total + _LEAST_SPREAD**2)
    ee = sum(map(mul, weighted_es, es)) + penalty
    hh = sum(map(mul, weighted_hs, hs)) + penalty
    eh = sum(map(mul, weighted_es, hs))
    ez = sum(map(mul, weighted_es, zs))
    hz = sum(map(mul, weighted_hs, zs))
    determinant = ee * hh - eh * eh
    by_elapsed = prior + (ez * hh - hz * eh) / determinant
    by_haste = (hz * ee - ez * eh) / determinant
    offs = [off - by_elapsed * e - by_haste * h for off, e, h in zip(offs, es, hs, strict=True)]
    level = _weighted_median(offs, weights)
    spread = _weighted_median([abs(off - level) for off in offs], weights) * 1.4826
    level *= total / (total + _PRIOR_JOBS)
    spread = max(
        (spread * total + _PRIOR_SPREAD * 2 * _PRIOR_JOBS) / (total + 2 * _PRIOR_JOBS), _LEAST_SPREAD
    )
    enough = 0.25 * max(weights)
    pairs = []
    for weight, remaining, dwell, off in zip(weights, remainings, dwells, offs, strict=True):
        if weight >= enough:
            rest = exp(min(off - level, 20.0))
            pairs.append((dwell * rest / max(remaining, 1.0), rest))
    pairs.sort()
    shares, rests = zip(*pairs, strict=True)
    typical = _weighted_median(logs, weights)
    return Fit(total, level, by_elapsed, elapsed, by_haste, haste, spread, typical, shares, rests)


def _weighted_median(values: list[float], weights: list[float]) -> float:
    """The middle of weighted values; at least one. Between two halves of equal weight, their mean."""
    pairs = sorted(zip(values, weights, strict=True))
    seen = list(accumulate(weight for _, weight in pairs))
    half = seen[-1] / 2
    index = bisect_left(seen, half * (1 - 1e-9))
    value = pairs[index][0]
    if seen[index] <= half * (1 + 1e-9) and index + 1 < len(pairs):
        return (value + pairs[index + 1][0]) / 2
    return value
