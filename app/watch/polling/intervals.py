"""Polling intervals, and how jitter, backoff and the budget change them. Times are in seconds."""

import random
from typing import NamedTuple

from app.job import Cadence

_STEPS = (1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0)
"""The intervals that the user can step through, in seconds."""

_BACKOFF_SECONDS = 5.0
"""The wait after the first failure; it doubles with each further one in a row."""

_MAX_BACKOFF_SECONDS = 10.0
"""The longest wait. It is short, so that the list recovers soon after a failure."""

_JITTER_SHARE = 0.1
"""The share of an interval by which polls vary, so that a hundred jobs are not all polled at once."""


class Intervals(NamedTuple):
    """Seconds between two polls of one job, by cadence."""

    fast: float = 5.0  # for a job in progress
    medium: float = 15.0  # for a job that is waiting to run
    slow: float = 60.0  # for any other unfinished job
    exact: bool = False  # whether they are kept exactly, without jitter

    @classmethod
    def every(cls, seconds: float) -> "Intervals":
        """Exact intervals, derived from the one for jobs in progress, at least 1 s."""
        return cls(seconds, 3 * seconds, 12 * seconds, exact=True)

    def of(self, cadence: Cadence) -> float | None:
        """Seconds between two polls at a cadence; None if it is `NEVER`."""
        return {Cadence.FAST: self.fast, Cadence.MEDIUM: self.medium, Cadence.SLOW: self.slow}.get(cadence)


def next_interval(seconds: float, *, longer: bool) -> float:
    """The next longer or shorter round interval, from 1 s to an hour."""
    if longer:
        return next((step for step in _STEPS if step > seconds), _STEPS[-1])
    return next((step for step in reversed(_STEPS) if step < seconds), _STEPS[0])


def jittered(seconds: float, spread: float) -> float:
    """Shorten or lengthen a pause by up to 10 %, so that jobs drift apart. `spread` is a random number from 0 to 1."""
    return seconds * (1 + _JITTER_SHARE * (2 * spread - 1))


def backoff(interval: float, failures: int, rng: random.Random) -> float:
    """Seconds until a job is polled again after this many failures in a row, at least 1.

    The wait doubles from 5 s to 10 s, is never shorter than the job's own interval, and adds up to 28 % at random. It
    stays short because `LinkMonitor` handles an outage of the API, with one probe for all jobs.
    """
    wait = min(_BACKOFF_SECONDS * 2.0 ** (failures - 1), _MAX_BACKOFF_SECONDS)
    return max(interval, wait) * rng.uniform(1.0, 1.28)
