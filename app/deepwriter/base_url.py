"""Validates and normalizes base URLs, and checks other addresses against them.

Imported when the program starts, so it imports very little.
"""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

DEFAULT_BASE_URL = "https://app.deepwriter.com/api"

_KNOWN_HOSTS = ("https://app.deepwriter.com", "https://www.deepwriter.com")
"""Without a path, these mean the API on that host, under `/api`."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
# Compiled when they are used: the default URL is not checked.
_HOST_NAME = r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\.?"
_PATH = r"(?:[A-Za-z0-9/._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*"


def parse_base_url(text: str, *, allow_insecure_http: bool = False) -> str:
    """Normalize a base URL to the one spelling that requests and the database use.

    Lowercases scheme and host, drops a default port and trailing slashes, and appends `/api` to DeepWriter's own hosts if
    they have no path. A `ValueError` says what to write instead, without repeating the text, which may hold a password.
    """
    text = text.strip()
    if not text:
        raise ValueError(f"the base URL is empty; write it as {DEFAULT_BASE_URL}")
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ValueError(
            "the base URL contains spaces or characters that are not allowed; percent-encode them"
        )
    if "://" not in text:
        raise ValueError("the base URL has no scheme; write https:// before the host")
    if "?" in text or "#" in text:
        raise ValueError("the base URL has a query or a fragment; remove everything from the ? or # on")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("the base URL has an invalid port or IPv6 address; correct it") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise ValueError("the base URL must begin with https:// (or http:// for this machine)")
    if "@" in parts.netloc:
        raise ValueError("the base URL contains a user name or password; remove everything up to the @")
    host = _normalized_host(parts)
    if port == 0:
        raise ValueError("the base URL has port 0, which cannot be used; write the real one")
    if not re.fullmatch(_PATH, parts.path) or {".", ".."} & set(parts.path.split("/")):
        raise ValueError("the base URL has an invalid path; correct it")
    if parts.scheme == "http" and not (allow_insecure_http or _is_loopback_host(host)):
        raise ValueError(
            "plain http would show your token to anyone on the network; "
            "use https, or set allow_insecure_http if you must"
        )
    shown_port = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    shown_host = f"[{host}]" if ":" in host else host
    base_url = f"{parts.scheme}://{shown_host}{shown_port}{parts.path.rstrip('/')}"
    return f"{base_url}/api" if base_url in _KNOWN_HOSTS else base_url


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of an address. The token may be sent only to the origin of the base URL."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return "", "", None


def is_loopback(base_url: str) -> bool:
    """Whether an address from `parse_base_url` is on this machine: localhost, 127.0.0.0/8 or ::1."""
    return _is_loopback_host(urlsplit(base_url).hostname or "")


def is_safe_link(link: str, base_url: str) -> bool:
    """Whether a link to a document may be opened: https, or http if it and the API are both on this machine."""
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        return False
    if not host or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(link) and is_loopback(base_url))


def _normalized_host(parts: SplitResult) -> str:
    """The host in lower case, an IPv6 address in its shortest form and without brackets."""
    host = parts.hostname or ""
    if ":" in host:
        try:
            address = ipaddress.IPv6Address(host)
        except ValueError:
            address = None
        if address is None or address.scope_id is not None:
            raise ValueError("the base URL has an invalid IPv6 address; correct it")
        return str(address)
    if not re.fullmatch(_HOST_NAME, host):
        raise ValueError(f"the base URL has no valid host; write it as {DEFAULT_BASE_URL}")
    return host


def _is_loopback_host(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback
