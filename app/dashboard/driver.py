"""The way to and from the terminal: Textual's, with a thread for input that sleeps until there is some."""

import os
import selectors
import sys
import threading
from codecs import getincrementaldecoder
from contextlib import suppress
from typing import Any

from textual import constants
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from app.notify.terminal import CLEAR_SCREEN

_MOST = 4096  # bytes read at once

_LOOKS = 2
"""How often it looks, after input, whether an Escape that came alone is the key of that name."""

_LATER = 0.005
"""Seconds for which it looks later than it could, so as not to look in vain."""


class QuietDriver(LinuxDriver):
    """Reads the keyboard without looking up ten times a second, which is most of what an idle Textual program costs.

    It paints on the terminal wherever the standard error goes. It also takes bytes that are no UTF-8 for unknown
    letters instead of giving up, and stops at the end of the input instead of reading it for ever; whoever watches
    the terminal ends the program then.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """As Textual's own."""
        super().__init__(*arguments, **options)
        if sys.__stdout__ is not None and not (sys.__stderr__ and sys.__stderr__.isatty()):
            # The standard error, which Textual takes, goes to a file (`dwtop 2>log`).
            self._file = sys.__stdout__
        self._end = _Bell()
        self.exit_event = self._end

    def run_input_thread(self) -> None:
        """Hand on what is typed, until the application wants no more of it."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        looks = 0
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._end.heard_at, selectors.EVENT_READ)
            while not self._end.is_set():
                patience = constants.ESCAPE_DELAY + _LATER if looks else None
                ready = {key.fd for key, _ in selector.select(patience)}
                looks = max(looks - 1, 0)
                if self.fileno in ready:
                    data = self._read()
                    if not data:
                        break
                    for event in parser.feed(decode(data)):
                        self.process_message(event)
                    looks = _LOOKS
                for event in parser.tick():
                    self.process_message(event)
        with suppress(EOFError, ParseError):
            for _ in parser.feed(""):
                pass

    def stop_application_mode(self) -> None:
        """Leave a blank screen behind where the terminal has only one, and everything else as it was found."""
        self.write(CLEAR_SCREEN)
        super().stop_application_mode()

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, _MOST)
        except OSError:  # the terminal is gone
            return b""


class _Bell(threading.Event):
    """An event that wakes a thread which waits for a file. Its pipe lasts as long as the process: rests are in between."""

    def __init__(self) -> None:
        super().__init__()
        self.heard_at, self._rung_at = os.pipe()
        os.set_blocking(self.heard_at, False)

    def set(self) -> None:
        """Let it be so, and wake whoever sleeps on it."""
        super().set()
        with suppress(OSError):
            os.write(self._rung_at, b".")

    def clear(self) -> None:
        """Let it be so no longer."""
        super().clear()
        with suppress(OSError):
            os.read(self.heard_at, _MOST)
