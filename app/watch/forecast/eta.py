"""When a job will be done: a median and an 80 % range.

The method, in one paragraph: four candidates (a regression on finished jobs at the same position, and the overall,
smoothed and recent pace of the job itself) are mixed by their past errors, and the range is as wide as past errors
of the mixture demand. Where each step comes from is told in `fit` (regression), `candidates` (the four), `own` (what
a job says of itself while little is known of others) and `ledger` (mixing and range). The finish that is shown
follows the newest one at leisure, within the range, so that it does not jump back and forth between polls.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp

from app.watch.forecast.ledger import mix
from app.watch.forecast.past import Past
from app.watch.forecast.standing import Standing, stand
from app.watch.history import Sample

_PATIENCE = 0.2  # share of the time ahead in which the shown finish comes most of the way to the new one
_PLAY = 0.2  # share of the range's shorter side that the new finish may move without being followed
_MOST_PLAY = 0.1  # the most of that, as a share of the time ahead
_MOST = 0.8  # share of the time ahead that the shown finish may stay off the new one at most
_WORTH_SHOWING = 8.0  # a range whose end lies so many times as far ahead as its beginning says too little
_FAR = 20.0  # logarithm of the longest time that is forecast, in seconds: fifteen years
_WIDEST = 3.5  # how far an end of the range may lie from the median, as a logarithm: 33 times as long


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a job is likely to be done. Times are seconds since the epoch; none lies before `at`.

    Attributes:
        at: When the forecast was made.
        finish: The median: as likely to be done before as after.
        low: In 80 % of the cases it is done between this ...
        high: ... and this.
        next_change: When its progress or stage is due to change; `at` if that is overdue or unknown.
        shown: Whether it is good enough to show.
        standing: Where the job stood; makes the next forecast of the same job cheaper.
    """

    at: float
    finish: float
    low: float
    high: float
    next_change: float
    shown: bool
    standing: Standing = field(repr=False)

    @property
    def remaining(self) -> float:
        """Seconds until the median finish, from when the forecast was made; never negative."""
        return self.finish - self.at


def forecast(
    samples: Sequence[Sample],
    now: float,
    past: Past,
    *,
    models: str = "",
    previous: Forecast | None = None,
) -> Forecast | None:
    """When a job will be done.

    Args:
        samples: The job's past, oldest first: one sample wherever status, progress or stage changed.
        now: In seconds since the epoch.
        past: What finished jobs taught.
        models: What the job is written with, spelled as in `app.watch.forecast.past.learn`.
        previous: The job's last forecast. With it a forecast is steadier, and costs less.

    Returns:
        None for a job that has ended, and for one of which nothing can be said: nothing learned, and no progress.
    """
    standing = stand(samples, None if previous is None else previous.standing, alone=past.alone)
    if standing is None:
        return None
    found = past.candidates(standing, now, models)
    if found is None:
        return None
    middle = mix(found, past.trust(found.bucket))
    below, above = past.bounds(found.bucket)
    remaining = exp(min(middle, _FAR))
    shortest = remaining * exp(max(min(below * found.spread, 0.0), -_WIDEST))
    longest = remaining * exp(min(max(above * found.spread, 0.0), _WIDEST))
    low, high = now + shortest, now + longest
    finish = now + remaining
    if previous is not None:
        finish = _steadied(finish, low, high, now, 1 - found.alone, previous)
    shown = high - now <= _WORTH_SHOWING * max(low - now, 1.0) and (past.seen >= 3 or standing.progress >= 3)
    return Forecast(now, max(finish, now), low, high, now + found.change, shown, standing)


def _steadied(finish: float, low: float, high: float, now: float, known: float, previous: Forecast) -> float:
    """The finish to show, given the last one: it follows the new one slowly, but does not stay far behind.

    What a range lost in width since the last forecast is what was learned meanwhile: the finish follows the more
    of it (the gain of a Kalman filter, 1960). Otherwise it follows within a share of the time ahead.

    Args:
        finish: The new median.
        low: Where the new range begins.
        high: Where it ends.
        now: When it was made.
        known: How much is known of other jobs, 0.0 to 1.0; without them there is no width to go by.
        previous: The last forecast.
    """
    ahead = max(finish - now, 1.0)
    # The shorter side of the range is what is known well: a long one only says that something may yet happen.
    half = min(finish - low, high - finish)
    play = known * min(_PLAY * half, _MOST_PLAY * ahead)
    aim = min(max(previous.finish, finish - play), finish + play)
    late = exp(-max(now - previous.at, 0.0) / (_PATIENCE * known * ahead + 1.0))
    narrower = min((high - low) / max(previous.high - previous.low, 1.0), 1.0)
    shown = aim + late * narrower * (previous.finish - aim)
    slack = _MOST * ahead
    return min(max(shown, finish - slack, low), finish + slack, high)
