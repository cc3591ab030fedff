"""The sort order, filter, columns, layout and theme, saved as JSON in the database for the next start."""

from contextlib import suppress
from enum import StrEnum
from typing import NamedTuple

from app.presentation.columns import COLUMNS, OPTIONAL
from app.presentation.ordering import View
from app.settings.schema import Settings

PREFERENCE = "dashboard"
"""The name of the preference in the database."""


class Layout(StrEnum):
    """How much is shown around the list."""

    AUTO = "auto"
    COMPACT = "compact"
    FULL = "full"


class ViewState(NamedTuple):
    """The user's choices that are saved."""

    view: View
    columns: tuple[str, ...]  # the keys of the chosen columns, with or without those of the fixed ones
    layout: Layout = Layout.AUTO
    theme: str = ""  # its name; empty for the one in the settings

    def to_json(self) -> str:
        """The text that `load_view_state` reads."""
        import json

        fields = self._asdict()
        return json.dumps(fields.pop("view")._asdict() | fields)


def load_view_state(text: str | None, settings: Settings) -> ViewState:
    """The saved state; what is missing or no longer valid, or set explicitly in the settings, comes from the settings."""
    saved: object = None
    if text:
        import json  # not needed at the first start

        with suppress(ValueError):
            saved = json.loads(text)
    if not isinstance(saved, dict):
        saved = {}
    sort, columns, layout = saved.get("sort"), saved.get("columns"), saved.get("layout")
    if sort not in list(COLUMNS) or settings.is_set("sort"):
        sort = settings.sort
    if not isinstance(columns, list) or settings.is_set("columns"):
        columns = [key.strip() for key in settings.columns.split(",")]
    words, theme = (item if isinstance(item := saved.get(name), str) else "" for name in ("filter", "theme"))
    return ViewState(
        View(sort, saved.get("reverse") is True, words),
        tuple(key for key in columns if key in OPTIONAL),
        Layout(layout) if layout in list(Layout) else Layout.AUTO,
        theme,
    )
