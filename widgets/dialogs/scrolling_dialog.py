"""What dialogs that are only read share: the usual keys scroll them, and they answer nothing."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from widgets import keys
from widgets.bindings import bindings
from widgets.dialogs.dialog import Dialog
from widgets.drawing import Drawing


class ScrollingDialog(Dialog[None]):
    """A title, something long to read, and how to leave. Subclasses say which keys close it.

    Args:
        name: Begins the IDs of the box and of what is scrolled: `help` makes `#help-box` and `#help-body`.
        title: What stands on top.
        content: What there is to read.
        ascii: Draw with ASCII characters alone.
    """

    AUTO_FOCUS = "_Body"

    CLOSE: ClassVar[str]
    """The ID of the action that closes it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.SCROLLING)

    def __init__(self, name: str, title: str, content: Drawing, *, ascii: bool = False) -> None:
        super().__init__(ascii=ascii)
        self._box_id = f"{name}-box"
        self._title = title
        self.body = _Body(content, id=f"{name}-body")
        self._hint = Static(markup=False, classes="dialog-hint")

    def compose(self) -> ComposeResult:
        """Title, the text, and how to leave."""
        with Vertical(id=self._box_id, classes="dialog-box"):
            yield Static(self._title, markup=False, classes="dialog-title")
            yield self.body
            yield self._hint

    def show_keys(self) -> None:
        """Say how to scroll and how to leave."""
        self._hint.update(
            f"{self.key_of('dialog.down', 'dialog.up')} scroll, {self.key_of(self.CLOSE)} closes"
        )

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


class _Body(VerticalScroll, inherit_bindings=False):
    """What is scrolled; by the keys of the dialog, which can be changed."""
