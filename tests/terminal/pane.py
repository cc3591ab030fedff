"""A terminal for tests: runs a program on a pseudo-terminal, answers its queries, sends keys, and keeps its screen."""

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

import pyte

from tests.terminal.keyboard import encoded

# Makes the terminal on standard input the controlling terminal of the session, then runs the program.
_LAUNCHER = """
import fcntl, os, signal, sys, termios
for number in (signal.SIGHUP, signal.SIGQUIT):  # which nohup, and a shell for what runs in the background, ignore
    signal.signal(number, signal.SIG_DFL)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
try:
    os.execvp(sys.argv[1], sys.argv[1:])
except OSError as error:
    sys.exit(f"{sys.argv[1]}: {error}")
"""

# Programs wait ESCDELAY milliseconds to tell the Escape key from the beginning of a longer sequence. After the key
# the pane waits for much longer, so that a busy machine does no harm.
_ESCAPE_DELAY_MILLISECONDS = "25"
_AFTER_ESCAPE_SECONDS = 0.25


class Pane:
    """A program on a terminal. Use it as a context manager, which ends the program.

    Output is read, and queries are answered, only while a method of this class runs.

    Attributes:
        raw: Every byte that the program has written.
        title: The latest window title.
        notices: The texts of its OSC 9 notifications.
        clipboard: The texts of its OSC 52 copies, in base64.
        modes: The private modes that are set, such as 1049 (alternate screen), 2004 (bracketed paste), 1000 (mouse).
        bells: The number of bells.
        reading: Whether the terminal reads; False simulates a stuck connection, or Ctrl+S.
    """

    def __init__(
        self,
        *command: str,
        size: tuple[int, int] = (80, 24),
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        lag: float = 0.0,
    ) -> None:
        """Start a program with further variables; `lag` is the seconds until a query is answered, as over a slow connection."""
        self.raw = bytearray()
        self.title = ""
        self.notices: list[str] = []
        self.clipboard: list[str] = []
        self.modes: set[int] = set()
        self.bells = 0
        self.reading = True
        self._lag = lag
        self._answers: deque[tuple[float, bytes]] = deque()  # with the time at which each is due
        self._typed = bytearray()  # not yet read by the program
        self._incomplete = b""  # an incomplete escape sequence
        self._display = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._display)
        own = {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "ESCDELAY": _ESCAPE_DELAY_MILLISECONDS,
        }
        self._terminal, other_end = os.openpty()
        self._name = os.ttyname(other_end)
        os.set_blocking(self._terminal, False)
        try:
            self._set_size(*size)
            self._process = self._start(command, other_end, {**own, **(env or {})}, cwd)
        except BaseException:
            os.close(self._terminal)
            raise
        finally:
            os.close(other_end)
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    # The screen

    @property
    def screen(self) -> list[str]:
        """The lines of the screen, without trailing blanks."""
        return ["".join(cell.data for cell in line).rstrip() for line in self.styled_cells]

    @property
    def cursor_line(self) -> int:
        """The line of the cursor, from 0."""
        return int(self._display.cursor.y)

    @property
    def cells(self) -> list[str]:
        """The lines with one character a cell: without combining marks, `\\0` in the second cell of a wide character."""
        return ["".join((cell.data or "\0")[0] for cell in line) for line in self.styled_cells]

    @property
    def styled_cells(self) -> tuple[tuple[pyte.screens.Char, ...], ...]:
        """The cells with their styles, by line; the text of the second cell of a wide character is empty."""
        # Not pyte's own `display`, which fails where half of a wide character was overwritten.
        buffer, columns = self._display.buffer, range(self._display.columns)
        return tuple(tuple(buffer[line][at] for at in columns) for line in range(self._display.lines))

    @property
    def line_discipline(self) -> int:
        return int(termios.tcgetattr(self._terminal)[3])

    @property
    def text(self) -> str:
        return "\n".join(self.screen)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative if a signal ended it."""
        return self._process.poll()

    # Waiting

    def wait_for(self, what: str | Callable[["Pane"], object], timeout: float = 15.0) -> None:
        """Wait until a text is on the screen, or a function of this pane returns true; fail with the screen if not."""
        met = (lambda _: what in self.text) if isinstance(what, str) else what
        until = time.monotonic() + timeout
        while True:
            ended = self.exit_code is not None
            for _ in range(100):  # reading what is there takes less time than looking at the screen
                if not self._exchange(0):
                    break
            if met(self):
                return
            if ended or time.monotonic() > until:
                state = f"before the exit (code {self.exit_code})" if ended else f"within {timeout:g} s"
                wanted = repr(what) if isinstance(what, str) else getattr(what, "__name__", repr(what))
                raise AssertionError(f"{wanted} did not appear {state}\n{self._framed()}")
            self._exchange(0.05)

    def wait_exit(self, timeout: float = 15.0) -> int:
        """Wait until the program has exited; return its exit code."""
        self._exchange_until(lambda: self.exit_code is not None, timeout, "it did not exit")
        while self._exchange(0):
            pass
        return self._process.returncode

    def wait_until_quiet(self, quiet: float = 0.3, timeout: float = 15.0) -> None:
        """Wait until the program has written nothing for `quiet` seconds."""
        self._exchange_until(lambda: not self.written_during(quiet), timeout, "it did not stop writing")

    def written_during(self, seconds: float) -> int:
        """Read output for some seconds; return the number of bytes."""
        before, until = len(self.raw), time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._exchange(left)
        return len(self.raw) - before

    # Input and events

    def press(self, *keys: str) -> None:
        """Press keys: characters, or names such as `enter`, `ctrl+c`, `pagedown`, `f1`."""
        for key in keys:
            self.send(encoded(key, application_cursor=1 in self.modes))
            if key in ("escape", "esc"):
                self._wait_until_read()
                self.written_during(_AFTER_ESCAPE_SECONDS)

    def paste(self, text: str) -> None:
        """Paste a text as a terminal does: bracketed if the program has set that mode, line breaks as Enter."""
        content = text.replace("\r\n", "\n").replace("\n", "\r").encode()
        self.send(b"\x1b[200~" + content + b"\x1b[201~" if 2004 in self.modes else content)

    def resize(self, columns: int, lines: int) -> None:
        self._set_size(columns, lines)
        self._display.resize(lines, columns)

    def wipe(self) -> None:
        """Blank the screen, as the output of another program would."""
        self._display.erase_in_display(2)

    def send(self, data: bytes, timeout: float = 15.0) -> None:
        """Send bytes as if they had been typed; fail if the program does not read them in time."""
        self._typed += data
        self._exchange_until(
            lambda: not (self._typed and self._open) or self.exit_code is not None,
            timeout,
            "it read no input",
        )

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def hang_up(self) -> None:
        """Close the terminal, as a closed window or a lost connection does."""
        if self._open:
            self._open = False
            os.close(self._terminal)

    def end(self) -> None:
        """End the program if it still runs: by SIGHUP, else SIGTERM, else SIGKILL."""
        try:
            for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGKILL):
                if self._process.poll() is not None:
                    break
                self._process.send_signal(number)
                until = time.monotonic() + 2
                while self._process.poll() is None and time.monotonic() < until:
                    self._exchange(0.02)
        finally:
            self.hang_up()
            self._process.wait(10)

    # Internals

    def _start(
        self, command: Sequence[str], other_end: int, env: Mapping[str, str], cwd: Path | None
    ) -> subprocess.Popen[bytes]:
        """Start the program with these variables besides those of this process."""
        foreign = ("COLUMNS", "LINES", "TMUX", "TMUX_PANE")
        inherited = {name: value for name, value in os.environ.items() if name not in foreign}
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _LAUNCHER, *command],
            stdin=other_end,
            stdout=other_end,
            stderr=other_end,
            cwd=cwd,
            env={**inherited, **env},
            start_new_session=True,
        )

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def _wait_until_read(self, timeout: float = 15.0) -> None:
        """Wait until the program has read all input, going by the buffer at its end of the terminal."""
        other_end = os.open(self._name, os.O_RDWR | os.O_NOCTTY)
        try:
            self._exchange_until(
                lambda: (
                    self.exit_code is not None or not any(fcntl.ioctl(other_end, termios.FIONREAD, b"\0" * 4))
                ),
                timeout,
                "it did not read its input",
            )
        finally:
            os.close(other_end)

    def _exchange_until(self, holds: Callable[[], bool], timeout: float, failure: str) -> None:
        give_up = time.monotonic() + timeout
        while not holds():
            if time.monotonic() > give_up:
                raise AssertionError(f"{failure} within {timeout:g} s\n{self._framed()}")
            self._exchange(0.02)

    def _framed(self) -> str:
        edge = "─" * self._display.columns
        return "\n".join([edge, *self.screen, edge])

    def _exchange(self, timeout: float) -> bool:
        """Read output, waiting for it for up to `timeout` seconds, and send input; return whether there was output."""
        if not self._open:
            time.sleep(min(timeout, 0.05))
            return False
        while self._answers and self._answers[0][0] <= time.monotonic():
            self._typed += self._answers.popleft()[1]
        if self._answers:
            timeout = min(timeout, max(self._answers[0][0] - time.monotonic(), 0))
        # Both at once, since a program that waits to write does not read.
        readable, writable, _ = select.select(
            [self._terminal] * self.reading, [self._terminal] * bool(self._typed), [], timeout
        )
        if writable:
            with suppress(BlockingIOError):
                del self._typed[: os.write(self._terminal, self._typed)]
        if not readable:
            return False
        try:
            chunk = os.read(self._terminal, 65536)
        except OSError:  # on Linux, if the other end is closed
            chunk = b""
        if not chunk:
            time.sleep(min(timeout, 0.02))
            return False
        self.raw += chunk
        self._parse(self._incomplete + chunk)
        return True

    def _parse(self, data: bytes) -> None:
        cut = _UNFINISHED.search(data)
        end = cut.start() if cut else len(data)
        data, self._incomplete = data[:end], data[end:]
        position = 0
        for sequence in _SEQUENCE.finditer(data):
            self._draw(data[position : sequence.start()])
            self._handle_sequence(sequence.group())
            position = sequence.end()
        self._draw(data[position:])

    def _draw(self, plain: bytes) -> None:
        self.bells += plain.count(b"\x07")
        self._stream.feed(plain)

    def _handle_sequence(self, sequence: bytes) -> None:
        """Act on an escape sequence. Those that pyte knows are passed on to it."""
        if answer := self._answer(sequence):
            self._answers.append((time.monotonic() + self._lag, answer))
        elif string := _STRING.fullmatch(sequence):
            self._handle_string(string["number"].decode(), string["text"].decode(errors="replace"))
        elif modes := _MODES.fullmatch(sequence):
            numbers = {int(number) for number in modes["numbers"].split(b";") if number}
            self.modes = self.modes | numbers if modes["on"] == b"h" else self.modes - numbers
            if 1049 in numbers:
                # The alternate screen. pyte has none, so the screen is blanked.
                self._display.erase_in_display(2)
                self._display.cursor_position()
            self._stream.feed(sequence)
        elif _KNOWN_TO_PYTE.fullmatch(sequence):
            self._stream.feed(sequence)

    def _handle_string(self, number: str, text: str) -> None:
        if number in ("0", "2"):
            self.title = text
        elif number == "9":
            self.notices.append(text)
        elif number == "52":
            self.clipboard.append(text.partition(";")[2])

    def _answer(self, sequence: bytes) -> bytes | None:
        """The reply of a plain xterm to a query; None if it is not one."""
        if asked := _MODE_QUERY.fullmatch(sequence):
            # 2: known and off; 0: unknown. Only synchronised output is known.
            return b"\x1b[?%b;%b$y" % (asked["mode"], b"2" if asked["mode"] == b"2026" else b"0")
        if sequence == b"\x1b[6n":
            cursor = self._display.cursor
            return b"\x1b[%d;%dR" % (cursor.y + 1, cursor.x + 1)
        return _ANSWERS.get(sequence)


_ANSWERS = {
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[>c": b"\x1b[>41;390;0c",
    b"\x1b]10;?\x07": b"\x1b]10;rgb:dddd/dddd/dddd\x07",
    b"\x1b]11;?\x07": b"\x1b]11;rgb:1111/1111/1111\x07",
    b"\x1b]10;?\x1b\\": b"\x1b]10;rgb:dddd/dddd/dddd\x1b\\",
    b"\x1b]11;?\x1b\\": b"\x1b]11;rgb:1111/1111/1111\x1b\\",
}

# As in ECMA-48: control sequences, strings with their terminator, and short escapes.
_SEQUENCE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-OQ-WYZ\\`-~])"
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)?\Z")
_STRING = re.compile(rb"\x1b\](?P<number>\d+);(?P<text>[^\x07\x1b]*)(?:\x07|\x1b\\)")
_MODES = re.compile(rb"\x1b\[\?(?P<numbers>[0-9;]*)(?P<on>[hl])")
_MODE_QUERY = re.compile(rb"\x1b\[\?(?P<mode>\d+)\$p")
_KNOWN_TO_PYTE = re.compile(rb"\x1b(?:\[[0-9;]*[@-~]|[78DEHMc=>]|[()][0-9A-B])")
