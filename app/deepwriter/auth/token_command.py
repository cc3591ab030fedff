"""Reads tokens from a command such as `pass show deepwriter`."""

from collections.abc import Callable
from pathlib import Path

from app import process
from app.deepwriter.auth.credential import CredentialLookup, Secret
from app.deepwriter.auth.token_text import make_credential
from app.deepwriter.errors import CredentialError
from app.text import safe_text

_TIMEOUT_SECONDS = 30.0
_MAX_LOG_LINES = 20


def run_token_command(
    command: str,
    scheme: str,
    *,
    timeout: float = _TIMEOUT_SECONDS,
    cancelled: Callable[[], bool] = lambda: False,
) -> CredentialLookup:
    """Run a token command, and wait until it ends, takes longer than `timeout` seconds, or is `cancelled`."""
    try:
        words = process.split_command(command)
    except ValueError:
        raise CredentialError("token_command has an unclosed quote: correct it in the settings") from None
    # Without its folder: a long sentence would be cut at the end, which says what to do.
    name = f"token_command ({safe_text(Path(words[0]).name or words[0], 40)})"
    result = process.run(words, timeout=timeout, fail_on_excess=True, cancelled=cancelled)
    printed = result.stdout.decode("utf-8", "replace")
    log = _log(result.stderr, Secret(printed.strip()))
    failure = result.failure or ("" if printed.strip() else "printed nothing")
    if failure:
        return CredentialLookup(None, f"{name} {failure}: run it by hand to see why", log=log)
    try:
        credential = make_credential(printed, scheme, name)
    except CredentialError as error:
        return CredentialLookup(None, str(error), log=log)
    return CredentialLookup(credential, log=_log(result.stderr, credential.secret))


def _log(stderr: bytes, secret: Secret) -> tuple[str, ...]:
    """The first lines, safe to show. The secret is masked before lines are cut, which could leave part of it."""
    lines = secret.hide_in(stderr.decode("utf-8", "replace")).splitlines()
    return tuple(shown for line in lines if (shown := safe_text(line, 300)))[:_MAX_LOG_LINES]
