"""Four answers to the question how long a job will take; which of them to trust is learned elsewhere."""

from bisect import bisect_right
from math import exp, log
from typing import NamedTuple

from app.watch.forecast.curve import linear_law, log_seconds
from app.watch.forecast.fit import Fit
from app.watch.forecast.own import Own
from app.watch.forecast.standing import Standing

COUNT = 4
"""How many candidates there are: learned, linear, smoothed, recent."""

BUCKETS = 13
"""How many kinds of situation are told apart."""

FEW = 8.0
"""As long as so many finished jobs are not known, what the job itself shows is used in their place."""

_LEAST = 1.0  # seconds; nothing shorter is forecast
_MOST_SPREAD = 1.2  # however little is left of the time that was forecast
_MOST_LOG = 20.0  # logarithm of the longest time, in seconds, that is taken from finished jobs
_LEAST_SHARE = 0.05  # of what remained at the whole percent, what remains at least at the last change
_OVERDUE = 0.9  # a job stands still unusually long when that share of the finished ones had moved on
_LEAP = 2.0  # points; a longer step is a leap, whose next one is believed in only where steps are all alike
_ROUND = 1e-6  # points by which a progress may miss being a whole number of leaps
_OWN_SPREAD = 0.05  # spread of a job left to itself whose pace foretold its own way without error ...
_OWN_SHARE = 1.3  # ... and how much each error adds to that


class Candidates(NamedTuple):
    """What each method says at one moment.

    Attributes:
        bucket: The kind of situation: waiting, running by progress in eleven steps, or standing still unusually long.
        logs: Logarithms of the seconds that remain by each method; None from those that know nothing.
        spread: Standard deviation of the logarithm, by the finished jobs.
        alone: How far the job is left to itself: 1.0 without any finished jobs, falling towards 0.0.
        own: What the job's own past says of its pace.
        change: Seconds from now until the next change is due; 0.0 if it is overdue or nothing is known.
    """

    bucket: int
    logs: tuple[float | None, float | None, float | None, float | None]
    spread: float
    alone: float
    own: Own
    change: float


def candidates(standing: Standing, now: float, fit: Fit, longest: tuple[float, ...]) -> Candidates | None:
    """What each method says about a job.

    Args:
        standing: Where the job stands.
        now: In seconds since the epoch; a time before the last change counts as that change.
        fit: What was learned at its position.
        longest: The longest quiet time of each finished job, in seconds, ascending.

    Returns:
        None if no method knows anything: no finished jobs, and no progress yet.
    """
    still = max(now - standing.anchor, 0.0)
    progress = standing.progress
    left = max(100.0 - progress, 0.5)
    moving = standing.running and progress > 0.0
    at_crossing = _log_at_crossing(standing, fit)
    learned = None
    alone = max(1.0 - fit.jobs / FEW, 0.0)
    spread = fit.spread + alone * (_OWN_SPREAD + _OWN_SHARE * standing.own.spread - fit.spread)
    change = 0.0
    unusual = False
    if at_crossing is not None:
        crossing = exp(min(at_crossing, _MOST_LOG))
        base = max(crossing - (standing.anchor - standing.crossed), _LEAST_SHARE * crossing, _LEAST)
        seconds, due, unusual = _learned(standing, still, base, fit, longest)
        learned = log(max(seconds, _LEAST))
        change = max(due - still, 0.0)
        spread = min(spread * max(base / max(seconds, _LEAST), 1.0), _MOST_SPREAD)
    linear = smoothed = recent = None
    if moving:
        if standing.overall:
            linear = log(_linear(standing, alone, left, still))
        if standing.smoothed:
            smoothed = log(_steady(standing.smoothed, standing.step, left, still))
            recent = log(_steady(standing.recent, standing.step, left, still))
            if not fit.dwells:
                change = max(standing.smoothed * standing.step - still, 0.0)
                unusual = still > 3 * standing.smoothed * standing.step
    logs = (learned, linear, smoothed, recent)
    if logs == (None, None, None, None):
        return None
    return Candidates(_bucket(standing, unusual), logs, spread, alone, standing.own, change)


def _log_at_crossing(standing: Standing, fit: Fit) -> float | None:
    """Logarithm of what remained when the job reached its whole percent, by the finished jobs."""
    if not fit.jobs:
        return None
    if standing.whole:
        haste = log(standing.recent / standing.overall) if standing.overall and standing.recent else 0.0
        law = linear_law(standing.elapsed, standing.crossing)
        return fit.log_remaining(law, log_seconds(standing.elapsed), haste)
    return fit.typical


def _learned(
    standing: Standing, still: float, base: float, fit: Fit, longest: tuple[float, ...]
) -> tuple[float, float, bool]:
    """Seconds that remain, seconds after the last change when the next is due, and whether that is long past."""
    share = still / base
    count = len(fit.dwells)
    due = fit.dwells[count // 2] * base
    unusual = bisect_right(fit.dwells, share) > _OVERDUE * count
    rest = fit.rest(share)
    if rest is not None:
        return base * rest - still, due, unusual
    # Nobody stood still here for so long: what is left after the next change, and the time until that. With no
    # law to go by, a quiet time is expected to last as long again as it has lasted (Lindy), unless the longest
    # quiet times of other jobs say less.
    gone = bisect_right(longest, still)
    more = still
    if len(longest) - gone >= 3:
        more = min(still, longest[(gone + len(longest)) // 2] - still)
    after = max(base - fit.dwells[-1] * base, 0.0)
    return after + more, due, True


def _linear(standing: Standing, alone: float, left: float, still: float) -> float:
    """Seconds that remain by the linear law, with what progress in small steps does not show yet."""
    uniform = alone > 0.0 and standing.own.uniform
    pace = standing.own.pace if uniform and standing.own.pace else standing.overall
    step = standing.step
    ahead = 0.0
    if step and (uniform if step <= _LEAP else standing.progress % step < _ROUND):
        ahead = min(step, left, still / pace)
    pace = (pace * standing.progress + still) / (standing.progress + ahead)
    return max(pace * (left - ahead), _LEAST)


def _steady(pace: float, step: float, left: float, still: float) -> float:
    """Seconds that remain at a pace; the countdown stops once the next step is overdue."""
    return max(pace * left - min(still, pace * step), _LEAST)


def _bucket(standing: Standing, unusual: bool) -> int:
    if not standing.running:
        return 0
    if unusual:
        return BUCKETS - 1
    return 1 + (standing.progress > 2.0) + min(int(standing.progress / 10), 9)
