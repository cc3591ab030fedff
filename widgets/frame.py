"""Makes changes of several widgets appear in the same frame."""

from textual.messages import Update
from textual.widget import Widget


def in_this_frame(widget: Widget) -> None:
    """Repaint a widget's pending changes with the next frame.

    By default a widget notifies the screen only once it is idle, which may be a frame later than the change it belongs
    to: the list would change first, and its totals a moment later.
    """
    if widget.is_attached:
        widget.screen.post_message(Update(widget))
