"""Scroll bars for terminals that can only show ASCII."""

from typing import ClassVar

from textual.scrollbar import ScrollBar, ScrollBarRender


class PlainScrollBar(ScrollBarRender):
    """A scroll bar whose ends are whole cells of colour, without block characters."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8


def draw_plainly() -> None:
    """Use ASCII scroll bars in the whole process, which a style sheet cannot do. Cannot be undone."""
    ScrollBar.renderer = PlainScrollBar
