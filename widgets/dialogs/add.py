"""The dialog to add jobs: type or paste IDs, and preview what they would add."""

from collections.abc import Callable

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widgets import TextArea

from widgets import keys
from widgets.bindings import bindings
from widgets.dialogs.dialog import Dialog
from widgets.dialogs.model import AddPreview
from widgets.drawing import Drawing, wrap
from widgets.fields import printable
from widgets.fitting import cut


class AddDialog(Dialog[tuple[str, ...] | None]):
    """Asks for job IDs, and previews what the text would add. Returns the IDs to add, or None to add nothing."""

    AUTO_FOCUS = "IdField"
    HEADING = "Add jobs"

    BINDINGS = bindings(keys.ADD)

    def __init__(self, preview: Callable[[str], AddPreview], text: str = "", *, token_hint: str = "") -> None:
        super().__init__()
        self._preview = preview
        self._preview_lines = _PreviewLines(token_hint)
        self._field = IdField(self._without_tokens)
        self._field.text = self._without_tokens(text)
        self._preview_lines.show(preview(self._field.text))
        self.content = (self._field, self._preview_lines)

    def keys_shown(self) -> list[tuple[str, str]]:
        """The keys that add and close."""
        count = len(self._preview_lines.value.new)
        adds = [("add.accept", "add it" if count == 1 else f"add {count} jobs")]
        return [*(adds if count else []), ("add.close", "close")]

    def fit_into(self, size: Size) -> None:
        """Divide the lines between the field and the preview."""
        super().fit_into(size)
        spare = self.content_lines(size) - self.has_frame(size)
        self._preview_lines.max_lines = max(min(spare // 2, 8), 1)
        self._field.styles.height = max(min(spare - self._preview_lines.max_lines, 6), 1)
        self._preview_lines.redraw()

    def on_text_area_changed(self) -> None:
        """Update the preview."""
        found = self._preview(self._field.text)
        if found.token:  # typed, or pasted in a terminal that does not mark pastes
            self._field.text = self._without_tokens(self._field.text)
            self._field.move_cursor(self._field.document.end)
        self._preview_lines.show(found)
        self.show_keys()

    def action_accept(self) -> None:
        """Add the new jobs. If there are none, say so and stay open."""
        found = self._preview(self._field.text)
        if found.new:
            self.answer(found.new)
        else:
            self._preview_lines.show(found, tried=True)

    def on_paste(self, event: events.Paste) -> None:
        """Insert a paste into the field even if nothing has the focus."""
        event.stop()
        if self.focused is None:
            self._field.insert(self._without_tokens(event.text))

    def _without_tokens(self, text: str) -> str:
        """The part of a text that the field may show. If it has a token, the preview says what to do with that."""
        found = self._preview(printable(text))
        self._preview_lines.token_seen |= found.token
        return found.text


class IdField(TextArea):
    """A field of several lines. `clean` returns the part of a pasted text that it may show."""

    cursor_blink = reactive(False)

    def __init__(self, clean: Callable[[str], str]) -> None:
        super().__init__(
            placeholder="Type or paste job IDs, or any text around them",
            show_line_numbers=False,
            soft_wrap=True,
            highlight_cursor_line=False,
            compact=True,
        )
        self._clean = clean

    def on_mount(self) -> None:
        """Put the cursor after the initial text."""
        self.move_cursor(self.document.end)

    def on_paste(self, event: events.Paste) -> None:
        """Insert the part of the text that the field may show."""
        event.prevent_default()
        event.stop()
        self.replace(self._clean(event.text), *self.selection)


class _PreviewLines(Drawing[AddPreview]):
    """What a text would add, and the lines without a job ID."""

    max_lines = 4
    token_seen = False
    _tried = False

    def __init__(self, token_hint: str) -> None:
        super().__init__(AddPreview())
        self._token_hint = token_hint

    def show(self, value: AddPreview, *, tried: bool = False) -> None:
        self.value, self._tried = value, tried
        self.redraw()

    def draw(self, width: int) -> list[Content]:
        found, unusable = self.value, len(self.value.unusable)
        lines: list[Content] = []
        if self.token_seen:
            lines += wrap(self._token_hint, width, "$dw-stalled")
        if self._tried and not found.new:
            text = "Nothing new to add." if found.known else "No job ID found yet."
            lines.append(Content.styled(cut(text, width), "bold $dw-attention"))
        noun = "line" if unusable == 1 else "lines"
        facts = (
            (len(found.new), "new", "bold $dw-done"),
            (len(found.known), "already on the list", ""),
            (found.repeated, "repeated", "$dw-secondary"),
            (unusable, f"{noun} without a job ID", "$dw-stalled"),
        )
        line = Content("")
        for part in (Content.styled(f"{number} {text}", style) for number, text, style in facts if number):
            if line and line.cell_length + 3 + part.cell_length > width:
                lines.append(line)
                line = Content("")
            line = line + ("   " if line else "") + part
        lines += [line] if line else []
        room = self.max_lines - len(lines)
        shown = found.unusable[: room if unusable <= room else max(room - 1, 0)]
        rest = [f"and {unusable - len(shown)} more"] if shown and unusable > len(shown) else []
        lines += [Content.styled(cut(f"  {text}", width), "$dw-secondary") for text in (*shown, *rest)]
        return [line.truncate(width) for line in lines]
