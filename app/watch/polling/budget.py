"""Limits requests: how many may be under way at once, and how many may go out a minute.

Times are readings of one monotonic clock, in seconds.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import Enum

MAX_IN_FLIGHT = 10
"""The most requests under way at once."""


class _Priority(Enum):
    """What a request is for, the most urgent first. The value is how many may be under way when one begins.

    So there is room for what a person asks for while all polls hang, and for a cancel while all of that hangs too.
    """

    CANCEL = MAX_IN_FLIGHT
    FETCH = MAX_IN_FLIGHT - 1
    POLL = MAX_IN_FLIGHT - 2


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
        self._queues: dict[_Priority, deque[asyncio.Future[None]]] = {kind: deque() for kind in _Priority}
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
        return self._has_room(_Priority.POLL)

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
        """Hold one request that a person asked for: before all polls, as soon as there is room; the budget is charged.

        Args:
            cancel: Whether it cancels a job, and goes before all that only asks.
        """
        kind = _Priority.CANCEL if cancel else _Priority.FETCH
        while not self._has_room(kind):
            self.on_full()
            await self._wait(kind)
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

    def _has_room(self, kind: _Priority) -> bool:
        """Whether one more request of this kind may be under way, and none that is more urgent waits."""
        return self._in_flight + self._admitted < kind.value and not any(
            self._queues[other] for other in _Priority if other.value > kind.value
        )

    async def _wait(self, kind: _Priority) -> None:
        """Wait until admitted; one that is admitted and cancelled meanwhile admits the next."""
        queue = self._queues[kind]
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
        for kind, queue in self._queues.items():
            if queue and self._has_room(kind):
                # Those that are done are being cancelled.
                if turn := next((turn for turn in queue if not turn.done()), None):
                    queue.remove(turn)
                    self._admitted += 1  # so that no newcomer takes the room first
                    turn.set_result(None)
                return
