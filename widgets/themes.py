"""The two themes of dwtop, and the roles for which every theme has colours.

A role is what a colour is for; stylesheets and drawings name it as a variable, `$dw-attention`. Each text role has a
second colour for raised backgrounds (the cursor row, fields, buttons, toasts): `$dw-attention-raised`. Our own themes
use only colours of the xterm-256 palette, so they look the same over SSH and in tmux without true colour.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from textual.color import Color, ColorParseError
from textual.theme import Theme

MIN_CONTRAST = 4.5
"""The contrast ratio of text and background required by WCAG 2.1, level AA."""

GROUNDS = ("ground", "panel", "cursor", "field")
"""Roles of backgrounds. Fields look raised, like the cursor row."""

TEXTS = ("text", "secondary", "faint", "running", "attention", "stalled", "done", "waiting", "accent")
"""Roles of text, each with a `-raised` variant."""

SHAPES = ("rule", "track")
"""Roles of lines, which need less contrast than text; `track` also has a `-raised` variant."""

DIM = ("secondary", "faint", "waiting")
"""Roles of text that is drawn dim in the terminal's own colours, which have no greys."""


def _variables(roles: Mapping[str, str]) -> dict[str, str]:
    return {f"dw-{name}": color for name, color in roles.items()}


_OWN_COLORS = {
    # role: (dark, dark and raised, light, light and raised)
    "ground": ("#121212", "", "#ffffff", ""),
    "panel": ("#1c1c1c", "", "#eeeeee", ""),
    "cursor": ("#303030", "", "#e4e4e4", ""),
    "field": ("#303030", "", "#e4e4e4", ""),
    "text": ("#dadada", "#eeeeee", "#262626", "#121212"),
    "secondary": ("#9e9e9e", "#b2b2b2", "#585858", "#4e4e4e"),
    "faint": ("#8a8a8a", "#a8a8a8", "#6c6c6c", "#5f5f5f"),
    "rule": ("#3a3a3a", "", "#d0d0d0", ""),
    "track": ("#585858", "#767676", "#a8a8a8", "#8a8a8a"),
    "running": ("#5fafff", "#87afff", "#005faf", "#005faf"),
    "attention": ("#ff5f5f", "#ff8787", "#af0000", "#af0000"),
    "stalled": ("#ffaf5f", "#ffaf5f", "#875f00", "#5f5f00"),
    "done": ("#87af87", "#87af87", "#005f00", "#005f00"),
    "waiting": ("#9e9e9e", "#b2b2b2", "#585858", "#4e4e4e"),
    "accent": ("#d7afff", "#d7afff", "#5f00af", "#5f00af"),
}


def _own_theme(name: str, *, dark: bool) -> Theme:
    """A theme of our own, in which Textual's widgets have the colours of the roles."""
    roles = {}
    for role, colors in _OWN_COLORS.items():
        roles[role], raised = colors[:2] if dark else colors[2:]
        if raised:
            roles[f"{role}-raised"] = raised
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
            **_variables(roles),
            "block-cursor-background": roles["cursor"],
            "block-cursor-foreground": roles["text-raised"],
            "block-hover-background": roles["cursor"],
            "input-cursor-background": roles["text"],
            "input-cursor-foreground": roles["ground"],
            "input-selection-background": roles["track"],
        },
    )


DARK = _own_theme("dwtop-dark", dark=True)
LIGHT = _own_theme("dwtop-light", dark=False)

IN_SIXTEEN_COLORS = {DARK.name: "ansi-dark", LIGHT.name: "ansi-light"}
"""What replaces our themes on terminals of 16 colours, which would map their shades to unrelated colours."""

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
    # The cursor row is drawn in reverse, which would make text colours its background.
    **{f"{name}-raised": "ansi_default" for name in TEXTS},
}


def theme_of(name: str, colors: dict[str, str]) -> Theme:
    """A theme of these colours, by their names in `COLORS`; light if its background is."""
    dark = Color.parse(colors.get("background", "black")).brightness < 0.5
    changes: dict[str, Any] = dict.fromkeys(_BASES) | colors
    return replace(DARK if dark else LIGHT, name=name, variables={}, **changes)


def is_color(text: str) -> bool:
    """Whether a text is the name or the hex digits of an opaque colour."""
    try:
        return Color.parse(text).a == 1.0
    except ColorParseError:
        return False


def role_defaults(theme: Theme) -> dict[str, str]:
    """The role variables of a theme that is not ours: its own colours, adjusted where they would be hard to read."""
    if theme.ansi:
        # The bright colours are hard to read on white.
        darker = {} if theme.dark else {name: _SIXTEEN_COLORS[name].replace("bright_", "") for name in TEXTS}
        return _variables(_SIXTEEN_COLORS | darker)
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
    return _variables({name: color.hex6 for name, color in roles.items()})


def contrast(color: Color, ground: Color) -> float:
    """The contrast ratio of two colours as WCAG 2.1 defines it, from 1.0 to 21.0."""
    lighter, darker = sorted((_luminance(color), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _legible(color: Color, *grounds: Color) -> Color:
    """The colour if it has enough contrast with every background, else the nearest lighter or darker one that does."""
    for step in range(21):
        for end in (Color(255, 255, 255), Color(0, 0, 0)):
            nearby = color.blend(end, step / 20)
            if all(contrast(nearby, ground) >= MIN_CONTRAST for ground in grounds):
                return nearby
    return color.get_contrast_text()


def _luminance(color: Color) -> float:
    """The relative luminance of a colour as WCAG 2.1 defines it, from 0.0 to 1.0."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
