"""When a job will be done: a median and an 80 % range, read from one weighted sample.

The sample is what finished jobs did from this very position (see `training`), and as much as one or two jobs are
worth of what the job's own pace says. While nothing changes, the finished jobs that had moved on by then are left out
(empirical residual life), and what is overdue is expected to last the longer the longer it has lasted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp, log
from statistics import median

from app.watch.forecast.course import Position, position
from app.watch.forecast.stall import stalled_since
from app.watch.forecast.training import Analogues, Training, weighted_quantile
from app.watch.history import Sample

_OWN_JOBS = 2.0  # how many finished jobs the job's own pace counts for ...
_OWN_SPREAD = 0.44  # ... and the standard deviation of its logarithm, for a job that is well under way
_AGREEING = 8.0  # how much more that is in a job of one stage whose pace agrees with finished jobs: ...
_APART = 0.3  # ... half of that if they lie so far apart, as a logarithm
_DEVIATES = (
    -1.3,
    -0.8,
    -0.4,
    0.0,
    0.4,
    0.8,
    1.3,
)  # in standard deviations: a normal distribution in seven points
_LEVEL_JOBS = 1.0
_LEVEL_SPREAD = 0.5
_HASTE_SHARE = 0.8  # how far the recent pace replaces the average one, in a job of one stage
_STANDING_STILL = 0.12  # share of the finished jobs that stood still for so long, below which it is unusual
_REST_FACTORS = (0.15, 0.4, 0.8, 1.5, 3.0)  # how often the silence so far may come again
_EDGE = 0.11  # share of the sample beyond either end of the range
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
    found = training.analogues(here, models)
    sample = _own_pace(here, now, found) + ([] if found is None else _analogues(here, now, found))
    if not sample:
        return None
    sample.sort()
    least, middle, most = (max(weighted_quantile(sample, share), 1.0) for share in (_EDGE, 0.5, 1 - _EDGE))
    low, finish, high = now + min(least, 0.97 * middle), now + middle, now + max(most, 1.03 * middle)
    if previous is not None:
        play = min(_PLAY * min(finish - low, high - finish), _MAX_PLAY * middle)
        finish = min(max(previous.finish, finish - play), finish + play)
    before, changes = (False, 0) if previous is None else (previous.shown, previous.changes)
    fold = (high - now + _SLACK_SECONDS) / (low - now + _SLACK_SECONDS)
    shown = (
        fold <= (_HIDE_ABOVE if before else _SHOW_BELOW)
        and (before or changes < _MAX_CHANGES)
        and stalled_since(samples, now, training, models=models) is None
    )
    return Forecast(now, finish, low, high, shown, changes + (shown != before), here)


def _analogues(here: Position, now: float, found: Analogues) -> list[tuple[float, float]]:
    """What may remain in seconds, by what finished jobs did, with weights."""
    silence, level = max(now - here.crossed, 0.0), found.remaining(here)
    remaining = [(level * factor, level * factor * dwell, weight) for factor, dwell, weight in found.points]
    sample = [(total - silence, weight) for total, dwell, weight in remaining if dwell > silence]
    if sum(weight for _, weight in sample) < _STANDING_STILL * found.weight:
        # Hardly any stood still for so long: what came after the change, and what the silence may yet last.
        rest = median(max(total - dwell, 1.0) for total, dwell, _ in remaining)
        sample += [(rest + silence * factor, 0.2 * found.weight) for factor in _REST_FACTORS]
    for deviate in _DEVIATES:
        total = level * exp(deviate * _LEVEL_SPREAD)
        left = max(total - silence, 0.1 * total, exp(deviate) * (silence - total))
        sample.append((left, _LEVEL_JOBS / len(_DEVIATES)))
    return sample


def _own_pace(here: Position, now: float, found: Analogues | None) -> list[tuple[float, float]]:
    """What may remain in seconds by the job's own pace, with weights; nothing while it has none."""
    done, elapsed = here.percent - here.first, here.crossed - here.began
    if not here.running or done <= 0 or elapsed <= 0:
        return []
    pace, silence, left = elapsed / done, max(now - here.crossed, 0.0), max(100 - here.percent, 0.5)
    overdue = silence - 3 * pace * max(here.step, 1)
    ahead = min(here.step, left / 2, silence / pace)  # progress in even steps is on its way to the next one
    pace = (elapsed + silence) / (done + ahead)
    if here.one_stage and here.phase:  # without names, nobody knows how many stages there are
        pace *= exp(_HASTE_SHARE * here.haste)
    # The longer a silence lasts, the longer it is expected to (Lindy).
    deviations = [exp(deviate * (_OWN_SPREAD + 1 / (done + 1))) for deviate in _DEVIATES]
    weight = _OWN_JOBS / len(_DEVIATES)
    if found is not None and here.one_stage and here.phase:
        apart = log(pace * max(100 - here.percent, 0.5) / found.remaining(here))
        weight *= 1 + _AGREEING / (1 + (apart / _APART) ** 2)
    return [(max(pace * (left - ahead) * each, overdue * each), weight) for each in deviations]
