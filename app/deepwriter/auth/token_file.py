"""Reads tokens from files and pipes that the user names, and stores a token in dwtop's own file.

That file holds the token and how it is sent, as JSON, and is readable only by its owner.
"""

import contextlib
import json
import os
import select
import shlex
import stat
import time
from dataclasses import replace
from pathlib import Path

from app.deepwriter.auth.credential import Credential, CredentialLookup, Scheme
from app.deepwriter.auth.token_text import make_credential
from app.deepwriter.errors import CredentialError
from app.text import safe_text

STORED_SOURCE = "dwtop login"

_MAX_BYTES = 64 * 1024
_PIPE_TIMEOUT_SECONDS = 30.0


def read_token_file(path: Path, scheme: str, *, timeout: float = _PIPE_TIMEOUT_SECONDS) -> CredentialLookup:
    """Read the token from a file or pipe that the user named, with a warning if others can read it.

    A pipe can be read only once; `timeout` is the total time to wait for its writer, in seconds.
    """
    source = _source(path)
    status, content = _read_file(path, timeout)
    if len(content) > _MAX_BYTES:
        raise CredentialError(f"{source} is too large for a token: name the file that holds only the token")
    open_to_others = stat.S_ISREG(status.st_mode) and status.st_mode & (stat.S_IRGRP | stat.S_IROTH)
    warnings = (f"others can read {source}: run {_chmod_command(path)}",) if open_to_others else ()
    credential = make_credential(content.decode("utf-8", "replace"), scheme, source)
    return CredentialLookup(credential, warnings=warnings)


def read_stored_token(path: Path, scheme: str = Scheme.BEARER) -> Credential | None:
    """Read the token that `store_token` wrote; None if none is stored. Refuses a file that others can read.

    With the scheme `api-key` it is sent as an API key, even if it was stored as a bearer token.
    """
    source = _source(path)
    try:
        status = path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            raise CredentialError(f"{source} is a broken link: remove it, and run dwtop login") from None
        return None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    if not stat.S_ISREG(status.st_mode):
        raise CredentialError(f"{source} is not a regular file: remove it and run dwtop login again")
    if status.st_uid != os.geteuid():
        raise CredentialError(f"{source} belongs to another user: remove it and run dwtop login again")
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise CredentialError(f"{source} is open to others: run {_chmod_command(path)}")
    _, content = _read_file(path, _PIPE_TIMEOUT_SECONDS)
    try:
        credential = make_credential(content.decode("utf-8", "replace"), scheme, source)
    except CredentialError:
        raise CredentialError(f"{source} is damaged: run dwtop login again") from None
    return replace(credential, source=STORED_SOURCE)


def store_token(path: Path, credential: Credential) -> None:
    """Store a token and its scheme atomically, in a file that others can never read."""
    temporary = _temporary(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)  # left by a process that was killed
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"scheme": credential.scheme.value, "token": credential.secret.reveal()}, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except (OSError, ValueError) as error:
        with contextlib.suppress(OSError, ValueError):
            temporary.unlink()
        variable = "DEEPWRITER_API_KEY" if credential.scheme is Scheme.API_KEY else "DEEPWRITER_TOKEN"
        raise CredentialError(
            f"{_source(path)} cannot be written: {_reason(error)}; correct that, or set {variable} instead"
        ) from None


def delete_stored_token(path: Path) -> bool:
    """Delete the stored token; returns whether there was one."""
    try:
        _temporary(path).unlink(missing_ok=True)
        path.unlink()
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:
        raise CredentialError(f"{_source(path)} cannot be removed: {_reason(error)}") from None
    return True


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _read_file(path: Path, timeout: float) -> tuple[os.stat_result, bytes]:
    """The status and content of a file or pipe. A pipe without a writer is an error, and does not block the thread."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            return os.fstat(descriptor), _read_all(descriptor, time.monotonic() + timeout)
        finally:
            os.close(descriptor)
    except TimeoutError:
        raise CredentialError(
            f"{_source(path)} gave nothing within {timeout:g} s: check what writes to it"
        ) from None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError | ValueError) -> CredentialError:
    return CredentialError(
        f"{_source(path)} cannot be read: {_reason(error)}; correct that, or sign in another way"
    )


def _read_all(descriptor: int, deadline: float) -> bytes:
    """Read to the end, or until the size limit is exceeded. Raises TimeoutError at the deadline."""
    content = bytearray()
    readable = select.poll()
    readable.register(descriptor, select.POLLIN)
    while len(content) <= _MAX_BYTES:
        if not readable.poll(1000 * max(deadline - time.monotonic(), 0)):
            raise TimeoutError
        with contextlib.suppress(BlockingIOError):
            chunk = os.read(descriptor, _MAX_BYTES + 1 - len(content))
            if not chunk:
                break
            content += chunk
    return bytes(content)


def _source(path: Path) -> str:
    return f"the token file {safe_text(str(path), 400)}"


def _chmod_command(path: Path) -> str:
    return f"chmod 600 {safe_text(shlex.quote(str(path)), 400)}"


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "the name or content is unusable"
