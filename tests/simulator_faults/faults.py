"""What goes wrong at the simulated API, and which requests it strikes."""

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
    """Another HTTP status: `code`, with `body`, `text` and `retry_after`."""
    NOT_JSON = "not-json"
    """200 and half a JSON object."""
    HUGE = "huge"
    """200 and a body of `size` bytes."""
    FIELDS = "fields"
    """The true answer with `fields` laid over it."""
    HOSTILE = "hostile"
    """The true answer with texts that try to act on a terminal: `text`, or all of them."""
    HANG = "hang"
    """No answer for `seconds`, then the connection is closed."""
    CLOSED = "closed"
    """The connection is closed without an answer."""
    RESET = "reset"
    """The connection is reset without an answer."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        kind: What goes wrong. `FaultKind` names the fields that only some kinds use.
        endpoint: Which requests it strikes.
        job_id: The job it strikes, in canonical spelling; None for all.
        count: How many requests it strikes, at least 1; None for all until it is cleared.
        probability: The chance that it strikes a request, above 0 up to 1.
        carried_out: Whether a cancel is carried out although its answer is lost.
        code: An HTTP status, 400 to 599.
        body: The body of an answer with that status: `json`, `html`, `empty`; by default what is usual for it.
        retry_after: Seconds for a `Retry-After` header; None for no header.
        seconds: How long a request hangs.
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
    seconds: float = 60.0
    size: int = 64 * 1024 * 1024
    text: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reaches_api(self) -> bool:
        """Whether a cancel that it strikes is carried out."""
        return self.carried_out or self.kind in (FaultKind.FIELDS, FaultKind.HOSTILE)

    def strikes(self, endpoint: Endpoint, job_id: str | None) -> bool:
        """Whether a request to an endpoint, about a job, is in its scope."""
        return self.endpoint in (Endpoint.ANY, endpoint) and self.job_id in (None, job_id)


class Faults:
    """The faults in force. Thread-safe.

    Args:
        seed: Seeds the faults that strike by chance.
        *faults: In force from the start.
    """

    def __init__(self, *faults: Fault, seed: int = 0) -> None:
        self._chance = random.Random(f"faults {seed}")
        self._lock = threading.Lock()
        self._active = [*faults]

    @property
    def active(self) -> tuple[Fault, ...]:
        """The faults in force, the oldest first, each with the `count` that is left."""
        with self._lock:
            return tuple(self._active)

    def add(self, *faults: Fault) -> None:
        """Put further faults in force, after the present ones."""
        with self._lock:
            self._active += faults

    def clear(self) -> None:
        """End all faults. Requests that one has already struck are not released."""
        with self._lock:
            self._active.clear()

    def pick(self, endpoint: Endpoint, job_id: str | None) -> Fault | None:
        """The fault that strikes a request: the oldest in scope."""
        with self._lock:
            for index, fault in enumerate(self._active):
                if not fault.strikes(endpoint, job_id) or self._chance.random() >= fault.probability:
                    continue
                if fault.count is not None:
                    left = fault.count - 1
                    self._active[index : index + 1] = [replace(fault, count=left)] if left else []
                return fault
        return None
