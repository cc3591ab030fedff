"""Tokens as values: wrapped so that nothing shows them, checked before they are sent."""

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

MASK = "[token]"

_SHORTEST_IN_WORDS = 8  # a shorter secret would blot out parts of ordinary words
_MOST_CHARACTERS = 16 * 1024  # servers refuse headers long before this
_ORGANISATION = ("org_id", "tid")  # claims by which common issuers tell a user's organisations apart


class CredentialError(Exception):
    """A source of tokens is there and gives none that can be used; `str()` is one sentence for people.

    Attributes:
        log: What a token command wrote to stderr, a line each, safe to show.
    """

    def __init__(self, message: str, *, log: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.log = log


class Secret:
    """A text that only `reveal` shows: not repr, str, format, copies made by dataclasses, or pickle.

    Two are equal when they hold the same text, so that a changed token can be told from a repeated one.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself. Put it straight where it goes: a variable that holds it shows up in tracebacks."""
        return self._text

    def hide_in(self, text: str) -> str:
        """The same text with a mark in every place where the secret stood; one of a few letters only as a word."""
        if len(self._text) >= _SHORTEST_IN_WORDS:
            return text.replace(self._text, MASK)
        return re.sub(rf"(?<!\w){re.escape(self._text)}(?!\w)", MASK, text) if self._text else text

    def __repr__(self) -> str:
        return "Secret('***')"

    def __str__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return format("***", spec)

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, Secret) else NotImplemented

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: object) -> "Secret":
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret cannot be pickled")


class Scheme(StrEnum):
    """How a token is sent: as `Authorization: Bearer`, or as `x-api-key`."""

    BEARER = "bearer"
    API_KEY = "api-key"


@dataclass(frozen=True, slots=True)
class Credential:
    """What a request is signed with.

    Attributes:
        secret: The token.
        scheme: How it is sent.
        source: Where it came from, for people, such as `DEEPWRITER_TOKEN`.
        expires_at: When a JWT says it ends, in seconds since the epoch; None for any other token. It is read
            and never verified: the server decides.
        account: Whom a JWT says it was made out to, likewise; None for any other token.
    """

    secret: Secret
    scheme: Scheme = Scheme.BEARER
    source: str = "given"
    expires_at: float | None = None
    account: Secret | None = None

    @property
    def whose(self) -> Secret:
        """What two tokens of one account have in common: the account, where the token names it, else the token."""
        return self.account or self.secret

    @property
    def header(self) -> tuple[str, str]:
        """Name and value of the header that signs a request. The value is not wrapped any more."""
        if self.scheme is Scheme.API_KEY:
            return "x-api-key", self.secret.reveal()
        return "Authorization", "Bearer " + self.secret.reveal()


def make_credential(text: str, scheme: str = Scheme.BEARER, source: str = "given") -> Credential:
    """A credential from a token as people paste it and files hold it.

    Blanks and line ends around it are dropped, and so is the word `Bearer` copied along with it.

    Args:
        text: The token.
        scheme: How it is to be sent: `bearer` or `api-key`.
        source: Where it came from, for people; it begins the sentence of an error.

    Raises:
        CredentialError: It is empty, too long, or holds what no header can carry.
    """
    word, _, rest = text.strip().partition(" ")
    secret = Secret(rest.strip() if word.lower() == "bearer" else text.strip())
    if not secret.reveal() or secret.reveal().lower() == "bearer":
        raise CredentialError(f"{source} holds no token: put one there, or leave it out altogether")
    if any(char.isspace() for char in secret.reveal()):
        raise CredentialError(f"{source} holds more than one word: leave only the token there")
    if not (secret.reveal().isascii() and secret.reveal().isprintable()):
        raise CredentialError(f"{source} holds characters that no token has: copy the token again")
    if len(secret.reveal()) > _MOST_CHARACTERS:
        raise CredentialError(
            f"{source} holds {len(secret.reveal())} characters, too many for a token: check it"
        )
    claims = _claims(secret)
    return Credential(secret, Scheme(scheme), source, _expiry(claims), _account(claims))


def _claims(secret: Secret) -> dict[str, object]:
    """What a JWT says of itself (RFC 7519, section 4.1), unverified; nothing for any other text."""
    parts = secret.reveal().split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _expiry(claims: Mapping[str, object]) -> float | None:
    expires = claims.get("exp")
    if isinstance(expires, bool) or not isinstance(expires, int | float):
        return None
    try:
        moment = float(expires)
    except OverflowError:
        return None
    return moment if math.isfinite(moment) else None


def _account(claims: Mapping[str, object]) -> Secret | None:
    """The user, of one issuer, in one organisation where there are several; whatever else changes with each token."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        return None
    return Secret(json.dumps([str(claims.get(name, "")) for name in ("iss", "sub", *_ORGANISATION)]))
