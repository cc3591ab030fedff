"""The columns of the job table: their content, width and sort order."""

import math
import sys
from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

from app.job import Cadence, Group, Job
from app.presentation import durations, sentences
from app.watch.forecast.texts import about_minutes
from app.watch.watched import Watched
from widgets.model import WIDE_LIST_CELLS, Cell, Column, Tone

_GROUP_SPAN_SECONDS = 1e11
"""Seconds between the sort keys of two groups: more than any time since the epoch."""

_GROUP_START = {
    group: place * _GROUP_SPAN_SECONDS
    for place, group in enumerate((Group.ATTENTION, Group.RUNNING, Group.WAITING, Group.DONE))
}
# Looking up an enum member takes half as long as the rest of a sort key.
_RUNNING, _WAITING = Group.RUNNING, Group.WAITING

_LAST_TEXT = chr(sys.maxunicode)
"""Sorts after all other texts."""


class CellFacts(NamedTuple):
    """What a cell depends on besides the job."""

    now: float  # in seconds since the epoch
    short_id: str
    columns: Collection[str]  # the keys of all columns on the screen
    stale: bool = False  # whether the job's data is older than it should be
    unseen: bool = False  # whether the job has ended since the last key press


class SortFacts(NamedTuple):
    """What the order depends on besides the jobs."""

    now: float = 0.0  # in seconds since the epoch
    is_stale: Callable[[Watched], bool] = lambda entry: False


SortKey = Callable[[SortFacts, Watched], Any]
"""Returns a plain text or number for a job, since sorting 10,000 tuples takes three times as long.

A number is rounded as in the column, so that jobs that look the same there compare equal.
"""


class JobColumn(NamedTuple):
    """A column of the table, and how it is filled from a job."""

    column: Column  # a column of rank 0 is fixed: the user cannot hide it
    name: str  # in a sentence
    cell: Callable[[Watched, CellFacts], Cell]
    sort: SortKey
    reversed: str = "reversed"  # the name of its reversed order in a sentence
    rounds: bool = False  # whether it shows a rounded number that changes with time


def title_of(entry: Watched, short_id: str) -> str:
    """A job's title, or what is shown in its place."""
    if entry.job is None:
        return short_id
    return entry.job.title or f"untitled {short_id}"


# What the columns show


def _title(entry: Watched, facts: CellFacts) -> Cell:
    text = title_of(entry, facts.short_id)
    attention = entry.group is Group.ATTENTION
    quiet = (entry.group is Group.DONE and not facts.unseen) or not (entry.job and entry.job.title)
    return Cell(text, Tone.SECONDARY if quiet and not attention else Tone.PLAIN, attention)


def _status(entry: Watched, facts: CellFacts) -> Cell:
    stalled = entry.stalled_since is not None
    return Cell(sentences.short_status(entry, facts.now), Tone.STALLED if stalled else Tone.SECONDARY)


def _progress(entry: Watched, facts: CellFacts) -> Cell:
    return Cell(sentences.percent_text(entry), Tone.PLAIN if entry.running else Tone.SECONDARY)


def _stage(entry: Watched, facts: CellFacts) -> Cell:
    stalled = entry.stalled_since is not None
    tone = Tone.STALLED if stalled else Tone.SECONDARY if facts.stale else Tone.PLAIN
    return Cell(sentences.stage_text(entry, facts.now, beside_status="status" in facts.columns), tone)


def _time(entry: Watched, facts: CellFacts) -> Cell:
    said_elsewhere = not entry.running or "status" in facts.columns or "stage" in facts.columns
    if not said_elsewhere and sentences.cancel_outcome(entry, facts.now):
        return Cell(sentences.short_status(entry, facts.now), Tone.SECONDARY)
    if facts.stale and entry.fetched_at is not None:
        moment = durations.clock_or_day(entry.fetched_at, facts.now)
        is_day = " " in moment  # the column has no room for `at Nov 23`
        return Cell(moment if is_day else f"at {moment}", Tone.STALLED)
    text = sentences.time_text(entry, facts.now)
    if entry.finished:
        return Cell(text, Tone.SECONDARY if entry.group is Group.ATTENTION else Tone.FAINT)
    finish = entry.expected_finish
    soon = finish is not None and about_minutes(finish - facts.now) == 0
    return Cell(text, Tone.RUNNING if soon else Tone.PLAIN, bold=soon)


def _created(entry: Watched, facts: CellFacts) -> Cell:
    return Cell(durations.clock_time(entry.job.created_at, facts.now) if entry.job else "", Tone.SECONDARY)


def _elapsed(entry: Watched, facts: CellFacts) -> Cell:
    seconds = sentences.elapsed_seconds(entry, facts.now)
    return Cell("" if seconds is None else durations.age(seconds), Tone.SECONDARY)


def _age(entry: Watched, facts: CellFacts) -> Cell:
    if entry.fetched_at is None or not facts.stale:
        return Cell()
    return Cell(durations.age(facts.now - entry.fetched_at), Tone.STALLED)


# What they sort by


def _by_text(read: Callable[[Job], str | None]) -> SortKey:
    """Sort by a text, ignoring case; jobs without one come last."""

    def key(facts: SortFacts, entry: Watched) -> str:
        text = read(entry.job) if entry.job else None
        return _LAST_TEXT if text is None else text.casefold()

    return key


