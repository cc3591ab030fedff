"""What belongs together comes onto the screen together."""

from textual.messages import Update
from textual.widget import Widget


def in_this_frame(widget: Widget) -> None:
    """Have what a widget has to repaint painted with the next frame.

    By itself it tells the screen only when it comes to rest, which may be a frame later than whatever it follows from:
    a person would see the list change first, and what is said of it a moment after.
    """
    if widget.is_attached:
        widget.screen.post_message(Update(widget))
