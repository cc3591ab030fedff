"""How the API is connected to: certificates, proxies, and how long a connection is used again.

Loopback and plain http go straight to the host, whatever the environment says, for a proxy would see the token.
Over https the environment's proxies (HTTPS_PROXY, ALL_PROXY, NO_PROXY) are asked for a tunnel and see only the
host's name.
"""

import socket
import ssl
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from app.deepwriter.base_url import is_loopback
from app.deepwriter.lean_httpx import httpx

_KEEP_ALIVE_SECONDS = 65.0
"""Longer than the slowest interval between polls, so that each of them finds a connection.

Many servers close an idle connection sooner; a GET that meets such a close is sent again on a new one."""

_TCP_KEEP_ALIVE = {"TCP_KEEPIDLE": 15, "TCP_KEEPALIVE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 2}
"""Seconds, and a number of probes, by the names that systems have for them (`TCP_KEEPALIVE` is macOS's first).

The system itself sees to it that routers do not forget an idle connection, and that one they did forget, or that went with
a network, is found dead before a request waits 10 s for it."""

_MOST_IDLE = 10
"""How many idle connections are kept: as many as requests are under way at once."""


class Unusable(Exception):
    """The environment's certificates or proxy cannot be used; one sentence for people."""


class Connections:
    """The connections to one API: GETs share theirs, every POST has one of its own.

    It takes tens of milliseconds to make, for the certificates are read, and touches no event loop.

    Attributes:
        shared: For requests that may go on a connection that was used before.
        single: For requests that may not: it might be dropped by the server at that moment, and nobody would
            know whether the request was carried out.
        proxy: The proxy on the way, as shown to people: host and port; empty for none.
    """

    def __init__(self, base_url: str) -> None:
        """Prepare without connecting.

        Args:
            base_url: An address from `app.deepwriter.base_url.parse_base_url`.

        Raises:
            Unusable: The environment names certificates or a proxy that cannot be used.
        """
        context = _tls_context(base_url)
        proxy = _proxy(base_url, context)
        self.proxy = proxy.url.netloc.decode("ascii") if proxy else ""

        def transport(kept: int) -> httpx.AsyncHTTPTransport:
            # No limit on connections: a request that waits for one would wait behind those that hang.
            limits = httpx.Limits(
                max_connections=None, max_keepalive_connections=kept, keepalive_expiry=_KEEP_ALIVE_SECONDS
            )
            return httpx.AsyncHTTPTransport(
                verify=context, proxy=proxy, limits=limits, trust_env=False, socket_options=_socket_options()
            )

        self.shared = transport(kept=_MOST_IDLE)
        self.single = transport(kept=0)

    async def aclose(self) -> None:
        """Close them all."""
        await self.shared.aclose()
        await self.single.aclose()


def _socket_options() -> list[tuple[int, int, int]]:
    named = [
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in _TCP_KEEP_ALIVE.items()
        if hasattr(socket, name)
    ]
    return [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), *named]


def _tls_context(base_url: str) -> ssl.SSLContext:
    """Trust in the usual authorities, or in those that SSL_CERT_FILE or SSL_CERT_DIR name."""
    if not base_url.startswith("https:"):
        # Never used, so no certificates are read; it trusts nobody.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        return httpx.create_ssl_context(trust_env=True)
    except (OSError, ValueError):
        raise Unusable(
            "the certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read; correct or unset it"
        ) from None


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
        raise Unusable(
            "the proxy that HTTPS_PROXY or ALL_PROXY names cannot be used; name an http:// one, or unset it"
        )
    if proxy.url.scheme == "https":
        proxy.ssl_context = context
    return proxy
