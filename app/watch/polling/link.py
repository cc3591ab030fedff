"""What we know of the API as a whole: up, down, holding us off, or not letting us in.

One failed poll says little; this draws the conclusions that go beyond one job. It keeps no time of its own:
every call is told the reading of one monotonic clock, in seconds.
"""

import random
from enum import StrEnum
from typing import NamedTuple

from app.deepwriter.errors import (
    ApiError,
    BadAnswer,
    Forbidden,
    NotFound,
    NotSignedIn,
    RateLimited,
    ServerError,
    Unauthorized,
    Unreachable,
)
from app.watch.polling.pacing import PROBE_MAX_SECONDS, PROBE_MIN_SECONDS

_ENOUGH = 3
"""How many different jobs must fail, with no good answer between, before the fault is the API's and not theirs."""


class Link(StrEnum):
    """What stands between us and answers."""

    UP = "up"
    DOWN = "down"
    LIMITED = "limited"
    SIGNED_OUT = "signed out"


class LinkState(NamedTuple):
    """The state of the connection, and why.

    Attributes:
        link: Which state.
        reason: One sentence; empty while up.
        until: When the next request may or will go out, on the clock; None where nothing is planned.
    """

    link: Link = Link.UP
    reason: str = ""
    until: float | None = None


class LinkMonitor:
    """Judges the API by the answers that come from it."""

    def __init__(self, rng: random.Random) -> None:
        """Start out trusting.

        Args:
            rng: The source of randomness for the time between probes.
        """
        self._rng = rng
        self._failing: set[str] = set()  # jobs that failed since the last answer of any use
        self._forbidden: set[str] = set()  # jobs answered 403 since the last good one
        self._let_in = False  # whether this sign-in ever brought a good answer
        self._signed_in_at = float("-inf")
        self._signed_out: str = ""
        self._signed_out_at = float("-inf")
        self._down: str = ""
        self._latest_start = float("-inf")
        self._next_probe = 0.0
        self._held: str = ""
        self._held_until = 0.0
        self._servers_hold_until = 0.0

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

    @property
    def let_in(self) -> bool:
        """Whether this sign-in ever brought a good answer."""
        return self._let_in

    def retry_after_until(self, now: float) -> float | None:
        """Until when the server asked everybody to wait, if that is still ahead; nothing may break it."""
        return self._servers_hold_until if now < self._servers_hold_until else None

    def poll_allowed_at(self, now: float) -> float | None:
        """When the next poll may start: `now` if one may; None if only a person can bring that about."""
        if self._signed_out:
            return None
        if self._down:
            return max(now, self._held_until, self._next_probe)
        return max(now, self._held_until)

    def started(self, now: float) -> None:
        """A request goes out; while the API is down the next probe is counted from here."""
        self._latest_start = now
        if self._down:
            self._plan_probe()

    def answered(self, started: float) -> bool:
        """A good answer came. True if it ends a time without.

        Args:
            started: When its request went out. A token that was refused since then is still refused.
        """
        ended = self.down
        self._reached()
        self._forbidden.clear()
        self._let_in = self._let_in or started >= self._signed_in_at
        if self._signed_out and started >= self._signed_out_at:
            self._signed_out = ""
            ended = True
        return ended

    def failed(self, job_id: str, error: ApiError, started: float, now: float, jobs: int) -> bool:
        """A request failed. True if it ends, all the same, a time without answers.

        Args:
            job_id: The job it was about.
            error: What happened.
            started: When its request went out.
            now: The clock's reading.
            jobs: How many jobs are polled at all; with less than three, fewer failures are enough.
        """
        was_down, was_out = self.down, self.signed_out
        self.note_retry_after(error, now)
        match error:
            case Unauthorized() | NotSignedIn():
                self._reached()
                self._lock_out(str(error), started, now)
            case Forbidden():
                self._reached()
                self._forbidden.add(job_id)
                if not self._let_in or len(self._forbidden) >= min(_ENOUGH, max(1, jobs)):
                    # Another job may be let in yet, even by a request that is under way.
                    self._lock_out(str(error), started, float("-inf"))
            case RateLimited():
                self._reached()
            case Unreachable() | ServerError() | BadAnswer():
                self._failing.add(job_id)
                if self._down or len(self._failing) >= min(_ENOUGH, max(1, jobs)):
                    if not self._down:
                        self._plan_probe()
                    self._down = str(error)
            case NotFound():  # no good answer, but one that only those get who are let in
                self._reached()
                if started >= self._signed_out_at:
                    self._signed_out = ""
            case _:
                self._reached()
        return (was_down and not self.down) or (was_out and not self.signed_out)

    def note_retry_after(self, error: ApiError, now: float) -> None:
        """Hold all polls for as long as an answer, to whatever request and with whatever status, asks for.

        Args:
            error: What the answer amounts to.
            now: The clock's reading.
        """
        if error.retry_after is not None:
            until = now + error.retry_after
            self._servers_hold_until = max(self._servers_hold_until, until)
            self._hold(str(error), until)
        elif isinstance(error, RateLimited):
            self._hold(str(error), now + self._rng.uniform(PROBE_MIN_SECONDS, PROBE_MAX_SECONDS))

    def hold_until(self, until: float, reason: str = "") -> None:
        """Keep to a wait that was demanded of another program that shares the database.

        Args:
            until: When it ends.
            reason: Why, where it is from now on for us to show.
        """
        self._servers_hold_until = max(self._servers_hold_until, until)
        if reason:
            self._hold(reason, until)

    def signed_in(self, now: float) -> None:
        """There is another token: everything about the old one is forgotten, answers to come included."""
        self._signed_in_at = now
        self._signed_out = ""
        self._let_in = False
        self._forbidden.clear()

    def _lock_out(self, reason: str, started: float, since: float) -> None:
        """Stop asking; `since` is when a request must have gone out for its answer to say otherwise."""
        if started >= self._signed_in_at:
            self._signed_out, self._signed_out_at = reason, max(self._signed_out_at, since)

    def _plan_probe(self) -> None:
        """Count from the start of the latest request: if it took its full time, recovery has waited as long."""
        self._next_probe = self._latest_start + self._rng.uniform(PROBE_MIN_SECONDS, PROBE_MAX_SECONDS)

    def _reached(self) -> None:
        self._failing.clear()
        self._down = ""

    def _hold(self, reason: str, until: float) -> None:
        if until >= self._held_until:
            self._held, self._held_until = reason, until
