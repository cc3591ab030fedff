"""The state of the link to the API, derived from the outcomes of all requests.

One failed request says little about the API. `LinkMonitor` decides when the API counts as down, when it asks all clients
to wait, and when the token was rejected.
"""

import random
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from app.deepwriter.errors import (
    MAX_RETRY_AFTER_SECONDS,
    ApiError,
    BadAnswer,
    Forbidden,
    NotFound,
    NotSignedIn,
    RateLimited,
    Rejected,
    ServerError,
    Unauthorized,
    Unreachable,
)
from app.watch.observable import Observable

PROBE_MIN_SECONDS, PROBE_MAX_SECONDS = 10.2, 12.8
"""The shortest and longest interval between the starts of two probes while the API is down: 10 to 13 s, less a margin
for inaccurate clocks."""

_CLOCK_JITTER_SECONDS = 0.1
"""A wait that another process reports counts only if it is longer by more than this. Otherwise, two processes whose
clocks differ slightly would keep prolonging it."""

_FAILING_JOBS_THRESHOLD = 3
"""How many different jobs must fail in a row before the API counts as down."""


class Link(StrEnum):
    """The states of the link."""

    UP = "up"
    DOWN = "down"
    LIMITED = "limited"
    SIGNED_OUT = "signed out"


class LinkState(NamedTuple):
    """The state of the link, and why.

    `until` is when the next probe is due while down, and when the wait ends while limited, in seconds since the epoch
    except in `LinkMonitor.own`.
    """

    status: Link = Link.UP
    reason: str = ""  # one sentence; empty while up, or if another process was asked to wait
    until: float | None = None


