"""When to poll a job next: rarely while its end is far away, often once it is likely."""

from app.job import Cadence, status_facts
from app.watch.forecast.estimate import Forecast
from app.watch.polling.intervals import Intervals, jittered

LONGEST_PAUSE_INTERVALS = 9.0  # the longest pause between two polls of a running job, in fast intervals
_MIN_INTERVALS = 1.2  # the pause in fast intervals without a forecast, and while the end is likely
_POLLS_AHEAD = 5.0  # polls in the time until the end is likely, or in that for which it is overdue
_LIKELY = 0.15  # share of the range after which the end counts as likely


def next_poll(
    status: str,
    now: float,
    forecast: Forecast | None,
    intervals: Intervals = Intervals(),  # noqa: B008  (a frozen value)
    *,
    watched: bool = False,
    spread: float = 0.5,
) -> float | None:
    """Seconds until a job should be polled again; None for a job that has ended.

    A running job waits for 1.08 to 9.9 times the fast interval, or about that interval if the user is looking at it
    (`watched`). `spread`, a random number from 0 to 1, varies the pause so that jobs are not polled all at once.
    """
    cadence, ahead = status_facts(status).cadence, 0.0
    if (seconds := intervals.of(cadence)) is None:
        return None
    if forecast is not None:
        likely_at = forecast.low + _LIKELY * (forecast.high - forecast.low)
        ahead = max(likely_at - now, now - forecast.high)
    if cadence is Cadence.FAST and not watched:
        seconds = min(max(ahead / _POLLS_AHEAD, _MIN_INTERVALS * seconds), LONGEST_PAUSE_INTERVALS * seconds)
    return jittered(seconds, spread)
