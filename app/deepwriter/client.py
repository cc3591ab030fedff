"""The API client. Each request ends with one answer or one error, within one deadline.

It follows no redirects, keeps no cookies, reads no netrc file, never repeats a POST, and asks for no compression. It uses
httpx's transport directly, because httpx's client would need each of these switched off.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast
from urllib.parse import urljoin, urlsplit

from app import __version__
from app.deepwriter.auth.credential import MASK, Credential
from app.deepwriter.base_url import is_loopback, origin_of
from app.deepwriter.error_mapping import exchange_error, response_error, retry_after
from app.deepwriter.errors import (
    ApiError,
    BadAnswer,
    NotFound,
    NotOffered,
    NotSignedIn,
    Rejected,
    TimedOut,
    Unreachable,
)
from app.deepwriter.lean_httpx import httpx
from app.deepwriter.payloads import (
    NextPage,
    read_document_url,
    read_job,
    read_job_list,
    read_message,
    read_reason,
)
from app.deepwriter.progress_unit import ProgressReader
from app.deepwriter.server_clock import ServerClock
from app.deepwriter.transport import Connections, TransportSetupError
from app.job import Job, ListedJob

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

UNSIGNED = "not signed in; run dwtop login, or set DEEPWRITER_TOKEN"
"""What `NotSignedIn` says if no token was found."""

_TIMEOUT_SECONDS = 10.0
_MAX_BODY_BYTES = 1024 * 1024
_MAX_PAGES = 50
_MIN_MASKED_CHARACTERS = 8  # characters; masking a shorter token would blot out ordinary words

T = TypeVar("T")


class _Closeable(Protocol):
    async def aclose(self) -> None: ...


@dataclass(slots=True)
class _Answer:
    """The part of an answer that has arrived: the head, then the body, or the error that broke off the body."""

    status: int
    headers: httpx.Headers
    sent_at: float  # on the wall clock, like `received_at`
    received_at: float
    body: bytes = b""
    body_error: ApiError | None = None


class Client:
    """A client of the job API. Implements `app.watch.api.JobApi` and `AccountApi`.

    Every request is sent at once; the caller limits how many are in flight. Making a client reads certificates (tens of
    milliseconds) and needs no event loop, so it can be done in a thread:
    `client = await asyncio.to_thread(Client, base_url, credential)`. Use it in one event loop only.

    Attributes:
        progress: How this API writes progress.
    """

    def __init__(
        self,
        base_url: str,
        credential: Credential | None,
        *,
        timeout: float = _TIMEOUT_SECONDS,
        unsigned: str = UNSIGNED,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Prepare without connecting.

        Args:
            base_url: A base URL from `app.deepwriter.base_url.parse_base_url`.
            credential: Signs the requests. Without one every request raises `NotSignedIn`.
            timeout: Total seconds a request may take: connecting, sending and reading the whole answer.
            unsigned: What `NotSignedIn` says while there is no credential.
            now: The wall clock, in seconds since the epoch. The times of jobs are converted to it.
        """
        self.progress = ProgressReader()
        self._base_url = base_url
        self._credential = credential
        self._unsigned = unsigned
        self._timeout = timeout
        self._now = now
        self._server_clock = ServerClock()
        self._host = urlsplit(base_url).netloc
        self._connections: Connections | None = None
        self._setup_error = ""
        try:
            self._connections = Connections(base_url)
        except TransportSetupError as error:
            self._setup_error = str(error)

    def __repr__(self) -> str:
        return f"Client({self._base_url!r})"

    @property
    def clock_offset(self) -> float | None:
        """Seconds the wall clock is ahead of the API's; None before the first answer with a date."""
        return self._server_clock.offset

    def use(self, credential: Credential | None) -> None:
        """Sign all further requests with this credential. Requests in flight keep theirs."""
        self._credential = credential

    async def fetch(self, job_id: str) -> Job:
        """Get a job's state.

        Args:
            job_id: A UUID in any spelling.

        Returns:
            The job, with its times converted to this machine's clock.

        Raises:
            ApiError: There is no usable answer about this job.
        """
        job = await self._send_status(
            job_id, lambda answer: read_job(answer.body, job_id, retry_after(answer.headers), self.progress)
        )
        return self._server_clock.to_local(job)

    async def fetch_document_url(self, job_id: str) -> str | None:
        """Get the link to a finished job's document. It opens without signing in, so it is a secret.

        Returns:
            An https link (or http on this machine, if the API is there too); None if the job has no document.

        Raises:
            ApiError: There is no usable answer about this job.
        """
        link = await self._send_status(job_id, lambda answer: read_document_url(answer.body, job_id))
        return link if link and is_safe_link(link, self._base_url) else None

    async def cancel(self, job_id: str) -> str:
        """Ask for a job to be cancelled, once, on a connection of its own.

        Args:
            job_id: A UUID in any spelling.

        Returns:
            The API's message, one safe line; empty if there is none.

        Raises:
            ApiError: After `Unreachable`, `ServerError` or `BadAnswer` the job may have been cancelled anyway, so
                fetch it.
        """
        return await self._request(
            "POST", "/cancelJob", lambda answer: read_message(answer.body), content={"jobId": job_id}
        )

    async def list_jobs(self) -> "Sequence[ListedJob]":
        """Get the user's own jobs, in the API's order, each once.

        Requests `/fetchDocuments`, and if the API does not offer that, `/jobs`. Follows up to 50 pages on the same origin.

        Raises:
            NotOffered: This API offers neither.
            ApiError: There is no usable answer.
        """
        for path in ("/fetchDocuments", "/jobs"):
            try:
                return await self._list(path)
            except (NotFound, BadAnswer):
                continue
            except Rejected as error:
                if error.status_code != 405:
                    raise
        raise NotOffered("this DeepWriter API offers no list of jobs; add IDs with a")

    async def aclose(self) -> None:
        """Close all connections."""
        if self._connections is not None:
            await self._connections.aclose()

    async def _send_status(self, job_id: str, read: Callable[[_Answer], T]) -> T:
        return await self._request("GET", "/getJobStatus", read, params={"jobId": job_id})

    async def _list(self, path: str) -> "Sequence[ListedJob]":
        jobs: dict[str, ListedJob] = {}
        params: dict[str, str] = {}
        target = path
        for _ in range(_MAX_PAGES):
            page, following = await self._request(
                "GET", target, lambda answer: read_job_list(answer.body), params=params
            )
            known = len(jobs)
            for job in page:
                jobs.setdefault(job.id, self._server_clock.to_local_listed(job))
            if following is None or len(jobs) == known:
                break
            target, params = self._next_target(path, following)
            if not target:
                break
        return tuple(jobs.values())

    def _next_target(self, path: str, following: NextPage) -> tuple[str, dict[str, str]]:
        """The address and parameters of the next page; empty if it is on another origin, which must not get the token."""
        if following.link is None:
            return path, following.params
        link = urljoin(self._base_url + path, following.link)
        return (link if origin_of(link) == origin_of(self._base_url) else ""), {}

    async def _request(
        self,
        method: str,
        path: str,
        read: Callable[[_Answer], T],
        *,
        params: dict[str, str] | None = None,
        content: dict[str, str] | None = None,
    ) -> T:
        """Send one request and read its answer with `read`. Raises if the answer cannot be used."""
        credential = self._credential
        if credential is None:
            raise NotSignedIn(self._unsigned)
        if self._connections is None:
            raise Unreachable(self._setup_error)
        request = httpx.Request(
            method,
            path if "://" in path else self._base_url + path,
            params=params or None,
            headers=[
                credential.header,
                ("User-Agent", f"dwtop/{__version__}"),
                ("Accept", "application/json"),
                ("Accept-Encoding", "identity"),
            ],
            json=content,
        )
        answer = await self._exchange(self._connections, request)
        body = answer.body = _mask_token(answer.body, credential)
        if answer.status not in ((200,) if method == "GET" else (200, 201, 202)):
            reason = None if answer.body_error else read_reason(body)
            if reason is not None:
                self._learn_time(answer)
            raise response_error(answer.status, answer.headers, reason, base_url=self._base_url)
        try:
            if answer.body_error:
                raise answer.body_error
            result = read(answer)
        except ApiError as error:
            error.retry_after = retry_after(answer.headers)
            raise
        self._learn_time(answer)
        return result

    def _learn_time(self, answer: _Answer) -> None:
        """Learn the API's time from an answer. Not called for a proxy's own answer, which has the proxy's time."""
        self._server_clock.note(answer.headers, answer.sent_at, answer.received_at)

    async def _exchange(self, connections: Connections, request: httpx.Request) -> _Answer:
        """Send and receive within the deadline. Errors after the head has arrived become the answer's `body_error`.

        Every exception is converted to an `ApiError`, raised outside the handler: httpx's exceptions keep frames alive
        that hold the token, and a traceback with local variables would print it.
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
                sent_at = received_at - (
                    clock() - began
                )  # not read earlier, since the wall clock may be set in between
                answer = _Answer(response.status_code, response.headers, sent_at, received_at)
                try:
                    await _read_body(response, answer)
                finally:
                    await response.aclose()
                return answer
        except TimeoutError:
            peer = f"the proxy {connections.proxy}" if trace.at_proxy(connections) else self._host
            failure: ApiError = TimedOut(f"{peer} gave no whole answer within {self._timeout:g} s")
        except Exception as error:
            failure = exchange_error(
                error, self._host, connections.proxy if trace.at_proxy(connections) else ""
            )
        finally:
            if answer is None:
                await trace.aclose()
        if answer is None:
            raise failure
        answer.body_error = failure
        return answer


def is_safe_link(link: str, base_url: str) -> bool:
    """Whether a link to a document may be opened: https, or http on this machine if the API is there too."""
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        return False
    if not host or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(link) and is_loopback(base_url))


_CONNECTING, _CONNECTED, _TUNNELLED = _STEPS = (
    "connection.connect_tcp.started",
    "connection.connect_tcp.complete",
    "proxy.start_tls.started",
)
"""Names of httpcore's trace events."""


