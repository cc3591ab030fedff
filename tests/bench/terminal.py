"""A program on a pseudo-terminal that times every byte, and replies as a plain xterm would."""

import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pyte

SIZE = (120, 40)
"""Columns and lines of the terminal."""

# What programs send that the emulator would print or stumble over: strings (OSC, DCS, APC, PM, SOS), private and
# intermediate forms of CSI that set no mode, and colours with colons.
_NOISE = re.compile(
    rb"\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"
    rb"|\x1b\[[<=>][0-9;:]*[ -/]*[@-~]"
    rb"|\x1b\[\?[0-9;:]*[ -/]*[@-gi-km-~]"
    rb"|\x1b\[[0-9;:?]*[ -/]+[@-~]"
    rb"|\x1b\[[0-9;]*:[0-9;:]*m"
)
_PARTIAL = re.compile(rb"\x1b(?:[\]PX^_][^\x07\x1b]*\x1b?|\[[0-?]*[ -/]*|[ -/]*)?$")
_QUERY = re.compile(
    rb"\x1b\[(?P<primary>0?)c"
    rb"|\x1b\[(?P<secondary>>0?)c"
    rb"|\x1b\[(?P<status>[56])n"
    rb"|\x1b\[\?(?P<mode>[0-9]+)\$p"
    rb"|\x1b\[(?P<window>14|16|18)t"
    rb"|\x1b\](?P<colour>1[01]);\?(?:\x07|\x1b\\)"
    rb"|\x1b\[\?1(?P<cursor_keys>[hl])"
)
_SYNCHRONIZED_OUTPUT = b"2026"


class Terminal:
    """Reads, times and replies. Draws only on request, so that drawing does not disturb the measurement."""

    def __init__(
        self, command: Sequence[str], *, env: Mapping[str, str], cwd: Path, core: int | None = None
    ) -> None:
        """Start a program, with variables such as TERM added to its environment; `core` is the only CPU it may use."""
        self.written = 0
        self.ended = False
        self.keep = True
        self.application_keys = False
        self.burst_at = 0.0
        self.last_at = 0.0
        self._chunks: list[tuple[float, bytes]] = []
        self._tail = b""
        self._carry = b""
        self._screen = pyte.Screen(*SIZE)
        self._stream = pyte.ByteStream(self._screen)
        self.started_at = time.perf_counter()
        pid, self._fd = pty.fork()
        if pid == 0:
            _become(command, env, cwd, core)
        os.set_blocking(self._fd, False)

    def serve(self, seconds: float) -> bool:
        """Read output for a number of seconds; returns whether anything came."""
        if self.ended:
            time.sleep(max(seconds, 0.0))
            return False
        came = False
        ready = select.select([self._fd], [], [], max(seconds, 0.0))[0]
        for _ in range(64 if ready else 0):  # a flood must not keep us here
            at = time.perf_counter()
            try:
                data = os.read(self._fd, 65536)
            except BlockingIOError:
                break
            except OSError as error:
                if error.errno != errno.EIO:  # which says that the other end is closed
                    raise
                data = b""
            if not data:
                self.ended = True
                break
            if not came:
                came, self.burst_at = True, at
            self.last_at = at
            self.written += len(data)
            if self.keep:
                self._chunks.append((at, data))
            self._answer(data)
        return came

    def quiet(self, silence: float, most: float) -> bool:
        """Serve until no output came for a number of seconds; returns False if that took too long."""
        give_up = time.perf_counter() + most
        while time.perf_counter() < give_up:
            if not self.serve(silence):
                return True
        return False

    def type(self, keys: bytes) -> None:
        """Send keys to the program."""
        rest = memoryview(keys)
        while rest and not self.ended:
            try:
                rest = rest[os.write(self._fd, rest) :]
            except BlockingIOError:
                self.serve(0.005)
            except OSError:
                self.ended = True

    def frames(self) -> Iterator[tuple[float, str]]:
        """The screen after each piece of output: when it came, and the text."""
        while self._chunks:
            at, data = self._chunks.pop(0)
            data = self._carry + data
            partial = _PARTIAL.search(data, max(0, len(data) - 4096))
            self._carry = data[partial.start() :] if partial and partial.group() else b""
            self._stream.feed(_NOISE.sub(b"", data.removesuffix(self._carry) if self._carry else data))
            yield at, self.text
            self.serve(0)  # or the program might wait for room to write

    @property
    def text(self) -> str:
        """The text on the screen, as far as it was drawn."""
        return "\n".join(self._screen.display).rstrip()

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            os.close(self._fd)

    def _answer(self, data: bytes) -> None:
        """Reply to queries of the program, even if one came in two pieces."""
        text = self._tail + data
        done = 0
        for found in _QUERY.finditer(text):
            done = found.end()
            if done > len(self._tail):
                self._reply(found)
        self._tail = text[max(done, len(text) - 32) :]

    def _reply(self, found: re.Match[bytes]) -> None:
        columns, lines = SIZE
        match found.lastgroup:
            case "primary":
                self.type(b"\x1b[?62;22c")
            case "secondary":
                self.type(b"\x1b[>41;354;0c")
            case "status":
                self.type(b"\x1b[0n" if found["status"] == b"5" else b"\x1b[1;1R")
            case "mode":
                self.type(b"\x1b[?%s;%d$y" % (found["mode"], 2 * (found["mode"] == _SYNCHRONIZED_OUTPUT)))
            case "window":
                sizes = {b"14": (4, lines * 20, columns * 10), b"16": (6, 20, 10), b"18": (8, lines, columns)}
                self.type(b"\x1b[%d;%d;%dt" % sizes[found["window"]])
            case "colour":
                rgb = b"ffff/ffff/ffff" if found["colour"] == b"10" else b"0000/0000/0000"
                self.type(b"\x1b]%s;rgb:%s\x1b\\" % (found["colour"], rgb))
            case "cursor_keys":
                self.application_keys = found["cursor_keys"] == b"h"


def _become(command: Sequence[str], env: Mapping[str, str], cwd: Path, core: int | None) -> None:
    """In the child process: execute the program. Never returns."""
    try:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
        own = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        os.chdir(cwd)
        if core is not None:
            os.sched_setaffinity(0, {core})
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.execvpe(command[0], list(command), {**env, **own})
    except BaseException as error:  # nothing may get out of here: two harnesses would run
        os.write(sys.stderr.fileno(), f"{command[0]} cannot be started: {error}\r\n".encode())
    os._exit(127)
