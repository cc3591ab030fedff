"""What the settings ask of the dashboard that there is not."""

from collections.abc import Iterator

from textual.theme import BUILTIN_THEMES

from app.dashboard.keymap import keymap_of
from app.dashboard.remembered import recall
from app.settings import Settings, SettingsError


def misfits(settings: Settings) -> Iterator[SettingsError]:
    """All that keeps the dashboard from starting with these settings, though each by itself is a possible value."""
    for check in (check_theme, keymap_of, lambda settings: recall(None, settings)):
        try:
            check(settings)
        except SettingsError as error:
            yield error


def check_theme(settings: Settings) -> None:
    """See whether the theme that the settings name is one.

    Raises:
        SettingsError: There is no such theme.
    """
    if settings.theme not in BUILTIN_THEMES:
        raise settings.error("theme", f"names no theme; there are {', '.join(sorted(BUILTIN_THEMES))}")
