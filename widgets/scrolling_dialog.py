"""What dialogs that are only read share: the usual keys scroll them, and they answer nothing."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from widgets.dialog import Dialog
from widgets.drawing import Drawing


class ScrollingDialog(Dialog[None]):
    """A title, something long to read, and how to leave. Subclasses say which keys close it.

    Args:
        name: Begins the IDs of the box and of what is scrolled: `help` makes `#help-box` and `#help-body`.
        title: What stands on top.
        content: What there is to read.
        ascii: Draw with ASCII characters alone.
    """

    AUTO_FOCUS = "VerticalScroll"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll_by(1)", "Down", show=False, id="dialog.down"),
        Binding("up,k", "scroll_by(-1)", "Up", show=False, id="dialog.up"),
        Binding("pagedown,space,ctrl+d", "scroll_pages(1)", "Page down", show=False, id="dialog.page_down"),
        Binding("pageup,ctrl+u", "scroll_pages(-1)", "Page up", show=False, id="dialog.page_up"),
        Binding("home,g", "scroll_ends(False)", "Top", show=False, id="dialog.top"),
        Binding("end,G", "scroll_ends(True)", "End", show=False, id="dialog.end"),
    ]

    def __init__(self, name: str, title: str, content: Drawing, *, ascii: bool = False) -> None:
        super().__init__(ascii=ascii)
        self._box_id = f"{name}-box"
        self._title = title
        self.body = VerticalScroll(content, id=f"{name}-body")

    def compose(self) -> ComposeResult:
        """Title, the text, and how to leave."""
        with Vertical(id=self._box_id, classes="dialog-box"):
            yield Static(self._title, markup=False, classes="dialog-title")
            yield self.body
            yield Static("j k scroll, Esc closes", markup=False, classes="dialog-hint")

    def action_close(self) -> None:
        """Close it."""
        self.answer(None)

    def action_scroll_by(self, lines: int) -> None:
        """Scroll by some lines."""
        self.body.scroll_relative(y=lines, animate=False)

    def action_scroll_pages(self, pages: int) -> None:
        """Scroll by some pages."""
        self.body.scroll_relative(y=pages * self.body.size.height, animate=False)

    def action_scroll_ends(self, end: bool) -> None:
        """Scroll to the top or to the end."""
        if end:
            self.body.scroll_end(animate=False)
        else:
            self.body.scroll_home(animate=False)
