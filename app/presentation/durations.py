"""Formats times and amounts, coarsely enough to change rarely. All times are in seconds since the epoch."""

from datetime import UTC, datetime

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def age(seconds: float) -> str:
    """How old something is, in steps of 5 s, then minutes, hours and days: `15s`, `4m`, `2h`, `3d`."""
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return f"{max(5, whole - whole % 5)}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}m"
    if whole < _DAY:
        return f"{whole // _HOUR}h"
    return f"{whole // _DAY}d"


def age_in_words(seconds: float) -> str:
    """An age within a sentence: `15 s`, `4 min`, `2 h`, `3 days`."""
    short = age(seconds)
    number, unit = short[:-1], {"s": "s", "m": "min", "h": "h", "d": "days"}[short[-1]]
    return f"{number} {'day' if short == '1d' else unit}"


def duration(seconds: float) -> str:
    """How long something took, with two units at most: `42s`, `4m 10s`, `1h 05m`, `2d 3h`."""
    whole = max(0, round(seconds))
    if whole < _MINUTE:
        return f"{whole}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}m {whole % _MINUTE:02d}s"
    if whole < _DAY:
        return f"{whole // _HOUR}h {whole % _HOUR // _MINUTE:02d}m"
    return f"{whole // _DAY}d {whole % _DAY // _HOUR}h"


def clock_or_day(at: float, now: float) -> str:
    """When something was, short enough for a column: `14:02`, or on another day `Nov 23`."""
    text = clock_time(at, now)
    day, _, clock = text.rpartition(" ")
    return day or clock


def clock_time(at: float, now: float, *, seconds: bool = False) -> str:
    """When something is, by the local clock: `14:02`; with the date where it is another day: `Nov 23 14:02`.

    A dash for a moment that no calendar has.
    """
    try:
        moment = datetime.fromtimestamp(at, UTC).astimezone()
    except (OverflowError, ValueError, OSError):
        return "-"
    today = datetime.fromtimestamp(now, UTC).astimezone().date()
    time = f"{moment:%H:%M:%S}" if seconds else f"{moment:%H:%M}"
    if moment.date() == today:
        return time
    day = f"{moment:%b} {moment.day}"
    return f"{day} {time}" if moment.year == today.year else f"{moment:%Y-%m-%d} {time}"


def moment(at: float) -> str:
    """A moment in full, by the local clock: `2026-11-23 14:02:09`; a dash for one that no calendar has."""
    try:
        return f"{datetime.fromtimestamp(at, UTC).astimezone():%Y-%m-%d %H:%M:%S}"
    except (OverflowError, ValueError, OSError):
        return "-"


def jobs(number: int) -> str:
    """A number of jobs: `1 job`, `3 jobs`."""
    return f"{number} job" if number == 1 else f"{number} jobs"
