"""The frozen values that widgets show.

Widgets know nothing of jobs, HTTP, SQL or the calendar; their owner turns what it knows into these values. Every text
in them is safe for a terminal, on one line, and drawn literally, never as markup. A text may be empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass
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
    STALE = "stalled"
    DONE = "done"
    WAITING = "waiting"
    ACCENT = "accent"


class Align(StrEnum):
    """The alignment of a cell's text in its column."""

    LEFT = "left"
    RIGHT = "right"


# The job table


class Column(NamedTuple):
    """A column. `progress` is drawn as a bar followed by its text, and as the text alone where it is narrow."""

    key: str  # names the column in rows and messages
    label: str
    width: int = 1  # the minimum in cells, at least 1
    grow: int = 0  # the order in which columns take spare cells: first 1, then 2, and so on; 0 for never
    max_width: int = 0  # in cells; 0 for no limit
    align: Align = Align.LEFT
    rank: int = 0  # in a narrow pane, columns of the highest rank are dropped first; those of rank 0 stay
    spanned: bool = False  # whether a row's sentence replaces it


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
    sentence: Cell | None = None  # replaces the spanned columns; None for a row with a bar
    word: Cell | None = None  # in place of the time, where the table is too narrow for spanned columns
    marked: bool = False
    fraction: float | None = None  # how much is done, 0.0 to 1.0; None for unknown
    bar: Tone = Tone.RUNNING


class Heading(NamedTuple):
    """A line above a group of rows."""

    name: str
    tone: Tone
    size: int | None = None  # the number of rows in the group; None to show none
    hint: str = ""  # at the right end


class FeedLine(NamedTuple):
    """A recent event, below the rows."""

    when: str
    glyph: Cell
    title: str
    text: str


# The details


class PlotPoint(NamedTuple):
    """A point of the progress plot: seconds on any common scale, and a fraction from 0.0 to 1.0."""

    at: float
    fraction: float


class StageSpan(NamedTuple):
    """A stage in the timeline, with its times in seconds on the plot's scale."""

    name: str  # the status's while there was no stage
    start: float
    end: float  # the last known time in it, if it is not over
    length: str  # in words, such as `4m 10s`
    running: bool = False
    tone: Tone = Tone.PLAIN


class Field(NamedTuple):
    """A named fact."""

    label: str
    value: str
    tone: Tone = Tone.PLAIN


class LogLine(NamedTuple):
    """A line of an event log: when, in words, and what."""

    when: str
    text: str
    tone: Tone = Tone.PLAIN


class ProgressCurve(NamedTuple):
    """A job's progress over time, with the times of its axis in words."""

    points: tuple[PlotPoint, ...] = ()  # oldest first; the last one is the current or final state
    forecast: tuple[PlotPoint, ...] = ()  # the current state, and the time at which 100 % is expected
    start_label: str = ""
    now_label: str = ""  # shown with a forecast
    end_label: str = ""


class Detail(NamedTuple):
    """The details of a job."""

    id: str
    title: str
    short_id: str
    status: str  # with its glyph; or the outcome of a cancel
    since: str = ""  # since when or when, with a blank before it
    tone: Tone = Tone.PLAIN
    running: bool = False
    errors: tuple[tuple[str, Tone], ...] = ()  # why it failed, and why it could not be refreshed, in full
    fraction: float | None = None  # its progress, 0.0 to 1.0; None for unknown
    percent: str = ""
    stage: str = ""  # or that nothing changes
    stage_tone: Tone = Tone.PLAIN
    left: str = ""  # the time left
    done: str = ""  # when it will be done
    curve: ProgressCurve = ProgressCurve()
    spans: tuple[StageSpan, ...] = ()  # oldest first
    fields: tuple[Field, ...] = ()  # other facts that have a value, in reading order
    events: tuple[LogLine, ...] = ()  # newest first


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
    """A line across the screen that reports a problem or explains old data: offline, signed out, paused ..."""

    text: str
    tone: Tone = Tone.ATTENTION


class Toast(NamedTuple):
    """A notification about one job: a glyph and its tone, the job's title, and what happened."""

    glyph: str
    tone: Tone
    title: str
    text: str


class KeyHint(NamedTuple):
    """A key on the key line: the ID of its action, and a word for what it does here, if not the usual one."""

    action_id: str
    word: str = ""


class KeyHints(NamedTuple):
    """The content of the key line."""

    keys: tuple[KeyHint, ...] = ()  # the most useful first
    lead: str = ""  # before them: `3 marked:`, or keys to try
    lead_text: str = ""  # what those keys do
    status: str = ""  # at the right end, if there is room


class KeyHelp(NamedTuple):
    """A line of the help: the display names of keys, and what they do."""

    keys: str
    text: str


class HelpSection(NamedTuple):
    """A titled group of keys."""

    title: str
    keys: tuple[KeyHelp, ...]


class EmptyState(NamedTuple):
    """What is shown in place of rows if there are none."""

    heading: str  # why there are none
    text: str = ""  # a second sentence
    suggestions: tuple[KeyHelp, ...] = ()  # what to press or type, and what that does
    action_ids: tuple[str, ...] = ()  # the actions on the key line


# The dialogs


class CancelLine(NamedTuple):
    """A job in the cancel dialog."""

    id: str
    title: str
    short_id: str
    status: str
    stage: str = ""
    percent: str = ""
    cancellable: bool = True  # now; a job that has ended is greyed out and left out
    glyph: str = ""
    tone: Tone = Tone.PLAIN
    fraction: float | None = None  # its progress, 0.0 to 1.0; None for unknown
    times: str = ""  # when it was created, and how long it will take


@dataclass(frozen=True, slots=True)
class CancelQuestion:
    """The content of the cancel dialog, updated while it is open."""

    lines: tuple[CancelLine, ...]  # always the jobs with which it opened, in the table's order
    hidden: int = 0  # the number of jobs to be cancelled that the filter hides
    note: str = ""  # such as `state last known 9 min ago`

    @property
    def count(self) -> int:
        """How many jobs would be cancelled now."""
        return sum(line.cancellable for line in self.lines)


class AddPreview(NamedTuple):
    """What a text would add to the watch list."""

    new: tuple[str, ...] = ()  # job IDs in order, each once
    known: tuple[str, ...] = ()  # job IDs that are watched already
    repeated: int = 0  # the number of IDs that occur more than once
    unusable: tuple[str, ...] = ()  # lines without a job ID


class ListedJobLine(NamedTuple):
    """One of the user's own jobs, as the API lists it."""

    id: str
    title: str
    status: str
    created: str = ""
    known: bool = False  # whether it is watched already
    chosen: bool = False  # whether it is chosen when the dialog opens
    tone: Tone = Tone.PLAIN

    @property
    def searched(self) -> str:
        """What a filter compares with, in lower case."""
        return f"{self.title} {self.status} {self.id}".casefold()
