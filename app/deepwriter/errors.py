"""Everything that can go wrong between us and the API, as one tree.

    ApiError
    ├── Unreachable        no answer: refused, reset, DNS, TLS, cut off in the middle
    │   └── TimedOut       none within the deadline
    ├── ServerError        5xx and 408: the server or a proxy gave up
    ├── RateLimited        429, or a 403 with Retry-After
    ├── BadAnswer          an answer that cannot be used: no JSON, wrong types, too large, another job, a redirect,
    │                      or a 4xx that is not in the API's words (`{"error": ...}`)
    ├── NotSignedIn        there is no token to send
    ├── Unauthorized       401 in the API's words, like the three that follow
    ├── Forbidden          403
    ├── NotFound           404
    ├── NotOffered         this API has no such endpoint
    └── Rejected           400 and every other 4xx

Each has a sentence for people (`str(error)`); none ever holds a token.
"""

MAX_RETRY_AFTER_SECONDS = 3600.0
"""The most that `Retry-After` is believed."""


class ApiError(Exception):
    """A request without a usable answer.

    Attributes:
        retry_after: Seconds the server asked all callers to wait, at most `MAX_RETRY_AFTER_SECONDS`, from any answer that
            said so; else None.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unreachable(ApiError):
    """No answer arrived."""


class TimedOut(Unreachable):
    """No whole answer arrived within the deadline."""


class ServerError(ApiError):
    """The server, or a proxy in front of it, failed: 5xx or 408.

    Attributes:
        status_code: The HTTP status.
    """

    def __init__(self, message: str, status_code: int, *, retry_after: float | None = None) -> None:
        super().__init__(message, retry_after=retry_after)
        self.status_code = status_code


class RateLimited(ApiError):
    """Too many requests: 429, or a 403 with Retry-After."""


class BadAnswer(ApiError):
    """An answer arrived that the API may not give."""


class NotSignedIn(ApiError):
    """There is no token. Nothing was sent."""


class Unauthorized(ApiError):
    """401: the token was not accepted."""


class Forbidden(ApiError):
    """403: the token may not do this."""


class NotFound(ApiError):
    """404: no such job for this account."""


class NotOffered(ApiError):
    """This API does not have what was asked for."""


class Rejected(ApiError):
    """400 or another 4xx; `reason` is the API's message, or a sentence that stands in for it.

    Attributes:
        status_code: The HTTP status.
        reason: One line, safe to show.
    """

    def __init__(self, reason: str, status_code: int, message: str | None = None) -> None:
        super().__init__(message or reason)
        self.reason = reason
        self.status_code = status_code
