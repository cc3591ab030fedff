"""The terminal driver: Textual's driver for Linux with its own input and output."""

import os
import re
import selectors
import signal
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
from app.dashboard.platform.terminal_watchdog import in_foreground
from app.dashboard.platform.terminal_writer import TerminalWriter
from app.notify.escape_sequences import CLEAR_SCREEN, RESTORE_TITLE, SAVE_TITLE

REPLY_TIMEOUT_SECONDS = 0.8
"""How long the driver waits for the terminal's replies to queries before it stops reading."""

MAX_LAG_SECONDS = 0.5
"""How long the terminal may lag behind before painting is paused. A limit in bytes would not work: one frame of a large
terminal could exceed it every time."""

_RAW_BYTE = re.compile("[\udc80-\udcff]")
"""A byte that is not UTF-8, as `surrogateescape` decodes it."""

_READ_BYTES = 4096
_MODE_QUERY = re.compile(r"\x1b\[\?\d+\$p")  # DECRQM


class TerminalDriver(LinuxDriver):
    """Differs from the driver of Textual 8.2.8 as follows.

    - The input thread sleeps until there is input. Textual's wakes up ten times a second, which is most of what an
      idle program costs.
    - Only complete and known sequences are input (see `InputParser`). Bytes that are not UTF-8 become U+FFFD.
    - End-of-file ends the thread. The terminal watchdog ends the program.
    - Output never blocks. While the terminal does not read, nothing is painted; once it reads again, everything is.
    - On exit, replies from the terminal that are still in transit are read and discarded.
    - The window title is saved at the start, and restored on exit.
    - It paints on standard output, since standard error may go to a file (`dwtop 2>log`).
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        assert sys.__stdout__ is not None  # the dashboard opens only if it is a terminal
        self._file = self._output = sys.__stdout__
        self._exit_reader, self._exit_writer = os.pipe()  # a byte ends the input thread
        self._writer: TerminalWriter | None = None
        self._painting_paused = ExitStack()  # holds a batch update, during which Textual paints nothing
        self._paused = False
        self._restore: list[str] | None = None  # what was written since the exit began
        self._queries = 0
        self._queried_at = 0.0
        self._all_replied = threading.Event()

    # Output

    def start_application_mode(self) -> None:
        """Take over the terminal."""
        self._restore = None
        self._queries = 0
        self._writer = TerminalWriter(self._output.fileno(), self._on_output_written)
        self._writer.start()
        self.write(SAVE_TITLE)
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual gives it no types
        if self._writer_thread is not None:
            self._writer_thread.stop()  # Textual's own writer thread, which is not used
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # to restore the terminal even from the background

    def write(self, data: str) -> None:
        """Write to the terminal, without waiting for it."""
        if self._writer is None:
            return
        if self._restore is not None:
            self._restore.append(data)
        elif _MODE_QUERY.fullmatch(data):
            self._queries += 1
            self._queried_at = time.monotonic()
            self._all_replied.clear()
        if self._writer.lag_seconds > MAX_LAG_SECONDS and not self._paused:
            self._paused = True
            self._painting_paused.enter_context(self._app.batch_update())
        self._writer.write(pin_columns(data).encode(self._output.encoding, "replace"))

    def _on_output_written(self) -> None:
        if self._paused:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._resume_painting)

    def _resume_painting(self) -> None:
        if self._paused:
            self._paused = False
            self._painting_paused.close()
            self._app.refresh(layout=True)

    def disable_input(self) -> None:
        """End the input thread, after it has read the replies that are in transit."""
        if self._key_thread is not None and self._key_thread.is_alive():
            if self._queries:
                self._all_replied.wait(max(self._queried_at + REPLY_TIMEOUT_SECONDS - time.monotonic(), 0))
                self._queries = 0
            os.write(self._exit_writer, b".")
        super().disable_input()

    def stop_application_mode(self) -> None:
        """Restore the terminal, and discard input that was meant for this program.

        A terminal without an alternate screen is left blank.
        """
        self._restore = []
        self.write(RESTORE_TITLE + CLEAR_SCREEN)
        # No focus reports once the terminal echoes input; Textual switches them off too late.
        self.write("\x1b[?1004l")
        if not in_foreground(self.fileno):
            self.attrs_before = None  # the shell has set its own mode
        super().stop_application_mode()
        with suppress(termios.error):
            termios.tcflush(self.fileno, termios.TCIFLUSH)

    def close(self) -> None:
        """Write the rest of the output."""
        super().close()
        if self._writer is not None:
            self._writer.stop("".join(self._restore or ()).encode())
            self._writer = None

    # Input

    def run_input_thread(self) -> None:
        """Read input and post its events until the application stops the thread."""
        parser = InputParser()
        decode = getincrementaldecoder("utf-8")("surrogateescape").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._exit_reader, selectors.EVENT_READ)
            while True:
                timeout = None if parser.deadline is None else max(parser.deadline - time.monotonic(), 0)
                ready = {key.fd for key, _ in selector.select(timeout)}
                if self._exit_reader in ready:
                    os.read(self._exit_reader, 1)
                    break
                if self.fileno in ready:
                    try:
                        data = os.read(self.fileno, _READ_BYTES)
                    except OSError:  # the terminal is gone
                        break
                    if not data:
                        break
                    for event in parser.feed(_without_raw_bytes(decode(data))):
                        self.process_message(event)
                    if parser.mode_reports >= self._queries:
                        self._all_replied.set()
                else:
                    for event in parser.expire():
                        self.process_message(event)


def _without_raw_bytes(text: str) -> str:
    """The text without bytes that are not UTF-8. A one-byte CSI becomes `ESC [`, or the rest of the reply would act as keys."""
    return _RAW_BYTE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\udc9b", "\x1b["))
