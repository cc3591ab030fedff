"""Formats jobs: several as a table, or one for a sentence."""

import shutil
import sys
from collections.abc import Callable, Sequence

from rich.cells import cell_len

from app.cli.output.terminal import is_terminal
from app.presentation.columns import COLUMNS, CellFacts
from app.presentation.glyphs import glyph
from app.presentation.ordering import ShortIds
from app.presentation.rows import is_stale
from app.presentation.sentences import percent_text, progress_words, status_words
from app.watch.watched import Watched
from widgets.ascii import in_ascii
from widgets.fitting import fill

_KEYS = ("status", "progress", "stage", "title", "age", "id")
_NUMBERS = ("progress", "age")
_MIN_TITLE_CELLS = 8


def table(
    entries: Sequence[Watched],
    now: float,
    interval: Callable[[Watched], float | None],
    *,
    ascii: bool,
) -> str:
    """The jobs as a table that fits the terminal. Elsewhere nothing is cut, and IDs are in full.

    `interval` returns the seconds between two polls of a job, which decide when its data counts as old.
    """
    piped = not is_terminal(sys.stdout)
    short_ids = ShortIds(entry.id for entry in entries)
    columns = [COLUMNS[key].column for key in _KEYS]
    lines = [[column.short_label or column.label for column in columns]]
    for entry in entries:
        facts = CellFacts(now, short_ids.of(entry.id), _KEYS, is_stale(entry, interval, now))
        cells = {key: COLUMNS[key].cell(entry, facts).text for key in _KEYS}
        if piped:
            cells["id"] = entry.id
        cells["status"] = f"{glyph(entry)} {cells['status']}"
        lines.append(list(cells.values()))
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    if not piped:
        spare = shutil.get_terminal_size().columns - sum(widths) - 2 * (len(widths) - 1)
        title = _KEYS.index("title")
        widths[title] = max(_MIN_TITLE_CELLS, widths[title] + min(0, spare))
    numbers = [key in _NUMBERS for key in _KEYS]
    text = "\n".join(
        "  ".join(
            fill(text, width, right=number) for text, width, number in zip(line, widths, numbers, strict=True)
        ).rstrip()
        for line in lines
    )
    return in_ascii(text) if ascii else text


def describe_title(entry: Watched, *, full_id: bool = False) -> str:
    """The title of a job and its ID, which is shortened unless `full_id` is set."""
    title = entry.job.title if entry.job else None
    return f"{title} ({entry.id if full_id else entry.id[:8]})" if title else entry.id


def describe_state(entry: Watched, now: float) -> str:
    """A job's status, stage and progress in words."""
    progress = () if entry.finished else (progress_words(entry, now), percent_text(entry))
    return ", ".join(filter(None, (status_words(entry, now), *progress)))
