"""Connections to the API: certificates, proxies, and how long a connection is reused.

Loopback and plain http go straight to the host, whatever the environment says, since a proxy would see the token. Over
https the environment's proxies (HTTPS_PROXY, ALL_PROXY, NO_PROXY) provide a tunnel and see only the host's name.
"""

import os
import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import truststore

from app.deepwriter.base_url import is_loopback
from app.deepwriter.lean_httpx import httpx

_KEEP_ALIVE_SECONDS = 65.0
"""How long an idle connection is kept: longer than the slowest poll interval, so that each poll can reuse one.

Many servers close an idle connection sooner. A GET that fails because of that is sent again over a new one."""

_TCP_KEEP_ALIVE = {"TCP_KEEPIDLE": 15, "TCP_KEEPALIVE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 2}
"""TCP keep-alive times in seconds, and the number of probes (`TCP_KEEPALIVE` is macOS's name for `TCP_KEEPIDLE`).

They keep routers from dropping an idle connection, and detect a dead one before a request waits 10 s for it."""

_MAX_IDLE_CONNECTIONS = 10
"""As many as there may be requests in flight."""


class TransportSetupError(Exception):
    """The environment's certificates or proxy cannot be used. The message is one sentence."""


class Connections:
    """The connections to one API: GETs share a pool, and every POST opens a new one.

    Creating it reads certificates, which takes tens of milliseconds, and needs no event loop.

    Attributes:
        shared: For requests that may reuse a connection.
        single: For requests that may not: if the server closed a reused connection at that moment, there would be no
            way to know whether it processed the request.
        proxy: Host and port of the proxy, for messages; empty if there is none.
    """

    def __init__(self, base_url: str) -> None:
        """Prepare without connecting.

        Args:
            base_url: A base URL from `app.deepwriter.base_url.parse_base_url`.

        Raises:
            TransportSetupError: The environment names certificates or a proxy that cannot be used.
        """
        context = tls_context(base_url)
        proxy = _proxy(base_url, context)
        self.proxy = proxy.url.netloc.decode("ascii") if proxy else ""

        def transport(max_idle: int) -> httpx.AsyncHTTPTransport:
            # No limit on connections: a request would have to wait behind those that hang.
            limits = httpx.Limits(
                max_connections=None, max_keepalive_connections=max_idle, keepalive_expiry=_KEEP_ALIVE_SECONDS
            )
            return httpx.AsyncHTTPTransport(
                verify=context, proxy=proxy, limits=limits, trust_env=False, socket_options=_socket_options()
            )

        self.shared = transport(max_idle=_MAX_IDLE_CONNECTIONS)
        self.single = transport(max_idle=0)

    async def aclose(self) -> None:
        """Close all connections."""
        await self.shared.aclose()
        await self.single.aclose()


def _socket_options() -> list[tuple[int, int, int]]:
    named = [
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in _TCP_KEEP_ALIVE.items()
        if hasattr(socket, name)
    ]
    return [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), *named]


def tls_context(url: str) -> ssl.SSLContext:
    """A context that trusts the system's certificates and those named by SSL_CERT_FILE or SSL_CERT_DIR.

    Raises:
        TransportSetupError: They cannot be read.
    """
    if not url.startswith("https:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used, and trusts nobody
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
        raise TransportSetupError(
            "the certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read; correct or unset it"
        ) from None
    return context


def _proxy(base_url: str, context: ssl.SSLContext) -> httpx.Proxy | None:
    """The environment's proxy for this address, if any."""
    parts = urlsplit(base_url)
    if parts.scheme != "https" or is_loopback(base_url):
        return None
    if proxy_bypass(parts.netloc):
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
        raise TransportSetupError(
            "the proxy that HTTPS_PROXY or ALL_PROXY names cannot be used; name an http:// one, or unset it"
        )
    if proxy.url.scheme == "https":
        proxy.ssl_context = context
    return proxy
