"""The two themes of dwtop, and the roles that every theme gives colours to.

A role is what a colour is for; style sheets and drawings name it as a variable, `$dw-attention`. Each text role has a
second colour for raised grounds (the cursor row, fields, buttons, toasts): `$dw-attention-raised`. Our own themes use
colours of the xterm-256 palette alone, so that they look the same over SSH and in tmux without true colour.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from textual.color import Color, ColorParseError
from textual.theme import Theme

LEAST_CONTRAST = 4.5
"""The contrast ratio of text and background required by WCAG 2.1, level AA."""

GROUNDS = ("ground", "panel", "cursor", "field")
"""Roles of backgrounds; fields look raised, like the cursor row."""

TEXTS = (
    "text",
    "secondary",
    "faint",
    "running",
    "attention",
    "stalled",
    "done",
    "waiting",
    "accent",
)
"""Roles of text, each with a `-raised` twin."""

SHAPES = ("rule", "track")
"""Roles of lines, which need no contrast for reading; `track` has a `-raised` twin too."""


SIXTEEN_COLORS = "ansi-dark"
"""The theme for terminals of 16 colours, which would map the shades of the others to unrelated colours."""


def _roles(prefixless: Mapping[str, str]) -> dict[str, str]:
    return {f"dw-{name}": color for name, color in prefixless.items()}


def _own_theme(name: str, roles: Mapping[str, str], *, dark: bool) -> Theme:
    """A theme of our own, whose colours for Textual's widgets are those of the roles."""
    return Theme(
        name=name,
        primary=roles["running"],
        secondary=roles["secondary"],
        warning=roles["stalled"],
        error=roles["attention"],
        success=roles["done"],
        accent=roles["accent"],
        foreground=roles["text"],
        background=roles["ground"],
        surface=roles["panel"],
        panel=roles["panel"],
        dark=dark,
        variables={
            **_roles(roles),
            "block-cursor-background": roles["cursor"],
            "block-cursor-foreground": roles["text-raised"],
            "block-cursor-blurred-background": roles["cursor"],
            "block-cursor-blurred-foreground": roles["text-raised"],
            "block-hover-background": roles["cursor"],
            "border": roles["accent"],
            "border-blurred": roles["rule"],
            "foreground-muted": roles["secondary"],
            "foreground-disabled": roles["faint"],
            "text-primary": roles["running"],
            "text-secondary": roles["secondary"],
            "text-warning": roles["stalled"],
            "text-error": roles["attention"],
            "text-success": roles["done"],
            "text-accent": roles["accent"],
            "text-muted": roles["secondary"],
            "input-cursor-background": roles["text"],
            "input-cursor-foreground": roles["ground"],
            "input-selection-background": roles["track"],
        },
    )


DARK = _own_theme(
    "dwtop-dark",
    {
        "ground": "#121212",
        "panel": "#1c1c1c",
        "cursor": "#303030",
        "field": "#303030",
        "text": "#dadada",
        "text-raised": "#eeeeee",
        "secondary": "#9e9e9e",
        "secondary-raised": "#b2b2b2",
        "faint": "#8a8a8a",
        "faint-raised": "#a8a8a8",
        "rule": "#3a3a3a",
        "track": "#585858",
        "track-raised": "#767676",
        "running": "#5fafff",
        "running-raised": "#87afff",
        "attention": "#ff5f5f",
        "attention-raised": "#ff8787",
        "stalled": "#ffaf5f",
        "stalled-raised": "#ffaf5f",
        "done": "#87af87",
        "done-raised": "#87af87",
        "waiting": "#9e9e9e",
        "waiting-raised": "#b2b2b2",
        "accent": "#d7afff",
        "accent-raised": "#d7afff",
    },
    dark=True,
)

LIGHT = _own_theme(
    "dwtop-light",
    {
        "ground": "#ffffff",
        "panel": "#eeeeee",
        "cursor": "#e4e4e4",
        "field": "#e4e4e4",
        "text": "#262626",
        "text-raised": "#121212",
        "secondary": "#585858",
        "secondary-raised": "#4e4e4e",
        "faint": "#6c6c6c",
        "faint-raised": "#5f5f5f",
        "rule": "#d0d0d0",
        "track": "#a8a8a8",
        "track-raised": "#8a8a8a",
        "running": "#005faf",
        "running-raised": "#005faf",
        "attention": "#af0000",
        "attention-raised": "#af0000",
        "stalled": "#875f00",
        "stalled-raised": "#5f5f00",
        "done": "#005f00",
        "done-raised": "#005f00",
        "waiting": "#585858",
        "waiting-raised": "#4e4e4e",
        "accent": "#5f00af",
        "accent-raised": "#5f00af",
    },
    dark=False,
)

