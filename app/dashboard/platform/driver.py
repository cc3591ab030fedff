"""The way to and from the terminal: Textual's, with input and output of our own."""

import os
import re
import selectors
import sys
import termios
import threading
import time
from codecs import getincrementaldecoder
from contextlib import ExitStack, suppress
from typing import Any

from textual.drivers.linux_driver import LinuxDriver

from app.dashboard.platform.column_pinning import pin_columns
from app.dashboard.platform.input_parser import InputParser
from app.dashboard.platform.terminal_writer import TerminalWriter
from app.notify.escape_sequences import CLEAR_SCREEN, RESTORE_TITLE

ANSWER_SECONDS = 0.8
"""How long after a question to the terminal its answer is waited for on leaving."""

MAX_LAG_SECONDS = 0.5
"""How long the terminal may be behind before painting stops. Not a number of bytes: one frame of a large terminal
would exceed any, and painting it anew would do so again."""

_READ_BYTES = 4096  # at once
_MODE_QUESTION = re.compile(r"\x1b\[\?\d+\$p")  # DECRQM


class QuietDriver(LinuxDriver):
    """Textual's driver, except for the following.

    - The input thread sleeps until there is input. Textual's wakes up ten times a second, which is most of what an
      idle program costs.
    - Only complete and known sequences are input (see `InputParser`). Bytes that are not UTF-8 become U+FFFD.
    - The end of the input ends the thread; ending the program is the task of whatever watches the terminal.
    - Output never blocks. While a terminal does not read, nothing is painted; once it does, everything is painted anew.
    - Answers that are on their way when the program leaves are waited for, or thrown away.
    - It paints on the terminal also where the standard error goes to a file (`dwtop 2>log`).
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """As Textual's own."""
        super().__init__(*arguments, **options)
        output = (
            sys.__stderr__ if sys.__stderr__ and sys.__stderr__.isatty() else sys.__stdout__ or sys.__stderr__
        )
        assert output is not None  # a command that has no standard output opens no dashboard
        self._file = output
        self._output, self._encoding = output.fileno(), output.encoding
        self._end = _WakeEvent()
        self.exit_event = self._end
        self._writer: TerminalWriter | None = None
        self._held = ExitStack()  # keeps Textual from painting while it is not empty
        self._holding = False
        self._restore: list[str] | None = None  # what was written since leaving began
        self._questions = 0
        self._asked_at = 0.0
        self._answered = threading.Event()

    # Output

    def start_application_mode(self) -> None:
        """Take the terminal over."""
        self._restore = None
        self._questions = 0
        self._writer = TerminalWriter(self._output, self._on_written)
        self._writer.start()
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual gives it no types
        if self._writer_thread is not None:
            self._writer_thread.stop()  # Textual's own, which has nothing to write

    def write(self, data: str) -> None:
        """Write to the terminal, without waiting for it."""
        if self._writer is None:
            return
        if self._restore is not None:
            self._restore.append(data)
        elif _MODE_QUESTION.fullmatch(data):
            self._questions += 1
            self._asked_at = time.monotonic()
            self._answered.clear()
        if self._writer.lag > MAX_LAG_SECONDS and not self._holding:
            self._holding = True
            self._held.enter_context(self._app.batch_update())
        self._writer.write(pin_columns(data).encode(self._encoding, "replace"))

    def _on_written(self) -> None:
        if self._holding:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._paint_again)

    def _paint_again(self) -> None:
        if self._holding:
            self._holding = False
            self._held.close()
            self._app.refresh(layout=True)

    def disable_input(self) -> None:
        """End the input thread, once it has read the answers that are on their way."""
        if self._questions and not self.exit_event.is_set():
            self._answered.wait(max(self._asked_at + ANSWER_SECONDS - time.monotonic(), 0))
            self._questions = 0
        super().disable_input()

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was, with no input left that was meant for us.

        A terminal that has only one screen is left with a blank one.
        """
        self._restore = [RESTORE_TITLE]
        self.write(CLEAR_SCREEN)
        self.write("\x1b[?1004l")  # before keys are echoed again; Textual does it after
        super().stop_application_mode()
        with suppress(termios.error):
            termios.tcflush(self.fileno, termios.TCIFLUSH)

    def close(self) -> None:
        """Finish writing."""
        super().close()
        if self._writer is not None:
            self._writer.stop("".join(self._restore or ()).encode())
            self._writer = None

    # Input

    def run_input_thread(self) -> None:
        """Hand on what is typed, until the application wants no more of it."""
        parser = InputParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._end.fileno, selectors.EVENT_READ)
            while not self._end.is_set():
                left = None if parser.deadline is None else max(parser.deadline - time.monotonic(), 0)
                if self.fileno in {key.fd for key, _ in selector.select(left)}:
                    data = self._read()
                    if not data:
                        break
                    for event in parser.feed(decode(data)):
                        self.process_message(event)
                    if parser.mode_reports >= self._questions:
                        self._answered.set()
                else:
                    for event in parser.expire():
                        self.process_message(event)

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, _READ_BYTES)
        except OSError:  # the terminal is gone
            return b""


class _WakeEvent(threading.Event):
    """An event that wakes a thread which waits for files. Its pipe lasts as long as the process, through suspensions."""

    def __init__(self) -> None:
        super().__init__()
        self.fileno, self._written_to = os.pipe()
        os.set_blocking(self.fileno, False)

    def set(self) -> None:
        """Set the flag and wake the thread."""
        super().set()
        with suppress(OSError):
            os.write(self._written_to, b".")

    def clear(self) -> None:
        """Clear the flag."""
        super().clear()
        with suppress(OSError):
            os.read(self.fileno, _READ_BYTES)
