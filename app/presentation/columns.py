"""The columns of the job table: their content, width and sort order."""

import math
import sys
from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

from app.job import Cadence, Group, Job
from app.presentation import durations, sentences
from app.watch.watched import Watched
from widgets.model import Align, Cell, Column, Tone

SortKey = Callable[[Watched, float], Any]
"""A plain text or number for each job at a time: sorting 10,000 of them must not be noticeable, and tuples take three
times as long."""

_GROUPS = (Group.ATTENTION, Group.RUNNING, Group.WAITING, Group.DONE)
_GROUP_SPAN = 1e11
"""Seconds between two groups in the order by status: more than any time since the epoch."""

_LAST_TEXT = chr(sys.maxunicode)
"""Sorts behind all other texts."""


class CellFacts(NamedTuple):
    """What a cell depends on besides its job."""

    now: float  # in seconds since the epoch
    short_id: str
    stale: bool = False  # whether the job's data is older than it should be
    unseen: bool = False  # whether the job ended after the last key press


class JobColumn(NamedTuple):
    """A column of the table; `align` and what follows it is as in `widgets.model.Column`."""

    key: str  # in settings, rows and messages
    label: str  # its header
    name: str  # in a sentence
    widths: tuple[tuple[int, int], ...]  # pairs of a list width and the cells from there on, narrowest first
    cell: Callable[[Watched, CellFacts], Cell]
    sort: SortKey  # equal jobs keep the order in which they were added
    reversed: str = "reversed"  # its reversed order in a sentence
    usual: bool = True  # whether it is shown by default
    optional: bool = True  # whether the user can hide it
    changes_with_time: bool = False  # even if its job does not
    align: Align = Align.LEFT
    rank: int = 0
    grow: int = 0
    max_width: int = 0
    spanned: bool = False

    def width_in(self, list_width: int) -> int:
        """The cells it needs in a list of this width; 0 if it is not shown."""
        return next((cells for min_width, cells in reversed(self.widths) if min_width <= list_width), 0)


def title_of(entry: Watched, short_id: str) -> str:
    """A job's title, or the text shown if it has none."""
    if entry.job is None:
        return short_id
    return entry.job.title or f"untitled {short_id}"


def _title(entry: Watched, facts: CellFacts) -> Cell:
    text = title_of(entry, facts.short_id)
    attention = entry.group is Group.ATTENTION
    quiet = (entry.group is Group.DONE and not facts.unseen) or not (entry.job and entry.job.title)
    return Cell(text, Tone.SECONDARY if quiet and not attention else Tone.PLAIN, attention)


def _status(entry: Watched, facts: CellFacts) -> Cell:
    stalled = sentences.stalled_since(entry) is not None
    return Cell(sentences.status_word(entry, facts.now), Tone.STALE if stalled else Tone.SECONDARY)


def _progress(entry: Watched, facts: CellFacts) -> Cell:
    return Cell(sentences.percent_text(entry))


def _stage(entry: Watched, facts: CellFacts) -> Cell:
    stalled = sentences.stalled_since(entry) is not None
    tone = Tone.STALE if stalled else Tone.SECONDARY if facts.stale else Tone.PLAIN
    return Cell(sentences.stage_text(entry, facts.now), tone)


def _time(entry: Watched, facts: CellFacts) -> Cell:
    if facts.stale and entry.fetched_at is not None:
        return Cell(f"at {durations.clock_or_day(entry.fetched_at, facts.now)}", Tone.STALE)
    text = sentences.time_text(entry, facts.now)
    if entry.finished:
        return Cell(text, Tone.SECONDARY if entry.group is Group.ATTENTION else Tone.FAINT)
    soon = text.startswith("<")
    return Cell(text, Tone.RUNNING if soon else Tone.PLAIN, bold=soon)


def elapsed_text(entry: Watched, now: float) -> str:
    """How long a job has been running, or ran; empty if unknown."""
    seconds = sentences.elapsed_seconds(entry, now)
    return "" if seconds is None else durations.age(seconds)


