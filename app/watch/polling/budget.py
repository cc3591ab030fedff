"""Limits requests: how many may be under way at once, and how many may go out a minute.

Times are readings of one monotonic clock, in seconds.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

MAX_IN_FLIGHT = 10
"""The most requests under way at once."""

_MAX_POLLS_IN_FLIGHT = 8
"""The most polls among them, so that there is always room for a cancel."""

BURST = 10
"""The most requests that can be saved up."""

_ROUNDING = 1e-9  # requests; a caller that waited just long enough for one must get it


class TokenBucket:
    """A budget of requests a minute, spread evenly, of which at most `BURST` can be saved up."""

    def __init__(self, per_minute: float, now: float) -> None:
        """Start with a full bucket.

        Args:
            per_minute: Requests a minute, more than 0.
            now: The clock's reading.
        """
        self._per_second = per_minute / 60.0
        self._saved = float(BURST)
        self._filled_at = now

    def take(self, now: float) -> bool:
        """Take one request if there is one; return whether there was."""
        self._fill(now)
        if self._saved < 1.0 - _ROUNDING:
            return False
        self._saved -= 1.0
        return True

    def charge(self, now: float) -> None:
        """Take one request even if there is none, as a debt."""
        self._fill(now)
        self._saved -= 1.0

    def empty(self, now: float) -> None:
        """Drop what was saved; a debt stays."""
        self._fill(now)
        self._saved = min(self._saved, 0.0)

    def wait(self, now: float) -> float:
        """Seconds until there is a request to take; 0.0 if there is one."""
        self._fill(now)
        return 0.0 if self._saved >= 1.0 - _ROUNDING else (1.0 - self._saved) / self._per_second

    def _fill(self, now: float) -> None:
        self._saved = min(float(BURST), self._saved + max(0.0, now - self._filled_at) * self._per_second)
        self._filled_at = now


class RequestGate:
    """The one gate that all requests pass. Polls wait for budget and room; a person's requests only for room.

    Attributes:
        per_minute: The request budget.
        on_full: Called for every urgent request that finds no room, so that a poll can be aborted.
        on_finished: Called whenever a request ends.
    """

    def __init__(self, per_minute: float, clock: Callable[[], float]) -> None:
        """Nothing is under way.

        Args:
            per_minute: The request budget, more than 0.
            clock: The monotonic clock.
        """
        self.per_minute = per_minute
        self._clock = clock
        self._bucket = TokenBucket(per_minute, clock())
        self._in_flight = 0
        self._admitted = 0  # taken from a queue, but not under way yet
        self._urgent_queue: deque[asyncio.Future[None]] = deque()
        self._poll_queue: deque[asyncio.Future[None]] = deque()
        self._sent_at: deque[float] = deque()
        self.on_finished: Callable[[], None] = lambda: None
        self.on_full: Callable[[], None] = lambda: None

    @property
    def in_flight(self) -> int:
        """How many requests are under way."""
        return self._in_flight

    def sent_last_minute(self) -> int:
        """How many requests went out in the last 60 seconds."""
        self._drop_old(self._clock())
        return len(self._sent_at)

    def has_room_for_poll(self) -> bool:
        """Whether one more poll may be under way; only `finish` makes room."""
        return self._in_flight + self._admitted < _MAX_POLLS_IN_FLIGHT and not self._urgent_queue

    def begin_poll(self) -> float:
        """Begin a poll if the budget allows one.

        Returns:
            0.0 if the poll has begun, and counts as under way until `finish`; else the seconds until one may begin.
        """
        now = self._clock()
        if not self._bucket.take(now):
            return self._bucket.wait(now)
        self._begin(now)
        return 0.0

    def begin_probe(self) -> None:
        """Begin a poll whatever the budget, which is charged."""
        now = self._clock()
        self._bucket.charge(now)
        self._begin(now)

    def drop_saved(self) -> None:
        """Drop the saved budget, so that polls that have piled up go out evenly."""
        self._bucket.empty(self._clock())

    @asynccontextmanager
    async def poll(self) -> AsyncIterator[None]:
        """Hold one request of a poll, as soon as there is room and the budget allows it."""
        while True:
            if not self.has_room_for_poll():
                await self._queue(self._poll_queue)
            elif wait := self.begin_poll():
                await asyncio.sleep(wait)
            else:
                break
        try:
            yield
        finally:
            self.finish()

    @asynccontextmanager
    async def urgent(self) -> AsyncIterator[None]:
        """Hold one request that a person asked for: before all polls, as soon as there is room; the budget is charged."""
        while not self._has_room():
            self.on_full()
            await self._queue(self._urgent_queue)
        now = self._clock()
        self._bucket.charge(now)
        self._begin(now)
        try:
            yield
        finally:
            self.finish()

    def finish(self) -> None:
        """A request has ended."""
        self._in_flight -= 1
        self._admit_next()
        self.on_finished()

    def _begin(self, now: float) -> None:
        self._in_flight += 1
        self._sent_at.append(now)
        self._drop_old(now)

    def _drop_old(self, now: float) -> None:
        while self._sent_at and self._sent_at[0] <= now - 60.0:
            self._sent_at.popleft()

    def _has_room(self) -> bool:
        return self._in_flight + self._admitted < MAX_IN_FLIGHT

    async def _queue(self, queue: "deque[asyncio.Future[None]]") -> None:
        """Wait in a queue until admitted; one that is admitted and cancelled meanwhile admits the next."""
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn in queue:
                queue.remove(turn)
            else:
                self._admitted -= 1
                self._admit_next()
            raise
        self._admitted -= 1

    def _admit_next(self) -> None:
        if self._urgent_queue and self._has_room():
            queue = self._urgent_queue
        elif self._poll_queue and self.has_room_for_poll():
            queue = self._poll_queue
        else:
            return
        if turn := next((turn for turn in queue if not turn.done()), None):  # the others are being cancelled
            queue.remove(turn)
            self._admitted += 1  # so that no newcomer takes the room first
            turn.set_result(None)
