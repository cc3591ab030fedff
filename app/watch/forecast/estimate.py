"""When a job will be done: a median and an 80 % range, read from one weighted sample.

The sample holds what finished jobs did from this very position (see `analogues`), and the straight line with its
usual errors, which weighs as much as one finished job. While nothing changes, the jobs that had moved on by then are
left out of it (empirical residual life), and what is overdue is expected to last the longer the longer it has lasted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp

from app.watch.forecast.analogues import Point, straight_line, weighted_quantile
from app.watch.forecast.position import Position, position
from app.watch.forecast.stall import stalled_since
from app.watch.forecast.training import Training
from app.watch.history import Sample

_DEVIATES = (-1.3, -0.8, -0.4, 0.0, 0.4, 0.8, 1.3)  # of the straight line's errors, in standard deviations
_SPREAD_ALONE = 0.5  # standard deviation of their logarithm without finished jobs ...
_SPREAD_EVEN = 0.41  # ... for a job that has kept its pace in one stage so far ...
_SPREAD_NEW = 0.7  # ... and for one that has hardly begun
_STANDING_STILL = 0.12  # share of the finished jobs that stood still for so long, below which it is unusual
_REST_FACTORS = (0.15, 0.4, 0.8, 1.5, 3.0)  # how often the silence so far may come again
_EDGE = 0.1  # share of the sample beyond either end of the range ...
_EDGE_JOBS = 0.5  # ... less so many jobs' weight, as a small sample is narrower than what it is drawn from
_MIN_EDGE = 0.03
_NEW_POINTS, _EVEN_POINTS = 10.0, 20.0
_LEAP = 2.0  # points; longer steps are believed in only where they are all alike
_HASTE_SHARE = 0.8  # how far the recent pace replaces the overall one, in a job of one stage
_MAX_LOG = 18.0  # logarithm of the longest time in seconds: two years
_PLAY = 0.4  # share of the range's shorter side within which the finish stays as it was
_SHOW_BELOW = 3.0  # a range whose end is at most so many times as far ahead as its beginning is worth showing
_HIDE_ABOVE = 6.0  # one that has become so wide is not any more
_SLACK_SECONDS = 60.0  # added to both: ranges are shown in minutes
_MAX_CHANGES = 4  # appears and disappears at most twice


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a job is likely to be done. Times are seconds since the epoch; none lies before `at`.

    Attributes:
        at: When the forecast was made.
        finish: The median: as likely to be done before as after.
        low: In 80 % of the cases it is done between this ...
        high: ... and this.
        shown: Whether it is good enough to show. Never while the job stands still for unusually long.
        changes: How often `shown` has changed in the job's life.
        position: Where the job was; makes its next forecast cheaper.
    """

    at: float
    finish: float
    low: float
    high: float
    shown: bool
    changes: int
    position: Position = field(repr=False)

    @property
    def remaining(self) -> float:
        """Seconds until the median finish, from when the forecast was made; never negative."""
        return self.finish - self.at


def forecast(
    samples: Sequence[Sample],
    now: float,
    training: Training,
    *,
    models: str = "",
    previous: Forecast | None = None,
) -> Forecast | None:
    """When a job will be done.

    Args:
        samples: The job's history, oldest first: one sample wherever status, progress or stage changed.
        now: In seconds since the epoch.
        training: What finished jobs taught.
        models: What the job is written with, spelled as for `app.watch.forecast.training.learn`.
        previous: The job's last forecast. With it a forecast is steadier, and costs less.

    Returns:
        None for a job that has ended, and for one of which nothing can be said: nothing learned, and no progress.
    """
    here = position(samples, None if previous is None else previous.position)
    sample = None if here is None else _sample(here, now, training, models)
    if here is None or sample is None:
        return None
    points, jobs = sample
    edge = max(_EDGE - _EDGE_JOBS / max(jobs, 1.0), _MIN_EDGE)
    median = max(weighted_quantile(points, 0.5), 1.0)
    low = now + min(max(weighted_quantile(points, edge), 0.0), 0.97 * median)
    high = now + max(weighted_quantile(points, 1 - edge), 1.03 * median)
    finish = now + median
    if previous is not None:
        play = _PLAY * min(finish - low, high - finish)
        finish = min(max(previous.finish, finish - play), finish + play)
    stalled = stalled_since(samples, now, training, models=models, previous=here) is not None
    shown, changes = _shown(low - now, high - now, stalled, previous)
    return Forecast(now, finish, low, high, shown, changes, here)