def age_text(entry: Watched, now: float) -> str:
    """How old the data of an unfinished job is; empty without data."""
    if entry.fetched_at is None or entry.finished:
        return ""
    return durations.age(now - entry.fetched_at)


def _of_job(read: Callable[[Job], str | None]) -> Callable[[Watched], str | None]:
    return lambda entry: read(entry.job) if entry.job else None


def _by_text(text: Callable[[Watched], str | None]) -> SortKey:
    """Sort by a text, ignoring case; jobs without one come last."""

    def key(entry: Watched, now: float) -> str:
        value = text(entry)
        return _LAST_TEXT if value is None else value.casefold()

    return key


def _by_number(number: Callable[[Watched, float], float | None]) -> SortKey:
    """Sort by a number that may depend on the time, the largest first; jobs without one come last."""

    def key(entry: Watched, now: float) -> float:
        value = number(entry, now)
        return math.inf if value is None else -value

    return key


def by_status(entry: Watched, now: float) -> float:
    """Sort by what needs a look first: by group, and within a group by what is of interest in it.

    Jobs that need a look and finished ones: the newest first. Running ones: the soonest to end first, then those
    without a forecast by how much is done. Waiting ones: those in the queue first, and of each kind the one that waits
    longest.
    """
    group = entry.group
    start = _GROUPS.index(group) * _GROUP_SPAN
    job = entry.job
    if group is Group.RUNNING:
        finish = sentences.shown_finish(entry)
        done = job.percent_done or 0.0 if job else 0.0
        return start + (_GROUP_SPAN / 2 - done if finish is None else finish)
    if group is Group.WAITING:
        later = 0.0 if entry.cadence is Cadence.MEDIUM else _GROUP_SPAN / 4
        return start + later + (min(job.updated_at, _GROUP_SPAN / 4) if job else _GROUP_SPAN / 4)
    return start + _GROUP_SPAN / 2 - (job.updated_at if job else 0.0)


def by_group(entry: Watched, now: float) -> float:
    """The part of the order by status that moves rows: a job changes place only when some job changes its group."""
    return _GROUPS.index(entry.group)


def _sooner(entry: Watched, now: float) -> float | None:
    finish = sentences.shown_finish(entry)
    return None if finish is None else -finish


_WIDE = 76
"""The width of the list from which on there is room for a bar, and for columns on wish."""


def _job_text(
    key: str,
    label: str,
    read: Callable[[Job], str | None],
    *,
    name: str = "",
    width: int,
    rank: int,
    shown: int | None = None,
) -> JobColumn:
    """A column on wish with a text of the job, of which it shows the first `shown` characters."""
    text = _of_job(read)
    return JobColumn(
        key,
        label,
        name or key,
        ((_WIDE, width),),
        lambda entry, facts: Cell((text(entry) or "")[:shown], Tone.SECONDARY),
        _by_text(text),
        usual=False,
        rank=rank,
    )


def _created(entry: Watched, facts: CellFacts) -> Cell:
    return Cell(durations.clock_time(entry.job.created_at, facts.now) if entry.job else "", Tone.SECONDARY)


def _age(entry: Watched, facts: CellFacts) -> Cell:
    return Cell(age_text(entry, facts.now) if facts.stale else "", Tone.STALE)


