"""When to ask for a job next: seldom while its end is far away, often when it is likely."""

from app.job import Cadence, status_facts
from app.watch.forecast.estimate import Forecast
from app.watch.polling.pacing import Intervals

_JITTER = 0.1  # share of a pause by which it is made longer or shorter
_BLIND = 1.2  # fast intervals of the pause without a forecast, and within the range
_FAR = 9.0  # fast intervals of the longest pause
_CHECKS = 5.0  # in how many polls the time until the end is likely would be passed
_LIKELY = 0.15  # share of the range from its beginning to there


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

    For a running job it is never less than nine tenths of the fast interval, nor more than ten times it.

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
    likely = forecast.low + _LIKELY * (forecast.high - forecast.low)
    ahead = max(likely - now, now - forecast.high, 0.0)
    return min(max(ahead / _CHECKS / fast, _BLIND), _FAR)
