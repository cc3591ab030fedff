"""Runs other programs: token commands, hooks, tmux, clipboard tools and openers.

Programs run without a shell and in a new session without a terminal, so they can neither read the keyboard nor draw on
the screen. Their time and output are limited, and their environment does not contain the token.
"""

import contextlib
import os
import selectors
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

_TOKEN_VARIABLES = ("DEEPWRITER_TOKEN", "DEEPWRITER_API_KEY")
_POLL_SECONDS = 0.1

_TERMINATE_SECONDS = 0.5
"""How long a program has to react to SIGTERM before SIGKILL follows."""

_DRAIN_SECONDS = 0.2
"""How long output is still read after the program has ended: a child process may keep the pipes open."""


class Result(NamedTuple):
    """How a program ended, and what it wrote, up to the limit."""

    stdout: bytes = b""
    stderr: bytes = b""
    failure: str = ""  # why it failed, to follow its name in a sentence; empty if it exited with 0


def split_command(text: str) -> list[str]:
    """Split a command line as a shell would, and replace a leading ~; raises `ValueError` if a quote is not closed."""
    words = shlex.split(text)
    if words and words[0].startswith("~"):
        with contextlib.suppress(RuntimeError):  # no such user
            words[0] = str(Path(words[0]).expanduser())
    return words


def run(
    command: Sequence[str],
    *,
    timeout: float,
    stdin: bytes = b"",
    variables: Mapping[str, str] | None = None,
    merge_stderr: bool = False,
    max_output_bytes: int = 64 * 1024,
    fail_on_excess: bool = False,
    cancelled: Callable[[], bool] = lambda: False,
) -> Result:
    """Run a program and wait until it ends. Blocks, so call it in a thread. A failure is reported, never raised.

    After `timeout` seconds, or once `cancelled`, which is called about ten times a second, returns True, the process
    group is terminated. `variables` are added to its environment. With `merge_stderr`, standard error goes to standard
    output, in the order of writing. At most `max_output_bytes` of each output are kept; with `fail_on_excess`,
    the program is terminated if it writes more.
    """
    with tempfile.TemporaryFile() if stdin else Path(os.devnull).open("rb") as source:
        if stdin:
            source.write(stdin)
            source.seek(0)
        errors = subprocess.STDOUT if merge_stderr else subprocess.PIPE
        process = _start(command, source, subprocess.PIPE, errors, variables)
    if isinstance(process, str):
        return Result(failure=process)
    outputs = {stream: bytearray() for stream in (process.stdout, process.stderr) if stream is not None}
    failure = "was interrupted"
    try:
        failure = _read_to_end(
            process, outputs, timeout, cancelled, max_output_bytes, fail_on_excess=fail_on_excess
        )
    finally:
        if failure:
            _terminate_group(process)
        for stream in outputs:
            stream.close()
    failure = failure or _exit_failure(process.returncode or 0)
    stdout, *stderr = map(bytes, outputs.values())  # with `merge_stderr` there is only one output
    return Result(stdout, b"".join(stderr), failure)


def start(command: Sequence[str], *, wait: float) -> str:
    """Start a program that may keep running, such as a browser. Blocks for up to `wait` seconds, so call it in a thread.

    Returns why it did not start or succeed, to follow its name in a sentence; empty if it exited with 0 or still runs.
    """
    process = _start(command, subprocess.DEVNULL, subprocess.DEVNULL, subprocess.DEVNULL)
    if isinstance(process, str):
        return process
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(wait)
    if process.returncode is None:
        process.returncode = 0  # keeps Popen from warning that it is still running
    return _exit_failure(process.returncode)


def _start(
    command: Sequence[str],
    stdin: int | IO[bytes],
    stdout: int,
    stderr: int,
    variables: Mapping[str, str] | None = None,
) -> "subprocess.Popen[bytes] | str":
    """Start a program in a new session, without the token in its environment; returns why if it cannot be started."""
    environ = {name: value for name, value in os.environ.items() if name not in _TOKEN_VARIABLES}
    environ |= variables or {}
    try:
        return subprocess.Popen(  # noqa: S603 because running the user's own commands is the purpose
            command, stdin=stdin, stdout=stdout, stderr=stderr, env=environ, start_new_session=True
        )
    except (OSError, ValueError) as error:
        return f"cannot be started ({getattr(error, 'strerror', None) or 'its name is unusable'})"


def _exit_failure(code: int) -> str:
    if not code:
        return ""
    return f"failed with exit code {code}" if code > 0 else f"was ended by signal {-code}"


def _read_to_end(
    process: "subprocess.Popen[bytes]",
    outputs: Mapping[IO[bytes], bytearray],
    timeout: float,
    cancelled: Callable[[], bool],
    max_bytes: int,
    *,
    fail_on_excess: bool,
) -> str:
    """Read the outputs until the process ends. Returns why it must be terminated, or an empty string if it has ended."""
    deadline = time.monotonic() + timeout
    exited = False
    with selectors.DefaultSelector() as selector:
        for stream, kept in outputs.items():
            selector.register(stream, selectors.EVENT_READ, kept)
        while not exited or selector.get_map():
            now = time.monotonic()
            if not exited and process.poll() is not None:
                exited, deadline = True, now + _DRAIN_SECONDS
            if now >= deadline:
                return "" if exited else f"did not end within {timeout:g} s"
            if cancelled():
                return "was interrupted"
            pause = min(_POLL_SECONDS, deadline - now)
            if not selector.get_map():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(pause)
                continue
            for key, _ in selector.select(pause):
                chunk = os.read(key.fd, 8192)
                if not chunk:
                    selector.unregister(key.fileobj)
                room = max_bytes - len(key.data)
                key.data.extend(chunk[:room])
                if len(chunk) > room and fail_on_excess:
                    return f"printed more than {max_bytes // 1024} KiB"
    return ""


def _terminate_group(process: "subprocess.Popen[bytes]") -> None:
    """Terminate a process and its whole process group."""
    for signum in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signum)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_TERMINATE_SECONDS)
