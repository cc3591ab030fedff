"""What a job's own pace says of the time that remains."""

from math import exp
from typing import NamedTuple

from app.watch.forecast.position import Position

_SPREAD_ALONE = 0.5  # standard deviation of their logarithm without finished jobs ...
_SPREAD_EVEN = 0.41  # ... for a job that has kept its pace in one stage so far ...
_SPREAD_NEW = 0.7  # ... and for one that has hardly begun
_NEW_POINTS, _EVEN_POINTS = 10.0, 20.0
_MIN_PROGRESS = 1e-3  # points; less is no progress
_LEAP = 2.0  # points; longer steps are believed in only where they are all alike
_HASTE_SHARE = 0.8  # how far the recent pace replaces the overall one, in a job of one stage


class OwnPace(NamedTuple):
    """What remains by the job's own pace.

    Attributes:
        remaining: In seconds.
        overdue: By how many seconds its silence is longer than usual; negative if it is not.
        spread: Standard deviation of the logarithm of what remains.
    """

    remaining: float
    overdue: float
    spread: float


def own_pace(here: Position, now: float) -> OwnPace | None:
    """What remains by the pace of a job so far; None while it has none.

    Args:
        here: Its position.
        now: In seconds since the epoch.
    """
    done, elapsed = here.progress - here.first, here.changed - here.began
    if not here.running or done < _MIN_PROGRESS or elapsed <= 0:
        return None
    left, silence = max(100.0 - here.progress, 0.5), max(now - here.changed, 0.0)
    named = here.one_stage and here.phase != ""  # without names, nobody knows how many stages there are
    pace = elapsed / done
    # Progress in steps does not show the way to the next one.
    even = named if here.step <= _LEAP else here.progress % here.step < 1e-6
    ahead = min(here.step if even else 0.0, left / 2, silence / pace)
    overdue = silence - 3 * pace * max(here.step, 1.0)
    pace = (elapsed + silence) / (done + ahead) * exp(_HASTE_SHARE * here.haste if named else 0.0)
    spread = _SPREAD_ALONE
    if here.unevenness is None or done < _NEW_POINTS:
        spread = _SPREAD_NEW
    elif (
        here.one_stage
        and done >= _EVEN_POINTS
        and max(here.unevenness, abs(here.haste)) < (1.0 if named else 0.4)
    ):
        spread = _SPREAD_EVEN
    return OwnPace(pace * (left - ahead), overdue, spread)
