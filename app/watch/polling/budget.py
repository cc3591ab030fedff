"""Limits requests: how many may be in flight at once, and how many may be sent a minute.

Times are readings of one monotonic clock, in seconds.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import Enum

MAX_IN_FLIGHT = 10
"""The maximum number of requests in flight."""

BURST = 10
"""The maximum number of requests that can be saved up."""

_ROUNDING = 1e-9  # in requests; a caller that waited exactly long enough must get its request


class _Priority(Enum):
    """What a request is for, the most urgent first. The value limits the requests in flight, including this one.

    This leaves room for the user's requests while all polls hang, and for a cancel while all of those hang too.
    """

    CANCEL = MAX_IN_FLIGHT
    FETCH = MAX_IN_FLIGHT - 1
    POLL = MAX_IN_FLIGHT - 2


class TokenBucket:
    """A budget of requests a minute, spread evenly, of which at most `BURST` can be saved up."""

    def __init__(self, per_minute: float, now: float) -> None:
        """Start with a full bucket."""
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
        """Take one request even if none is left, going into debt."""
        self._fill(now)
        self._saved -= 1.0

    def empty(self, now: float) -> None:
        """Drop the saved requests; a debt remains."""
        self._fill(now)
        self._saved = min(self._saved, 0.0)

    def wait(self, now: float) -> float:
        """Seconds until `take` succeeds; 0.0 if it does now."""
        self._fill(now)
        return 0.0 if self._saved >= 1.0 - _ROUNDING else (1.0 - self._saved) / self._per_second

    def _fill(self, now: float) -> None:
        self._saved = min(float(BURST), self._saved + max(0.0, now - self._filled_at) * self._per_second)
        self._filled_at = now


class RequestGate:
    """The gate that all requests pass through. Polls wait for budget and room, the user's requests only for room.

    Attributes:
        per_minute: The request budget.
        on_full: Called for every urgent request that finds no room, so that a poll can be aborted.
        on_finished: Called whenever a request ends.
    """

    def __init__(self, per_minute: float, clock: Callable[[], float]) -> None:
        """Start with no request in flight. The budget must be more than 0."""
        self.per_minute = per_minute
        self._clock = clock
        self._bucket = TokenBucket(per_minute, clock())
        self._in_flight = 0
        self._admitted = 0  # taken from a queue, but not started yet
        self._queues: dict[_Priority, deque[asyncio.Future[None]]] = {
            priority: deque() for priority in _Priority
        }
        self._sent_at: deque[float] = deque()
        self.on_finished: Callable[[], None] = lambda: None
        self.on_full: Callable[[], None] = lambda: None

    @property
    def in_flight(self) -> int:
        """The number of requests in flight."""
        return self._in_flight

    def sent_last_minute(self) -> int:
        """The number of requests sent in the last 60 seconds."""
        self._drop_old(self._clock())
        return len(self._sent_at)

    def has_room_for_poll(self) -> bool:
        """Whether there is room for one more poll; only `finish` makes room."""
        return self._has_room(_Priority.POLL)

    def begin_poll(self) -> float:
        """Begin a poll if the budget allows one; returns 0.0, or else the seconds until one may begin.

        A poll that has begun is in flight until `finish`.
        """
        now = self._clock()
        if not self._bucket.take(now):
            return self._bucket.wait(now)
        self._begin(now)
        return 0.0

    def begin_probe(self) -> None:
        """Begin a poll regardless of the budget, which is charged."""
        now = self._clock()
        self._bucket.charge(now)
        self._begin(now)

    def drop_saved(self) -> None:
        """Drop the saved budget, so that polls that have piled up are spread evenly."""
        self._bucket.empty(self._clock())

    @asynccontextmanager
    async def poll(self) -> AsyncIterator[None]:
        """Wait until there is room and budget for one poll, then hold its place."""
        while True:
            if not self.has_room_for_poll():
                await self._wait(_Priority.POLL)
            elif wait := self.begin_poll():
                await asyncio.sleep(wait)
            else:
                break
        try:
            yield
        finally:
            self.finish()

    @asynccontextmanager
    async def urgent(self, *, cancel: bool = False) -> AsyncIterator[None]:
        """Wait until there is room for one request by the user, ahead of all polls, then hold its place.

        The budget is charged, but not waited for. A request that cancels a job takes precedence over reads.
        """
        priority = _Priority.CANCEL if cancel else _Priority.FETCH
        while not self._has_room(priority):
            self.on_full()
            await self._wait(priority)
        now = self._clock()
        self._bucket.charge(now)
        self._begin(now)
        try:
            yield
        finally:
            self.finish()

    def finish(self) -> None:
        """Note that a request has ended."""
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

    def _has_room(self, priority: _Priority) -> bool:
        """Whether there is room for a request of this priority, and no more urgent one is waiting."""
        return self._in_flight + self._admitted < priority.value and not any(
            self._queues[other] for other in _Priority if other.value > priority.value
        )

    async def _wait(self, priority: _Priority) -> None:
        """Wait until admitted. If cancelled after being admitted, admit the next one instead."""
        queue = self._queues[priority]
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
        for priority, queue in self._queues.items():
            if queue and self._has_room(priority):
                # Futures that are done are being cancelled.
                if turn := next((turn for turn in queue if not turn.done()), None):
                    queue.remove(turn)
                    self._admitted += 1  # so that no new caller takes the room first
                    turn.set_result(None)
                return
