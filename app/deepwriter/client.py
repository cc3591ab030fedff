"""The API client: one request, one answer or one error, within one deadline.

It has none of a browser's manners: it follows no redirect, keeps no cookie, reads no netrc file, sends no
POST twice, and asks for no compression. So it is built on httpx's transport rather than on its client, which would
have to be talked out of each of these.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast
from urllib.parse import urlsplit

from app import __version__
from app.deepwriter.connections import Connections, Unusable
from app.deepwriter.errors import ApiError, BadAnswer, NotSignedIn, TimedOut, Unreachable
from app.deepwriter.lean_httpx import httpx
from app.deepwriter.refusals import refusal, retry_after, unreachable
from app.deepwriter.secret import MASK, Credential
from app.deepwriter.wire import read_job, read_message, read_reason
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
    ) -> None:
        """Prepare without connecting.

        Args:
            base_url: An address from `app.deepwriter.address.parse_base_url`.
            credential: What to sign requests with; without one every request is `NotSignedIn`.
            timeout: Seconds a request may take in all: connecting, sending and the whole answer.
            unsigned: What `NotSignedIn` says while there is no credential.
        """
        self._base_url = base_url
        self._credential = credential
        self._unsigned = unsigned
        self._timeout = timeout
        self._host = urlsplit(base_url).netloc
        self._connections: Connections | None = None
        self._hindrance = ""
        try:
            self._connections = Connections(base_url)
        except Unusable as error:
            self._hindrance = str(error)

    def __repr__(self) -> str:
        return f"Client({self._base_url!r})"

    def use(self, credential: Credential | None) -> None:
        """Sign all requests from now on with this; those under way keep what they have."""
        self._credential = credential

    async def fetch(self, job_id: str) -> Job:
        """Ask once for a job's state.

        Args:
            job_id: A UUID in any spelling.

        Raises:
            ApiError: One of its kinds; the answer is about this job, or there is none.
        """
        return await self._ask(
            "GET", "/getJobStatus", lambda body: read_job(body, job_id), params={"jobId": job_id}
        )

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
        return await self._ask("POST", "/cancelJob", read_message, content={"jobId": job_id})

    async def aclose(self) -> None:
        """Close all connections."""
        if self._connections is not None:
            await self._connections.aclose()

    async def _ask(
        self,
        method: str,
        path: str,
        read: Callable[[bytes], T],
        *,
        params: dict[str, str] | None = None,
        content: dict[str, str] | None = None,
    ) -> T:
        """One exchange, and what `read` makes of the body; an answer that cannot be used is raised."""
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
            raise refusal(answer.status, answer.headers, None if answer.flaw else read_reason(body))
        try:
            if answer.flaw:
                raise answer.flaw
            return read(body)
        except ApiError as error:
            error.retry_after = retry_after(answer.headers)
            raise

    async def _exchange(self, connections: Connections, request: httpx.Request) -> _Answer:
        """Send and read within the deadline. Once the head is there, trouble with the body is a flaw of the answer.

        Every exception is turned into one of ours, and raised outside the handler: those from below keep frames
        alive in which the token stands, and a traceback that shows local variables would print it.
        """
        answer: _Answer | None = None
        opened = _Opened()
        request.extensions["trace"] = opened.note
        try:
            async with asyncio.timeout(self._timeout):
                response = await _send(connections, request, opened)
                answer = _Answer(response.status_code, response.headers)
                try:
                    await _read_body(response, answer)
                finally:
                    await response.aclose()
                return answer
        except TimeoutError:
            failure: ApiError = TimedOut(f"{self._host} gave no whole answer within {self._timeout:g} s")
        except Exception as error:
            failure = unreachable(error, self._host)
        finally:
            if answer is None:
                await opened.aclose()
        if answer is None:
            raise failure
        answer.flaw = failure
        return answer


class _Opened:
    """The connections opened for one request, so that none is left open when it is given up.

    httpcore forgets the socket of a TLS handshake that is cancelled, and only the garbage collector would close it.
    """

    def __init__(self) -> None:
        self._streams: list[_Closeable] = []

    async def note(self, event: str, facts: "Mapping[str, Any]") -> None:
        """What httpcore calls at every step (its `trace` extension)."""
        if event == "connection.connect_tcp.complete":
            self._streams.append(facts["return_value"])

    def __bool__(self) -> bool:
        """Whether there are any; without, the request went on a connection that was used before."""
        return bool(self._streams)

    async def aclose(self) -> None:
        for stream in self._streams:
            with contextlib.suppress(Exception):
                await stream.aclose()


async def _send(connections: Connections, request: httpx.Request, opened: _Opened) -> httpx.Response:
    """Send a request and wait for the head of the answer.

    A server may close an idle connection at the moment it is used again. That says nothing about the API, so a GET
    that is lost to it is sent once more, on a new connection (RFC 9110, section 9.2.2). A POST never is.
    """
    if request.method != "GET":
        return await connections.single.handle_async_request(request)
    try:
        return await connections.shared.handle_async_request(request)
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
        if opened:
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
