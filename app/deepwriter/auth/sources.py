"""Where tokens are found.

The sources in order are the file named with `--token-file`, DEEPWRITER_TOKEN, DEEPWRITER_API_KEY, the token
command, and the file that `dwtop login` keeps. The first that is there decides: where it is broken, the search
ends with an error and does not fall through to what may be another account's token.

Everything here is synchronous and may wait (for a pipe, for a command): call it from a thread where an event
loop must go on. Commands import it before they say anything, so it
imports next to nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.deepwriter.auth.credential import Credential, CredentialError, Scheme, Secret, make_credential
from app.deepwriter.auth.token_file import (
    STORED_SOURCE,
    forget_token,
    read_stored_token,
    read_token_file,
    store_token,
)

__all__ = [
    "STORED_SOURCE",
    "VARIABLES",
    "Credential",
    "CredentialError",
    "Finding",
    "Scheme",
    "Secret",
    "find_credential",
    "forget_token",
    "from_environment",
    "make_credential",
    "read_stored_token",
    "store_token",
]

VARIABLES = ("DEEPWRITER_TOKEN", "DEEPWRITER_API_KEY")
"""The environment variables that may hold a token, the first before the second; one that is empty counts as unset."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a search for a token brought.

    Attributes:
        credential: The token; None where no source is there at all.
        warnings: Sentences for the user, such as that others can read a token file.
        log: What a token command wrote to stderr, a line each, safe to show, without the token.
    """

    credential: Credential | None
    warnings: tuple[str, ...] = ()
    log: tuple[str, ...] = ()


def find_credential(
    *,
    token_file: Path | None,
    environ: Mapping[str, str],
    token_command: str | None,
    stored_file: Path | None,
    auth: str = Scheme.BEARER,
    given_up: Callable[[], bool] = lambda: False,
) -> Finding:
    """Look for a token in every source, in order.

    Args:
        token_file: What `--token-file` names; a pipe or FIFO can be read once.
        environ: The environment variables; empty ones count as unset.
        token_command: A command line that prints a token; it is split as a shell would and run without one,
            for 30 s at most.
        stored_file: Where `store_token` keeps one; None if there is no such place.
        auth: `bearer`, or `api-key` to send a token from any source as an API key.
        given_up: Whether nobody waits for it any more: then a command is ended.

    Raises:
        CredentialError: The first source that is there gives no usable token.
        ValueError: `auth` is neither.
    """
    scheme = Scheme(auth)
    if token_file is not None:
        credential, warning = read_token_file(token_file, scheme)
        return Finding(credential, warnings=(warning,) if warning else ())
    found = from_environment(environ, scheme)
    if found is not None:
        return Finding(found)
    if token_command is not None and token_command.strip():
        # Starting processes takes an import of its own, which those without a token command need not pay for.
        from app.deepwriter.auth.token_command import run_token_command

        credential, log = run_token_command(token_command, scheme, given_up=given_up)
        return Finding(credential, log=log)
    return Finding(read_stored_token(stored_file, scheme) if stored_file else None)


def from_environment(environ: Mapping[str, str], scheme: str = Scheme.BEARER) -> Credential | None:
    """The token in DEEPWRITER_TOKEN, else the key in DEEPWRITER_API_KEY; None where both are empty or unset.

    Raises:
        CredentialError: The one that is set holds no token.
    """
    for name, sent_as in zip(VARIABLES, (scheme, Scheme.API_KEY), strict=True):
        if environ.get(name, "").strip():
            return make_credential(environ[name], sent_as, name)
    return None
