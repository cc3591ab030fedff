"""When to ask for a job next: seldom while its end is far away, often when it is likely."""

from app.job import Cadence, status_facts
from app.watch.forecast.estimate import Forecast
from app.watch.polling.intervals import Intervals

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
    """Seconds until a job should be asked for again; None for a job that has ended.

    Args:
        status: Its status.
        now: In seconds since the epoch.
        forecast: Its last forecast, if any.
        intervals: The configured intervals. A running job waits for 0.9 to 10 times the fast one.
        watched: Whether the user looks at this job now: then it is asked for at its plain interval.
        spread: A random number from 0 to 1, by which the pause is up to a tenth shorter or longer: it keeps jobs from
            asking all at once.
    """
    cadence = status_facts(status).cadence
    seconds = intervals.of(cadence)
    if seconds is None:
        return None
    if cadence is Cadence.FAST and not watched:
        ahead = 0.0
        if forecast is not None:
            likely = forecast.low + _LIKELY * (forecast.high - forecast.low)
            ahead = max(likely - now, now - forecast.high) / _CHECKS
        seconds = min(max(ahead, _BLIND * intervals.fast), _FAR * intervals.fast)
    return seconds * (1 + _JITTER * (2 * spread - 1))
