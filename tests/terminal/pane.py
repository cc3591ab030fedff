"""A terminal for tests: runs a program on a real pseudo-terminal, answers it, types to it, reads its screen."""

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
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

from tests.terminal.keyboard import encoded

# A session leader that gets its terminal as an open file has to claim it; then it becomes the program.
_CLAIM = """
import fcntl, os, signal, sys, termios
signal.signal(signal.SIGQUIT, signal.SIG_DFL)  # a shell ignores it for what it runs in the background
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
try:
    os.execvp(sys.argv[1], sys.argv[1:])
except OSError as error:
    sys.exit(f"{sys.argv[1]}: {error}")
"""

# A lone escape character and the first byte of a longer key differ only in what follows soon. Programs wait
# ESCDELAY milliseconds for it, and whoever types leaves much more than that, so that a busy machine does no harm.
_ESCAPE_DELAY = "25"
_AFTER_ESCAPE = 0.25


class Pane:
    """A program on a terminal of its own. Use it in a `with`: the program does not outlive it.

    The program is only served (its output read, its questions answered) while a method of this class runs.

    Attributes:
        raw: Every byte that the program has written.
        title: The window title it set last.
        notices: The texts of its OSC 9 notifications.
        clipboard: What it copied with OSC 52, still in base64.
        modes: The private terminal modes that are switched on now, such as 1049 (alternate screen), 2004
            (bracketed paste) and 1000 (mouse).
        bells: How often it rang.
        reading: Whether the terminal reads what the program writes; False is a stuck connection, or Ctrl+S.
    """

    def __init__(
        self,
        *command: str,
        size: tuple[int, int] = (80, 24),
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        lag: float = 0.0,
    ) -> None:
        """Start a program.

        Args:
            command: The program and its arguments.
            size: Columns and lines.
            env: Variables that it gets beside those of this process.
            cwd: Where it starts; None for here.
            lag: Seconds after which questions to the terminal are answered, as over a slow connection.
        """
        self.raw = bytearray()
        self.title = ""
        self.notices: list[str] = []
        self.clipboard: list[str] = []
        self.modes: set[int] = set()
        self.bells = 0
        self.reading = True
        self._lag = lag
        self._answers: deque[tuple[float, bytes]] = deque()  # when each is due
        self._typed = bytearray()  # what the program has not taken yet
        self._carry = b""  # the beginning of an escape sequence whose rest has not come yet
        self._display = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._display)
        own = {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "ESCDELAY": _ESCAPE_DELAY,
        }
        foreign = ("COLUMNS", "LINES", "TMUX", "TMUX_PANE")
        inherited = {name: value for name, value in os.environ.items() if name not in foreign}
        self._terminal, theirs = os.openpty()
        self._name = os.ttyname(theirs)
        os.set_blocking(self._terminal, False)
        try:
            self._set_size(*size)
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _CLAIM, *command],
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                cwd=cwd,
                env={**inherited, **own, **(env or {})},
                start_new_session=True,
            )
        except BaseException:
            os.close(self._terminal)
            raise
        finally:
            os.close(theirs)
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    # What is there to see.

    @property
    def screen(self) -> list[str]:
        """The lines of the screen as they are now, without the blanks at their ends."""
        return [line.rstrip() for line in self._lines]

    @property
    def cursor_line(self) -> int:
        """The line of the screen that the cursor is on, from 0."""
        return int(self._display.cursor.y)

    @property
    def cells(self) -> list[str]:
        """The lines, one letter a cell: marks are left off, and the second cell of a wide character is `\\0`."""
        buffer, columns, lines = self._display.buffer, self._display.columns, self._display.lines
        return [
            "".join((buffer[line][column].data or "\0")[0] for column in range(columns))
            for line in range(lines)
        ]

    @property
    def styled_cells(self) -> tuple[tuple[pyte.screens.Char, ...], ...]:
        """The cells with their colours, line by line; the second cell of a wide character has an empty text."""
        buffer, columns, lines = self._display.buffer, self._display.columns, self._display.lines
        return tuple(tuple(buffer[line][column] for column in range(columns)) for line in range(lines))

    @property
    def line_discipline(self) -> int:
        """What the terminal does to what is typed: `termios.ECHO` and others."""
        return int(termios.tcgetattr(self._terminal)[3])

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.screen)

    @property
    def pid(self) -> int:
        """The program's process ID."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative for the signal that ended it."""
        return self._process.poll()

    def find(self, text: str) -> tuple[int, int]:
        """Column and line, from 0, where a text first stands on the screen.

        Raises:
            AssertionError: It is not there.
        """
        for line, content in enumerate(self._lines):
            if (column := content.find(text)) >= 0:
                return column, line
        raise AssertionError(f"{text!r} is not on the screen\n{self._framed()}")

    # Waiting.

    def wait_for(self, what: str | Callable[["Pane"], object], timeout: float = 15.0) -> None:
        """Wait until a text stands on the screen, or something else has become true.

        Args:
            what: The text, or a function that is given this pane.
            timeout: The longest to wait, in seconds.

        Raises:
            AssertionError: It did not come to be; the message shows the screen.
        """
        met = (lambda _: what in self.text) if isinstance(what, str) else what
        until = time.monotonic() + timeout
        while not met(self):
            ended = self.exit_code is not None
            self._serve(0.05)
            while ended and self._serve(0):  # its last words
                pass
            if met(self):
                return
            if ended or time.monotonic() > until:
                state = f"after the end (exit code {self.exit_code})" if ended else f"within {timeout:g} s"
                wanted = repr(what) if isinstance(what, str) else getattr(what, "__name__", repr(what))
                raise AssertionError(f"{wanted} did not come {state}\n{self._framed()}")

    def wait_exit(self, timeout: float = 15.0) -> int:
        """Wait until the program has ended; its exit code."""
        until = time.monotonic() + timeout
        while self._process.poll() is None:
            self._serve(0.02)
            if time.monotonic() > until:
                raise AssertionError(f"it did not end within {timeout:g} s\n{self._framed()}")
        while self._serve(0):  # its last words
            pass
        return self._process.returncode

    def settle(self, quiet: float = 0.3, timeout: float = 15.0) -> None:
        """Wait until the program has written nothing for `quiet` seconds."""
        until = time.monotonic() + timeout
        while self.written_during(quiet):
            if time.monotonic() > until:
                raise AssertionError(f"it did not come to rest within {timeout:g} s\n{self._framed()}")

    def written_during(self, seconds: float) -> int:
        """How many bytes the program writes in a span of time from now on."""
        before, until = len(self.raw), time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._serve(left)
        return len(self.raw) - before

    # What a person, or the terminal itself, does.

    def press(self, *keys: str) -> None:
        """Press keys one after another: characters, or names such as `enter`, `ctrl+c`, `pagedown`, `f1`."""
        for key in keys:
            self.send(encoded(key, application_cursor=1 in self.modes))
            if key in ("escape", "esc"):
                self._wait_until_read()
                self.written_during(_AFTER_ESCAPE)

    def paste(self, text: str) -> None:
        """Paste a text the way a terminal does: in brackets where the program asked for them, line ends as Enter."""
        content = text.replace("\r\n", "\n").replace("\n", "\r").encode()
        self.send(b"\x1b[200~" + content + b"\x1b[201~" if 2004 in self.modes else content)

    def click(self, column: int, line: int) -> None:
        """Press and release the left mouse button on a cell, counted from 0, where the program listens to the mouse."""
        if self.modes & {1000, 1002, 1003}:
            self.send(f"\x1b[<0;{column + 1};{line + 1}M\x1b[<0;{column + 1};{line + 1}m".encode())

    def focus(self, *, gained: bool) -> None:
        """Say that the terminal's window got or lost the focus, where the program wants to know."""
        if 1004 in self.modes:
            self.send(b"\x1b[I" if gained else b"\x1b[O")

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size; the program is told by a signal."""
        self._set_size(columns, lines)
        self._display.resize(lines, columns)

    def wipe(self) -> None:
        """Blank the screen without the program's knowledge, as the output of another program would."""
        self._display.erase_in_display(2)

    def send(self, data: bytes, timeout: float = 15.0) -> None:
        """Send bytes as if they had been typed.

        Raises:
            AssertionError: The program did not take them in time, in seconds.
        """
        self._typed += data
        until = time.monotonic() + timeout
        while self._typed and self._open and self.exit_code is None:
            self._serve(0.05)
            if time.monotonic() > until:
                raise AssertionError(f"it took no input for {timeout:g} s\n{self._framed()}")

    def signal(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        self._process.send_signal(number)

    def hang_up(self) -> None:
        """Take the terminal away, as a closed window or a lost connection does."""
        if self._open:
            self._open = False
            os.close(self._terminal)

    def end(self) -> None:
        """End the program if it still runs, asking first; nothing else is touched."""
        try:
            for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGKILL):
                if self._process.poll() is not None:
                    break
                self._process.send_signal(number)
                until = time.monotonic() + 2
                while self._process.poll() is None and time.monotonic() < until:
                    self._serve(0.02)
        finally:
            self.hang_up()
            self._process.wait(10)

    # How it works.

    @property
    def _lines(self) -> list[str]:
        """As pyte's own `display`, which fails where half of a wide character was overwritten."""
        buffer, columns = self._display.buffer, range(self._display.columns)
        return [
            "".join(buffer[line][column].data for column in columns) for line in range(self._display.lines)
        ]

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def _wait_until_read(self, timeout: float = 15.0) -> None:
        """Wait until the program has read all that was typed; its end of the terminal knows how much waits there."""
        theirs = os.open(self._name, os.O_RDWR | os.O_NOCTTY)
        try:
            until = time.monotonic() + timeout
            while self.exit_code is None:
                waiting = struct.unpack("i", fcntl.ioctl(theirs, termios.FIONREAD, struct.pack("i", 0)))[0]
                if not waiting:
                    return
                self._serve(0.01)
                if time.monotonic() > until:
                    raise AssertionError(
                        f"it did not read what was typed for {timeout:g} s\n{self._framed()}"
                    )
        finally:
            os.close(theirs)

    def _framed(self) -> str:
        edge = "─" * self._display.columns
        return "\n".join([edge, *self.screen, edge])

    def _serve(self, patience: float) -> bool:
        """Take what the program has written, waiting for it at most so many seconds; whether there was any."""
        if not self._open:
            time.sleep(min(patience, 0.05))
            return False
        while self._answers and self._answers[0][0] <= time.monotonic():
            self._typed += self._answers.popleft()[1]
        if self._answers:
            patience = min(patience, max(self._answers[0][0] - time.monotonic(), 0))
        # A program that is busy writing may not read meanwhile, so both ways have to go on together.
        readable, writable, _ = select.select(
            [self._terminal] * self.reading, [self._terminal] * bool(self._typed), [], patience
        )
        if writable:
            with suppress(BlockingIOError):
                del self._typed[: os.write(self._terminal, self._typed)]
        if not readable:
            return False
        try:
            chunk = os.read(self._terminal, 65536)
        except OSError:  # what Linux says once nobody holds the other end any more
            chunk = b""
        if not chunk:
            time.sleep(min(patience, 0.02))
            return False
        self.raw += chunk
        self._take(self._carry + chunk)
        return True

    def _take(self, data: bytes) -> None:
        cut = _UNFINISHED.search(data)
        end = cut.start() if cut else len(data)
        data, self._carry = data[:end], data[end:]
        position = 0
        for sequence in _SEQUENCE.finditer(data):
            self._show(data[position : sequence.start()])
            self._obey(sequence.group())
            position = sequence.end()
        self._show(data[position:])

    def _show(self, plain: bytes) -> None:
        self.bells += plain.count(b"\x07")
        self._stream.feed(plain)

    def _obey(self, sequence: bytes) -> None:
        """Do what a terminal does with one escape sequence. Only what pyte knows goes on to it."""
        if answer := self._answer(sequence):
            self._answers.append((time.monotonic() + self._lag, answer))
        elif string := _STRING.fullmatch(sequence):
            self._obey_string(string["number"].decode(), string["text"].decode(errors="replace"))
        elif modes := _MODES.fullmatch(sequence):
            numbers = {int(number) for number in modes["numbers"].split(b";") if number}
            self.modes = self.modes | numbers if modes["on"] == b"h" else self.modes - numbers
            if 1049 in numbers:
                # Entering or leaving the alternate screen; a blank one will do for what is read from it.
                self._display.erase_in_display(2)
                self._display.cursor_position()
            self._stream.feed(sequence)
        elif _KNOWN_TO_PYTE.fullmatch(sequence):
            self._stream.feed(sequence)

    def _obey_string(self, number: str, text: str) -> None:
        if number in ("0", "2"):
            self.title = text
        elif number == "9":
            self.notices.append(text)
        elif number == "52":
            self.clipboard.append(text.partition(";")[2])

    def _answer(self, sequence: bytes) -> bytes | None:
        """What a plain xterm replies to a question; None for what is no question."""
        if asked := _MODE_QUERY.fullmatch(sequence):
            # 2: known and off; 0: unknown. Of those that are asked for, we know synchronised output.
            return b"\x1b[?%b;%b$y" % (asked["mode"], b"2" if asked["mode"] == b"2026" else b"0")
        if sequence == b"\x1b[6n":
            cursor = self._display.cursor
            return b"\x1b[%d;%dR" % (cursor.y + 1, cursor.x + 1)
        return _ANSWERS.get(sequence)


