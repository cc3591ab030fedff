"""Toasts: notifications and messages that are shown briefly in the lower right corner."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from widgets.drawing import TONE_STYLES, Drawing, wrap
from widgets.fitting import cut
from widgets.model import EventLine, Tone

_MOST_NAMED = 3
"""If there are more toasts than this, the others are only counted."""

_ROOMY_HEIGHT = 12
"""On screens of fewer lines only one job is named."""

_LEAST_TITLE = 8
"""The minimum width in cells of a title beside a long text."""


class Toasts(Drawing[None]):
    """Lines with an edge in the colour of their tone, in a separate layer; hidden while there are none.

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

    news: tuple[EventLine, ...] = ()
    message = ""
    _tone = Tone.PLAIN

    def show_news(self, toasts: Sequence[EventLine]) -> None:
        """Show notifications, one line for each job, the most important first."""
        self.news, self.message = tuple(toasts), ""
        self._show(bool(toasts))

    def show_message(self, text: str, tone: Tone = Tone.ACCENT) -> None:
        """Show a message of any length."""
        self.news, self.message, self._tone = (), text, tone
        self._show(bool(text))

    def hide(self) -> None:
        """Hide all toasts."""
        self.show_news(())

    def draw(self, width: int) -> list[Content]:
        """The lines for a width in cells."""
        height = self.screen_height
        if self.message:
            return self._message_lines(width, max(height // 2, 1))
        most = _MOST_NAMED if height >= _ROOMY_HEIGHT else 1
        lines = [self._line(toast, width) for toast in self.news[:most]]
        if (more := len(self.news) - most) > 0:
            lines.append(Content.styled(f"  and {more} more", "$dw-secondary-raised"))
        return lines

    def _show(self, shown: bool) -> None:
        self.display = shown
        self.redraw()

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

    def _message_lines(self, width: int, most: int) -> list[Content]:
        lines = [line for part in self.message.splitlines() for line in wrap(part, width - 3)]
        if len(lines) > most:
            end = "~" if self.ascii else "…"
            lines = [*lines[: most - 1], cut(lines[most - 1], width - 4).rstrip(end) + end]
        return [self._edge(self._tone) + line for line in lines]
