"""Scroll bars for terminals that can only show ASCII."""

from typing import ClassVar

from textual.scrollbar import ScrollBarRender


class PlainScrollBar(ScrollBarRender):
    """A scroll bar whose ends are whole cells of colour, without block characters.

    `textual.scrollbar.ScrollBar.renderer = PlainScrollBar` makes all scroll bars of a program like this.
    """

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8
