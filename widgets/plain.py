"""Has Textual's own widgets draw with ASCII characters alone."""

from textual.scrollbar import ScrollBar
from textual.widgets._toggle_button import ToggleButton

from widgets.scroll_bars import PlainScrollBar


def draw_plainly() -> None:
    """Switch the looks that no style sheet reaches; for the whole process, and for good."""
    ScrollBar.renderer = PlainScrollBar
    ToggleButton.BUTTON_LEFT = "["
    ToggleButton.BUTTON_RIGHT = "]"