def _by_status(facts: SortFacts, entry: Watched) -> float:
    """Sort by group, beginning with the jobs that need a look.

    Within a group, jobs that need a look and finished jobs: the newest first. Running jobs: the next to end first, then
    those without a forecast, by progress. Waiting jobs: submitted and queued ones before others, and the longest wait
    first.
    """
    group = entry.group
    start = _GROUP_START[group]
    job = entry.job
    if group is _RUNNING:
        finish = entry.expected_finish
        if finish is None:
            finish = _GROUP_SPAN_SECONDS / 2 - (job.percent_done or 0.0 if job else 0.0)
        return start + finish
    if group is _WAITING:
        quarter = _GROUP_SPAN_SECONDS / 4
        later = 0.0 if entry.cadence is Cadence.MEDIUM else quarter
        return start + later + (min(job.updated_at, quarter) if job else quarter)
    return start + _GROUP_SPAN_SECONDS / 2 - (job.updated_at if job else 0.0)


def _by_progress(facts: SortFacts, entry: Watched) -> float:
    percent = entry.job.percent if entry.job else None
    return math.inf if percent is None else -percent


def _by_time_left(facts: SortFacts, entry: Watched) -> float:
    finish = entry.expected_finish
    return math.inf if finish is None else about_minutes(finish - facts.now)


def _by_created(facts: SortFacts, entry: Watched) -> float:
    return -entry.job.created_at if entry.job else math.inf


def _by_elapsed(facts: SortFacts, entry: Watched) -> float:
    seconds = sentences.elapsed_seconds(entry, facts.now)
    return math.inf if seconds is None else -durations.whole_age(seconds)


def _by_age(facts: SortFacts, entry: Watched) -> float:
    if entry.fetched_at is None or not facts.is_stale(entry):
        return math.inf
    return -durations.whole_age(facts.now - entry.fetched_at)


# All columns

_WIDE = WIDE_LIST_CELLS
_WITH_ID = 120
"""A list of at least this width, in cells, shows IDs."""


def _job_text(column: Column, name: str, read: Callable[[Job], str | None]) -> JobColumn:
    """A column with one of the job's texts."""

    def cell(entry: Watched, facts: CellFacts) -> Cell:
        return Cell((read(entry.job) if entry.job else None) or "", Tone.SECONDARY)

    return JobColumn(column, name, cell, _by_text(read))


_ALL = (
    JobColumn(
        Column("title", "TITLE", ((0, 4), (_WIDE, 20)), max_width=78),
        "title",
        _title,
        _by_text(lambda job: job.title),
    ),
    JobColumn(Column("status", "STATUS", ((100, 11),), spanned=True), "status", _status, _by_status),
    JobColumn(
        Column(
            "progress",
            "PROGRESS",
            ((0, 4), (_WIDE, 11), (100, 13), (112, 15), (132, 19), (176, 25)),
            spanned=True,
            short_label="DONE",
        ),
        "progress",
        _progress,
        _by_progress,
        rounds=True,
    ),
    JobColumn(
        Column(
            "stage", "STAGE", ((_WIDE, 19), (100, 18), (112, 24)), max_width=sys.maxsize, rank=2, spanned=True
        ),
        "stage",
        _stage,
        _by_text(lambda job: sentences.stage_words(job.stage) or None),
    ),
    JobColumn(
        Column("eta", "TIME", ((0, 5), (32, 7), (60, 8)), right=True),
        "time left",
        _time,
        _by_time_left,
        rounds=True,
    ),
    _job_text(
        Column("project", "PROJECT", ((_WIDE, 8),), rank=8),
        "project",
        lambda job: job.project_id[:8] if job.project_id else None,
    ),
    _job_text(
        Column("models", "MODELS", ((_WIDE, 16),), rank=7),
        "models",
        lambda job: " ".join(filter(None, (job.writing_model, job.reasoning_model, job.function_model))),
    ),
    JobColumn(
        Column("created", "CREATED", ((_WIDE, 12),), rank=6),
        "creation time",
        _created,
        _by_created,
        reversed="oldest first",
    ),
    JobColumn(
        Column("elapsed", "ELAPSED", ((_WIDE, 7),), right=True, rank=5),
        "elapsed time",
        _elapsed,
        _by_elapsed,
        rounds=True,
    ),
    _job_text(
        Column("byok", "BYOK", ((_WIDE, 4),), rank=9), "BYOK", lambda job: "yes" if job.is_byok else None
    ),
    _job_text(
        Column("starred", "STAR", ((_WIDE, 4),), rank=10),
        "star",
        lambda job: "yes" if job.is_starred else None,
    ),
    JobColumn(Column("age", "AGE", ((_WIDE, 4),), right=True, rank=3), "age", _age, _by_age, rounds=True),
    JobColumn(
        Column("id", "ID", ((_WITH_ID, 8),), rank=4),
        "ID",
        lambda entry, facts: Cell(facts.short_id, Tone.FAINT),
        lambda facts, entry: entry.id,
    ),
)

COLUMNS = {item.column.key: item for item in _ALL}
"""All columns by their keys, from left to right; the list can be sorted by each."""

OPTIONAL = tuple(key for key, item in COLUMNS.items() if item.column.rank)
"""The keys of the columns that the user can show or hide."""


def chosen(keys: Collection[str]) -> tuple[str, ...]:
    """The keys of the fixed columns and of those chosen by the user, from left to right."""
    return tuple(key for key in COLUMNS if key in keys or key not in OPTIONAL)


def table_columns(keys: Iterable[str], id_cells: int) -> tuple[Column, ...]:
    """The table's columns with these keys. IDs are `id_cells` wide, and not shown if that is 0."""
    id_column = COLUMNS["id"].column._replace(widths=((_WITH_ID, id_cells),))
    return tuple(id_column if key == "id" else COLUMNS[key].column for key in keys)
