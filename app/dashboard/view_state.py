"""How a person left the screen, kept for the next time: a small piece of JSON in the database."""

from enum import StrEnum
from typing import NamedTuple

from app.presentation.columns import CHOICES, USUAL, job_column
from app.settings.schema import Settings

NAME = "dashboard"
"""The name under which it is remembered."""


_USUAL = tuple(key for key in USUAL if key in CHOICES)


class Layout(StrEnum):
    """How much stands around the list."""

    AUTO = "auto"
    COMPACT = "compact"
    FULL = "full"


class ViewState(NamedTuple):
    """What is kept.

    Attributes:
        sort: The key of the column that the list is sorted by.
        reverse: Whether the last comes first.
        filter: The filter in force.
        columns: The columns on the screen, the fixed ones aside.
        layout: How much stands around the list.
        theme: The colours; empty for those of the settings.
    """

    sort: str = "status"
    reverse: bool = False
    filter: str = ""
    columns: tuple[str, ...] = _USUAL
    layout: Layout = Layout.AUTO
    theme: str = ""

    def text(self) -> str:
        """The same as a text to keep."""
        import json

        return json.dumps(self._asdict())


def load(text: str | None, settings: Settings) -> ViewState:
    """What was kept, as far as it still makes sense; what a setting says outright goes before it.

    Args:
        text: As `ViewState.text` gave it, or anything else, or None.
        settings: In force.
    """
    kept: object = {}
    try:
        if text:
            import json  # only here: at the very first start there is nothing to read

            kept = json.loads(text)
    except ValueError:
        kept = {}
    if not isinstance(kept, dict):
        kept = {}
    usual = ViewState()
    columns = kept.get("columns")
    layout, sort = kept.get("layout"), kept.get("sort")
    if settings.sources.get("sort", "default") != "default":
        sort = settings.sort
    if settings.sources.get("columns", "default") != "default":
        columns = [key.strip() for key in settings.columns.split(",")]
    return ViewState(
        sort if isinstance(sort, str) and _sortable(sort) else usual.sort,
        kept.get("reverse") is True,
        kept["filter"] if isinstance(kept.get("filter"), str) else "",
        tuple(key for key in columns if key in CHOICES) if isinstance(columns, list) else usual.columns,
        Layout(layout) if layout in list(Layout) else usual.layout,
        kept["theme"] if isinstance(kept.get("theme"), str) else "",
    )


def _known(key: str) -> bool:
    try:
        job_column(key)
    except KeyError:
        return False
    return True


def _sortable(key: str) -> bool:
    return _known(key) and job_column(key).sort is not None
