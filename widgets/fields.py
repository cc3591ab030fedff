"""The base of text fields of one line, and what a field may show of a paste."""

from textual import events
from textual.reactive import reactive
from textual.widgets import Input


class Field(Input):
    """A field that takes all lines of a paste, joined by blanks; Textual's own keeps only the first."""

    cursor_blink = reactive(False)

    def on_paste(self, event: events.Paste) -> None:
        """Insert the text. The event goes no further, since dialogs and the app handle pastes too."""
        event.prevent_default()
        event.stop()
        self.paste(event.text)

    def paste(self, text: str) -> None:
        """Insert a pasted text in place of the selection."""
        self.replace(" ".join(printable(text).split()), *self.selection)


def printable(text: str) -> str:
    """The text with blanks in place of characters that a terminal would act on; line breaks stay."""
    lines = text.splitlines()
    return "\n".join("".join(char if char.isprintable() else " " for char in line) for line in lines)
