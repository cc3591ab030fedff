"""The frozen values that widgets show.

Widgets know nothing of jobs, HTTP, SQL or the calendar: whoever owns a widget turns what it knows into these
values. Every text in them is safe for a terminal, on one line, and is drawn literally, never as markup.
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


class Column(NamedTuple):
    """One column of the job table.

    Attributes:
        key: Names the column in rows and messages. `progress` is drawn as a bar followed by its text, and as the text
            alone where it is narrow.
        label: The header text; empty for none.
        width: The minimum width in cells, at least 1.
        grow: The order in which columns take spare cells: first 1, then 2, and so on; 0 for never.
        max_width: The maximum width in cells; 0 for no limit.
        align: The alignment of its text.
        rank: In a pane that is too narrow, columns with the highest rank are dropped first; those of rank 0 stay.
        spanned: Whether a row's sentence replaces it.
    """

    key: str
    label: str
    width: int
    grow: int = 0
    max_width: int = 0
    align: Align = Align.LEFT
    rank: int = 0
    spanned: bool = False


class Cell(NamedTuple):
    """A piece of text with a meaning."""

    text: str = ""
    tone: Tone = Tone.PLAIN
    bold: bool = False


class Row(NamedTuple):
    """One job in the job table.

    Attributes:
        id: The ID of the job, which identifies the row.
        glyph: The glyph before the title.
        cells: The cells by column key; a missing key is an empty cell.
        sentence: Replaces the spanned columns; None for a row with a bar.
        word: A word in place of the sentence, for tables too narrow for spanned columns; aligned with `eta`.
        marked: Whether it is marked.
        fraction: How much is done, 0.0 to 1.0; None for unknown.
        bar: The colour of the filled part of the bar.
    """

    id: str
    glyph: Cell = Cell()
    cells: Mapping[str, Cell] = MappingProxyType({})
    sentence: Cell | None = None
    word: Cell | None = None
    marked: bool = False
    fraction: float | None = None
    bar: Tone = Tone.RUNNING


class Heading(NamedTuple):
    """A line above a group of rows.

    Attributes:
        name: The name of the group.
        tone: The colour of its name.
        size: The number of rows in it; None to show none.
        hint: A hint at the right end; empty for none.
    """

    name: str
    tone: Tone
    size: int | None = None
    hint: str = ""


class FeedLine(NamedTuple):
    """A recent event below the rows: when, a glyph, the job's title (empty for none), and what happened."""

    when: str
    glyph: Cell
    title: str
    text: str


class PlotPoint(NamedTuple):
    """A point of the progress plot: seconds on any common scale, and a fraction from 0.0 to 1.0."""

    at: float
    fraction: float


class StageSpan(NamedTuple):
    """One stage in the timeline.

    Attributes:
        name: The stage's name, or the status's while there was no stage.
        start: When it began, in seconds on the plot's scale.
        end: When it ended, or the last known time in it.
        length: Its length in words, such as `4m 10s`.
        running: Whether the job is in it now.
        tone: Its colour.
    """

    name: str
    start: float
    end: float
    length: str
    running: bool = False
    tone: Tone = Tone.PLAIN


class Field(NamedTuple):
    """A named fact in the detail pane."""

    label: str
    value: str
    tone: Tone = Tone.PLAIN


class LogLine(NamedTuple):
    """A line of an event log: when, in words, and what."""

    when: str
    text: str
    tone: Tone = Tone.PLAIN


class ProgressCurve(NamedTuple):
    """A job's progress over time.

    Attributes:
        points: The readings, oldest first; the last one is the current or final state.
        forecast: The current state, and the time at which 100 % is expected; empty without a forecast.
        start_label: The time at the left end, in words.
        now_label: The time now, in words; shown with a forecast.
        end_label: The time at the right end, in words.
    """

    points: tuple[PlotPoint, ...] = ()
    forecast: tuple[PlotPoint, ...] = ()
    start_label: str = ""
    now_label: str = ""
    end_label: str = ""


class Detail(NamedTuple):
    """The content of the details of one job.

    Attributes:
        id: The job's ID.
        title: Its title, or its short ID.
        short_id: The shortest prefix of its ID that is unique in the list.
        status: Glyph and status, or the outcome of a cancel.
        since: Since when or when, with a blank before it; may be empty.
        tone: The colour of its status.
        running: Whether it is in progress.
        errors: Why it failed and why it could not be refreshed, in full, each with its colour.
        fraction: Its progress, 0.0 to 1.0; None for unknown.
        percent: The same in words.
        stage: Its stage, or that nothing changes.
        stage_tone: The colour of the stage.
        left: The time left, in words; may be empty.
        done: When it will be done, in words; may be empty.
        curve: Its progress over time.
        spans: Its stages, oldest first.
        fields: Other facts that have a value, in reading order.
        events: What happened to it, newest first.
    """

    id: str
    title: str
    short_id: str
    status: str
    since: str = ""
    tone: Tone = Tone.PLAIN
    running: bool = False
    errors: tuple[tuple[str, Tone], ...] = ()
    fraction: float | None = None
    percent: str = ""
    stage: str = ""
    stage_tone: Tone = Tone.PLAIN
    left: str = ""
    done: str = ""
    curve: ProgressCurve = ProgressCurve()
    spans: tuple[StageSpan, ...] = ()
    fields: tuple[Field, ...] = ()
    events: tuple[LogLine, ...] = ()


