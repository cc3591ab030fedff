"""The frozen values that widgets show.

Widgets know nothing about jobs, HTTP, SQL or the calendar; their owner turns what it knows into these values. Every text
in them is safe for a terminal, on one line, and drawn literally, never as markup. A text may be empty.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Tone(StrEnum):
    """The meaning of a piece of text, which selects its colour. Never the only signal."""

    PLAIN = "text"
    SECONDARY = "secondary"
    FAINT = "faint"
    RUNNING = "running"
    ATTENTION = "attention"
    STALLED = "stalled"  # also a warning, and data that is no longer current
    DONE = "done"
    WAITING = "waiting"
    ACCENT = "accent"


# The job table


WIDE_LIST_CELLS = 76
"""Lists of at least this width have bars and sentences, and more space between the columns."""


class Column(NamedTuple):
    """A column. `progress` is a percentage, after a bar in wide lists."""

    key: str  # names the column in rows and messages
    label: str
    widths: tuple[tuple[int, int], ...]  # pairs of a list width and the cells from there on, narrowest first
    max_width: int = 0  # in cells, up to which it takes what others leave
    right: bool = False  # whether it is aligned right
    rank: int = 0  # if there is not enough room, columns of the highest rank are dropped first
    spanned: bool = False  # whether a row's sentence replaces it
    short_label: str = ""  # where the label does not fit

    def width_in(self, list_width: int) -> int:
        """The cells it takes in a list of this width; 0 if it is not shown."""
        return next((cells for min_width, cells in reversed(self.widths) if min_width <= list_width), 0)


class Cell(NamedTuple):
    """A piece of text with a meaning."""

    text: str = ""
    tone: Tone = Tone.PLAIN
    bold: bool = False


class Row(NamedTuple):
    """A job."""

    id: str
    glyph: Cell = Cell()
    cells: Mapping[str, Cell] = MappingProxyType({})  # by column key
    sentence: Cell | None = None  # replaces the spanned columns of a wide list; None for a row with a bar
    word: Cell | None = None  # replaces the time in a narrow list
    marked: bool = False
    muted: bool = False
    fraction: float | None = None  # its progress, 0.0 to 1.0; None for unknown
    bar: Tone = Tone.RUNNING


class Heading(NamedTuple):
    """A line above a group of rows."""

    name: str
    tone: Tone
    size: int | None = None  # the number of rows in the group; None to leave it out
    hint: str = ""  # at the right end


class EventLine(NamedTuple):
    """An event, shown below the rows, in the event log or as a toast."""

    when: str  # in words
    glyph: Cell
    text: str  # what happened
    title: str = ""  # of its job


# The lines above and below the list


class Count(NamedTuple):
    """How many jobs are in one group."""

    glyph: str
    number: int  # a count of 0 is not shown
    word: str  # after the number, if there is room
    tone: Tone


class Summary(NamedTuple):
    """The content of the header."""

    chips: tuple[str, ...] = ()  # what is special about this pane, such as `DEMO`
    counts: tuple[Count, ...] = ()
    note: str = ""  # shown if there are no jobs
    fraction: float | None = None  # the mean progress of the batch, 0.0 to 1.0; None if unknown
    percent: str = ""
    next: str = ""  # the time left for the job that finishes first
    all_done: str = ""  # when all jobs will be done
    host: str = ""  # of the API, if it is not the usual one


class Banner(NamedTuple):
    """A line across the screen that reports a problem or explains old data, such as `offline` or `paused`."""

    text: str
    tone: Tone = Tone.ATTENTION
    shorter: tuple[str, ...] = ()  # texts for lines that are too short for it, the longest first
    reason: str = ""  # in brackets after the text, as far as there is room


class KeyHint(NamedTuple):
    """A key on the key line, which a click presses."""

    key: str  # Textual's name
    shown: str  # its display name
    word: str  # what it does
    tooltip: str = ""


class KeyHints(NamedTuple):
    """The content of the key line."""

    keys: tuple[KeyHint, ...] = ()  # the most useful first
    last: tuple[KeyHint, ...] = ()  # after them, and left out last
    prefix: str = ""  # `3 marked:`, or keys to try
    prefix_word: str = ""  # what those keys do
    status: str = ""  # at the right end, if there is room


class KeyHelp(NamedTuple):
    """A line of the help: the display names of keys, and what they do."""

    keys: str
    text: str


class EmptyState(NamedTuple):
    """What is shown in place of rows if there are none."""

    heading: str  # why there are none
    text: str = ""  # a second sentence
    suggestions: tuple[KeyHelp, ...] = ()  # what to press or type, and what that does
    action_ids: tuple[str, ...] = ()  # the actions on the key line
