"""A forecast in words, coarse enough to stand still while little changes."""

from math import ceil, floor

_MINUTE = 60
_HOUR = 3600
_DAY = 86400


def range_of(low: float, high: float) -> str:
    """A range of times from now in words: `12-18 min`, `2-3 h`, `1 min-1.5 h`; `under 2 min` where it begins within a minute.

    Args:
        low: Its beginning, in seconds; a negative one counts as 0.
        high: Its end, likewise.
    """
    low = max(low, 0.0)
    high = max(high, low)
    if high < 90 * _MINUTE:
        return _between(floor(low / _MINUTE), ceil(high / _MINUTE), "min")
    if high < 2 * _DAY:
        return _between(floor(2 * low / _HOUR) / 2, ceil(2 * high / _HOUR) / 2, "h")
    return _between(floor(2 * low / _DAY) / 2, ceil(2 * high / _DAY) / 2, "d")


def about(seconds: float) -> str:
    """Seconds in words, rounded as far as a forecast deserves: `~14m`, `~2h 10m`, `<1m`; fewer than 0 count as 0."""
    if seconds < _MINUTE:
        return "<1m"
    minutes = round(seconds / _MINUTE)
    if minutes < 60:
        return f"~{minutes if minutes < 20 else 5 * round(minutes / 5)}m" if minutes < 58 else "~1h"
    if seconds < 10 * _HOUR:
        hours, rest = divmod(10 * round(minutes / 10), 60)
        return f"~{hours}h {rest}m" if rest else f"~{hours}h"
    if seconds < 2 * _DAY:
        return f"~{round(seconds / _HOUR)}h"
    return f"~{round(seconds / _DAY)}d"


def quiet_text(since: float, now: float) -> str:
    """How long a job has not moved, for its mark: `no change 9m`."""
    seconds = max(now - since, 0.0)
    if seconds < _HOUR:
        return f"no change {int(seconds / _MINUTE)}m"
    if seconds < _DAY:
        return f"no change {int(seconds / _HOUR)}h"
    return f"no change {int(seconds / _DAY)}d"


def _between(low: float, high: float, unit: str) -> str:
    if low <= 0:
        return f"up to {max(high, 1):g} {unit}"
    return f"{low:g} {unit}" if low == high else f"{low:g}-{high:g} {unit}"
