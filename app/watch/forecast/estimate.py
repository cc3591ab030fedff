"""When a job will be done: a median and an 80 % range, read from one weighted sample.

The sample is what finished jobs did from this very position (see `analogues`); the job's own pace is mixed in by its
precision (see `own_pace`). While nothing changes, the finished jobs that had moved on by then are left out (empirical
residual life), and what is overdue is expected to last the longer the longer it has lasted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp, log, sqrt

from app.watch.forecast.analogues import Analogues, straight_line, weighted_quantiles
from app.watch.forecast.own_pace import OwnPace, own_pace
from app.watch.forecast.position import Position, position
from app.watch.forecast.stall import stalled_since
from app.watch.forecast.training import Training
from app.watch.history import Sample

_DEVIATES = (
    -1.3,
    -0.8,
    -0.4,
    0.0,
    0.4,
    0.8,
    1.3,
)  # in standard deviations, of what may come beside the known courses
_STANDING_STILL = 0.12  # share of the finished jobs that stood still for so long, below which it is unusual
_REST_FACTORS = (0.15, 0.4, 0.8, 1.5, 3.0)  # how often the silence so far may come again
_EDGE = 0.1  # share of the sample beyond either end of the range ...
_EDGE_JOBS = 0.5  # ... less so many jobs' weight, as a small sample is narrower than what it is drawn from
_MIN_EDGE = 0.03
_MAX_LOG = 18.0  # logarithm of the longest time in seconds: two years
_PLAY = 0.4  # share of the range's shorter side within which the finish stays as it was ...
_MAX_PLAY = 0.04  # ... and the most of that, as a share of the time ahead
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
    if here is None:
        return None
    own, found = own_pace(here, now), training.analogues(here, models)
    if found is not None:
        sample, jobs = _sample(here, now, found), found.weight
    elif own is not None:
        sample, jobs = _around(own), 0.0
    else:
        return None
    edge = max(_EDGE - _EDGE_JOBS / max(jobs, 1.0), _MIN_EDGE)
    least, middle, most = (max(time, 1.0) for time in weighted_quantiles(sample, (edge, 0.5, 1 - edge)))
    pull, apart = (0.0, 0.0) if found is None or own is None else _pull(own, middle, found)
    # Each counts by its precision (inverse variance), and together they are more precise than either.
    median = middle * exp(apart * pull)
    narrower = sqrt(1 - pull)
    low = now + min(median * (least / middle) ** narrower, 0.97 * median)
    high = now + max(median * (most / middle) ** narrower, 1.03 * median)
    finish = now + median
    if previous is not None:
        play = min(_PLAY * min(finish - low, high - finish), _MAX_PLAY * median)
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


def _sample(here: Position, now: float, found: Analogues) -> list[tuple[float, float]]:
    """What may remain in seconds, by what finished jobs did, with weights; ascending."""
    elapsed, silence = here.crossed - here.began, max(now - here.crossed, 0.0)
    log_level = found.log_remaining(elapsed, here.haste)
    if here.running:
        log_level += straight_line(elapsed, here.percent - here.first, 100.0 - here.percent)
    level = exp(min(log_level, _MAX_LOG))
    sample, rests, still = [], [], 0.0
    for ratio, dwell_share, weight in found.points:
        total = level * ratio
        dwell = dwell_share * total
        rests.append(max(total - dwell, 1.0))
        if dwell > silence:
            sample.append((total - silence, weight))
            still += weight
    if still < _STANDING_STILL * found.weight:
        # Hardly any stood still for so long: what came after the change, and what the silence may yet last.
        rest = sorted(rests)[len(rests) // 2]
        sample += [(rest + silence * factor, 0.2 * found.weight) for factor in _REST_FACTORS]
    for deviate in _DEVIATES:
        total = level * exp(deviate * found.spread)
        left = max(total - silence, 0.1 * total, exp(deviate) * (silence - total))
        sample.append((left, 1 / len(_DEVIATES)))
    return sorted(sample)


def _around(own: OwnPace) -> list[tuple[float, float]]:
    """The same by the job's own pace; the longer a silence lasts, the longer it is expected to (Lindy)."""
    return sorted(
        (max(own.remaining * exp(deviate * own.spread), exp(deviate) * own.overdue), 1.0)
        for deviate in _DEVIATES
    )


def _pull(own: OwnPace, median: float, found: Analogues) -> tuple[float, float]:
    """How much the own pace counts, from 0.0 to 1.0, and how far it lies from the median, as a logarithm.

    Where it lies far away it is the own pace that is wrong.
    """
    apart = log(max(own.remaining, own.overdue, 1.0) / median)
    uncertain = found.spread**2 / found.weight
    return uncertain / (uncertain + own.spread**2 + apart * apart / 4), apart
