"""What has happened, newest first."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from widgets.dialog import Dialog
from widgets.drawing import MUTED, TONE_STYLES, Drawing, wrap
from widgets.model import LogLine


class EventLog(Dialog[None]):
    """The event log over the screen.

    Args:
        lines: Newest first.
        ascii: Draw with ASCII characters alone.
    """

    AUTO_FOCUS = "#events-body"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,e", "close", "Close", tooltip="Close the log", id="log.close"),
        Binding("down,j", "scroll(1)", "Down", show=False, id="log.down"),
        Binding("up,k", "scroll(-1)", "Up", show=False, id="log.up"),
        Binding("pagedown,space,ctrl+d", "page(1)", "Page down", show=False, id="log.page_down"),
        Binding("pageup,ctrl+u", "page(-1)", "Page up", show=False, id="log.page_up"),
        Binding("home,g", "ends(False)", "Top", show=False, id="log.top"),
        Binding("end,G", "ends(True)", "End", show=False, id="log.end"),
    ]

    def __init__(self, lines: Sequence[LogLine], *, ascii: bool = False) -> None:
        super().__init__(ascii=ascii)
        self._lines = _Lines(lines, ascii=ascii)
        self._body = VerticalScroll(self._lines, id="events-body")

    def compose(self) -> ComposeResult:
        """Title, the log, and how to leave."""
        with Vertical(id="events-box", classes="dialog-box"):
            yield Static("Events", markup=False, classes="dialog-title")
            yield self._body
            yield Static("j k scroll, Esc closes", markup=False, classes="dialog-hint")

    def show(self, lines: Sequence[LogLine]) -> None:
        """Show these; the place where it is scrolled to stays."""
        self._lines.show(lines)

    def action_close(self) -> None:
        """Close the log."""
        self.answer(None)

    def action_scroll(self, lines: int) -> None:
        """Scroll by some lines."""
        self._body.scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll by some pages."""
        self._body.scroll_relative(y=pages * self._body.size.height, animate=False)

    def action_ends(self, end: bool) -> None:
        """Scroll to the top or to the end."""
        if end:
            self._body.scroll_end(animate=False)
        else:
            self._body.scroll_home(animate=False)


class _Lines(Drawing):
    """The lines of the log, each wrapped behind its time."""

    def __init__(self, lines: Sequence[LogLine], *, ascii: bool = False) -> None:
        super().__init__(ascii=ascii)
        self._shown = tuple(lines)

    def show(self, lines: Sequence[LogLine]) -> None:
        if tuple(lines) != self._shown:
            self._shown = tuple(lines)
            self.renew()

    def draw(self, width: int) -> list[Content]:
        if not self._shown:
            return [Content.styled("Nothing has happened yet.", MUTED)]
        margin = max(len(line.when) for line in self._shown) + 2
        drawn = []
        for line in self._shown:
            for number, text in enumerate(wrap(line.text, max(width - margin, 1))):
                when = "" if number else line.when
                drawn.append(Content.assemble((when.ljust(margin), MUTED), (text, TONE_STYLES[line.tone])))
        return drawn
