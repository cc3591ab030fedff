"""Has Textual's own widgets draw with ASCII characters alone."""

from textual.scrollbar import ScrollBar

from widgets.scroll_bars import PlainScrollBar


def draw_plainly() -> None:
    """Switch the looks that no style sheet reaches; for the whole process, and for good."""
    ScrollBar.renderer = PlainScrollBar