class Count(NamedTuple):
    """How many jobs are in one group.

    Attributes:
        glyph: Stands before the number.
        number: The number of jobs; 0 is dimmed.
        word: Shown after the number if there is room.
        tone: The group's colour.
    """

    glyph: str
    number: int
    word: str
    tone: Tone


class Summary(NamedTuple):
    """The content of the header.

    Attributes:
        chips: Labels for what is special about this pane, such as `DEMO`.
        counts: One for each group, in order; counts of 0 are not shown.
        note: The text if there are no jobs.
        fraction: The mean progress of the batch, 0.0 to 1.0; None if unknown.
        percent: `fraction` as text.
        next: The time left for the job that finishes first; empty if unknown.
        all_done: When all jobs will be done; empty if unknown.
    """

    chips: tuple[str, ...] = ()
    counts: tuple[Count, ...] = ()
    note: str = ""
    fraction: float | None = None
    percent: str = ""
    next: str = ""
    all_done: str = ""


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
    """A key on the line of keys: the ID of its action, and a word for what it does here, if not the usual one."""

    action_id: str
    word: str = ""


class KeyHints(NamedTuple):
    """The content of the key line.

    Attributes:
        keys: In order, the most useful first.
        lead: The text before them, such as `3 marked:`, or keys to try.
        lead_text: What those keys do.
        status: The text at the right end, if there is room.
    """

    keys: tuple[KeyHint, ...] = ()
    lead: str = ""
    lead_text: str = ""
    status: str = ""


class CancelLine(NamedTuple):
    """A job in the cancel dialog.

    Attributes:
        id: The job's ID.
        title: Its title, or its short ID.
        short_id: The shortest prefix of its ID that is unique in the list.
        status: Its status in words.
        stage: Its stage; may be empty.
        percent: Its progress in words; may be empty.
        cancellable: Whether it would be cancelled now. One that has ended is greyed out and left out.
        glyph: The glyph of its status.
        tone: The colour of its status.
        fraction: Its progress, 0.0 to 1.0; None for unknown.
        times: When it was created and how long it will take, in words; may be empty.
    """

    id: str
    title: str
    short_id: str
    status: str
    stage: str = ""
    percent: str = ""
    cancellable: bool = True
    glyph: str = ""
    tone: Tone = Tone.PLAIN
    fraction: float | None = None
    times: str = ""


@dataclass(frozen=True, slots=True)
class CancelQuestion:
    """The content of the cancel dialog, updated while it is open.

    Attributes:
        lines: The jobs with which it opened, in the table's order; always the same ones.
        hidden: The number of jobs to be cancelled that the filter hides.
        note: A note such as `state last known 9 min ago`; empty for none.
    """

    lines: tuple[CancelLine, ...]
    hidden: int = 0
    note: str = ""

    @property
    def count(self) -> int:
        """How many jobs would be cancelled now."""
        return sum(line.cancellable for line in self.lines)


class AddPreview(NamedTuple):
    """What a text would add to the watch list.

    Attributes:
        new: Job IDs to add, in order, each once.
        known: Job IDs that are watched already.
        repeated: The number of IDs that occur more than once.
        unusable: The lines without a job ID.
    """

    new: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    repeated: int = 0
    unusable: tuple[str, ...] = ()


class ListedJobLine(NamedTuple):
    """One of the user's own jobs, as the API lists it.

    Attributes:
        id: The job's ID.
        title: Its title, or what stands for it.
        status: Its status in words.
        created: When it was created, in words; may be empty.
        known: Whether it is watched already.
        chosen: Whether it is chosen until the person says otherwise.
        tone: The colour of its status.
    """

    id: str
    title: str
    status: str
    created: str = ""
    known: bool = False
    chosen: bool = False
    tone: Tone = Tone.PLAIN

    @property
    def searched(self) -> str:
        """What a filter compares with, in lower case."""
        return f"{self.title} {self.status} {self.id}".casefold()


class KeyHelp(NamedTuple):
    """One line of the help: the display names of keys, and what they do."""

    keys: str
    text: str


class EmptyState(NamedTuple):
    """The content shown in place of rows if there are none.

    Attributes:
        heading: Why there are none, in a few words.
        text: A second sentence; empty for none.
        ways: What to press or type, and what that does.
        keys: The IDs of the actions whose keys the key line shows.
    """

    heading: str
    text: str = ""
    ways: tuple[KeyHelp, ...] = ()
    keys: tuple[str, ...] = ()


class HelpSection(NamedTuple):
    """A titled group of keys."""

    title: str
    keys: tuple[KeyHelp, ...]
