"""How often to ask: intervals, the request budget and backoff, as pure arithmetic on seconds.

Times here are readings of one monotonic clock, in seconds.
"""

import random
from typing import NamedTuple

from app.job import Cadence

BURST = 10
"""How many requests may be saved up at most."""

_LADDER = (1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0)
"""Seconds: the intervals that a person steps through."""

_ROUNDING = 1e-9  # requests; whoever waited for one to the moment finds it there

_FAILED_ONCE = 5.0  # seconds; doubles with each failure in a row
_FAILED_OFTEN = 10.0  # seconds; no longer, so that a job that is well again is noticed
_JITTER = (
    0.1  # share of an interval by which polls are spread, so that a hundred jobs do not ask in one breath
)


class Intervals(NamedTuple):
    """Seconds between two polls of one job, by cadence.

    Attributes:
        fast: For a job in progress.
        medium: For a job that waits for its turn.
        slow: For any other that is not finished.
        exact: Whether `fast` was asked for to the second, so that nothing may spread it.
    """

    fast: float = 5.0
    medium: float = 15.0
    slow: float = 60.0
    exact: bool = False

    @classmethod
    def every(cls, seconds: float) -> "Intervals":
        """What a fixed interval means for each cadence.

        Args:
            seconds: For a job in progress, at least 1.
        """
        return cls(seconds, 3 * seconds, 12 * seconds, exact=True)

    def of(self, cadence: Cadence) -> float | None:
        """Seconds between two polls at a cadence; None for never."""
        match cadence:
            case Cadence.FAST:
                return self.fast
            case Cadence.MEDIUM:
                return self.medium
            case Cadence.SLOW:
                return self.slow
            case Cadence.NEVER:
                return None


def next_interval(seconds: float, *, longer: bool) -> float:
    """The next interval on a ladder of round numbers, from 1 s to an hour.

    Args:
        seconds: The one now, more than 0.
        longer: Whether the next longer one, or the next shorter one.
    """
    if longer:
        return next((rung for rung in _LADDER if rung > seconds), _LADDER[-1])
    return next((rung for rung in reversed(_LADDER) if rung < seconds), _LADDER[0])


def spread(interval: float, rng: random.Random) -> float:
    """An interval moved a little, earlier or later, so that jobs drift apart."""
    return interval * rng.uniform(1 - _JITTER, 1 + _JITTER)


def backoff(interval: float, failures: int, rng: random.Random) -> float:
    """Seconds until a job whose requests fail is asked for again.

    Doubles from 5 s to 10 s, never below the job's own interval, and adds up to 30% at random. It stays short
    because an outage is not met job by job: then a single probe goes out for all.

    Args:
        interval: The job's interval when all is well.
        failures: How many of its requests failed in a row, at least 1.
        rng: The source of randomness.
    """
    wait = min(_FAILED_ONCE * 2.0 ** (failures - 1), _FAILED_OFTEN)
    return max(interval, wait) * rng.uniform(1.0, 1.28)


def stretch(demand: float, per_minute: float) -> float:
    """By how much all intervals grow so that what is wanted fits the budget, at least 1.0.

    Args:
        demand: Requests a second that all intervals together ask for.
        per_minute: The budget.
    """
    return max(1.0, demand / (per_minute / 60.0))


class Budget:
    """A token bucket: so many requests a minute, evenly, with at most `BURST` saved up."""

    def __init__(self, per_minute: float, now: float) -> None:
        """Start with a full bucket.

        Args:
            per_minute: Requests a minute, more than 0.
            now: The clock's reading.
        """
        self._rate = per_minute / 60.0
        self._saved = float(BURST)
        self._at = now

    def take(self, now: float) -> bool:
        """Take one request if there is one."""
        self._refill(now)
        if self._saved < 1.0 - _ROUNDING:
            return False
        self._saved -= 1.0
        return True

    def charge(self, now: float) -> None:
        """Take one request even if there is none: what cannot wait is paid for afterwards."""
        self._refill(now)
        self._saved -= 1.0

    def empty(self, now: float) -> None:
        """Give up what was saved, so that what has piled up goes out evenly."""
        self._refill(now)
        self._saved = min(self._saved, 0.0)

    def wait(self, now: float) -> float:
        """Seconds until there is one to take, 0.0 if there is."""
        self._refill(now)
        return 0.0 if self._saved >= 1.0 - _ROUNDING else (1.0 - self._saved) / self._rate

    def _refill(self, now: float) -> None:
        self._saved = min(float(BURST), self._saved + max(0.0, now - self._at) * self._rate)
        self._at = now
