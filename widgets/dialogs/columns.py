"""Which columns the table has, chosen from a list."""

from collections.abc import Collection, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from widgets import keys
from widgets.bindings import bindings
from widgets.dialogs.dialog import Dialog


class ColumnDialog(Dialog[tuple[str, ...] | None]):
    """Answers with the keys of the columns to show, or None if nothing shall change.

    Args:
        choices: Key and name of each column there is, in order.
        shown: The keys of those that are shown now.
        ascii: Draw with ASCII characters alone.
    """

    AUTO_FOCUS = "OptionList"

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.COLUMNS)

    def __init__(
        self,
        choices: Sequence[tuple[str, str]],
        shown: Collection[str],
        *,
        ascii: bool = False,
    ) -> None:
        super().__init__(ascii=ascii)
        self._names = dict(choices)
        self._hint = Static(markup=False, classes="dialog-hint")
        self._picked = set(shown) & set(self._names)
        self._list = OptionList(*(Option(self._line(key), id=key) for key in self._names), compact=True)

    def compose(self) -> ComposeResult:
        """Title, the list, and the keys."""
        with Vertical(id="columns-box", classes="dialog-box"):
            yield Static("Columns", markup=False, classes="dialog-title")
            yield self._list
            yield self._hint

    def show_keys(self) -> None:
        """Name the keys that pick, accept and close."""
        picks, shows, closes = map(self.key_of, ("columns.switch", "columns.accept", "columns.close"))
        self._hint.update(f"{picks} picks, {shows} shows, {closes} closes")

    def action_accept(self) -> None:
        """Show the chosen ones."""
        self.answer(tuple(key for key in self._names if key in self._picked))

    def action_close(self) -> None:
        """Change nothing."""
        self.answer(None)

    def action_step(self, steps: int) -> None:
        """Move by some lines."""
        if steps > 0:
            self._list.action_cursor_down()
        else:
            self._list.action_cursor_up()

    def action_switch(self) -> None:
        """Show the column under the cursor, or not."""
        if self._list.highlighted is not None:
            self._switch(self._list.get_option_at_index(self._list.highlighted))

    @on(OptionList.OptionSelected)
    def _clicked(self, message: OptionList.OptionSelected) -> None:
        self._switch(message.option)

    def _switch(self, option: Option) -> None:
        key = option.id or ""
        self._picked.symmetric_difference_update({key})
        self._list.replace_option_prompt(key, self._line(key))

    def _line(self, key: str) -> Content:
        """A column's name behind a sign that needs no colour."""
        return Content(f"[{'x' if key in self._picked else ' '}] {self._names[key]}")
