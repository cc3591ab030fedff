"""Which columns the table has, chosen from a list."""

from collections.abc import Collection, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import SelectionList, Static
from textual.widgets.selection_list import Selection

from widgets.dialog import Dialog


class ColumnDialog(Dialog[tuple[str, ...] | None]):
    """Answers with the keys of the columns to show, or None if nothing shall change.

    Args:
        choices: Key and name of each column there is, in order.
        shown: The keys of those that are shown now.
        ascii: Draw with ASCII characters alone.
    """

    AUTO_FOCUS = "SelectionList"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", tooltip="Change nothing", id="columns.close"),
        Binding(
            "enter", "accept", "Show these", tooltip="Show these columns", id="columns.accept", priority=True
        ),
        Binding("j", "step(1)", "Down", show=False, id="columns.down"),
        Binding("k", "step(-1)", "Up", show=False, id="columns.up"),
    ]

    def __init__(
        self,
        choices: Sequence[tuple[str, str]],
        shown: Collection[str],
        *,
        ascii: bool = False,
    ) -> None:
        super().__init__(ascii=ascii)
        self._list = SelectionList[str](
            *(Selection(Content(name), key, key in shown) for key, name in choices), compact=True
        )

    def compose(self) -> ComposeResult:
        """Title, the list, and the keys."""
        with Vertical(id="columns-box", classes="dialog-box"):
            yield Static("Columns", markup=False, classes="dialog-title")
            yield self._list
            yield Static("space switches, Enter shows these, Esc closes", markup=False, classes="dialog-hint")

    def action_accept(self) -> None:
        """Show the chosen ones."""
        self.answer(tuple(self._list.selected))

    def action_close(self) -> None:
        """Change nothing."""
        self.answer(None)

    def action_step(self, steps: int) -> None:
        """Move by some lines."""
        if steps > 0:
            self._list.action_cursor_down()
        else:
            self._list.action_cursor_up()
