"""Settings that name a theme, column, key, command or fact that does not exist.

Each value by itself has the right type, so reading the settings accepts it. Nothing here imports Textual, and what
was left at its default is not looked at: commands run these checks at every start.
"""

from collections.abc import Callable, Iterator

from app.settings.errors import SettingsError
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
"""Our own themes, and those built into Textual."""


def problems(settings: Settings) -> Iterator[SettingsError]:
    """Everything in these settings that does not exist, one error each."""
    for key, check in _CHECKS.items():
        if settings.sources.get(key, "default") != "default":
            try:
                check(settings, key)
            except SettingsError as error:
                yield error


def _check_theme(settings: Settings, key: str) -> None:
    if settings.theme not in THEMES:
        raise settings.error(key, f'names no theme ("{settings.theme}"). Choose one of: {", ".join(THEMES)}')


def _check_sort(settings: Settings, key: str) -> None:
    from app.presentation.columns import COLUMNS

    sortable = [item.column.key for item in COLUMNS if item.sort]
    if settings.sort not in sortable:
        raise settings.error(
            key, f"names no column that the list can be sorted by; there are {', '.join(sortable)}"
        )


def _check_columns(settings: Settings, key: str) -> None:
    from app.presentation.columns import CHOICES, FIXED

    for name in filter(None, map(str.strip, settings.columns.split(","))):
        if name not in CHOICES and name not in FIXED:
            raise settings.error(
                key, f"names a column {name!r} that does not exist; there are {', '.join(CHOICES)}"
            )


def _check_command(settings: Settings, key: str) -> None:
    import shlex

    try:
        words = shlex.split(settings.value(key))
    except ValueError:
        raise settings.error(key, "has a quote or a backslash without its other half; add it") from None
    if not words:
        raise settings.error(key, "names no command; name one, or leave the setting out")


def _check_tmux_format(settings: Settings, key: str) -> None:
    from app.cli.tmux_status import FormatError, line
    from app.store.counts_query import JobCounts

    try:
        line(JobCounts(), settings.tmux_format, 0.0, plain=True)
    except FormatError as error:
        raise settings.error(key, str(error)) from None


def _check_keys(settings: Settings, key: str) -> None:
    from app.presentation.keymap import keymap_of

    keymap_of(settings)


_CHECKS: dict[str, Callable[[Settings, str], None]] = {
    "theme": _check_theme,
    "sort": _check_sort,
    "columns": _check_columns,
    "keys": _check_keys,
    "token_command": _check_command,
    "hooks.on_finish": _check_command,
    "hooks.on_attention": _check_command,
    "tmux_format": _check_tmux_format,
}