COLUMNS: tuple[JobColumn, ...] = (
    JobColumn(
        "title",
        "TITLE",
        "title",
        ((0, 8), (_WIDE, 20)),
        _title,
        _by_text(_of_job(lambda job: job.title)),
        optional=False,
        grow=1,
        max_width=78,
    ),
    JobColumn("status", "STATUS", "status", ((100, 11),), _status, by_status, optional=False, spanned=True),
    JobColumn(
        "progress",
        "PROGRESS",
        "progress",
        ((_WIDE, 11), (100, 13), (112, 15), (132, 19), (176, 25)),
        _progress,
        _by_number(lambda entry, now: entry.job.fraction if entry.job else None),
        optional=False,
        spanned=True,
    ),
    JobColumn(
        "stage",
        "STAGE",
        "stage",
        ((_WIDE, 19), (100, 18), (112, 24)),
        _stage,
        _by_text(_of_job(lambda job: sentences.stage_words(job.stage) or None)),
        rank=2,
        grow=2,
        spanned=True,
    ),
    JobColumn(
        "eta",
        "TIME",
        "time left",
        ((0, 7), (60, 8)),
        _time,
        _by_number(_sooner),
        optional=False,
        changes_with_time=True,
        align=Align.RIGHT,
    ),
    _job_text("project", "PROJECT", lambda job: job.project_id, width=8, rank=8, shown=8),
    _job_text(
        "models",
        "MODELS",
        lambda job: " ".join(filter(None, (job.writing_model, job.reasoning_model, job.function_model))),
        width=16,
        rank=7,
    ),
    JobColumn(
        "created",
        "CREATED",
        "creation time",
        ((_WIDE, 12),),
        _created,
        _by_number(lambda entry, now: entry.job.created_at if entry.job else None),
        reversed="oldest first",
        usual=False,
        rank=6,
    ),
    JobColumn(
        "elapsed",
        "ELAPSED",
        "elapsed time",
        ((_WIDE, 7),),
        lambda entry, facts: Cell(elapsed_text(entry, facts.now), Tone.SECONDARY),
        _by_number(sentences.elapsed_seconds),
        usual=False,
        changes_with_time=True,
        align=Align.RIGHT,
        rank=5,
    ),
    _job_text("byok", "BYOK", lambda job: "yes" if job.is_byok else None, name="BYOK", width=4, rank=9),
    _job_text(
        "starred", "STAR", lambda job: "yes" if job.is_starred else None, name="star", width=4, rank=10
    ),
    JobColumn(
        "age",
        "AGE",
        "age",
        ((_WIDE, 4),),
        _age,
        _by_number(lambda entry, now: -entry.fetched_at if entry.fetched_at is not None else None),
        usual=False,
        changes_with_time=True,
        align=Align.RIGHT,
        rank=3,
    ),
    JobColumn(
        "id",
        "ID",
        "ID",
        ((120, 8),),
        lambda entry, facts: Cell(facts.short_id, Tone.FAINT),
        _by_text(lambda entry: entry.id),
        rank=4,
    ),
)
"""All columns, from left to right."""

FIXED: tuple[str, ...] = tuple(item.key for item in COLUMNS if not item.optional)
"""Columns that cannot be hidden."""

CHOICES: tuple[str, ...] = tuple(item.key for item in COLUMNS if item.optional)
"""Columns that the user can show or hide."""

USUAL: tuple[str, ...] = tuple(item.key for item in COLUMNS if item.usual)
"""Columns that are shown by default."""

SORTS: tuple[str, ...] = tuple(item.key for item in COLUMNS)
"""Columns that the list can be sorted by."""

_BY_KEY = {item.key: item for item in COLUMNS}


def job_column(key: str) -> JobColumn:
    """The column with a key."""
    return _BY_KEY[key]


def chosen(keys: Collection[str]) -> tuple[JobColumn, ...]:
    """The fixed columns and those of these keys, in the table's order."""
    return tuple(item for item in COLUMNS if not item.optional or item.key in keys)


_PERCENT_ONLY = Column("progress", "DONE", 4, align=Align.RIGHT)
"""The progress in a list that is too narrow for bars."""


def fitted(
    items: Sequence[JobColumn], width: int, *, id_width: int = 8, with_id: bool = True
) -> tuple[Column, ...]:
    """The columns for a list, with their widths in cells; no IDs beside the details, which show the ID."""
    columns = []
    for item in items:
        cells = item.width_in(width)
        if item.key == "id" and cells:
            cells = id_width if with_id else 0
        if cells:
            columns.append(
                Column(
                    item.key,
                    item.label,
                    cells,
                    item.grow,
                    item.max_width,
                    item.align,
                    item.rank,
                    item.spanned,
                )
            )
        elif item.key == "progress":
            columns.append(_PERCENT_ONLY)
    return tuple(columns)
