"""The watch list on paper: a table for people, and lines about one job each."""

import shutil
import sys
import unicodedata
from collections.abc import Callable, Sequence
from typing import TextIO

from app.presentation.glyphs import glyphs
from app.presentation.ordering import ShortIds
from app.presentation.rows import RowMaker
from app.watch.watched import Watched

_COLUMNS = (
    ("status", "STATUS"),
    ("progress", "DONE"),
    ("stage", "STAGE"),
    ("title", "TITLE"),
    ("age", "AGE"),
    ("id", "ID"),
)
_NARROWEST_TITLE = 8


def on_terminal(stream: TextIO | None) -> bool:
    """Whether somebody looks at this stream; one that was closed before we started is None."""
    return stream is not None and stream.isatty()


def table(
    entries: Sequence[Watched],
    now: float,
    interval: Callable[[Watched], float | None],
    *,
    plain: bool,
) -> str:
    """Jobs as a table that fits the terminal; elsewhere nothing is cut, and IDs are whole.

    Args:
        entries: The jobs, in order.
        now: Seconds since the epoch.
        interval: The seconds between two polls of a job, to tell whether its data is old.
        plain: Whether to draw with ASCII alone.
    """
    piped = not on_terminal(sys.stdout)
    maker = RowMaker(glyphs(plain=plain), ShortIds(entry.id for entry in entries), (), interval)
    texts = [maker.row(entry, now).texts for entry in entries]
    cells = [
        [entry.id if key == "id" and piped else row.get(key, "") for key, _ in _COLUMNS]
        for entry, row in zip(entries, texts, strict=True)
    ]
    lines = [[label for _, label in _COLUMNS], *cells]
    widths = [max(width_of(line[place]) for line in lines) for place in range(len(_COLUMNS))]
    if not piped:
        spare = shutil.get_terminal_size().columns - sum(widths) - 2 * (len(widths) - 1)
        title = [key for key, _ in _COLUMNS].index("title")
        widths[title] = max(_NARROWEST_TITLE, widths[title] + min(0, spare))
    return "\n".join(
        "  ".join(fit(text, width, plain=plain) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def title_of(entry: Watched, *, whole: bool = False) -> str:
    """What to call a job in a sentence.

    Args:
        entry: The job.
        whole: Whether its ID is to stand there in full even if it has a title.
    """
    title = entry.job.title if entry.job else None
    return f"{title} ({entry.id if whole else entry.id[:8]})" if title else entry.id


def state_of(entry: Watched, now: float) -> str:
    """A job's status, stage and progress in words.

    Args:
        entry: The job.
        now: Seconds since the epoch.
    """
    job = entry.job
    parts = [entry.status_text(now)]
    if job and not entry.finished:
        parts += [job.stage] if job.stage else []
        parts += [f"{job.percent}%"] if job.percent is not None else []
    return ", ".join(parts)


def fit(text: str, width: int, *, plain: bool) -> str:
    """A text made to fill exactly so many cells."""
    if (used := width_of(text)) <= width:
        return text + " " * (width - used)
    kept, used = "", 0
    for char in text:
        cells = width_of(char)
        if used + cells > width - 1:
            break
        kept, used = kept + char, used + cells
    return kept + ("~" if plain else "\N{HORIZONTAL ELLIPSIS}") + " " * (width - 1 - used)


def width_of(text: str) -> int:
    """How many cells of a terminal a safe text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def _cells(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1
