"""A forecast in words, coarse enough to stay the same while little changes."""

from math import ceil, floor

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def range_of(low: float, high: float) -> str:
    """A range of seconds from now in words: `12-18 min`, `20 min-2.5 h`, `<1-20 min`, `up to 2 min`; never negative."""
    low, high = max(low, 0.0), max(high, low, 0.0)
    unit, seconds, step = ("min", _MINUTE, 1.0) if high < 90 * _MINUTE else ("h", _HOUR, 0.5)
    if high >= 2 * _DAY:
        unit, seconds = "d", _DAY
    first, last = floor(low / seconds / step) * step, max(ceil(high / seconds / step) * step, 1)
    if first > 0:
        return f"{first:g} {unit}" if first == last else f"{first:g}-{last:g} {unit}"
    if unit == "min":
        return f"up to {last:g} min" if last <= 5 else f"<1-{last:g} min"
    smaller, seconds = ("min", _MINUTE) if unit == "h" else ("h", _HOUR)
    return f"{floor(low / seconds) or '<1'} {smaller}-{last:g} {unit}"


def about_minutes(seconds: float) -> int:
    """A time left in minutes, rounded as a forecast should be: 14, 25, 130; less than a minute is 0."""
    minutes = seconds / _MINUTE
    steps = ((19.5, 1), (60, 5), (600, 10), (48 * 60, 60))  # (below how many minutes, rounded to how many)
    step = next((step for limit, step in steps if minutes < limit), 24 * 60)
    return step * round(minutes / step) if minutes >= 1 else 0


def about(seconds: float) -> str:
    """A time left in words, rounded as `about_minutes` does: `~14m`, `~2h 10m`, `~3d`, `<1m`."""
    minutes = about_minutes(seconds)
    if minutes < 60:
        return f"~{minutes}m" if minutes else "<1m"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"~{hours}h {rest}m" if rest else f"~{hours}h"
    return f"~{hours // 24}d"
