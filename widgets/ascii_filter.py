"""Draws in ASCII, whatever a widget draws with."""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from widgets.ascii import in_ascii


class AsciiFilter(LineFilter):
    """Replaces the characters that widgets draw with. An app that draws in ASCII adds it to its line filters."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return a line in ASCII."""
        return [Segment(in_ascii(text), style, control) for text, style, control in segments]
