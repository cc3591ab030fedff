"""The sentences for errors, without a server."""

import errno
import socket
import ssl
import time
from email.utils import formatdate

import httpx
import pytest

from app.deepwriter.error_mapping import request_error, response_error, retry_after
from app.deepwriter.errors import BadAnswer, Unreachable

NOW = 1_800_000_000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 2.5 ", 2.5),
        ("+3", 3.0),
        ("-5", 0.0),
        ("999999", 3600.0),
        ("9" * 500, 3600.0),
        (formatdate(NOW + 60, usegmt=True), 60.0),
        (formatdate(NOW + 60), 60.0),  # with -0000 for an unknown zone
        (formatdate(NOW - 60, usegmt=True), 0.0),
        (formatdate(NOW + 10**6, usegmt=True), 3600.0),
        ("Friday, 15-Jan-27 08:01:00 GMT", 60.0),  # the older form of RFC 9110, section 5.6.7
        ("", None),
        ("nan", None),
        ("inf", None),
        ("1e3", None),
        ("\u0661", None),
        ("in a while", None),
        ("60, 120", 120.0),  # two headers, one by the API and one by a proxy
        (f"{formatdate(NOW + 60, usegmt=True)}, {formatdate(NOW + 90, usegmt=True)}", 90.0),
        ("Fri, 99 Jan 2027 08:01:00 GMT", None),
        ("Fri, 15 Jan 99999999999 08:01:00 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(value: str, expected: float | None) -> None:
    assert retry_after({"retry-after": value, "date": formatdate(NOW, usegmt=True)}) == expected


def test_a_date_to_retry_after_is_by_our_clock_if_the_answer_has_none() -> None:
    assert retry_after({"retry-after": formatdate(time.time() + 1800)}) == pytest.approx(1800, abs=900)
    assert retry_after({}) is None


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://Login.Example/path?token=a", "to https://login.example;"),
        ("https://u:p@h.example:8443/", "to https://h.example:8443;"),
        ("//other.example/x", "to https://other.example;"),
        ("/login", "to another page;"),
        ("https://[::1", "to another page;"),
        ("https://h:x/", "to another page;"),
    ],
)
def test_a_redirect_names_the_origin_only(location: str, shown: str) -> None:
    error = response_error(302, {"location": location}, None)
    assert type(error) is BadAnswer
    assert shown in str(error)


def beneath(cause: BaseException, top: Exception | None = None) -> Exception:
    """An error of httpx with this as its cause, as httpx raises it."""
    error = top or httpx.ConnectError("https://user:password@host went wrong")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (beneath(socket.gaierror(socket.EAI_NONAME, "Name unknown")), "Name unknown"),
        (beneath(socket.gaierror(socket.EAI_NONAME)), "h.example"),
        (beneath(OSError("all attempts failed")), "(ConnectError)"),
        (beneath(OSError(errno.ENETUNREACH, "Connect call failed ('::1', 1)")), "Network is unreachable"),
        (beneath(ExceptionGroup("", [OSError(errno.ECONNREFUSED, "x")])), "Connection refused"),
        (beneath(ssl.SSLError(1, "WRONG_VERSION_NUMBER")), "no secure connection"),
        (httpx.ReadError(""), "dropped the connection"),
        (httpx.ProxyError("407 No, user:password"), "(it answered 407 Proxy Authentication Required)"),
        (httpx.RemoteProtocolError("Server disconnected"), "h.example dropped the connection"),
        (RuntimeError("user:password"), "(RuntimeError)"),
    ],
)
def test_no_sentence_repeats_the_message_of_httpx(error: Exception, words: str) -> None:
    shown = request_error(error, "h.example")
    assert type(shown) is Unreachable
    assert words in str(shown)
    assert "password" not in str(shown)


@pytest.mark.parametrize(
    ("status", "reason", "sentence"),
    [
        (401, "jwt expired", "the token was not accepted (jwt expired); sign in again"),
        (429, "Too Many Requests", "too many requests; the API asks for a pause"),
        (500, "Internal server error", "the API answered 500 Internal Server Error"),
        (500, "disk full", "the API answered 500 Internal Server Error (disk full)"),
    ],
)
def test_the_reason_is_named_unless_it_adds_nothing(status: int, reason: str, sentence: str) -> None:
    assert str(response_error(status, {}, reason)) == sentence


def certificate_error(code: int, reason: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "CERTIFICATE_VERIFY_FAILED")
    error.verify_code, error.verify_message = code, reason
    return error


def test_an_expired_certificate_suggests_a_wrong_clock() -> None:
    expired = str(request_error(beneath(certificate_error(10, "certificate has expired")), "h.example"))
    assert expired.endswith("is not trusted (certificate has expired); check this machine's clock")
    unknown = str(request_error(beneath(certificate_error(18, "self-signed certificate")), "h.example"))
    assert unknown.endswith("or name the issuer's certificate in SSL_CERT_FILE")


def test_circular_causes_are_followed_once() -> None:
    first, second = httpx.ConnectError("a"), RuntimeError("b")
    first.__cause__, second.__context__ = second, first
    assert "h.example" in str(request_error(first, "h.example"))
