"""Maps HTTP statuses and exceptions to the errors of this package.

Messages never repeat those of httpx, which may contain addresses with passwords.
"""

import os
import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from app.deepwriter.base_url import DEFAULT_BASE_URL
from app.deepwriter.errors import (
    MAX_RETRY_AFTER_SECONDS,
    ApiError,
    BadAnswer,
    Forbidden,
    NotFound,
    RateLimited,
    Rejected,
    ServerError,
    Unauthorized,
    Unreachable,
)
from app.deepwriter.lean_httpx import httpx
from app.deepwriter.server_clock import http_date
from app.text import safe_text

_STATUS = re.compile(r"[1-5]\d\d\b", re.ASCII)
_NOT_YET_VALID, _EXPIRED = 9, 10  # OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and _HAS_EXPIRED
_DELAY = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)

_API_ERRORS: Mapping[int, tuple[type[ApiError], str]] = {
    401: (Unauthorized, "the token was not accepted; sign in again"),
    403: (Forbidden, "the token is not allowed to do this"),
    404: (NotFound, "this account has no such job"),
}


def response_error(
    status: int, headers: Mapping[str, str], reason: str | None, *, base_url: str = DEFAULT_BASE_URL
) -> ApiError:
    """The error for an answer with an unexpected status.

    Only an answer with the API's JSON (`{"error": ...}`) says something about the job or the token. Any other answer
    with a 4xx status comes from a proxy, a firewall or a wrong address; its `reason` is None.
    """
    name = _status_name(status)
    if status == 429 or (status == 403 and reason is not None and retry_after(headers) is not None):
        return RateLimited(_with_reason("too many requests; the API asks for a pause", reason))
    if status >= 500 or status == 408:
        return ServerError(_with_reason(f"the API answered {name}", reason))
    if status >= 400 and reason is None:
        what_to_do = "check the base URL and any proxy"
        if status == 404 and not base_url.endswith("/api"):  # a website answered
            what_to_do = f"the base URL may lack its /api: try {base_url}/api"
        return BadAnswer(f"the answer was {name}, but not in the API's format; {what_to_do}")
    if status in _API_ERRORS:
        kind, sentence = _API_ERRORS[status]
        return kind(_with_reason(sentence, reason))
    if status >= 400:
        sentence = _with_reason(f"the API answered {name}", reason)
        return Rejected(reason or sentence, status, sentence)
    if status >= 300:
        return BadAnswer(f"the API redirects to {_origin(headers.get('location'))}; check the base URL")
    return BadAnswer(f"the API answered {name}, which is not expected; check the base URL")


def request_error(error: Exception, peer: str) -> ApiError:
    """The error for a request to `peer` that failed with an exception from httpx or from a layer below it."""
    if isinstance(error, httpx.RemoteProtocolError):
        # httpx has one class for two errors, which only the messages tell apart.
        if "disconnected" in str(error) or "closed connection" in str(error):
            return Unreachable(f"{peer} dropped the connection in the middle of an answer")
        return BadAnswer(f"{peer} sent an invalid HTTP response; check the base URL and any proxy")
    if isinstance(error, httpx.ProxyError):
        status = _STATUS.match(str(error))
        answer = f" (it answered {_status_name(int(status.group()))})" if status else ""
        return Unreachable(f"cannot reach {peer}: the proxy refuses to connect{answer}; check the proxy")
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = safe_text(cause.verify_message, 120)
            wrong_time = cause.verify_code in (_NOT_YET_VALID, _EXPIRED)
            remedy = (
                "check this machine's clock"
                if wrong_time
                else "have this system trust its issuer, or name the issuer's certificate in SSL_CERT_FILE"
            )
            return Unreachable(f"the certificate of {peer} is not trusted ({why}); {remedy}")
        if isinstance(cause, ssl.SSLError):
            return Unreachable(f"no secure connection to {peer}; check the base URL and any proxy")
        if isinstance(cause, OSError) and cause.errno:
            # Name resolution has its own error numbers. For other errors, asyncio replaces the text with an address.
            why = (cause.strerror or "") if isinstance(cause, socket.gaierror) else os.strerror(cause.errno)
            return Unreachable(f"cannot reach {peer}: {safe_text(why, 120) or 'no such host'}")
    if isinstance(error, httpx.NetworkError) and not isinstance(error, httpx.ConnectError):
        return Unreachable(f"{peer} dropped the connection")
    return Unreachable(f"cannot reach {peer} ({type(error).__name__})")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """How long the server asks clients to wait (RFC 9110, section 10.2.3).

    A date is compared with the answer's own `Date` if it has one, since this machine's clock may be wrong.
    Returns seconds from 0 to `MAX_RETRY_AFTER_SECONDS`, the longest of several; None without a valid header.
    """
    date = http_date(headers.get("date", ""))
    now = time.time() if date is None else date
    waits: list[float] = []
    for text in headers.get("retry-after", "").split(","):  # a comma also follows the weekday of a date
        if _DELAY.fullmatch(text.strip()):
            waits.append(float(text))
        elif (until := http_date(text)) is not None:
            waits.append(until - now)
    return min(max(0.0, *waits), MAX_RETRY_AFTER_SECONDS) if waits else None


def _status_name(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _with_reason(sentence: str, reason: str | None) -> str:
    """Insert the API's reason before the part that says what to do, unless the sentence already contains it."""
    if not reason or reason.casefold() in sentence.casefold():
        return sentence
    what, separator, what_to_do = sentence.partition(";")
    return f"{what} ({reason}){separator}{what_to_do}"


def _origin(location: str | None) -> str:
    """The target of a redirect, without path, query or password."""
    try:
        parts = urlsplit(location or "")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host:
        return "another page"
    return safe_text(f"{parts.scheme or 'https'}://{host}" + (f":{port}" if port else ""), 120)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and its causes, including the members of a group, as from connecting to several addresses."""
    seen: set[int] = set()
    queue = [error]
    while queue:
        cause = queue.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        if isinstance(cause, BaseExceptionGroup):
            queue.extend(cause.exceptions)
        queue.extend(inner for inner in (cause.__cause__, cause.__context__) if inner is not None)
