"""Toasts: notifications and messages that are shown briefly at the right of the screen, below or above the cursor."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from widgets.drawing import TONE_STYLES, Drawing, wrap
from widgets.fitting import cut
from widgets.model import Cell, EventLine, Tone

_MAX_NAMED = 3
"""How many jobs are named; any others are only counted."""

_MIN_ROOMY_LINES = 12
"""On screens with fewer lines, only one job is named."""

_MIN_TITLE_CELLS = 8
"""The minimum width in cells of a title beside a long text."""


class Toasts(Drawing[Sequence[EventLine] | Cell]):
    """A line for each job, the most important first, or a message, with an edge in the colour of the tone.

    The container decides where they are (`align`), and the owner how long they stay.
    """

    DEFAULT_CSS = """
    Toasts {
        layer: toasts;
        width: 64;
        max-width: 100%;
        background: $dw-field;
        color: $dw-text-raised;
    }
    """

    def hide(self) -> None:
        """Hide all toasts."""
        self.show(())

    def draw(self, width: int) -> list[Content]:
        """The lines for a width in cells."""
        height = self.app.size.height
        if isinstance(self.value, Cell):
            return self._message_lines(self.value, width, max(height // 2, 1))
        limit = _MAX_NAMED if height >= _MIN_ROOMY_LINES else 1
        lines = [self._line(toast, width) for toast in self.value[:limit]]
        if (more := len(self.value) - limit) > 0:
            lines.append(Content.styled(f"  and {more} more", "$dw-secondary-raised"))
        return lines

    def _edge(self, tone: Tone) -> Content:
        return Content.styled("▌ ", f"{TONE_STYLES[tone]}-raised")

    def _line(self, toast: EventLine, width: int) -> Content:
        """Edge, glyph and title at the left, what happened at the right end."""
        style = f"{TONE_STYLES[toast.glyph.tone]}-raised"
        head = self._edge(toast.glyph.tone) + Content.styled(f"{toast.glyph.text} ", style)
        room = width - head.cell_length - 1
        title = cut(toast.title, max(room - cell_len(toast.text) - 2, _MIN_TITLE_CELLS))
        text = cut(toast.text, room - cell_len(title) - 2)
        spare = max(room - cell_len(title) - cell_len(text), 0)
        line = head + Content.assemble((title, "bold"), " " * spare, (text, style), " ")
        return line.truncate(width)

    def _message_lines(self, message: Cell, width: int, limit: int) -> list[Content]:
        lines = [line for part in message.text.splitlines() for line in wrap(part, width - 3)]
        if len(lines) > limit:
            lines = [*lines[: limit - 1], Content(cut(lines[limit - 1].plain, width - 4).rstrip("…") + "…")]
        return [self._edge(message.tone) + line for line in lines]
