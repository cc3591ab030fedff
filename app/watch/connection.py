"""What we know of the API as a whole: up, down, holding us off, or not letting us in.

One failed poll says little; this draws the conclusions that go beyond one job. It keeps no time of its own:
every call is told the reading of one monotonic clock, in seconds.
"""

import random
from dataclasses import dataclass
from enum import StrEnum

from app.deepwriter.errors import (
    ApiError,
    BadAnswer,
    Forbidden,
    NotSignedIn,
    RateLimited,
    ServerError,
    Unauthorized,
    Unreachable,
)
from app.watch.pace import PROBE_MAX, PROBE_MIN

_ENOUGH = 3
"""How many different jobs must fail, with no good answer between, before the fault is the API's and not theirs."""


class Link(StrEnum):
    """What stands between us and answers."""

    UP = "up"
    DOWN = "down"
    LIMITED = "limited"
    SIGNED_OUT = "signed out"


@dataclass(frozen=True, slots=True)
class LinkState:
    """The state of the connection, and why.

    Attributes:
        link: Which state.
        reason: One sentence; empty while up.
        until: When the next request may or will go out, on the clock; None where nothing is planned.
    """

    link: Link = Link.UP
    reason: str = ""
    until: float | None = None


class Connection:
    """Judges the API by the answers that come from it."""

    def __init__(self, chance: random.Random) -> None:
        """Start out trusting.

        Args:
            chance: The source of randomness for the time between probes.
        """
        self._chance = chance
        self._failing: set[str] = set()  # jobs that failed since the last answer of any use
        self._forbidden: set[str] = set()  # jobs answered 403 since the last good one
        self._let_in = False  # whether this sign-in ever brought a good answer
        self._signed_out: str = ""
        self._down: str = ""
        self._next_probe = 0.0
        self._held: str = ""
        self._held_until = 0.0
        self._hold_is_the_servers = False

    def state(self, now: float) -> LinkState:
        """What to tell people."""
        if self._signed_out:
            return LinkState(Link.SIGNED_OUT, self._signed_out)
        if now < self._held_until:
            return LinkState(Link.LIMITED, self._held, self._held_until)
        if self._down:
            return LinkState(Link.DOWN, self._down, self._next_probe)
        return LinkState()

    @property
    def down(self) -> bool:
        """Whether the API is down; then one probe at a time goes out for all jobs."""
        return bool(self._down)

    @property
    def signed_out(self) -> bool:
        """Whether we are not let in; then nothing goes out but what a person asks for."""
        return bool(self._signed_out)

    def held(self, now: float) -> float | None:
        """Until when the server asked everybody to wait, if that is still ahead; nothing may break it."""
        return self._held_until if self._hold_is_the_servers and now < self._held_until else None

    def poll_allowed_at(self, now: float) -> float | None:
        """When the next poll may start: `now` if one may; None if only a person can bring that about."""
        if self._signed_out:
            return None
        if self._down:
            return max(now, self._held_until, self._next_probe)
        return max(now, self._held_until)

    def started(self, now: float) -> None:
        """A request goes out; while the API is down the next probe is counted from here."""
        if self._down:
            self._next_probe = now + self._chance.uniform(PROBE_MIN, PROBE_MAX)

    def answered(self) -> bool:
        """A good answer came. True if it ends a time without."""
        ended = bool(self._down or self._signed_out)
        self._reached()
        self._forbidden.clear()
        self._let_in = True
        self._signed_out = ""
        return ended

    def failed(self, job_id: str, error: ApiError, now: float, jobs: int) -> bool:
        """A request failed. True if it ends a time in which the API was down.

        Args:
            job_id: The job it was about.
            error: What happened.
            now: The clock's reading.
            jobs: How many jobs are polled at all; with less than three, fewer failures are enough.
        """
        was_down = self.down
        if error.retry_after is not None:
            self._hold(str(error), now + error.retry_after, servers=True)
        match error:
            case Unauthorized() | NotSignedIn():
                self._reached()
                self._signed_out = str(error)
            case Forbidden():
                self._reached()
                self._forbidden.add(job_id)
                if not self._let_in or len(self._forbidden) >= min(_ENOUGH, max(1, jobs)):
                    self._signed_out = str(error)
            case RateLimited():
                self._reached()
                if error.retry_after is None:
                    wait = self._chance.uniform(PROBE_MIN, PROBE_MAX)
                    self._hold(str(error), now + wait, servers=False)
            case Unreachable() | ServerError() | BadAnswer():
                self._failing.add(job_id)
                if not self._down and len(self._failing) >= min(_ENOUGH, max(1, jobs)):
                    self._next_probe = now + self._chance.uniform(PROBE_MIN, PROBE_MAX)
                if self._down or len(self._failing) >= min(_ENOUGH, max(1, jobs)):
                    self._down = str(error)
            case _:  # 404 and the like: an answer of use, only not a good one
                self._reached()
        return was_down and not self.down

    def signed_in(self) -> None:
        """There is another token: everything about the old one is forgotten."""
        self._signed_out = ""
        self._let_in = False
        self._forbidden.clear()

    def _reached(self) -> None:
        self._failing.clear()
        self._down = ""

    def _hold(self, reason: str, until: float, *, servers: bool) -> None:
        if until >= self._held_until:
            self._held, self._held_until, self._hold_is_the_servers = reason, until, servers
