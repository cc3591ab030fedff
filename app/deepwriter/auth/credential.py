"""Credentials: tokens that cannot be shown by accident, and how they are sent."""

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

MASK = "[token]"

_SHORT_SECRET_CHARACTERS = 8  # a shorter secret may be part of an ordinary word


class Secret:
    """A text that only `reveal` returns; `repr` and `str` hide it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text. Do not keep it in a variable: a traceback with local variables would show it."""
        return self._text

    def hide_in(self, text: str) -> str:
        """Mask the secret in a text. A secret of fewer than 8 characters is masked only as a whole word."""
        if len(self._text) >= _SHORT_SECRET_CHARACTERS:
            return text.replace(self._text, MASK)
        return re.sub(rf"(?<!\w){re.escape(self._text)}(?!\w)", MASK, text) if self._text else text

    def hide_in_body(self, body: bytes) -> bytes:
        """Mask the secret in the body of an answer: a server may quote what it rejects."""
        if len(self._text) < _SHORT_SECRET_CHARACTERS:
            return body
        if b"\\" in body or b"\0" in body:  # JSON may write any character as an escape, or in UTF-16
            with suppress(ValueError, RecursionError):  # not JSON
                body = json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8", "surrogatepass")
        for spelling in (self._text, json.dumps(self._text)[1:-1]):
            body = body.replace(spelling.encode(), MASK.encode())
        return body

    def __repr__(self) -> str:
        return "Secret('***')"

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, Secret) else NotImplemented

    def __hash__(self) -> int:
        return hash((Secret, self._text))


class Scheme(StrEnum):
    """How a token is sent: as `Authorization: Bearer`, or as `x-api-key`."""

    BEARER = "bearer"
    API_KEY = "api-key"


@dataclass(frozen=True, slots=True)
class Credential:
    """A token, how it is sent and where it came from; for a JWT also its expiry and account.

    The claims of a JWT are not verified: the server decides.
    """

    secret: Secret
    scheme: Scheme = Scheme.BEARER
    source: str = "given"  # a name to show, such as `DEEPWRITER_TOKEN`
    expires_at: float | None = None  # seconds since the epoch
    account: Secret | None = None

    @property
    def account_key(self) -> Secret:
        """The same for all tokens of an account: the account, if the token names one, or else the token itself."""
        return self.account or self.secret

    @property
    def header(self) -> tuple[str, str]:
        """Name and value of the header that authenticates a request. The value is not hidden in a `Secret`."""
        if self.scheme is Scheme.API_KEY:
            return "x-api-key", self.secret.reveal()
        return "Authorization", "Bearer " + self.secret.reveal()


@dataclass(frozen=True, slots=True)
class CredentialLookup:
    """The result of a search for a token."""

    credential: Credential | None
    problem: str = ""  # why a token that was found cannot be used, in one sentence
    warnings: tuple[str, ...] = ()  # sentences to show, such as that others can read a token file
    log: tuple[str, ...] = ()
    """What a token command wrote to standard error, safe to show and without the token."""
