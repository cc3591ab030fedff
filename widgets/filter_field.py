"""The line in which a filter is typed."""

from textual.geometry import Size
from textual.reactive import Reactive
from textual.widgets import Input


class FilterField(Input):
    """A text field as wide as the screen, without a blinking cursor.

    Args:
        value: The text that stands in it at first.
        placeholder: What stands there while there is none.
        id: The widget's ID.
    """

    virtual_size = Reactive(Size(0, 0))
    """How long the text is. Textual lays out the whole screen again at each key; this field is always as wide."""

    def __init__(self, value: str, *, placeholder: str, id: str | None = None) -> None:
        super().__init__(value, placeholder=placeholder, id=id, compact=True)
        self.cursor_blink = False