_ANSWERS = {
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[0c": b"\x1b[?62;22c",
    b"\x1b[>c": b"\x1b[>41;390;0c",
    b"\x1b[5n": b"\x1b[0n",
    b"\x1b]10;?\x07": b"\x1b]10;rgb:dddd/dddd/dddd\x07",
    b"\x1b]11;?\x07": b"\x1b]11;rgb:1111/1111/1111\x07",
    b"\x1b]10;?\x1b\\": b"\x1b]10;rgb:dddd/dddd/dddd\x1b\\",
    b"\x1b]11;?\x1b\\": b"\x1b]11;rgb:1111/1111/1111\x1b\\",
}

# The forms are those of ECMA-48: control sequences, strings up to their terminator, and short escapes.
_SEQUENCE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-OQ-WYZ\\`-~])"
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)?\Z")
_STRING = re.compile(rb"\x1b\](?P<number>\d+);(?P<text>[^\x07\x1b]*)(?:\x07|\x1b\\)")
_MODES = re.compile(rb"\x1b\[\?(?P<numbers>[0-9;]*)(?P<on>[hl])")
_MODE_QUERY = re.compile(rb"\x1b\[\?(?P<mode>\d+)\$p")
_KNOWN_TO_PYTE = re.compile(rb"\x1b(?:\[[0-9;]*[@-~]|[78DEHMc=>]|[()][0-9A-B])")
