"""A field for a number that has to be meant."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from widgets import keys
from widgets.bindings import bindings
from widgets.drawing import Drawing


class CountField(Drawing, can_focus=True):
    """A field for a number of at most six digits. It takes digits and nothing else, and no pastes.

    Args:
        deaf: Asked at every digit, and when the number is entered; while it says True they are dropped.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.PRESS)

    _MOST_DIGITS = 6

    @dataclass
    class Submitted(Message):
        """The number was entered."""

    @dataclass
    class Changed(Message):
        """A digit was typed or taken back."""

    def __init__(self, *, deaf: Callable[[], bool]) -> None:
        super().__init__()
        self._deaf = deaf
        self._value = ""

    @property
    def value(self) -> str:
        """The digits that stand in it."""
        return self._value

    @value.setter
    def value(self, value: str) -> None:
        self._value = value
        self.renew()

    def draw(self, width: int) -> list[Content]:
        """The digits, and where the next one goes."""
        return [
            Content.assemble((self._value, "bold"), (" ", "reverse" if self.has_focus else "")).truncate(
                width
            )
        ]

    def on_focus(self) -> None:
        """Show the cursor."""
        self.renew()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.renew()

    def on_key(self, event: events.Key) -> None:
        """Take digits, drop every other character, and leave the keys that are none to the dialog."""
        if event.character in set("0123456789") and event.is_printable:
            if not self._deaf() and len(self._value) < self._MOST_DIGITS:
                self.value += event.character or ""
                self.post_message(self.Changed())
        elif event.key == "backspace":
            self.value = self._value[:-1]
            self.post_message(self.Changed())
        elif not event.is_printable:
            return
        event.stop()
        event.prevent_default()

    def action_press(self) -> None:
        """Enter the number."""
        if not self._deaf():
            self.post_message(self.Submitted())