class LinkMonitor:
    """Derives the state of the link from the outcomes of requests. Used in one thread.

    Attributes:
        own: The state from this process's own requests; `until` is on the monotonic clock.
        leader: The state reported by the leader, the process that polls for all; None while this process is the leader.
        reports: Whether this process, not another, reports changes, as of the latest heartbeat; None if none was polling.
        accepted_at: When the latest request that the API accepted with the current token was sent, on the monotonic
            clock; -inf before the first.
    """

    def __init__(self, *, clock: Callable[[], float], now: Callable[[], float], rng: random.Random) -> None:
        """Start with the link up. `clock` is the monotonic clock, `now` the wall clock."""
        self._clock = clock
        self._now = now
        self._rng = rng
        self.own = Observable(LinkState())
        self.leader: Observable[LinkState | None] = Observable(None)
        self.reports: bool | None = None
        self._failing: set[str] = set()  # jobs that failed since the last answer from the API
        self._forbidden: set[str] = set()  # jobs answered with 403 since the last good answer
        self._answered_elsewhere = False  # whether another process had a good answer since the sign-in
        self.accepted_at = float("-inf")
        self._signed_in_at = float("-inf")
        self._signed_out_reason = ""  # empty while not signed out; `_down_reason` likewise
        self._signed_out_at = float("-inf")
        self._down_reason = ""
        self._failed_at = float("-inf")  # when a request last failed as in an outage, on the monotonic clock
        self._last_error: ApiError | None = None
        self._next_probe = 0.0
        self._limited_reason = ""
        self._limited_until = 0.0
        self._retry_after_until = 0.0  # never later than `_limited_until`

    # State

    @property
    def state(self) -> LinkState:
        """The state to show: the leader's, unless this process's own requests fail. `until` is on the wall clock."""
        own, leader = self.own_state, self.leader.value
        return own if leader is None or own.status is not Link.UP else leader

    @property
    def own_state(self) -> LinkState:
        """The state from this process's own requests, with `until` converted to the wall clock."""
        state = self._evaluate()
        if state.until is None:
            return state
        return state._replace(until=self._now() + state.until - self._clock())

    def subscribe(self, listener: Callable[[LinkState], None]) -> None:
        """Call a function with `state` whenever it may have changed."""
        self.own.subscribe(lambda own: listener(self.state))
        self.leader.subscribe(lambda leader: listener(self.state))

    @property
    def is_leader(self) -> bool:
        """Whether this process is the one that polls, among all on the same database."""
        return self.leader.value is None

    @property
    def down(self) -> bool:
        """Whether the API is down. One probe at a time is then sent for all jobs."""
        return bool(self._down_reason)

    @property
    def signed_out(self) -> bool:
        """Whether the token is missing or was rejected. Only the user's own requests are then sent."""
        return bool(self._signed_out_reason)

    @property
    def polls_stopped(self) -> bool:
        """Whether no process polls, since the API is down or the token was rejected."""
        return self.signed_out or self.down or self.state.status in (Link.DOWN, Link.SIGNED_OUT)

    @property
    def token_accepted(self) -> bool:
        """Whether the API has accepted the current token."""
        return self.accepted_at > float("-inf")

    @property
    def wait_until(self) -> float | None:
        """When the wait that the server asked for ends, in seconds since the epoch; None if there is none."""
        seconds = self._retry_after_until - self._clock()
        return self._now() + seconds if seconds > 0 else None

    def demanded_wait(self) -> RateLimited | None:
        """The error for every request, even one by the user, while the server asks clients to wait; otherwise None."""
        seconds = self._retry_after_until - self._clock()
        return RateLimited("the API asks all clients to wait", retry_after=seconds) if seconds > 0 else None

    def blocking_error(self) -> ApiError | None:
        """Why one more request is pointless: a demanded wait, or the last error while polls are held back; else None."""
        return self.demanded_wait() or (self._last_error if self.poll_delay() != 0.0 else None)

    def poll_delay(self) -> float | None:
        """Seconds until the next poll may start, 0.0 if it may now; None while signed out."""
        if self._signed_out_reason:
            return None
        allowed = max(self._limited_until, self._next_probe if self.down else 0.0)
        return max(0.0, allowed - self._clock())

    # Outcomes of requests

    def started(self) -> None:
        """Note that a request is being sent. The next probe is timed from here, so a slow failure does not delay it."""
        self._next_probe = self._clock() + self._rng.uniform(PROBE_MIN_SECONDS, PROBE_MAX_SECONDS)

    def succeeded_elsewhere(self, at: float) -> None:
        """Note a good answer to another process, `at` in seconds since the epoch.

        If this process has seen an outage since before that, it sends its next probe at once, or trusts the leader.
        """
        self._answered_elsewhere = True
        self._forbidden.clear()
        if self.down and self._now() - at < self._clock() - self._failed_at:
            self._next_probe = self._clock()
            if not self.is_leader:
                self._reached()
        self.update()

    def succeeded(self, started: float) -> bool:
        """Note a good answer; returns whether it ends an outage, or signs in again.

        If the token was rejected after the request `started`, it stays rejected.
        """
        recovered = self.down
        self._reached()
        self._forbidden.clear()
        if started >= self._signed_in_at:
            self.accepted_at = max(self.accepted_at, started)
        if self._signed_out_reason and started >= self._signed_out_at:
            self._signed_out_reason = ""
            recovered = True
        self.update()
        return recovered

    def failed(self, job_id: str, error: ApiError, started: float, polled_jobs: int) -> bool:
        """Note a failed request; returns whether failed jobs should be fetched again at once.

        They should if the error shows that an outage is over or the token accepted, or if it rejects a token that has
        been replaced since the request `started`. With fewer than three polled jobs, the API counts as down when all of
        them fail.
        """
        if not isinstance(error, NotFound | Rejected):  # which concern one job only
            self._last_error = error
        was_down, was_signed_out = self.down, self.signed_out
        threshold = min(_FAILING_JOBS_THRESHOLD, max(1, polled_jobs))
        self._limit(error)
        if isinstance(error, Unreachable | ServerError | BadAnswer):
            self._failing.add(job_id)
            self._failed_at = self._clock()
            if self._down_reason or len(self._failing) >= threshold:
                self._down_reason = str(error)
        else:
            self._reached()
        outdated = False
        match error:
            case Unauthorized() | NotSignedIn():
                outdated = started < self._signed_in_at
                self._sign_out(str(error), started, since=self._clock())
            case Forbidden():
                self._forbidden.add(job_id)
                answered = self.token_accepted or self._answered_elsewhere
                if not answered or len(self._forbidden) >= threshold:
                    # Any good answer ends this, even to a request already in flight: other jobs may be allowed.
                    self._sign_out(str(error), started, since=float("-inf"))
            case NotFound():  # the API gives this answer only to an accepted token
                if started >= self._signed_out_at:
                    self._signed_out_reason = ""
        self.update()
        return outdated or (was_down and not self.down) or (was_signed_out and not self.signed_out)

    def note_retry_after(self, error: ApiError) -> None:
        """Delay all polls if an error asks for it with `Retry-After`, whatever its status."""
        self._limit(error)
        self.update()

    def pause(self, seconds: float) -> None:
        """Delay all requests, since a good answer asks for it with `Retry-After`."""
        self.note_retry_after(RateLimited("the API asks for a pause", retry_after=seconds))

    def hold_until(self, until: float) -> None:
        """Respect a wait that the API asked another process for; `until` is in seconds since the epoch."""
        until = self._clock() + min(until - self._now(), MAX_RETRY_AFTER_SECONDS)
        if until > self._retry_after_until + _CLOCK_JITTER_SECONDS:
            self._retry_after_until = until
            self._limited_until = max(self._limited_until, until)
            self._limited_reason = ""
        self.update()

    def sign_out(self, reason: str) -> None:
        """Stop polling until there is a token to send."""
        now = self._clock()
        self._sign_out(reason, now, since=now)
        self.update()

    def sign_in(self) -> None:
        """Start over with another token: ignore answers to requests that were sent with the old one."""
        self._signed_in_at = self._clock()
        self._signed_out_reason = ""
        self.accepted_at = float("-inf")
        self._answered_elsewhere = False
        self._forbidden.clear()
        self.update()

    def update(self) -> None:
        """Publish the state if it has changed, even if only because time has passed."""
        self.own.set(self._evaluate())

    # Internals

    def _evaluate(self) -> LinkState:
        if self._signed_out_reason:
            return LinkState(Link.SIGNED_OUT, self._signed_out_reason)
        if self._clock() < self._limited_until:
            return LinkState(Link.LIMITED, self._limited_reason, self._limited_until)
        if self._down_reason:
            return LinkState(Link.DOWN, self._down_reason, self._next_probe)
        return LinkState()

    def _sign_out(self, reason: str, started: float, *, since: float) -> None:
        """Stop polling until a request that started at `since` or later brings a good answer."""
        if started >= self._signed_in_at:
            self._signed_out_reason, self._signed_out_at = reason, max(self._signed_out_at, since)

    def _reached(self) -> None:
        """Note an answer, good or not, which shows that the API is up."""
        self._failing.clear()
        self._down_reason = ""

    def _limit(self, error: ApiError) -> None:
        """Wait for as long as the error asks for; after a 429 that names no time, for one probe interval."""
        if error.retry_after is not None:
            until = self._clock() + error.retry_after
            self._retry_after_until = max(self._retry_after_until, until)
        elif isinstance(error, RateLimited):
            until = self._clock() + self._rng.uniform(PROBE_MIN_SECONDS, PROBE_MAX_SECONDS)
        else:
            return
        if until >= self._limited_until:
            self._limited_reason, self._limited_until = str(error), until
