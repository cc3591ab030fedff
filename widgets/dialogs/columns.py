"""The dialog to choose the columns of the table."""

from collections.abc import Collection, Sequence

from textual import on
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from widgets import keys
from widgets.bindings import bindings
from widgets.dialogs.dialog import Dialog


class ColumnDialog(Dialog[tuple[str, ...] | None]):
    """Asks which columns to show; `choices` are keys and names. Returns the chosen keys, or None to change nothing."""

    AUTO_FOCUS = "OptionList"
    HEADING = "Columns"
    KEYS = (("columns.switch", "on/off"), ("columns.accept", "apply"), ("columns.close", "close"))

    BINDINGS = bindings(keys.COLUMNS)

    def __init__(self, choices: Sequence[tuple[str, str]], shown: Collection[str]) -> None:
        super().__init__()
        self._names = dict(choices)
        self._chosen = set(shown) & set(self._names)
        self._list = OptionList(*(Option(self._line(key), id=key) for key in self._names), compact=True)
        self.content = (self._list,)

    def action_accept(self) -> None:
        """Show the chosen columns."""
        self.answer(tuple(key for key in self._names if key in self._chosen))

    def action_step(self, steps: int) -> None:
        """Move the cursor down or up."""
        if steps > 0:
            self._list.action_cursor_down()
        else:
            self._list.action_cursor_up()

    def action_switch(self) -> None:
        """Switch the column under the cursor on or off."""
        if option := self._list.highlighted_option:
            self._switch(option)

    @on(OptionList.OptionSelected)
    def _clicked(self, message: OptionList.OptionSelected) -> None:
        self._switch(message.option)

    def _switch(self, option: Option) -> None:
        key = option.id or ""
        self._chosen.symmetric_difference_update({key})
        self._list.replace_option_prompt(key, self._line(key))

    def _line(self, key: str) -> Content:
        return Content(f"[{'x' if key in self._chosen else ' '}] {self._names[key]}")
