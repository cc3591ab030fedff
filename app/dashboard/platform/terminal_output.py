"""The window title, the bell and desktop notifications, written the same way as Textual's output."""

import os
from collections.abc import Callable

from app.notify import desktop, escape_sequences


class TerminalOutput:
    """Sets the title, rings the bell and notifies. Only this class and Textual may write to the terminal.

    Attributes:
        shows_notifications: Whether the terminal shows desktop notifications; detected after the first frame.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._tmux = bool(os.environ.get("TMUX"))
        self._title: str | None = None
        self.shows_notifications = False

    def set_title(self, text: str) -> None:
        """Set the window title until `restore_title`; setting the same one again writes nothing."""
        if text != self._title:
            sequence = escape_sequences.set_title(text)
            self._write(sequence if self._title is not None else escape_sequences.SAVE_TITLE + sequence)
            self._title = text

    def ring_bell(self) -> None:
        """Ring the bell once."""
        self._write(escape_sequences.BELL)

    def notify(self, text: str) -> None:
        """Show a desktop notification if the terminal supports it."""
        if self.shows_notifications:
            line = " | ".join(text.splitlines())
            self._write(desktop.notification(line, tmux=self._tmux))

    def restore_title(self) -> None:
        """Restore the window title from before the first `set_title`."""
        if self._title is not None:
            self._write(escape_sequences.RESTORE_TITLE)
            self._title = None
