"""The sort order, filter, columns, layout and theme, saved as JSON in the database for the next start."""

from contextlib import suppress
from enum import StrEnum
from typing import NamedTuple

from app.presentation.columns import CHOICES, KEYS, USUAL
from app.settings.schema import Settings

PREFERENCE = "dashboard"
"""The name of the preference in the database."""

_DEFAULT_COLUMNS = tuple(key for key in USUAL if key in CHOICES)


class Layout(StrEnum):
    """How much is shown around the list."""

    AUTO = "auto"
    COMPACT = "compact"
    FULL = "full"


class ViewState(NamedTuple):
    """The user's choices that are saved."""

    sort: str = "status"  # the key of a column
    reverse: bool = False
    filter: str = ""
    columns: tuple[str, ...] = _DEFAULT_COLUMNS  # the keys of the chosen ones, without the fixed ones
    layout: Layout = Layout.AUTO
    theme: str = ""  # its name; empty for the one in the settings

    def to_json(self) -> str:
        """The text that `load` reads."""
        import json

        return json.dumps(self._asdict())


def load(text: str | None, settings: Settings) -> ViewState:
    """Read a saved state, ignoring values that are no longer valid; explicit settings take precedence."""
    saved: object = None
    if text:
        import json  # not needed at the first start

        with suppress(ValueError):
            saved = json.loads(text)
    if not isinstance(saved, dict):
        saved = {}
    default = ViewState()
    columns = saved.get("columns")
    layout, sort = saved.get("layout"), saved.get("sort")
    if settings.sources.get("sort", "default") != "default":
        sort = settings.sort
    if settings.sources.get("columns", "default") != "default":
        columns = [key.strip() for key in settings.columns.split(",")]
    return ViewState(
        sort=sort if isinstance(sort, str) and sort in KEYS else default.sort,
        reverse=saved.get("reverse") is True,
        filter=saved["filter"] if isinstance(saved.get("filter"), str) else "",
        columns=tuple(key for key in columns if key in CHOICES)
        if isinstance(columns, list)
        else default.columns,
        layout=Layout(layout) if layout in list(Layout) else default.layout,
        theme=saved["theme"] if isinstance(saved.get("theme"), str) else "",
    )
