"""A log of the requests to the simulated API."""

import threading
import time
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG_ENTRY = "log_entry"
"""The name under which a request's state holds its `LoggedRequest`."""

_CREDENTIALS = ("authorization", "x-api-key", "cookie", "proxy-authorization")


@dataclass(eq=False, slots=True)
class LoggedRequest:
    """One request.

    Attributes:
        at: When it came, in seconds of `time.monotonic`.
        method: The HTTP method.
        path: The path, without the query.
        credentials: The headers that could carry a secret, by lower-case name, with their values.
        job_id: The job it is about, in canonical spelling; None if it names none.
        status: The HTTP status of the answer; None if none was begun.
        ended: When it was over, like `at`; None while it is in flight.
    """

    at: float
    method: str
    path: str
    credentials: dict[str, str] = field(repr=False)
    job_id: str | None = None
    status: int | None = None
    ended: float | None = None


class RequestLog:
    """The requests so far. Thread-safe.

    Attributes:
        failures: Exceptions in the simulator itself.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: list[LoggedRequest] = []
        self.failures: list[Exception] = []

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """The requests, the oldest first."""
        with self._lock:
            return tuple(self._requests)

    @property
    def in_flight(self) -> int:
        """How many requests are being answered now."""
        return sum(request.ended is None for request in self.requests)

    def clear(self) -> None:
        """Forget all requests."""
        with self._lock:
            self._requests.clear()

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """The same application, with its requests recorded."""

        async def logged(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["path"].startswith("/_control"):
                await app(scope, receive, send)
                return
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            credentials = {name: headers[name] for name in _CREDENTIALS if name in headers}
            entry = LoggedRequest(time.monotonic(), scope["method"], scope["path"], credentials)
            scope.setdefault("state", {})[LOG_ENTRY] = entry
            with self._lock:
                self._requests.append(entry)

            async def note_status(message: Message) -> None:
                if message["type"] == "http.response.start":
                    entry.status = message["status"]
                await send(message)

            try:
                await app(scope, receive, note_status)
            except Exception as error:
                self.failures.append(error)
                raise
            finally:
                entry.ended = time.monotonic()

        return logged
