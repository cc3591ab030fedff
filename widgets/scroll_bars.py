"""Scroll bars for terminals that can only show ASCII."""

from typing import ClassVar

from textual.scrollbar import ScrollBar, ScrollBarRender


class PlainScrollBar(ScrollBarRender):
    """A scroll bar whose ends are whole cells of colour, without block characters."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8


def draw_plainly() -> None:
    """Have all scroll bars drawn so, which no style sheet can say; for the whole process, and for good."""
    ScrollBar.renderer = PlainScrollBar
