"""A bounded log of the requests to the simulated API."""

import threading
import time
from collections import deque
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
        user_agent: What the client calls itself; empty if it says nothing.
        job_id: The job it is about, in canonical spelling; None if it names none.
        fault: The kind of fault that struck it.
        status: The HTTP status of the answer; None if none was begun.
        ended: When it was over, like `at`; None while it is in flight.
    """

    at: float
    method: str
    path: str
    credentials: dict[str, str] = field(repr=False)
    user_agent: str
    job_id: str | None = None
    fault: str | None = None
    status: int | None = None
    ended: float | None = None


class RequestLog:
    """The last requests, and how many were in flight at most. Thread-safe.

    Args:
        limit: The most requests to remember.
    """

    def __init__(self, limit: int = 100_000) -> None:
        self._lock = threading.Lock()
        self._requests: deque[LoggedRequest] = deque(maxlen=limit)
        self._in_flight = 0
        self._most = 0
        self._failures: deque[BaseException] = deque(maxlen=100)

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """The requests, the oldest first."""
        with self._lock:
            return tuple(self._requests)

    @property
    def in_flight(self) -> int:
        """How many requests are being answered now."""
        return self._in_flight

    @property
    def most_in_flight(self) -> int:
        """The most requests that were being answered at one moment."""
        return self._most

    @property
    def failures(self) -> tuple[BaseException, ...]:
        """Exceptions in the simulator itself."""
        return tuple(self._failures)

    def clear(self) -> None:
        """Forget all requests; those in flight still count."""
        with self._lock:
            self._requests.clear()
            self._most = self._in_flight

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """The same application, with its requests recorded."""

        async def logged(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["path"].startswith("/_control"):
                await app(scope, receive, send)
                return
            entry = self._begin(scope)

            async def note_status(message: Message) -> None:
                if message["type"] == "http.response.start":
                    entry.status = message["status"]
                await send(message)

            try:
                await app(scope, receive, note_status)
            except Exception as error:
                self._failures.append(error)
                raise
            finally:
                self._end(entry)

        return logged

    def _begin(self, scope: Scope) -> LoggedRequest:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        credentials = {name: headers[name] for name in _CREDENTIALS if name in headers}
        entry = LoggedRequest(
            time.monotonic(), scope["method"], scope["path"], credentials, headers.get("user-agent", "")
        )
        scope.setdefault("state", {})[LOG_ENTRY] = entry
        with self._lock:
            self._requests.append(entry)
            self._in_flight += 1
            self._most = max(self._most, self._in_flight)
        return entry

    def _end(self, entry: LoggedRequest) -> None:
        entry.ended = time.monotonic()
        with self._lock:
            self._in_flight -= 1
