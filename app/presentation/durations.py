"""Formats moments (in seconds since the epoch) and ages (in seconds) so coarsely that they rarely change."""

from datetime import UTC, datetime

_MINUTE, _HOUR, _DAY = 60, 3600, 86400

_NEAR_SECONDS = 6 * _HOUR
"""A moment this close needs no date, even if midnight lies between it and now."""


def whole_age(seconds: float) -> int:
    """An age in seconds, at least 5, rounded down to steps of 5 s, and from a minute on to minutes, hours and days."""
    whole = max(5, int(seconds))
    step = 5 if whole < _MINUTE else _MINUTE if whole < _HOUR else _HOUR if whole < _DAY else _DAY
    return whole - whole % step


def age(seconds: float) -> str:
    """How old something is, rounded as `whole_age` does: `15s`, `4m`, `2h`, `3d`."""
    whole = whole_age(seconds)
    for unit, seconds_each in (("d", _DAY), ("h", _HOUR), ("m", _MINUTE)):
        if whole >= seconds_each:
            return f"{whole // seconds_each}{unit}"
    return f"{whole}s"


def age_in_words(seconds: float) -> str:
    """An age within a sentence: `15 s`, `4 min`, `2 h`, `3 days`."""
    short = age(seconds)
    number, unit = short[:-1], {"s": "s", "m": "min", "h": "h", "d": "days"}[short[-1]]
    return f"{number} {'day' if short == '1d' else unit}"


def clock_or_day(at: float, now: float) -> str:
    """When something happened, short enough for a column: `14:02`, or on another day `Nov 23`."""
    text = clock_time(at, now)
    day, _, clock = text.rpartition(" ")
    return day or clock


def clock_time(at: float, now: float, *, seconds: bool = False) -> str:
    """A moment by the local clock: `14:02` today or close to now, `14:02:09` with `seconds`; otherwise `Nov 23 14:02`.

    A dash for a moment that no calendar date can express.
    """
    if (local := _local(at)) is None:
        return "-"
    today = datetime.fromtimestamp(now, UTC).astimezone()
    if local.date() == today.date() or abs(at - now) < _NEAR_SECONDS:
        return f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    day = f"{local:%b} {local.day}" if local.year == today.year else f"{local:%Y-%m-%d}"
    return f"{day} {local:%H:%M}"


def forecast_clock(at: float, now: float, *, up: float = 0.5, finest: int = 1) -> str:
    """A forecast moment as `clock_time`, rounded to 1, 5, 15 or 30 minutes, the more coarsely the further away it is.

    It is never before the current minute.

    Args:
        at: The moment; one that has passed counts as now.
        now: The current time.
        up: How to round: 0.0 is down, 0.5 to the nearest step, 1.0 up.
        finest: The smallest step, in minutes.
    """
    at = max(at, now)
    if (local := _local(at)) is None:
        return "-"
    ahead = at - now
    minutes = 1 if ahead < 20 * _MINUTE else 5 if ahead < 2 * _HOUR else 15 if ahead < 6 * _HOUR else 30
    step = max(minutes, finest) * _MINUTE
    beyond = (60 * local.minute + local.second + local.microsecond / 1e6) % step
    rounded = at - beyond + (step if up and beyond / step > 1.0 - up else 0)
    return clock_time(rounded if rounded // _MINUTE >= now // _MINUTE else rounded + step, now)


def moment(at: float) -> str:
    """A moment in full, by the local clock: `2026-11-23 14:02:09`; a dash for one that no calendar date can express."""
    return "-" if (local := _local(at)) is None else f"{local:%Y-%m-%d %H:%M:%S}"


def _local(at: float) -> datetime | None:
    """A moment by the local clock; None for one that no calendar date can express."""
    try:
        return datetime.fromtimestamp(at, UTC).astimezone()
    except (OverflowError, ValueError, OSError):
        return None
