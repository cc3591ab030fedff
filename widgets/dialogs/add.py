"""Job IDs typed or pasted, and what they would add before they do."""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static, TextArea

from widgets import keys
from widgets.bindings import bindings
from widgets.dialogs.dialog import Dialog
from widgets.drawing import MUTED, Drawing, cut
from widgets.model import AddPreview


class AddDialog(Dialog[tuple[str, ...] | None]):
    """Answers with the job IDs to add, or None if none shall be.

    Args:
        preview: What a text would add; asked after every change.
        text: What the field starts with, such as what was pasted outside of it.
        ascii: Draw with ASCII characters alone.
    """

    AUTO_FOCUS = "IdField"

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.ADD)

    def __init__(
        self,
        preview: Callable[[str], AddPreview],
        text: str = "",
        *,
        ascii: bool = False,
    ) -> None:
        super().__init__(ascii=ascii)
        self._preview = preview
        self._field = IdField(text)
        self._found = preview(self._field.text)
        self._verdict = _Verdict(ascii=ascii)
        self._hint = Static(markup=False, classes="dialog-hint")
        self._tell()

    def compose(self) -> ComposeResult:
        """Title, field, what it would add, and the keys."""
        with Vertical(id="add-box", classes="dialog-box"):
            yield Static("Add jobs", markup=False, classes="dialog-title")
            yield self._field
            yield self._verdict
            yield self._hint

    def fit_into(self, size: Size) -> None:
        """Give field and verdict what room there is."""
        super().fit_into(size)
        roomy = self.roomy(size)
        spare = size.height - (8 if roomy else 2 if size.height > 3 else 0)
        self._verdict.most = max(min(spare // 2, 8), 1)
        self._field.styles.height = max(min(spare - self._verdict.most, 8), 1)
        self._verdict.renew()

    def action_close(self) -> None:
        """Add nothing."""
        self.answer(None)

    def on_text_area_changed(self) -> None:
        """Look at the text anew."""
        self._found = self._preview(self._field.text)
        self._tell()

    def show_keys(self) -> None:
        """Name the keys that add and close."""
        self._tell()

    def action_accept(self) -> None:
        """Add what is new; if nothing is, say so and stay."""
        self._found = self._preview(self._field.text)
        if self._found.new:
            self.answer(self._found.new)
        else:
            self._tell(asked=True)

    def on_paste(self, event: events.Paste) -> None:
        """A paste while nothing has the focus is for the field all the same."""
        event.stop()
        if self.focused is None:
            self._field.insert(_shown_literally(event.text))

    def _tell(self, asked: bool = False) -> None:
        """Say what the text would add; louder if it was to be added and holds nothing new."""
        self._verdict.show(self._found, asked)
        count = len(self._found.new)
        if self.is_attached:
            adds = (
                f"{self.key_of('add.accept')} adds {'it' if count == 1 else f'{count} jobs'}, "
                if count
                else ""
            )
            self._hint.update(f"{adds}{self.key_of('add.close')} closes")


class IdField(TextArea):
    """A text of many lines, in which Enter does not break the line."""

    def __init__(self, text: str) -> None:
        super().__init__(
            _shown_literally(text),
            placeholder="Type or paste job IDs, or any text around them",
            show_line_numbers=False,
            soft_wrap=True,
            highlight_cursor_line=False,
            compact=True,
        )
        self.cursor_blink = False

    def on_mount(self) -> None:
        """Write on behind what was pasted."""
        self.move_cursor(self.document.end)

    async def on_key(self, event: events.Key) -> None:
        """Leave Enter to the dialog."""
        if event.key == "enter":
            event.prevent_default()

    async def on_paste(self, event: events.Paste) -> None:
        """Take a text without what could act on the terminal."""
        event.prevent_default()
        event.stop()
        self.replace(_shown_literally(event.text), *self.selection)


class _Verdict(Drawing):
    """What a text would add, and what in it is no job ID."""

    most = 4
    _found = AddPreview()
    _asked = False

    def show(self, found: AddPreview, asked: bool) -> None:
        self._found, self._asked = found, asked
        self.renew()

    def draw(self, width: int) -> list[Content]:
        found = self._found
        facts = [
            (f"{len(found.new)} new", "$text-success bold") if found.new else ("", ""),
            (f"{len(found.known)} already there", "") if found.known else ("", ""),
            (f"{found.repeated} repeated", MUTED) if found.repeated else ("", ""),
            (f"{len(found.unusable)} not a job ID", "$text-error") if found.unusable else ("", ""),
        ]
        parts = [Content.styled(text, style) for text, style in facts if text]
        lines: list[Content] = []
        if self._asked and not found.new:
            lines.append(
                Content.styled(cut("Nothing to add: paste a job ID first.", width), "$text-error bold")
            )
        line = Content("")
        for part in parts:
            if line and line.cell_length + 2 + part.cell_length > width:
                lines.append(line)
                line = Content("")
            line = line + ("  " if line else "") + part
        if line:
            lines.append(line)
        room = self.most - len(lines)
        shown = found.unusable[: room if len(found.unusable) <= room else max(room - 1, 0)]
        lines += [Content.styled(cut(f"  {text}", width, ascii=self.ascii), MUTED) for text in shown]
        rest = len(found.unusable) - len(shown)
        if shown and rest:
            lines.append(Content.styled(f"  and {rest} more", MUTED))
        return [line.truncate(width) for line in lines]


def _shown_literally(text: str) -> str:
    """A pasted text without characters that a terminal would act on; its line breaks stay."""
    lines = text.splitlines()
    return "\n".join("".join(char if char.isprintable() else " " for char in line) for line in lines)
