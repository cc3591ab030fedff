"""What has happened, newest first."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content

from widgets import keys
from widgets.bindings import bindings
from widgets.dialogs.scrolling_dialog import ScrollingDialog
from widgets.drawing import MUTED, TONE_STYLES, Drawing, wrap
from widgets.model import LogLine


class EventLog(ScrollingDialog):
    """The event log over the screen.

    Args:
        lines: Newest first.
        ascii: Draw with ASCII characters alone.
    """

    CLOSE = "log.close"

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.LOG)

    def __init__(self, lines: Sequence[LogLine], *, ascii: bool = False) -> None:
        shown = _Lines(lines, ascii=ascii)
        super().__init__("events", "Events", shown, ascii=ascii)
        self._lines = shown

    def show(self, lines: Sequence[LogLine]) -> None:
        """Show these; the place where it is scrolled to stays."""
        self._lines.show(lines)


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
