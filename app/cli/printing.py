"""The watch list on paper: a table for people, JSON for programs."""

import json
import shutil
import sys
from collections.abc import Callable, Sequence

from rich.cells import cell_len, set_cell_size

from app.dashboard.glyphs import glyphs
from app.dashboard.order import ShortIds
from app.dashboard.rows import RowMaker
from app.watch.record import VERSION, job_object
from app.watch.watched import Watched

_COLUMNS = (
    ("status", "STATUS"),
    ("progress", "DONE"),
    ("stage", "STAGE"),
    ("title", "TITLE"),
    ("age", "AGE"),
    ("id", "ID"),
)


def table(
    entries: Sequence[Watched],
    now: float,
    interval: Callable[[Watched], float | None],
    *,
    plain: bool,
    whole_ids: bool = False,
) -> str:
    """Jobs as a table that fits the terminal; elsewhere nothing is cut.

    Args:
        entries: The jobs, in order.
        now: Seconds since the epoch.
        interval: The seconds between two polls of a job, to tell whether its data is old.
        plain: Whether to draw with ASCII alone.
        whole_ids: Whether to print IDs in full.
    """
    maker = RowMaker(
        glyphs(plain=plain), ShortIds(entry.id for entry in entries), (), interval, lambda entry: ""
    )
    texts = [maker.row(entry, now).texts for entry in entries]
    cells = [
        [entry.id if key == "id" and whole_ids else row.get(key, "") for key, _ in _COLUMNS]
        for entry, row in zip(entries, texts, strict=True)
    ]
    lines = [[label for _, label in _COLUMNS], *cells]
    widths = [max(cell_len(line[place]) for line in lines) for place in range(len(_COLUMNS))]
    if sys.stdout.isatty():
        spare = shutil.get_terminal_size().columns - sum(widths) - 2 * (len(widths) - 1)
        title = [key for key, _ in _COLUMNS].index("title")
        widths[title] = max(8, widths[title] + min(0, spare))
    return "\n".join(
        "  ".join(_fit(text, width, plain) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def document(entries: Sequence[Watched]) -> str:
    """Jobs as one JSON document."""
    return json.dumps({"version": VERSION, "jobs": [job_object(entry) for entry in entries]}, indent=2)


def _fit(text: str, width: int, plain: bool) -> str:
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, width - 1) + ("~" if plain else "\N{HORIZONTAL ELLIPSIS}")
