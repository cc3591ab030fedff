"""The window title, the bell and notifications, through the same writer that Textual paints with; and where that paints."""

import os
import sys
from collections.abc import Callable

from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from app.notify import desktop, terminal


class TerminalLine:
    """Sets the title and rings the bell. Nothing else may write to the terminal beside Textual's painting."""

    def __init__(self, write: Callable[[str], None]) -> None:
        """Nothing is written before `title` or `ring`.

        Args:
            write: Sends a string to the terminal.
        """
        self._write = write
        self._tmux = bool(os.environ.get("TMUX"))
        self._title: str | None = None
        self.takes_notifications = False
        """Whether desktop notifications go to the terminal; found out after the first frame."""

    def title(self, text: str) -> None:
        """Show a window title until `restore`; the same one again writes nothing."""
        if text != self._title:
            sequence = terminal.set_title(text)
            self._write(sequence if self._title is not None else terminal.SAVE_TITLE + sequence)
            self._title = text

    def ring(self) -> None:
        """Ring the bell once."""
        self._write(terminal.BELL)

    def notify(self, text: str) -> None:
        """Show a desktop notification, where the terminal takes it."""
        if self.takes_notifications:
            line = " | ".join(text.splitlines())
            self._write(desktop.notification(line, tmux=self._tmux))

    def restore(self) -> None:
        """Give the window its old title back."""
        if self._title is not None:
            self._write(terminal.RESTORE_TITLE)
            self._title = None


class OutputDriver(LinuxDriver):
    """Paints on the standard output: Textual takes the standard error, which may go to a file (`dwtop 2>log`)."""

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        """Nothing is written before the application starts."""
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        if sys.__stdout__ is not None:
            self._file = sys.__stdout__


def driver_for(usual: type[Driver]) -> type[Driver]:
    """What to paint with, so that it comes to the terminal.

    Args:
        usual: What Textual would take.
    """
    if usual is not LinuxDriver or (sys.__stderr__ is not None and sys.__stderr__.isatty()):
        return usual
    return OutputDriver
