"""Read-only dialogs that scroll: the list of keys and the event log."""

from collections.abc import Sequence
from math import ceil
from typing import Any

from rich.cells import cell_len
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size

from widgets import keys
from widgets.bindings import bindings
from widgets.dialogs.dialog import Dialog
from widgets.dialogs.model import HelpSection
from widgets.drawing import Drawing, beside, side_by_side, stacked
from widgets.event_text import event_log_lines
from widgets.fitting import cut, fill
from widgets.model import EventLine

_GAP_CELLS = 2  # between a key and what it does
_COLUMN_GAP_CELLS = 3  # between two columns of keys
_MAX_KEYS_CELLS = 17
_MAX_COLUMNS = 3
_PADDED_MIN_LINES = 28
"""In panes with at least this many lines, the help has blank lines within its frame."""

_SCROLL = ("dialog.down dialog.up", "scroll")


class ReadingDialog(Dialog[None]):
    """A read-only dialog that scrolls. Subclasses set what closes it."""

    AUTO_FOCUS = "#reading-body"

    BINDINGS = bindings(keys.SCROLLING)

    def __init__(self, text: Drawing[Any]) -> None:
        super().__init__()
        self.text = text
        self.body = self.scrolled = _Body(text, id="reading-body")
        self.content = (self.body,)

    def on_mount(self) -> None:
        """Show the scrolling keys whenever not everything fits."""
        self.watch(self.body, "show_vertical_scrollbar", self.show_keys, init=False)

    def keys_shown(self) -> Sequence[tuple[str, str]]:
        """The key that closes the dialog, after the scrolling keys if not everything fits."""
        return (_SCROLL, *self.KEYS) if self.body.show_vertical_scrollbar else self.KEYS


class _Body(VerticalScroll, inherit_bindings=False):
    """The scrolled area. The dialog's keys scroll it, since those can be remapped."""


class EventLog(ReadingDialog):
    """The event log, newest first."""

    HEADING = "Events"
    KEYS = (("log.close", "close"),)
    BINDINGS = bindings(keys.LOG)

    def __init__(self, events: Sequence[EventLine]) -> None:
        super().__init__(_Events(events))

    def show(self, events: Sequence[EventLine]) -> None:
        """Show other events; the scroll position stays."""
        self.text.show(events)


class _Events(Drawing[Sequence[EventLine]]):
    def draw(self, width: int) -> list[Content]:
        return event_log_lines(self.value, width) or [Content.styled("No events yet.", "$dw-secondary")]


class HelpDialog(ReadingDialog):
    """The list of all keys, in as many columns as fit."""

    HEADING = "Keys"
    KEYS = (("help.close", "close"),)
    BINDINGS = bindings(keys.HELP)

    def __init__(self, sections: Sequence[HelpSection]) -> None:
        super().__init__(_Keys(sections))

    def fit_into(self, size: Size) -> None:
        """Keep the frame on the screen. On a low screen, keys take the place of the blank lines within the frame."""
        super().fit_into(size)
        tight = self.has_frame(size) and size.height < _PADDED_MIN_LINES
        self.set_class(tight, "-tight")
        self.body.styles.max_height = self.content_lines(size) + (2 if tight else 0)


class _Keys(Drawing[Sequence[HelpSection]]):
    def draw(self, width: int) -> list[Content]:
        sections = self.value
        for count in range(_MAX_COLUMNS, 0, -1):
            size = ceil(len(sections) / count)
            columns = [_help_column(sections[at : at + size], width) for at in range(0, len(sections), size)]
            widths = [max(line.cell_length for line in column) for column in columns]
            if sum(widths) + _COLUMN_GAP_CELLS * (len(columns) - 1) <= width:
                break
        return [line.truncate(width) for line in side_by_side(columns, widths, _COLUMN_GAP_CELLS)]


def _help_column(sections: Sequence[HelpSection], width: int) -> list[Content]:
    """Sections below each other, with the keys aligned right, in at most `width` cells."""
    longest = max(cell_len(key.keys) for section in sections for key in section.keys)
    keys_width = min(longest, _MAX_KEYS_CELLS, width // 2)
    return stacked(
        [Content.styled(cut(section.title, width), "bold $dw-accent")]
        + [
            line
            for key in section.keys
            for line in beside(
                fill(key.keys, keys_width, right=True),
                "bold",
                keys_width + _GAP_CELLS,
                Content.styled(key.text, "$dw-secondary"),
                width,
            )
        ]
        for section in sections
    )
