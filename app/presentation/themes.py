"""The user's own themes, from the settings."""

from typing import TYPE_CHECKING

from app.settings.schema import Settings

if TYPE_CHECKING:
    from textual.theme import Theme


def own_themes(settings: Settings) -> "list[Theme]":
    """The themes that the settings define.

    Raises:
        SettingsError: A theme has the name of a built-in one, or an entry is not a colour.
    """
    if not settings.themes:
        return []
    from widgets.themes import BUILT_IN, COLORS, is_color, theme_of

    themes: dict[str, dict[str, str]] = {}
    for key, color in settings.themes.items():
        name, _, part = key.rpartition(".")
        entry = f"themes.{key}"
        if not name or part not in COLORS:
            raise settings.error(entry, f"is no colour; below [themes.NAME], set {', '.join(COLORS)}")
        if name in BUILT_IN:
            raise settings.error(entry, "would change a built-in theme; choose another name")
        if not is_color(color):
            raise settings.error(entry, f'must be a colour such as "#5fafff" or "teal", not {color!r}')
        themes.setdefault(name, {})[part] = color
    return [theme_of(name, colors) for name, colors in themes.items()]
