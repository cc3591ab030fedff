"""Waiting for conditions, and a clock that a test sets."""

import asyncio
import time
from collections.abc import Callable, Sequence
from itertools import pairwise

TIMEOUT_SECONDS = 40.0
"""Long enough for a busy machine. A test that passes never waits that long."""


class ManualClock:
    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def gaps(moments: Sequence[float]) -> list[float]:
    """The times between successive moments."""
    return [later - earlier for earlier, later in pairwise(moments)]


def until(holds: Callable[[], object]) -> None:
    """Wait until a condition holds; fail if it does not in time. Not for use inside an event loop."""
    give_up_at = time.monotonic() + TIMEOUT_SECONDS
    while not holds():
        assert time.monotonic() < give_up_at, f"it did not hold within {TIMEOUT_SECONDS:g} s"
        time.sleep(0.005)


async def eventually(holds: Callable[[], object], describe: Callable[[], object] = lambda: "") -> None:
    """Wait until a condition holds while the event loop runs; fail with a description if it does not in time."""
    give_up_at = time.monotonic() + TIMEOUT_SECONDS
    while not holds():
        assert time.monotonic() < give_up_at, f"it did not hold within {TIMEOUT_SECONDS:g} s\n{describe()}"
        await asyncio.sleep(0.005)
