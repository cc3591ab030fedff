"""The window title, the bell and notifications, through the same writer that Textual paints with."""

import os
from collections.abc import Callable

from app.notify import desktop, escape_sequences


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
            sequence = escape_sequences.set_title(text)
            self._write(sequence if self._title is not None else escape_sequences.SAVE_TITLE + sequence)
            self._title = text

    def ring(self) -> None:
        """Ring the bell once."""
        self._write(escape_sequences.BELL)

    def notify(self, text: str) -> None:
        """Show a desktop notification, where the terminal takes it."""
        if self.takes_notifications:
            line = " | ".join(text.splitlines())
            self._write(desktop.notification(line, tmux=self._tmux))

    def restore(self) -> None:
        """Give the window its old title back."""
        if self._title is not None:
            self._write(escape_sequences.RESTORE_TITLE)
            self._title = None
