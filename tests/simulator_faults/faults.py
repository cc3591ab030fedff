"""Faults of the simulated API as values, and the switchboard that decides which requests they strike.

A fault names what goes wrong and where: for one endpoint or both, for one job or all, for a number of requests or
until cleared, always or by chance. How each looks on the wire is the business of `tests.simulator_faults.fault_responses`.
"""

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any


class Endpoint(StrEnum):
    """Which requests a fault strikes."""

    STATUS = "status"
    CANCEL = "cancel"
    ANY = "any"


class FaultKind(StrEnum):
    """What goes wrong."""

    HTTP = "http"
    """Another HTTP status: `code`, with `body`, `retry_after` and `retry_as_date`."""
    SLOW = "slow"
    """The true answer, `seconds` late."""
    HANG = "hang"
    """No answer for `seconds` (at most 60), then the connection is closed."""
    DRIP = "drip"
    """The true answer, a byte every half second, for at most `seconds`; then the connection is closed."""
    TRUNCATED = "truncated"
    """Half of the body, fewer bytes than Content-Length says, then the connection is closed."""
    RESET = "reset"
    """The connection is reset without an answer."""
    CLOSED = "closed"
    """The connection is closed without an answer."""
    NOT_JSON = "not-json"
    """200 and half a JSON object."""
    WRONG_TYPES = "wrong-types"
    """200 and values of wrong types in every field but the ID."""
    MISSING_FIELDS = "missing-fields"
    """200 without the fields that must be there."""
    HUGE = "huge"
    """200 and a body of `size` bytes."""
    REDIRECT = "redirect"
    """307 to another origin."""
    OTHER_JOB = "other-job"
    """A good answer about another job."""
    UNKNOWN_STATUS = "unknown-status"
    """The undocumented status `paused`."""
    NULLS = "nulls"
    """Null in every field that may be missing."""
    HOSTILE = "hostile"
    """Texts that try to act on a terminal: `text`, or all of them."""
    FIELDS = "fields"
    """The true answer with `fields` laid over it."""


MAX_SECONDS = 60.0
"""How long a fault keeps a connection at most."""

_ONE_ENDPOINT: dict[FaultKind, Endpoint] = {
    FaultKind.OTHER_JOB: Endpoint.STATUS,
    FaultKind.UNKNOWN_STATUS: Endpoint.STATUS,
}

_STOPS_THE_REQUEST = frozenset(
    (
        FaultKind.HTTP,
        FaultKind.HANG,
        FaultKind.RESET,
        FaultKind.CLOSED,
        FaultKind.NOT_JSON,
        FaultKind.HUGE,
        FaultKind.REDIRECT,
    )
)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        kind: What goes wrong. `FaultKind` names the fields that only some kinds use.
        endpoint: Which requests it strikes.
        job_id: The job it strikes, in canonical spelling; None for all.
        count: How many requests it strikes, at least 1; None for all until it is cleared.
        probability: The chance that it strikes a request, above 0 up to 1.
        carried_out: Whether a cancel is carried out even by the kinds that send no true answer, so that only the
            answer is lost. The kinds that do send one always carry it out.
        code: An HTTP status, 400 to 599.
        body: The body of an answer with that status: `json`, `html`, `empty`; by default what is usual for it.
        retry_after: Seconds for a `Retry-After` header; None for no header.
        retry_as_date: Whether that header gives an HTTP date instead of seconds.
        seconds: How long the kinds that take time take, above 0 up to 60.
        size: Bytes of a huge body.
        text: A text to send instead of the usual one.
        fields: Fields laid over a true answer.
    """

    kind: FaultKind
    endpoint: Endpoint = Endpoint.ANY
    job_id: str | None = None
    count: int | None = None
    probability: float = 1.0
    carried_out: bool = False
    code: int = 500
    body: str | None = None
    retry_after: float | None = None
    retry_as_date: bool = False
    seconds: float = MAX_SECONDS
    size: int = 64 * 1024 * 1024
    text: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reaches_api(self) -> bool:
        """Whether a cancel that it strikes is carried out nevertheless."""
        return self.carried_out or self.kind not in _STOPS_THE_REQUEST

    def strikes(self, endpoint: Endpoint, job_id: str | None) -> bool:
        """Whether a request to an endpoint, about a job, is in its scope."""
        scopes = (self.endpoint, _ONE_ENDPOINT.get(self.kind, Endpoint.ANY))
        return all(scope in (Endpoint.ANY, endpoint) for scope in scopes) and self.job_id in (None, job_id)


class Faults:
    """The faults in force. Thread-safe.

    Args:
        seed: Seeds the faults that strike by chance.
        *faults: In force from the start.
    """

    def __init__(self, *faults: Fault, seed: int = 0) -> None:
        self._chance = random.Random(f"faults {seed}")
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []
        self.add(*faults)

    @property
    def active(self) -> tuple[Fault, ...]:
        """The faults in force, the oldest first; `count` is what is left of it."""
        with self._lock:
            return tuple(replace(armed.fault, count=armed.left) for armed in self._armed)

    def add(self, *faults: Fault) -> None:
        """Put further faults in force, after the present ones."""
        with self._lock:
            self._armed += [_Armed(fault, fault.count) for fault in faults]

    def clear(self) -> None:
        """End all faults. Requests that one has already struck are not released."""
        with self._lock:
            self._armed.clear()

    def pick(self, endpoint: Endpoint, job_id: str | None) -> Fault | None:
        """The fault that strikes a request: the oldest in scope.

        Args:
            endpoint: `Endpoint.STATUS` or `Endpoint.CANCEL`.
            job_id: The job in question, in canonical spelling; None if the request names none.
        """
        with self._lock:
            for armed in self._armed:
                fault = armed.fault
                if not fault.strikes(endpoint, job_id):
                    continue
                if fault.probability < 1 and self._chance.random() >= fault.probability:
                    continue
                if armed.left is not None:
                    armed.left -= 1
                    if not armed.left:
                        self._armed.remove(armed)
                return fault
        return None


@dataclass(eq=False, slots=True)
class _Armed:
    """A fault in force, and how many requests it may still strike."""

    fault: Fault
    left: int | None
