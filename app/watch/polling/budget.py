"""The one gate for requests: how many may be under way at once, and how many may go out a minute.

Times are readings of one monotonic clock, in seconds.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from app.watch.polling.pacing import Budget

IN_FLIGHT = 10
"""The most requests under way at once."""

_FOR_POLLS = 8  # what polls may fill of that, so that a cancel always finds a place


class RequestGate:
    """Counts requests in and out. Polls wait for budget and room; what a person asked for only for room."""

    def __init__(self, per_minute: float, clock: Callable[[], float]) -> None:
        """Nothing is under way.

        Args:
            per_minute: The request budget, more than 0.
            clock: The monotonic clock.
        """
        self.per_minute = per_minute
        self._clock = clock
        self._budget = Budget(per_minute, clock())
        self._in_flight = 0
        self._called = 0  # how many were called from a line and have not yet taken their place
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._polls_waiting: deque[asyncio.Future[None]] = deque()
        self._recent: deque[float] = deque()
        self._freed: Callable[[], None] = lambda: None
        self._full: Callable[[], None] = lambda: None

    def on_full(self, callback: Callable[[], None]) -> None:
        """Have a function called for every urgent request that finds no room, so that a poll can be called off."""
        self._full = callback

    def on_freed(self, callback: Callable[[], None]) -> None:
        """Have a function called whenever a request ends."""
        self._freed = callback

    @property
    def in_flight(self) -> int:
        """How many requests are under way."""
        return self._in_flight

    def sent_last_minute(self) -> int:
        """How many requests went out in the last 60 seconds."""
        self._drop_old(self._clock())
        return len(self._recent)

    def room_for_poll(self) -> bool:
        """Whether one more poll may be under way; only `finish` makes room."""
        return self._in_flight + self._called < _FOR_POLLS and not self._waiting

    def begin_poll(self) -> float:
        """Let a poll out if the budget has a request to spend.

        Returns:
            0.0 if it may go, and counts as under way until `finish`; else the seconds until one may.
        """
        now = self._clock()
        if not self._budget.take(now):
            return self._budget.wait(now)
        self._begin(now)
        return 0.0

    def begin_probe(self) -> None:
        """Let a poll out whatever the budget, which pays for it afterwards."""
        now = self._clock()
        self._budget.charge(now)
        self._begin(now)

    def discard_saved(self) -> None:
        """Give up what budget was saved up, so that what has piled up goes out evenly."""
        self._budget.empty(self._clock())

    @asynccontextmanager
    async def poll(self) -> AsyncIterator[None]:
        """Let a poll out as soon as there is both room and a request to spend."""
        while True:
            if not self.room_for_poll():
                await self._queue_up(self._polls_waiting)
            elif pause := self.begin_poll():
                await asyncio.sleep(pause)
            else:
                break
        try:
            yield
        finally:
            self.finish()

    @asynccontextmanager
    async def urgent(self) -> AsyncIterator[None]:
        """Let out what a person asked for: before all polls, as soon as there is room, paid for afterwards."""
        while not self._room():
            self._full()
            await self._queue_up(self._waiting)
        now = self._clock()
        self._budget.charge(now)
        self._begin(now)
        try:
            yield
        finally:
            self.finish()

    def finish(self) -> None:
        """A request that was let out has ended."""
        self._in_flight -= 1
        self._call_next()
        self._freed()

    def _begin(self, now: float) -> None:
        self._in_flight += 1
        self._recent.append(now)
        self._drop_old(now)

    def _drop_old(self, now: float) -> None:
        while self._recent and self._recent[0] <= now - 60.0:
            self._recent.popleft()

    async def _queue_up(self, line: "deque[asyncio.Future[None]]") -> None:
        """Wait to be called; whoever is called and gone by then passes it on."""
        place = asyncio.get_running_loop().create_future()
        line.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place in line:
                line.remove(place)
            else:
                self._called -= 1
                self._call_next()
            raise
        self._called -= 1

    def _room(self) -> bool:
        return self._in_flight + self._called < IN_FLIGHT

    def _call_next(self) -> None:
        if self._waiting and self._room():
            line = self._waiting
        elif self._polls_waiting and self.room_for_poll():
            line = self._polls_waiting
        else:
            return
        if called := next((place for place in line if not place.done()), None):  # the others are giving up
            line.remove(called)
            self._called += 1  # so that nobody who comes by takes the place before the one who was called
            called.set_result(None)
