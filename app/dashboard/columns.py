"""The columns of the job table: what each shows of a job, and how it sorts."""

from collections.abc import Callable
from dataclasses import dataclass

from app.job import Group
from app.watch.watched import Watched
from widgets.model import Align, Column

SortKey = Callable[[Watched], tuple[object, ...]]

_FIRST = {Group.ATTENTION: 0, Group.RUNNING: 1, Group.WAITING: 2, Group.DONE: 3}


@dataclass(frozen=True, slots=True)
class JobColumn:
    """A column of the table.

    Attributes:
        column: How wide it is, and what its header says.
        sort: What it sorts by; what stands equal keeps the order in which it was added.
        name: What it is called in a sentence.
    """

    column: Column
    sort: SortKey | None
    name: str


def _by_text(text: Callable[[Watched], str | None]) -> SortKey:
    """Sort by a text, whatever its case; what has none comes last."""

    def key(entry: Watched) -> tuple[object, ...]:
        value = text(entry)
        return (value is None, (value or "").casefold())

    return key


def _by_number(number: Callable[[Watched], float | None]) -> SortKey:
    """Sort by a number, the largest first; what has none comes last."""

    def key(entry: Watched) -> tuple[object, ...]:
        value = number(entry)
        return (value is None, -(value or 0.0))

    return key


def _by_group(entry: Watched) -> tuple[object, ...]:
    return (_FIRST[entry.group],)


COLUMNS: tuple[JobColumn, ...] = (
    JobColumn(Column("mark", "", 1), None, "mark"),
    JobColumn(Column("status", "STATUS", 13, grow=2, most=33), _by_group, "status"),
    JobColumn(
        Column("title", "TITLE", 9, grow=8),
        _by_text(lambda entry: entry.job.title if entry.job else None),
        "title",
    ),
    JobColumn(
        Column("progress", "PROGRESS", 8, grow=3, most=26),
        _by_number(lambda entry: entry.job.fraction if entry.job else None),
        "progress",
    ),
    JobColumn(
        Column("stage", "STAGE", 12, grow=3, most=24, rank=2),
        _by_text(lambda entry: entry.job.stage if entry.job else None),
        "stage",
    ),
    JobColumn(Column("eta", "ETA", 5, align=Align.RIGHT, rank=1), None, "ETA"),
    JobColumn(
        Column("age", "AGE", 4, align=Align.RIGHT, rank=3),
        _by_number(lambda entry: -entry.fetched_at if entry.fetched_at is not None else None),
        "age",
    ),
    JobColumn(Column("id", "ID", 8, most=36, rank=4), _by_text(lambda entry: entry.id), "ID"),
)
"""From left to right. The first three that stay in the narrowest pane are status, title and progress."""

SORTABLE: tuple[str, ...] = tuple(item.column.key for item in COLUMNS if item.sort)
"""The keys of the columns that the table can be sorted by, in order."""

_BY_KEY = {item.column.key: item for item in COLUMNS}


def job_column(key: str) -> JobColumn:
    """The column with a key."""
    return _BY_KEY[key]
