"""The API client: one request, one answer or one error, within one deadline.

It has none of a browser's manners: it follows no redirect, keeps no cookie, reads no netrc file, sends no
POST twice, and asks for no compression. So it is built on httpx's transport rather than on its client, which would
have to be talked out of each of these.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast
from urllib.parse import urlsplit

from app import __version__
from app.deepwriter.auth.credential import MASK, Credential
from app.deepwriter.error_mapping import refusal, retry_after, unreachable
from app.deepwriter.errors import ApiError, BadAnswer, NotSignedIn, TimedOut, Unreachable
from app.deepwriter.lean_httpx import httpx
from app.deepwriter.payloads import read_job, read_message, read_reason
from app.deepwriter.server_clock import ServerClock
from app.deepwriter.transport import Connections, Unusable
from app.job import Job

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

UNSIGNED = "not signed in; run dwtop login, or set DEEPWRITER_TOKEN"
"""What there is to say where no token was found."""

_MOST_BYTES = 1024 * 1024  # of an answer's body
_SHORTEST_HIDDEN = 8  # a shorter token would blot out ordinary words

T = TypeVar("T")


class _Closeable(Protocol):
    async def aclose(self) -> None: ...


@dataclass(slots=True)
class _Answer:
    """What came back so far: the head, then the body, and what was wrong with the body."""

    status: int
    headers: httpx.Headers
    sent_at: float  # by the wall clock, like the next
    received_at: float
    body: bytes = b""
    flaw: ApiError | None = None


class Client:
    """DeepWriter's job API, as `app.watch.api.JobApi` asks for it.

    Every request goes out at once; how many may be under way is for the caller to decide. Making a client reads
    certificates (tens of milliseconds) and touches no event loop, so it can be done in a thread:
    `client = await asyncio.to_thread(Client, base_url, credential)`. Use it in one loop only.
    """

    def __init__(
        self,
        base_url: str,
        credential: Credential | None,
        *,
        timeout: float = 10.0,
        unsigned: str = UNSIGNED,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Prepare without connecting.

        Args:
            base_url: An address from `app.deepwriter.base_url.parse_base_url`.
            credential: What to sign requests with; without one every request is `NotSignedIn`.
            timeout: Seconds a request may take in all: connecting, sending and the whole answer.
            unsigned: What `NotSignedIn` says while there is no credential.
            now: The wall clock, in seconds since the epoch, by which the times of jobs are given.
        """
        self._base_url = base_url
        self._credential = credential
        self._unsigned = unsigned
        self._timeout = timeout
        self._now = now
        self._server_clock = ServerClock()
        self._host = urlsplit(base_url).netloc
        self._connections: Connections | None = None
        self._hindrance = ""
        try:
            self._connections = Connections(base_url)
        except Unusable as error:
            self._hindrance = str(error)

    def __repr__(self) -> str:
        return f"Client({self._base_url!r})"

    @property
    def clock_offset(self) -> float | None:
        """Seconds by which the wall clock is ahead of the API's; None before an answer of the API told the time."""
        return self._server_clock.offset

    def use(self, credential: Credential | None) -> None:
        """Sign all requests from now on with this; those under way keep what they have."""
        self._credential = credential

    async def fetch(self, job_id: str) -> Job:
        """Ask once for a job's state.

        Args:
            job_id: A UUID in any spelling.

        Returns:
            The job, its times by this machine's clock.

        Raises:
            ApiError: One of its kinds; the answer is about this job, or there is none.
        """
        job = await self._ask(
            "GET",
            "/getJobStatus",
            lambda answer: read_job(answer.body, job_id, retry_after(answer.headers)),
            params={"jobId": job_id},
        )
        return self._server_clock.on_ours(job)

    async def cancel(self, job_id: str) -> str:
        """Ask once for a job to be cancelled, on a connection of its own; never sent twice.

        Args:
            job_id: A UUID in any spelling.

        Returns:
            What the API said, one safe line; empty if it said nothing.

        Raises:
            ApiError: One of its kinds. After `Unreachable`, `ServerError` or `BadAnswer` the job may be
                cancelled all the same: ask for its state.
        """
        return await self._ask(
            "POST", "/cancelJob", lambda answer: read_message(answer.body), content={"jobId": job_id}
        )

    async def aclose(self) -> None:
        """Close all connections."""
        if self._connections is not None:
            await self._connections.aclose()

    async def _ask(
        self,
        method: str,
        path: str,
        read: Callable[[_Answer], T],
        *,
        params: dict[str, str] | None = None,
        content: dict[str, str] | None = None,
    ) -> T:
        """One exchange, and what `read` makes of the answer; an answer that cannot be used is raised."""
        credential = self._credential
        if credential is None:
            raise NotSignedIn(self._unsigned)
        if self._connections is None:
            raise Unreachable(self._hindrance)
        request = httpx.Request(
            method,
            self._base_url + path,
            params=params,
            headers=[
                credential.header,
                ("User-Agent", f"dwtop/{__version__}"),
                ("Accept", "application/json"),
                ("Accept-Encoding", "identity"),
            ],
            json=content,
        )
        answer = await self._exchange(self._connections, request)
        body = answer.body = _without_token(answer.body, credential)
        if answer.status not in ((200,) if method == "GET" else (200, 201, 202)):
            reason = None if answer.flaw else read_reason(body)
            if reason is not None:
                self._note_time(answer)
            raise refusal(answer.status, answer.headers, reason)
        try:
            if answer.flaw:
                raise answer.flaw
            result = read(answer)
        except ApiError as error:
            error.retry_after = retry_after(answer.headers)
            raise
        self._note_time(answer)
        return result

    def _note_time(self, answer: _Answer) -> None:
        """Learn the API's time from an answer in its words; that of a proxy's own answer is the proxy's."""
        self._server_clock.note(answer.headers, answer.sent_at, answer.received_at)

    async def _exchange(self, connections: Connections, request: httpx.Request) -> _Answer:
        """Send and read within the deadline. Once the head is there, trouble with the body is a flaw of the answer.

        Every exception is turned into one of ours, and raised outside the handler: those from below keep frames
        alive in which the token stands, and a traceback that shows local variables would print it.
        """
        answer: _Answer | None = None
        clock = asyncio.get_running_loop().time
        began = clock()
        trace = _ConnectionTrace()
        request.extensions["trace"] = trace.note
        try:
            async with asyncio.timeout(self._timeout):
                response = await _send(connections, request, trace)
                received_at = self._now()
                sent_at = received_at - (clock() - began)  # the wall clock may have been set meanwhile
                answer = _Answer(response.status_code, response.headers, sent_at, received_at)
                try:
                    await _read_body(response, answer)
                finally:
                    await response.aclose()
                return answer
        except TimeoutError:
            silent = f"the proxy {connections.proxy}" if trace.at_proxy(connections) else self._host
            failure: ApiError = TimedOut(f"{silent} gave no whole answer within {self._timeout:g} s")
        except Exception as error:
            failure = unreachable(error, self._host, connections.proxy if trace.at_proxy(connections) else "")
        finally:
            if answer is None:
                await trace.aclose()
        if answer is None:
            raise failure
        answer.flaw = failure
        return answer


