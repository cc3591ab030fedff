"""The columns of the job table: what each shows of a job, and how it sorts."""

import math
import sys
from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

from app.job import Group, Job
from app.watch.watched import Watched
from widgets.model import Align, Column

SortKey = Callable[[Watched, float], Any]
"""A plain text or number for each job at a time: 10,000 of them are sorted while a person waits, and tuples take thrice
that."""

_FIRST = {Group.ATTENTION: 0, Group.RUNNING: 1, Group.WAITING: 2, Group.DONE: 3}

_LAST = chr(sys.maxunicode)
"""A text that comes behind all others."""


class JobColumn(NamedTuple):
    """A column of the table.

    Attributes:
        column: How wide it is, and what its header says.
        sort: What it sorts by; what stands equal keeps the order in which it was added.
        name: What it is called in a sentence.
        wanted: Whether it is there unless a person says otherwise.
        ages: Whether what it shows changes by the mere passing of time.
    """

    column: Column
    sort: SortKey | None
    name: str
    wanted: bool = True
    ages: bool = False


def _by_text(text: Callable[[Watched], str | None]) -> SortKey:
    """Sort by a text, whatever its case; what has none comes last."""

    def key(entry: Watched, now: float) -> str:
        value = text(entry)
        return _LAST if value is None else value.casefold()

    return key


def _by_number(number: Callable[[Watched, float], float | None]) -> SortKey:
    """Sort by a number at a time, the largest first; what has none comes last."""

    def key(entry: Watched, now: float) -> float:
        value = number(entry, now)
        return math.inf if value is None else -value

    return key


def _by_group(entry: Watched, now: float) -> int:
    return _FIRST[entry.group]


def elapsed(entry: Watched, now: float) -> float | None:
    """Seconds from a job's creation to now, or to its end; None if nothing is known of it."""
    if entry.job is None:
        return None
    return (entry.job.updated_at if entry.finished else now) - entry.job.created_at


def _finish(entry: Watched, now: float) -> float | None:
    """Minus the time it will be done, for the soonest first."""
    return -entry.outlook.finish if entry.outlook and entry.outlook.finish is not None else None


def _job(read: Callable[[Job], str | None]) -> Callable[[Watched], str | None]:
    return lambda entry: read(entry.job) if entry.job else None


def _text_column(column: Column, name: str, read: Callable[[Job], str | None]) -> JobColumn:
    return JobColumn(column, _by_text(_job(read)), name, wanted=False)


COLUMNS: tuple[JobColumn, ...] = (
    JobColumn(Column("mark", "", 1), None, "mark"),
    JobColumn(Column("status", "STATUS", 13, grow=1, most=33), _by_group, "status"),
    JobColumn(Column("title", "TITLE", 18, grow=12), _by_text(_job(lambda job: job.title)), "title"),
    JobColumn(
        Column("progress", "PROGRESS", 9, grow=2, most=26),
        _by_number(lambda entry, now: entry.job.fraction if entry.job else None),
        "progress",
    ),
    JobColumn(
        Column("stage", "STAGE", 12, grow=3, most=24, rank=2), _by_text(_job(lambda job: job.stage)), "stage"
    ),
    JobColumn(Column("eta", "ETA", 7, align=Align.RIGHT), _by_number(_finish), "ETA", ages=True),
    _text_column(Column("project", "PROJECT", 8, rank=8), "project", lambda job: job.project_id),
    _text_column(
        Column("models", "MODELS", 10, grow=2, most=40, rank=7),
        "models",
        lambda job: " ".join(filter(None, (job.writing_model, job.reasoning_model, job.function_model))),
    ),
    JobColumn(
        Column("created", "CREATED", 12, rank=6),
        _by_number(lambda entry, now: entry.job.created_at if entry.job else None),
        "creation",
        wanted=False,
    ),
    JobColumn(
        Column("elapsed", "ELAPSED", 7, align=Align.RIGHT, rank=5),
        _by_number(elapsed),
        "elapsed time",
        wanted=False,
        ages=True,
    ),
    _text_column(Column("byok", "BYOK", 4, rank=9), "BYOK", lambda job: "yes" if job.is_byok else None),
    _text_column(
        Column("starred", "STAR", 4, rank=10), "star", lambda job: "yes" if job.is_starred else None
    ),
    JobColumn(
        Column("age", "AGE", 4, align=Align.RIGHT, rank=3),
        _by_number(lambda entry, now: -entry.fetched_at if entry.fetched_at is not None else None),
        "age",
        ages=True,
    ),
    JobColumn(Column("id", "ID", 8, most=36, rank=4), _by_text(lambda entry: entry.id), "ID"),
)
"""From left to right. The first three that stay in the narrowest pane are status, title and progress."""

FIXED = ("mark", "status", "title", "progress")
"""Columns that cannot be left out: without them a row says too little."""

CHOICES: tuple[str, ...] = tuple(item.column.key for item in COLUMNS if item.column.key not in FIXED)
"""Columns that a person may have or not."""

USUAL: tuple[str, ...] = tuple(item.column.key for item in COLUMNS if item.wanted)
"""Columns that are there unless a person says otherwise."""

_BY_KEY = {item.column.key: item for item in COLUMNS}


def job_column(key: str) -> JobColumn:
    """The column with a key."""
    return _BY_KEY[key]


def chosen(keys: Collection[str]) -> tuple[JobColumn, ...]:
    """The fixed columns and those of these keys, in the table's order."""
    return tuple(item for item in COLUMNS if item.column.key in FIXED or item.column.key in keys)


_NARROW = 46  # cells; in a narrower pane the progress has no bar, and a status no room to grow
_NO_ETA = 40  # in a narrower one there is no time left
_NARROWEST = 34  # in a narrower one a status is its sign alone


def fitted(items: Sequence[JobColumn], width: int, id_width: int, *, aged: bool = True) -> tuple[Column, ...]:
    """The columns for a pane: in a narrow one the bar gives way to words, in the narrowest the words to signs.

    Args:
        items: The columns that a person wants.
        width: The cells of the pane.
        id_width: How long the longest short ID is.
        aged: Whether there is a column for ages, if it is wanted: one with nothing in it takes room for nothing.
    """
    columns = []
    for item in items:
        column = item.column
        if column.key == "id":
            column = column._replace(width=id_width)
        elif column.key == "age" and not aged:
            continue
        elif width < _NARROW:
            if column.key == "eta" and width < _NO_ETA:
                continue
            column = _narrowed(column, width)
        columns.append(column)
    return tuple(columns)


def _narrowed(column: Column, width: int) -> Column:
    """A column as it is in a narrow pane: the title alone gives way, so that what stands beside it stays whole."""
    match column.key:
        case "status":
            return Column("sign", "", 1) if width < _NARROWEST else column._replace(grow=0)
        case "title":
            return column._replace(width=8)
        case "progress":
            return column._replace(label="DONE", width=5, grow=0, align=Align.RIGHT)
    return column
