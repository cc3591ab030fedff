"""Toasts: notifications and messages that are shown briefly in the lower right corner."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from widgets.drawing import TONE_STYLES, Drawing, wrap
from widgets.fitting import cut
from widgets.model import Cell, EventLine, Tone

_MOST_NAMED = 3
"""If there are more toasts than this, the others are only counted."""

_ROOMY_HEIGHT = 12
"""On screens of fewer lines only one job is named."""

_LEAST_TITLE = 8
"""The minimum width in cells of a title beside a long text."""


class Toasts(Drawing[Sequence[EventLine] | Cell]):
    """A line for each job, the most important first, or a message, with an edge in the colour of the tone.

    The container decides where they are (`align`), and the owner how long they stay.
    """

    DEFAULT_CSS = """
    Toasts {
        display: none;
        layer: toasts;
        width: 64;
        max-width: 100%;
        background: $dw-field;
        color: $dw-text-raised;
    }
    """

    value: Sequence[EventLine] | Cell = ()

    def show(self, value: Sequence[EventLine] | Cell) -> None:
        """Show notifications or a message in place of what is shown."""
        self.display = bool(value)
        super().show(value)

    def hide(self) -> None:
        """Hide all toasts."""
        self.show(())

    def draw(self, width: int) -> list[Content]:
        """The lines for a width in cells."""
        height = self.screen_height
        if isinstance(self.value, Cell):
            return self._message_lines(self.value, width, max(height // 2, 1))
        most = _MOST_NAMED if height >= _ROOMY_HEIGHT else 1
        lines = [self._line(toast, width) for toast in self.value[:most]]
        if (more := len(self.value) - most) > 0:
            lines.append(Content.styled(f"  and {more} more", "$dw-secondary-raised"))
        return lines

    def _edge(self, tone: Tone) -> Content:
        return Content.styled("| " if self.ascii else "▌ ", f"{TONE_STYLES[tone]}-raised")

    def _line(self, toast: EventLine, width: int) -> Content:
        """Edge, glyph and title at the left, what happened at the right end."""
        style = f"{TONE_STYLES[toast.glyph.tone]}-raised"
        head = self._edge(toast.glyph.tone) + Content.styled(f"{toast.glyph.text} ", style)
        room = width - head.cell_length - 1
        title = cut(toast.title, max(room - cell_len(toast.text) - 2, _LEAST_TITLE), ascii=self.ascii)
        text = cut(toast.text, room - cell_len(title) - 2, ascii=self.ascii)
        spare = max(room - cell_len(title) - cell_len(text), 0)
        line = head + Content.assemble((title, "bold"), " " * spare, (text, style), " ")
        return line.truncate(width)

    def _message_lines(self, message: Cell, width: int, most: int) -> list[Content]:
        lines = [line for part in message.text.splitlines() for line in wrap(part, width - 3)]
        if len(lines) > most:
            end = "~" if self.ascii else "…"
            lines = [*lines[: most - 1], cut(lines[most - 1], width - 4).rstrip(end) + end]
        return [self._edge(message.tone) + line for line in lines]