_CONNECTING, _CONNECTED, _TUNNELLED = _STEPS = (
    "connection.connect_tcp.started",
    "connection.connect_tcp.complete",
    "proxy.start_tls.started",
)
"""Names of httpcore's trace events."""


class _ConnectionTrace:
    """The connections opened for one request: how far they came, and what is to be closed when it is given up.

    httpcore forgets the socket of a TLS handshake that is cancelled, and only the garbage collector would close it.
    """

    def __init__(self) -> None:
        self._streams: list[_Closeable] = []
        self._latest = ""

    async def note(self, event: str, facts: "Mapping[str, Any]") -> None:
        """What httpcore calls at every step (its `trace` extension)."""
        if event in _STEPS:
            self._latest = event
        if event == _CONNECTED:
            self._streams.append(facts["return_value"])

    @property
    def opened(self) -> bool:
        """Whether a connection was opened; without, the request went on one that was used before."""
        return bool(self._streams)

    def at_proxy(self, connections: Connections) -> bool:
        """Whether a proxy was being spoken to, and there was no way through it yet."""
        return bool(connections.proxy) and self._latest in (_CONNECTING, _CONNECTED)

    async def aclose(self) -> None:
        for stream in self._streams:
            with contextlib.suppress(Exception):
                await stream.aclose()


async def _send(connections: Connections, request: httpx.Request, trace: _ConnectionTrace) -> httpx.Response:
    """Send a request and wait for the head of the answer.

    A server may close an idle connection at the moment it is used again. That says nothing about the API, so a GET
    that is lost to it is sent once more, on a new connection (RFC 9110, section 9.2.2). A POST never is.
    """
    if request.method != "GET":
        return await connections.single.handle_async_request(request)
    try:
        return await connections.shared.handle_async_request(request)
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
        if trace.opened:
            raise
    return await connections.single.handle_async_request(request)


async def _read_body(response: httpx.Response, answer: _Answer) -> None:
    """Take in the body as far as it is allowed to be; what is beyond is never read."""
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        answer.flaw = BadAnswer("the API sent a compressed answer, though it was asked not to")
        return
    body = bytearray()
    pieces = cast("AsyncGenerator[bytes, None]", response.aiter_raw())
    async with contextlib.aclosing(pieces):
        async for piece in pieces:
            body += piece
            if len(body) > _MOST_BYTES:
                answer.flaw = BadAnswer("the API sent an answer of more than 1 MiB")
                return
    answer.body = bytes(body)


def _without_token(body: bytes, credential: Credential) -> bytes:
    """The body with the token masked, for a server may quote what it refuses."""
    if len(credential.secret.reveal()) < _SHORTEST_HIDDEN:
        return body
    return body.replace(credential.secret.reveal().encode(), MASK.encode())