class _ConnectionTrace:
    """Tracks the connections opened for one request, to close them if the request is abandoned.

    httpcore loses track of the socket if a TLS handshake is cancelled; only the garbage collector would close it.
    """

    def __init__(self) -> None:
        self._streams: list[_Closeable] = []
        self._latest = ""

    async def note(self, event: str, facts: "Mapping[str, Any]") -> None:
        """Called by httpcore at every step (its `trace` extension)."""
        if event in _STEPS:
            self._latest = event
        if event == _CONNECTED:
            self._streams.append(facts["return_value"])

    @property
    def opened(self) -> bool:
        """Whether a new connection was opened. If not, the request reused an idle one."""
        return bool(self._streams)

    def at_proxy(self, connections: Connections) -> bool:
        """Whether the request reached a proxy, but no further."""
        return bool(connections.proxy) and self._latest in (_CONNECTING, _CONNECTED)

    async def aclose(self) -> None:
        for stream in self._streams:
            with contextlib.suppress(Exception):
                await stream.aclose()


async def _send(connections: Connections, request: httpx.Request, trace: _ConnectionTrace) -> httpx.Response:
    """Send a request and wait for the head of the answer.

    A server may close an idle connection just as it is reused. That says nothing about the API, so a GET that
    fails this way is sent once more over a new connection (RFC 9110, section 9.2.2). A POST never is.
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
    """Read the body, up to its size limit."""
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        answer.body_error = BadAnswer("the API sent a compressed answer, though it was asked not to")
        return
    body = bytearray()
    pieces = cast("AsyncGenerator[bytes, None]", response.aiter_raw())
    async with contextlib.aclosing(pieces):
        async for piece in pieces:
            body += piece
            if len(body) > _MAX_BODY_BYTES:
                answer.body_error = BadAnswer("the API sent an answer of more than 1 MiB")
                return
    answer.body = bytes(body)


def _mask_token(body: bytes, credential: Credential) -> bytes:
    """The body with the token masked, since a server may quote what it rejects."""
    if len(credential.secret.reveal()) < _MIN_MASKED_CHARACTERS:
        return body
    return body.replace(credential.secret.reveal().encode(), MASK.encode())
