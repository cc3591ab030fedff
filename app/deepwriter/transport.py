"""Sends requests to the API, each within one deadline, and reads the answers.

Requests to this machine and over plain http never use a proxy, which would see the token. Over https, the environment's
proxies (HTTPS_PROXY, ALL_PROXY, NO_PROXY) provide a tunnel and see only the host's name.
"""

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import truststore

from app.deepwriter.base_url import is_loopback
from app.deepwriter.error_mapping import request_error
from app.deepwriter.errors import ApiError, BadAnswer, TimedOut, TooLarge, Unreachable
from app.deepwriter.lean_httpx import httpx

_MAX_BODY_BYTES = 1024 * 1024

_KEEP_ALIVE_SECONDS = 65.0
"""How long an idle connection is kept: longer than the slowest poll interval, so that polls can reuse it."""

_TCP_KEEP_ALIVE = {"TCP_KEEPIDLE": 15, "TCP_KEEPALIVE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 2}
_SOCKET_OPTIONS = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)] + [
    (socket.IPPROTO_TCP, getattr(socket, name), value)
    for name, value in _TCP_KEEP_ALIVE.items()
    if hasattr(socket, name)  # `TCP_KEEPALIVE` is macOS's name for `TCP_KEEPIDLE`
]
"""Two TCP keep-alive probes after 15 s, 5 s apart.

They keep routers from dropping an idle connection, and detect a dead one before a request waits 10 s for it."""

_MAX_IDLE_CONNECTIONS = 10  # the maximum number of requests in flight


@dataclass(slots=True)
class Answer:
    """The part of an answer that has arrived: the head, then the body, or the error that cut it short."""

    status: int
    headers: httpx.Headers
    sent_at: float  # seconds since the epoch, like `received_at`
    received_at: float
    body: bytes = b""
    body_error: ApiError | None = None


class Transport:
    """The connections to one API: GETs share a pool, and every POST opens a new connection.

    If the server closed a reused connection just then, there would be no way to know whether it had processed the POST.
    Raises `Unreachable` if the environment names certificates or a proxy that cannot be used.
    """

    def __init__(self, base_url: str, *, timeout: float, now: Callable[[], float]) -> None:
        context = tls_context(base_url)
        proxy = _proxy(base_url, context)
        self._peer = urlsplit(base_url).netloc  # for error messages
        if proxy:
            self._peer += f" (proxy {proxy.url.netloc.decode('ascii')})"
        self._timeout = timeout
        self._now = now

        def pool(max_idle: int) -> httpx.AsyncHTTPTransport:
            # No limit on connections: a request would wait behind those that hang.
            limits = httpx.Limits(
                max_connections=None, max_keepalive_connections=max_idle, keepalive_expiry=_KEEP_ALIVE_SECONDS
            )
            return httpx.AsyncHTTPTransport(
                verify=context, proxy=proxy, limits=limits, trust_env=False, socket_options=_SOCKET_OPTIONS
            )

        self._pooled = pool(max_idle=_MAX_IDLE_CONNECTIONS)
        self._single = pool(max_idle=0)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pooled.aclose()
        await self._single.aclose()

    async def send(self, request: httpx.Request) -> Answer:
        """Send a request and read the answer. Errors after its head has arrived become its `body_error`.

        Errors are raised outside the handlers: httpx's exceptions keep frames alive that hold the token, and a traceback
        with local variables would show it.
        """
        answer: Answer | None = None
        clock = asyncio.get_running_loop().time
        started = clock()
        opened: list[Any] = []  # the connections opened for this request; none if it reused an idle one

        async def note_connection(event: str, info: Mapping[str, Any]) -> None:
            if event == "connection.connect_tcp.complete":
                opened.append(info["return_value"])

        request.extensions["trace"] = note_connection
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._head(request, opened)
                received_at = self._now()
                # Not read from the wall clock before sending, since that may be set in between.
                sent_at = received_at - (clock() - started)
                answer = Answer(response.status_code, response.headers, sent_at, received_at)
                try:
                    await _read_body(response, answer)
                finally:
                    await response.aclose()
                return answer
        except TimeoutError:
            failure: ApiError = TimedOut(f"{self._peer} did not answer within {self._timeout:g} s")
        except Exception as error:
            failure = request_error(error, self._peer)
        finally:
            if answer is None:
                # httpcore loses track of the socket if a TLS handshake is cancelled.
                for connection in opened:
                    with contextlib.suppress(Exception):
                        await connection.aclose()
        if answer is None:
            raise failure
        answer.body_error = failure
        return answer

    async def _head(self, request: httpx.Request, opened: Sequence[object]) -> httpx.Response:
        """Send a request and wait for the head of the answer.

        A server may close an idle connection just as it is reused. That says nothing about the API, so a GET that
        fails this way is sent once more over a new connection (RFC 9110, section 9.2.2). A POST never is.
        """
        if request.method == "GET":
            try:
                return await self._pooled.handle_async_request(request)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                if opened:
                    raise
        return await self._single.handle_async_request(request)


def tls_context(url: str) -> ssl.SSLContext:
    """A context that trusts the system's certificates and those named by SSL_CERT_FILE or SSL_CERT_DIR.

    Raises `Unreachable` if they cannot be read.
    """
    if not url.startswith("https:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used; it trusts no certificate
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    try:
        if file:
            context.load_verify_locations(cafile=file)
        if folder:
            if not Path(folder).is_dir():
                raise NotADirectoryError(folder)
            context.load_verify_locations(capath=folder)
    except (OSError, ValueError):
        raise Unreachable(
            "the certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read; correct or unset it"
        ) from None
    return context


async def _read_body(response: httpx.Response, answer: Answer) -> None:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        answer.body_error = BadAnswer("the API sent a compressed answer, though it was asked not to")
        return
    body = bytearray()
    chunks = cast("AsyncGenerator[bytes, None]", response.aiter_raw())
    async with contextlib.aclosing(chunks):
        async for chunk in chunks:
            body += chunk
            if len(body) > _MAX_BODY_BYTES:
                answer.body_error = TooLarge("the API sent an answer of more than 1 MiB")
                return
    answer.body = bytes(body)


def _proxy(base_url: str, context: ssl.SSLContext) -> httpx.Proxy | None:
    parts = urlsplit(base_url)
    if parts.scheme != "https" or is_loopback(base_url) or proxy_bypass(parts.netloc):
        return None
    named = getproxies()
    address = named.get("https") or named.get("all")
    if not address:
        return None
    try:
        proxy = httpx.Proxy(address if "://" in address else f"http://{address}")
    except (ValueError, httpx.InvalidURL):
        proxy = None
    if proxy is None or proxy.url.scheme not in ("http", "https") or not proxy.url.host:
        raise Unreachable(
            "the proxy that HTTPS_PROXY or ALL_PROXY names cannot be used; name an http:// one, or unset it"
        )
    if proxy.url.scheme == "https":
        proxy.ssl_context = context
    return proxy
