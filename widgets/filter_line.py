"""The line in which the user types the filter."""

from collections.abc import Callable

from textual.containers import Horizontal
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widgets import Static

from widgets import keys
from widgets.bindings import bindings
from widgets.fields import Field


class FilterLine(Horizontal):
    """The prompt and the field. `clean` returns the part of a text that the field may show."""

    def __init__(self, text: str, clean: Callable[[str], str], *, id: str | None = None) -> None:
        self._field = FilterField(text, clean)
        super().__init__(Static("/", markup=False, id="filter-prompt"), self._field, id=id)

    def open(self) -> None:
        """Show the line, and focus the field at once, since the next key may already have arrived."""
        self.display = True
        self.screen.set_focus(self._field)

    def clear(self) -> None:
        """Empty the field."""
        self._field.value = ""


class FilterField(Field):
    """The input field, with the keys that end the typing."""

    BINDINGS = bindings(keys.FILTER)

    virtual_size = Reactive(Size(0, 0))
    """The size of the text. Textual's own attribute lays out the screen again at each key, but the field keeps its width."""

    def __init__(self, text: str, clean: Callable[[str], str]) -> None:
        self._clean = clean
        super().__init__(text, placeholder="filter by title, stage, status, ID", id="filter", compact=True)

    def validate_value(self, value: str) -> str:
        """The part of a text that the field may show."""
        return self._clean(value)

    def paste(self, text: str) -> None:
        """Insert a pasted text without its tokens, which would not be recognized inside another word."""
        super().paste(self._clean(text))
