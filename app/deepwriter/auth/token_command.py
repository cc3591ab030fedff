"""Tokens from a command such as `pass show deepwriter`: run without a shell, bounded in time and output."""

import contextlib
import os
import selectors
import shlex
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.deepwriter.auth.credential import Credential, CredentialError, Secret, make_credential
from app.text import safe_text

_SECONDS = 30.0  # that it may take
_MOST_BYTES = 64 * 1024  # that it may print, both outputs together
_GRACE = 0.5  # seconds from asking it to end to making it
_LOG_LINES = 20  # of what it wrote to stderr that are kept


@dataclass(slots=True)
class _Outcome:
    """What a run brought; `trouble` is the rest of a sentence that begins with the command's name."""

    stdout: bytes = b""
    stderr: bytes = b""
    trouble: str | None = None


def run_token_command(
    text: str, scheme: str, *, limit: float = _SECONDS, given_up: Callable[[], bool] = lambda: False
) -> tuple[Credential, tuple[str, ...]]:
    """The token that a command prints, and the lines it wrote to stderr.

    The command gets no shell, an empty stdin and a session of its own, so that it can neither read the keyboard
    nor draw over the screen. It blocks until the command ends: call it from a thread.

    Args:
        text: The command line, split by the rules of a shell.
        scheme: How the token is to be sent.
        limit: Seconds it may take; then it and all it started in its process group are ended.
        given_up: Whether nobody waits for it any more, asked several times a second; then likewise.

    Raises:
        CredentialError: It cannot be run, fails, takes too long, or prints no token.
    """
    try:
        words = shlex.split(text)
    except ValueError:
        raise CredentialError(
            "token_command has a quote that does not end: correct it in the settings"
        ) from None
    if not words:
        raise CredentialError("token_command is empty: name a command, or leave the setting out")
    # Its name without the folder, so that what happened to it is read even where the sentence has to be cut.
    name = f"token_command ({safe_text(Path(words[0]).name or words[0], 40)})"
    outcome = _run(words, limit, given_up)
    log = _log(outcome.stderr)
    if outcome.trouble:
        raise CredentialError(f"{name} {outcome.trouble}: run it by hand to see why", log=log)
    if not outcome.stdout.strip():
        raise CredentialError(f"{name} printed nothing: run it by hand to see why", log=log)
    try:
        credential = make_credential(outcome.stdout.decode("utf-8", "replace"), scheme, name)
    except CredentialError as error:
        raise CredentialError(str(error), log=log) from None
    return credential, _log(outcome.stderr, credential.secret)


def _run(words: list[str], limit: float, given_up: Callable[[], bool]) -> _Outcome:
    """Run it to its end, or to the limit, and leave nothing of it behind if it did not end well."""
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own command, without a shell
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "its name is unusable"
        return _Outcome(trouble=f"cannot be started ({reason})")
    outcome = _Outcome(trouble="was interrupted")
    try:
        _collect(process, outcome, time.monotonic() + limit, limit, given_up)
    finally:
        if outcome.trouble:
            _end_group(process)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
    if not outcome.trouble and process.returncode:
        code = process.returncode
        outcome.trouble = f"failed with exit code {code}" if code > 0 else f"was ended by signal {-code}"
    return outcome


def _collect(
    process: "subprocess.Popen[bytes]",
    outcome: _Outcome,
    until: float,
    limit: float,
    given_up: Callable[[], bool],
) -> None:
    """Read both outputs until the command has ended; clears `trouble` if it did so within its bounds.

    Once the command itself has ended, a child left in the background (an agent, say) that still holds the pipes
    gets no more than a moment.
    """
    ended = False
    with selectors.DefaultSelector() as selector:
        for stream, name in ((process.stdout, "stdout"), (process.stderr, "stderr")):
            if stream is not None:
                selector.register(stream, selectors.EVENT_READ, name)
        while selector.get_map():
            if not ended and process.poll() is not None:
                ended = True
                until = min(until, time.monotonic() + 0.2)
            left = until - time.monotonic()
            if left <= 0:
                break
            if given_up():
                return
            for key, _ in selector.select(min(left, 0.1)):
                piece = os.read(key.fd, 8192)
                setattr(outcome, key.data, getattr(outcome, key.data) + piece)
                if not piece:
                    selector.unregister(key.fileobj)
            if len(outcome.stdout) + len(outcome.stderr) > _MOST_BYTES:
                outcome.trouble = "printed far more than a token"
                return
    until = max(until, time.monotonic() + 0.2)
    while process.poll() is None:
        if time.monotonic() > until:
            outcome.trouble = f"did not end within {limit:g} s"
            return
        if given_up():
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
    outcome.trouble = None


def _end_group(process: "subprocess.Popen[bytes]") -> None:
    """End the command and all it started in its group: asked first, then made to."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _log(stderr: bytes, secret: Secret | None = None) -> tuple[str, ...]:
    """The first lines of it, safe to show; the token is hidden before a line is cut, or a part would stay."""
    text = stderr.decode("utf-8", "replace")
    lines = (secret.hide_in(text) if secret else text).splitlines()
    return tuple(shown for line in lines if (shown := safe_text(line, 300)))[:_LOG_LINES]
