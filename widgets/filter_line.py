"""The line in which the user types the filter."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widgets import Input, Static

from widgets import keys
from widgets.bindings import bindings


class FilterLine(Horizontal):
    """A slash, and the field behind it, with a text to start with."""

    def __init__(self, text: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = text

    def compose(self) -> ComposeResult:
        """Prompt and field."""
        yield Static("/", markup=False, id="filter-prompt")
        yield FilterField(self._text)

    def open(self) -> None:
        """Show the line, and focus the field: now, not soon, since the next key may have arrived."""
        self.display = True
        self.screen.set_focus(self.query_one(FilterField))

    def clear(self) -> None:
        """Empty the field."""
        self.query_one(FilterField).value = ""


class FilterField(Input):
    """The field. It says which keys end the typing."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.FILTER)

    virtual_size = Reactive(Size(0, 0))
    """How long the text is. Textual lays out the whole screen again at each key; this field is always as wide."""

    def __init__(self, text: str) -> None:
        super().__init__(text, placeholder="filter by title, stage, status, ID", id="filter", compact=True)
        self.cursor_blink = False

    def on_paste(self, event: events.Paste) -> None:
        """Insert all lines as words; Textual's own field keeps only the first line."""
        event.prevent_default()
        event.stop()
        printable = "".join(char if char.isprintable() else " " for char in event.text)
        self.replace(" ".join(printable.split()), *self.selection)
