"""The roles of colours are legible in every theme, and in our themes from the xterm-256 palette."""

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from widgets.themes import (
    COLORS,
    DARK,
    GROUNDS,
    LIGHT,
    MIN_CONTRAST,
    SHAPES,
    TEXTS,
    contrast,
    role_defaults,
    theme_of,
)

_CUBE = (0x00, 0x5F, 0x87, 0xAF, 0xD7, 0xFF)
_GREYS = range(8, 239, 10)

OURS = (DARK, LIGHT)
COLORED = [theme for theme in BUILTIN_THEMES.values() if not theme.ansi]
UNREADABLE = [
    theme_of(f"{color} on {color}", dict.fromkeys(COLORS, color))
    for color in ("black", "white", "#808080", "red")
]


def roles_of(theme: Theme) -> dict[str, str]:
    return {**role_defaults(theme), **theme.variables}


@pytest.mark.parametrize("theme", OURS, ids=lambda theme: theme.name)
def test_our_themes_use_colors_of_the_xterm_palette(theme: Theme) -> None:
    for name, value in theme.variables.items():
        red, green, blue = Color.parse(value).rgb
        grey = red == green == blue and red in _GREYS
        assert grey or {red, green, blue} <= set(_CUBE), f"{name} {value}"


@pytest.mark.parametrize("theme", [*OURS, *COLORED, *UNREADABLE], ids=lambda theme: theme.name)
def test_every_text_role_is_legible(theme: Theme) -> None:
    roles = {name: Color.parse(value) for name, value in roles_of(theme).items() if name.startswith("dw-")}
    for name in TEXTS:
        for ground in ("ground", "panel"):
            assert contrast(roles[f"dw-{name}"], roles[f"dw-{ground}"]) >= MIN_CONTRAST, name
        for ground in ("cursor", "field"):
            assert contrast(roles[f"dw-{name}-raised"], roles[f"dw-{ground}"]) >= MIN_CONTRAST, name


@pytest.mark.parametrize("theme", [*OURS, *BUILTIN_THEMES.values()], ids=lambda theme: theme.name)
def test_every_theme_has_every_role(theme: Theme) -> None:
    wanted = {*GROUNDS, *TEXTS, *SHAPES, *(f"{name}-raised" for name in (*TEXTS, "track"))}
    assert {f"dw-{name}" for name in wanted} <= roles_of(theme).keys()
