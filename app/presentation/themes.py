"""The themes to choose from, and the user's own themes, which the settings define."""

from app.settings.schema import Settings

THEMES = (
    "ansi-dark",
    "ansi-light",
    "atom-one-dark",
    "atom-one-light",
    "catppuccin-frappe",
    "catppuccin-latte",
    "catppuccin-macchiato",
    "catppuccin-mocha",
    "dracula",
    "dwtop-dark",
    "dwtop-light",
    "flexoki",
    "gruvbox",
    "monokai",
    "nord",
    "rose-pine",
    "rose-pine-dawn",
    "rose-pine-moon",
    "solarized-dark",
    "solarized-light",
    "textual-dark",
    "textual-light",
    "tokyo-night",
)
"""Our own themes and those built into Textual, listed here so that commands need not import Textual."""


def user_themes(settings: Settings) -> dict[str, dict[str, str]]:
    """The themes that the user defines in the settings, by name: the colours that each of them has.

    Raises:
        SettingsError: An entry is not a colour.
    """
    from widgets.themes import COLORS, is_color  # which imports Textual

    themes: dict[str, dict[str, str]] = {}
    for key, color in settings.themes.items():
        name, _, part = key.rpartition(".")
        entry = f"themes.{key}"
        if not name or part not in COLORS:
            raise settings.error(entry, f"is not a colour; below [themes.NAME], set {', '.join(COLORS)}")
        if not is_color(color):
            raise settings.error(entry, f'must be a colour such as "#5fafff" or "teal", not {color!r}')
        themes.setdefault(name, {})[part] = color
    return themes
