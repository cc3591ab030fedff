"""Parses tokens in pastes, files and the output of commands, with whatever was copied along with them."""

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping
from typing import NoReturn

from app.deepwriter.auth.credential import Credential, Scheme, Secret
from app.deepwriter.errors import CredentialError

_MAX_CHARACTERS = 16 * 1024  # servers refuse headers long before this
_ORGANISATION_CLAIMS = ("org_id", "tid")  # by which common issuers distinguish a user's organisations


def make_credential(text: str, scheme: str = Scheme.BEARER, source: str = "given") -> Credential:
    """Parse a token from a paste, a file or the output of a command.

    Accepts what is commonly copied along with a token, as long as it is clear which part is the token: quotes, `Bearer`,
    an assignment such as `export DEEPWRITER_TOKEN=...`, a header such as `Authorization: Bearer ...` or
    `x-api-key: ...`, a JSON object with one token in it, and a JWT that a terminal has wrapped. It never returns a part
    of a token. If the text names an API key, it is sent as one whatever the `scheme`.

    Raises:
        CredentialError: The text is empty or too long, or it is not clear which part of it is the token. The message
            begins with the `source`.
    """
    token, actual_scheme = _unwrap(text, Scheme(scheme), source)
    secret = Secret(token)
    del token, text  # a traceback with local variables would show them
    claims = _claims(secret)
    return Credential(secret, actual_scheme, source, _expiry(claims), _account(claims))


def token_problem(text: str, api_key: bool) -> str:
    """Why typed text cannot be used as a token or an API key, in one sentence; empty if it can."""
    try:
        make_credential(text, Scheme.API_KEY if api_key else Scheme.BEARER, "The field")
    except CredentialError as error:
        return f"{error}."
    return ""


_QUOTES = {'"': '"', "'": "'", "`": "`", "\u201c": "\u201d", "\u2018": "\u2019"}
_ANY_QUOTE = frozenset("".join((*_QUOTES, *_QUOTES.values())))

_HEADER_OPTION = re.compile(r"\A(?:-H|--header)(?:[=\s]+|(?=[\"']))")  # of curl
_BEARER = re.compile(r"\Abearer(?:\s+|\Z)", re.IGNORECASE)
_ASSIGNMENT = re.compile(
    r"(?P<command>(?:export|set)\s+|\$env:)?"
    r"(?P<quote>[\"']?)(?P<name>[A-Za-z_][\w-]*)(?P=quote)"
    r"\s*(?P<sign>[:=])(?P<value>.*)",
    re.DOTALL | re.ASCII,
)
_TOKEN_NAMES = frozenset({"token", "key", "jwt", "secret", "bearer", "auth", "authorization", "apikey"})


def _unwrap(text: str, scheme: Scheme, source: str) -> tuple[str, Scheme]:
    """Extract the token from a text; returns it and its scheme."""

    def refuse(problem: str) -> NoReturn:
        raise CredentialError(f"{source} {problem}")

    if len(text) > 4 * _MAX_CHARACTERS:
        refuse(f"holds {len(text)} characters, too many for a token: check it")
    name = ""
    text = _unquoted(_HEADER_OPTION.sub("", _unquoted(text)))
    if text.startswith("{"):
        name, text = _json_token(text)
        if not name:
            refuse("holds JSON without exactly one token: leave only the token there")
    elif (match := _ASSIGNMENT.fullmatch(text)) and _is_assignment(match):
        name, text = match["name"], match["value"].rstrip(" \t\r\n,;")
        if not (match["command"] or _names_token(name)):
            refuse("holds a name and a value that do not look like a token's: leave only the token there")
        if scheme is Scheme.API_KEY and name.lower() == "authorization":
            refuse("holds an Authorization header, which is not an API key: use it as a bearer token")
    if _names_api_key(name):
        scheme = Scheme.API_KEY
    text = _unquoted(_BEARER.sub("", _unquoted(text)))
    if not text:
        refuse("holds no token: put one there, or remove it")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > 1:
        if not _is_wrapped_jwt(lines):
            refuse("holds more than one line: leave only the token there, on one line")
        text = "".join(lines)
    if any(char.isspace() for char in text):
        refuse("holds more than one word: leave only the token there")
    if not _ANY_QUOTE.isdisjoint(text):
        refuse("holds a quote that does not belong to a token: leave only the token there")
    if not (text.isascii() and text.isprintable()):
        refuse("holds characters that no token has: copy the token again")
    if len(text) > _MAX_CHARACTERS:
        refuse(f"holds {len(text)} characters, too many for a token: check it")
    return text, scheme


def _unquoted(text: str) -> str:
    """Remove the blanks and quotes around a text, and a comma or semicolon after the quotes."""
    text = text.strip().removeprefix("\ufeff").strip()
    if text[-1:] in (",", ";") and text[-2:-1] in _ANY_QUOTE:
        text = text[:-1]
    if len(text) > 1 and _QUOTES.get(text[0]) == text[-1] and text.find(text[-1], 1) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def _json_token(text: str) -> tuple[str, str]:
    """Name and value of the only token in a JSON object; both empty unless there is exactly one."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return "", ""
    tokens = [
        (name, value)
        for name, value in content.items()
        if isinstance(value, str) and value.strip() and _names_token(name)
    ]
    # A sign-in response contains other tokens, too.
    access_tokens = [(name, value) for name, value in tokens if _words(name)[-2:] == ["access", "token"]]
    if len(access_tokens or tokens) != 1:
        return "", ""
    name, value = (access_tokens or tokens)[0]
    # dwtop's own token file holds the scheme beside the token.
    return ("api_key" if content.get("scheme") == Scheme.API_KEY else name), value


def _is_assignment(match: "re.Match[str]") -> bool:
    """Whether a match is an assignment or a header, rather than a token that contains `=` or `:`."""
    name, value = match["name"], match["value"]
    if match["command"] or match["quote"] or name.lower() in ("authorization", "x-api-key"):
        return True
    if value[:1].isspace() or value[:1] in _ANY_QUOTE:
        return True
    if value and not value.strip("="):  # the padding of a base64 token
        return False
    return match["sign"] == "=" and (_names_token(name) or (name.isupper() and value != ""))


def _words(name: str) -> list[str]:
    """The words of a name written `like_this`, `like-this` or `likeThis`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower().split("_")


def _names_token(name: str) -> bool:
    words = _words(name)
    return words[-1] in _TOKEN_NAMES and "refresh" not in words


def _names_api_key(name: str) -> bool:
    return "".join(_words(name)).endswith("apikey")


def _is_wrapped_jwt(lines: list[str]) -> bool:
    """Whether lines are one JWT that a terminal has wrapped, and not a token followed by other text."""
    first, *middle, last = (len(line) for line in lines)
    # Other text may have preceded the first line, which is then shorter.
    wrapped = len(set(middle)) <= 1 and last <= max([first, *middle])
    return wrapped and lines[0].count(".") < 2 and bool(_claims(Secret("".join(lines))))


def _claims(secret: Secret) -> dict[str, object]:
    """The claims of a JWT (RFC 7519, section 4.1), unverified; empty for any other text."""
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
    """Issuer, user and organisation: the claims that stay the same from token to token."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        return None
    return Secret(json.dumps([str(claims.get(name, "")) for name in ("iss", "sub", *_ORGANISATION_CLAIMS)]))