_BASES = ("foreground", "background", "surface", "panel")
COLORS = ("primary", "secondary", "accent", "success", "warning", "error", *_BASES)
"""The colours that a theme can have; `theme_of` fills in those that are missing."""

_SIXTEEN_COLORS = {
    **dict.fromkeys(GROUNDS, "ansi_default"),
    **dict.fromkeys(("text", "secondary", "faint", "waiting"), "ansi_default"),
    **dict.fromkeys((*SHAPES, "track-raised"), "ansi_bright_black"),
    "running": "ansi_bright_blue",
    "attention": "ansi_bright_red",
    "stalled": "ansi_bright_yellow",
    "done": "ansi_green",
    "accent": "ansi_magenta",
    # The cursor row is reversed, where tones would be grounds.
    **{f"{name}-raised": "ansi_default" for name in TEXTS},
}


def theme_of(name: str, colors: dict[str, str]) -> Theme:
    """A theme of these colours, by their names in `COLORS`. It is a light one if its background is."""
    dark = Color.parse(colors.get("background", "black")).brightness < 0.5
    changes: dict[str, Any] = dict.fromkeys(_BASES) | colors
    return replace(DARK if dark else LIGHT, name=name, variables={}, **changes)


def is_color(text: str) -> bool:
    """Whether a text is the name or the digits of an opaque colour."""
    try:
        return Color.parse(text).a == 1.0
    except ColorParseError:
        return False


def role_defaults(theme: Theme) -> dict[str, str]:
    """The roles of a theme that is not ours: its own colours, moved towards its text until they can be read.

    Args:
        theme: Any theme.

    Returns:
        Colours by variable, `dw-text` and so on.
    """
    if theme.ansi:
        return _roles(_SIXTEEN_COLORS)
    if all(f"dw-{name}" in theme.variables for name in TEXTS):
        return {}
    colors = theme.to_color_system().generate()
    ground, panel, text = (Color.parse(colors[name]) for name in ("background", "panel", "foreground"))
    cursor = ground.blend(text, 0.15)
    tones = {
        "text": text,
        "secondary": text.blend(ground, 0.3),
        "faint": text.blend(ground, 0.4),
        "running": Color.parse(colors["primary"]),
        "attention": Color.parse(colors["error"]),
        "stalled": Color.parse(colors["warning"]),
        "done": Color.parse(colors["success"]),
        "waiting": text.blend(ground, 0.3),
        "accent": Color.parse(colors["accent"]),
    }
    roles = {
        "ground": ground,
        "panel": panel,
        "cursor": cursor,
        "field": cursor,
        "rule": ground.blend(text, 0.2),
        "track": ground.blend(text, 0.35),
        "track-raised": ground.blend(text, 0.45),
    }
    for name, tone in tones.items():
        roles[name] = _legible(tone, ground, panel)
        roles[f"{name}-raised"] = _legible(tone, cursor)
    return _roles({name: color.hex6 for name, color in roles.items()})


def contrast(color: Color, ground: Color) -> float:
    """The contrast ratio of two colours after WCAG 2.1, from 1.0 to 21.0."""
    lighter, darker = sorted((_luminance(color), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _legible(color: Color, *grounds: Color) -> Color:
    """This colour if it stands out against every ground, else the nearest lighter or darker one that does."""
    white, black = Color(255, 255, 255), Color(0, 0, 0)
    candidates = [color.blend(end, step / 20) for step in range(21) for end in (white, black)]
    legible = (
        candidate
        for candidate in candidates
        if all(contrast(candidate, ground) >= LEAST_CONTRAST for ground in grounds)
    )
    return next(legible, color.get_contrast_text())


def _luminance(color: Color) -> float:
    """The relative luminance of a colour after WCAG 2.1, from 0.0 to 1.0."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
