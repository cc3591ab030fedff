"""Limits how many requests are in flight at once, and how many are sent a minute.

Times are readings of one monotonic clock, in seconds.
"""

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

MAX_IN_FLIGHT = 10
"""The maximum number of requests in flight."""

BURST = 10
"""The maximum number of requests that can be saved up."""

_ROUNDING_SECONDS = 1e-9  # a poll that has waited exactly long enough must be sent


class RequestGate:
    """The gate that all requests pass through. Polls wait for budget and a slot, the user's requests only for a slot.

    Polls leave one slot for the user's requests, in case all polls hang; all but cancels leave one for a cancel.

    Attributes:
        per_minute: The request budget.
        on_full: Called for every urgent request that finds no free slot, so that a poll can be aborted.
        on_finished: Called whenever a request ends.
    """

    def __init__(self, per_minute: float, clock: Callable[[], float]) -> None:
        self.per_minute = per_minute
        self.on_finished: Callable[[], None] = lambda: None
        self.on_full: Callable[[], None] = lambda: None
        self._clock = clock
        self._spacing = 60.0 / per_minute  # seconds of budget that one request uses
        self._paid_until = -math.inf  # when the budget covers what was sent; later than now in debt
        self._sent_at: deque[float] = deque()
        # A poll takes a slot from each of these, a fetch by the user from the last two, and a cancel from the last.
        self._slots = tuple(asyncio.Semaphore(MAX_IN_FLIGHT - reserved) for reserved in (2, 1, 0))

    def sent_last_minute(self) -> int:
        """The number of requests sent in the last 60 seconds."""
        while self._sent_at and self._sent_at[0] <= self._clock() - 60.0:
            self._sent_at.popleft()
        return len(self._sent_at)

    def has_room_for_poll(self) -> bool:
        """Whether a slot is free for one more poll; only the end of a request frees one."""
        return not any(slot.locked() for slot in self._slots)

    async def begin_poll(self, *, probe: bool = False) -> float:
        """Wait for a slot, and begin a poll if the budget allows it; returns 0.0, or else the seconds until it does.

        A probe is charged to the budget, but does not wait for it. A poll that has begun is in flight until `finish_poll`.
        """
        await _acquire(self._slots)
        wait = self._paid_with_next() - self._clock()
        if wait > _ROUNDING_SECONDS and not probe:
            _release(self._slots)
            return wait
        self._charge()
        return 0.0

    def finish_poll(self) -> None:
        """Note that a poll has ended."""
        _release(self._slots)
        self.on_finished()

    @asynccontextmanager
    async def poll(self) -> AsyncIterator[None]:
        """Wait for a slot and budget for one poll, then hold the slot."""
        wait = await self.begin_poll()
        while wait:
            await asyncio.sleep(wait)
            wait = await self.begin_poll()
        try:
            yield
        finally:
            self.finish_poll()

    @asynccontextmanager
    async def urgent(self, *, cancel: bool = False) -> AsyncIterator[None]:
        """Wait for a slot for one request by the user, ahead of all polls, then hold it.

        The request is charged to the budget, but does not wait for it.
        """
        slots = self._slots[2:] if cancel else self._slots[1:]
        if any(slot.locked() for slot in slots):
            self.on_full()
        await _acquire(slots)
        self._charge()
        try:
            yield
        finally:
            _release(slots)
            self.on_finished()

    def _paid_with_next(self) -> float:
        """When one more request will fit the budget. At most `BURST` requests are saved up."""
        return max(self._paid_until, self._clock() - BURST * self._spacing) + self._spacing

    def _charge(self) -> None:
        """Charge a request to the budget, even if that goes into debt."""
        self._paid_until = self._paid_with_next()
        self._sent_at.append(self._clock())
        self.sent_last_minute()  # drops older ones


async def _acquire(slots: Sequence[asyncio.Semaphore]) -> None:
    async with AsyncExitStack() as acquired:
        for slot in slots:
            await acquired.enter_async_context(slot)
        acquired.pop_all()  # `_release` releases them when the request has ended


def _release(slots: Sequence[asyncio.Semaphore]) -> None:
    for slot in slots:
        slot.release()
