"""What goes wrong at the simulated API, which requests it strikes, and how it looks on the wire."""

import asyncio
import json
import random
import socket
import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope

from app.simulator.api import as_json

TRANSPORT = "transport"
"""The name under which a request's state holds its `asyncio.Transport`, for faults below HTTP."""

_PROXY_ERRORS = (408, 502, 503, 504)


class Endpoint(StrEnum):
    """Which requests a fault strikes."""

    STATUS = "status"
    CANCEL = "cancel"
    ANY = "any"


class FaultKind(StrEnum):
    HTTP = "http"  # another HTTP answer: `code`, with `body`, `text` and `retry_after`
    FIELDS = "fields"  # the true answer with `fields` laid over it
    HANG = "hang"  # no answer for `seconds`, then the connection is closed
    RESET = "reset"  # the connection is reset without an answer


@dataclass(frozen=True, kw_only=True)
class Fault:
    kind: FaultKind
    endpoint: Endpoint = Endpoint.ANY
    job_id: str | None = None  # the job it strikes, in canonical spelling; None for all
    count: int | None = None  # how many requests it strikes; None for all until it is cleared
    probability: float = 1.0  # the chance that it strikes a request
    carried_out: bool = False  # a cancel is carried out although its answer is lost
    code: int = 500
    body: str | None = None  # `json` with `text` as its error, `html`, `text` or `empty`
    retry_after: float | None = None  # seconds
    seconds: float = 60.0  # how long a request hangs
    text: str | None = None  # instead of the usual one
    fields: Mapping[str, Any] = field(default_factory=dict)


class Faults:
    """The faults in force. Thread-safe."""

    def __init__(self) -> None:
        self._chance = random.Random("faults")
        self._lock = threading.Lock()
        self._active: list[Fault] = []

    @property
    def active(self) -> tuple[Fault, ...]:
        """The faults in force, the oldest first, each with the `count` that is left."""
        with self._lock:
            return tuple(self._active)

    def add(self, *faults: Fault) -> None:
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
                in_scope = fault.endpoint in (Endpoint.ANY, endpoint) and fault.job_id in (None, job_id)
                if not in_scope or self._chance.random() >= fault.probability:
                    continue
                if fault.count is not None:
                    left = fault.count - 1
                    self._active[index : index + 1] = [replace(fault, count=left)] if left else []
                return fault
        return None


async def struck(fault: Fault, answer: Response, scope: Scope, receive: Receive) -> Response | None:
    """What a fault makes of the true answer to a request; None if it broke the connection instead."""
    if fault.kind is FaultKind.HTTP:
        return _http_answer(fault)
    if fault.kind is FaultKind.FIELDS:
        if answer.status_code != 200:
            return answer
        return as_json(json.loads(bytes(answer.body)) | dict(fault.fields))
    transport: asyncio.Transport = scope["state"][TRANSPORT]
    if fault.kind is FaultKind.HANG:
        if await _client_left(receive, fault.seconds):
            return None
    else:
        # A socket that lingers for zero seconds is not closed but reset.
        transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        transport.abort()
    transport.close()
    await _client_left(receive, 1.0)
    return None


def _http_answer(fault: Fault) -> Response:
    headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
    text = fault.text if fault.text is not None else f"Simulated answer {fault.code}"
    content, kind = {
        "html": (f"<html><head><title>{fault.code}</title></head><body>{text}</body></html>\n", "text/html"),
        "json": (json.dumps({"error": text}), "application/json"),
        "text": (text, "application/json"),
        "empty": ("", None),
    }[fault.body or ("html" if fault.code in _PROXY_ERRORS else "json")]
    return Response(content, fault.code, headers, kind)


async def _client_left(receive: Receive, seconds: float) -> bool:
    """Wait; return whether the client disconnects in the meantime."""
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return False
    return True