def _shown(low: float, high: float, stalled: bool, previous: Forecast | None) -> tuple[bool, int]:
    """Whether to show a range, and how often that has changed; what is shown stays for longer than it took to appear."""
    before, changes = (False, 0) if previous is None else (previous.shown, previous.changes)
    fold = (high + _SLACK_SECONDS) / (low + _SLACK_SECONDS)
    shown = not stalled and fold <= (_HIDE_ABOVE if before else _SHOW_BELOW)
    if shown and not before and changes >= _MAX_CHANGES:
        shown = False
    return shown, changes + (shown != before)


def _sample(
    here: Position, now: float, training: Training, models: str
) -> tuple[list[tuple[float, float]], float] | None:
    """The remaining seconds with their weights, ascending, and how many finished jobs are behind them."""
    found = training.analogues(here, models)
    points: Sequence[Point] = ()
    silence, jobs = max(now - here.crossed, 0.0), 0.0
    if found is not None:
        elapsed = here.crossed - here.began
        jobs, spread, points = found.weight, found.spread, found.points
        level = found.log_remaining(elapsed, here.haste)
        if here.running:
            level += straight_line(elapsed, here.percent - here.first, 100.0 - here.percent)
        level = exp(min(level, _MAX_LOG))
        usual_silence = level
    else:
        own = _own_pace(here, now)
        if own is None:
            return None
        level, usual_silence, spread = own
    sample, rests, still = [], [], 0.0
    for log_ratio, dwell_share, weight in points:
        total = level * exp(log_ratio)
        dwell = dwell_share * total
        rests.append(max(total - dwell, 1.0))
        if dwell > silence:
            sample.append((total - silence, weight))
            still += weight
    if points and still < _STANDING_STILL * jobs:
        # Hardly any stood still for so long: what came after the change, and what the silence may yet last.
        rest = sorted(rests)[len(rests) // 2]
        sample += [(rest + silence * factor, 0.2 * jobs) for factor in _REST_FACTORS]
    if here.running or not points:
        for deviate in _DEVIATES:
            total = level * exp(deviate * spread)
            overdue = exp(deviate) * (silence - usual_silence * exp(deviate * spread))
            left = max(total - silence, 0.1 * total) if points else total
            sample.append((max(left, overdue), 1 / len(_DEVIATES)))
    sample.sort()
    return sample, jobs


def _own_pace(here: Position, now: float) -> tuple[float, float, float] | None:
    """What remains in seconds at the job's own pace, the usual silence, and the spread; None while it has no pace."""
    done, elapsed = here.progress - here.first, here.changed - here.began
    if not here.running or done <= 0 or elapsed <= 0:
        return None
    left, silence = max(100.0 - here.progress, 0.5), max(now - here.changed, 0.0)
    pace = elapsed / done
    # Progress in steps does not show the way to the next one.
    one_stage = here.one_stage and here.phase != ""  # without names, nobody knows how many there are
    even = one_stage if here.step <= _LEAP else here.progress % here.step < 1e-6
    ahead = min(here.step if even else 0.0, left / 2, silence / pace)
    pace = (elapsed + silence) / (done + ahead) * exp(_HASTE_SHARE * here.haste if one_stage else 0.0)
    spread = _SPREAD_ALONE
    if here.unevenness is None or done < _NEW_POINTS:
        spread = _SPREAD_NEW
    elif (
        here.one_stage
        and done >= _EVEN_POINTS
        and max(here.unevenness, abs(here.haste)) < (1.0 if one_stage else 0.4)
    ):
        spread = _SPREAD_EVEN
    return pace * (left - ahead), 3 * elapsed / done * max(here.step, 1.0), spread
