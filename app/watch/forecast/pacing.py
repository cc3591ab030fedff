"""When to ask for a job next: seldom while little can happen, often when its end is likely.

The chance to meet an event early at a given number of looks is best when the time between looks goes with the
inverse square root of the event's density (optimal inspection; Barlow, Hunter and Proschan 1963). The density is
taken from the forecast's range: next to nothing long before it, evenly spread within, fading behind.
"""

from math import sqrt

from app.job import Cadence, status_facts
from app.watch.forecast.eta import Forecast
from app.watch.pace import Intervals

# Where nothing else is said, these count fast intervals.
_JITTER = 0.1  # share of a pause by which it is made longer or shorter
_NEAR = 1.4  # the longest pause within the range
_WIDE = 300.0  # seconds; a range as wide as that has the longest pause within it
_BLIND = 2.0  # the pause without a forecast
_FAR = 6.0  # the longest pause outside the range
_APPROACH = 0.15  # how much longer the pause is for each interval that the range is away
_COARSE = 2.0  # only a longer pause is moved to meet the next change ...
_ALIGNED = 0.3  # ... which is due within that share of it
_AFTER = 0.2  # how long after the change is due


def next_poll(
    status: str,
    now: float,
    forecast: Forecast | None,
    intervals: Intervals = Intervals(),  # noqa: B008  (a frozen value)
    *,
    watched: bool = False,
    spread: float = 0.5,
) -> float | None:
    """Seconds until a job should be asked for again.

    For a running job it is never less than nine tenths of the fast interval, nor more than nine times it; where
    a change is due about when the next poll would be, the poll comes just after it.

    Args:
        status: Its status.
        now: In seconds since the epoch.
        forecast: Its last forecast, if any.
        intervals: The configured intervals; a running job's pace is a multiple of the fast one.
        watched: Whether the user looks at this job now: then it is asked for at its plain interval.
        spread: A random number from 0 to 1 that keeps jobs from asking all at once: the interval is between
            nine and eleven tenths of what it would be.

    Returns:
        None for a job that has ended: it is never asked for again.
    """
    cadence = status_facts(status).cadence
    seconds = intervals.of(cadence)
    if seconds is None:
        return None
    if cadence is Cadence.FAST and not watched:
        seconds *= _BLIND if forecast is None else _multiple(now, forecast, intervals.fast)
    return seconds * (1 + _JITTER * (2 * spread - 1))


def _multiple(now: float, forecast: Forecast, fast: float) -> float:
    """How many fast intervals to wait for a running job."""
    ahead = forecast.low - now
    width = max(forecast.high - forecast.low, fast)
    near = min(max(_NEAR * sqrt(width / _WIDE), 1.0), _NEAR)
    late = now - forecast.high
    multiple = min(near + _APPROACH * max(ahead, late, 0.0) / fast, _FAR)
    # A poll that comes about when the next change is due waits for it: just before, it would see nothing new.
    due = (forecast.next_change - now) / fast + _AFTER
    return due if multiple > _COARSE and abs(due - multiple) < _ALIGNED * multiple else multiple
