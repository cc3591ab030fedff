"""The errors of requests to the API and of token sources. `str(error)` is a sentence to show that contains no token."""

MAX_RETRY_AFTER_SECONDS = 3600.0
"""Longer values of `Retry-After` are reduced to this."""


class ApiError(Exception):
    """A request had no usable answer. `retry_after` is how many seconds the server asked clients to wait, if it did."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unreachable(ApiError):
    """No answer arrived: DNS or TLS failed, or the connection was refused, reset or dropped."""


class TimedOut(Unreachable):
    """No complete answer arrived within the deadline."""


class ServerError(ApiError):
    """The server, or a proxy in front of it, failed: 5xx or 408."""


class RateLimited(ApiError):
    """Too many requests: 429, or a 403 with Retry-After."""


class BadAnswer(ApiError):
    """An unusable answer: not JSON, wrong types, too large, about another job, a redirect, or a 4xx without the API's JSON."""


class TooLarge(BadAnswer):
    """An answer of more than 1 MiB."""


NOT_SIGNED_IN = "not signed in; run dwtop login, or set DEEPWRITER_TOKEN"
"""The message of `NotSignedIn` if no token was found."""


class NotSignedIn(ApiError):
    """There is no token to send."""


class Unauthorized(ApiError):
    """401 with the API's JSON (`{"error": ...}`): the token was not accepted."""


class Forbidden(ApiError):
    """403 with the API's JSON: the token may not do this."""


class NotFound(ApiError):
    """404 with the API's JSON: no such job for this account."""


class NotOffered(ApiError):
    """This API has no such endpoint."""


class Rejected(ApiError):
    """400, or another 4xx with the API's JSON. `reason` is the API's message, or a sentence in place of it, safe to show."""

    def __init__(self, reason: str, status_code: int, message: str | None = None) -> None:
        super().__init__(message or reason)
        self.reason = reason
        self.status_code = status_code


class CredentialError(Exception):
    """A text or a file holds no usable token, or a token cannot be stored."""
