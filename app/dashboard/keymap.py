"""Other keys for actions, as the settings ask for them; what cannot work is an error that names the setting."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from app.dashboard import keys
from app.settings.schema import Settings
from widgets import keys as widget_keys
from widgets.keys import CHARACTERS, Key

EDITING = frozenset(
    [
        "up",
        "down",
        "left",
        "right",
        "home",
        "end",
        "pageup",
        "pagedown",
        "backspace",
        "delete",
        "f6",
        "f7",
        "ctrl+left",
        "ctrl+right",
        "ctrl+shift+left",
        "ctrl+shift+right",
        "shift+left",
        "shift+right",
        "shift+up",
        "shift+down",
        "shift+home",
        "shift+end",
        "ctrl+a",
        "ctrl+e",
        "ctrl+d",
        "ctrl+k",
        "ctrl+u",
        "ctrl+w",
        "ctrl+x",
        "ctrl+c",
        "ctrl+v",
        "ctrl+y",
        "ctrl+z",
        "ctrl+shift+a",
        "ctrl+shift+k",
        "ctrl+backspace",
        "alt+backspace",
        "alt+delete",
        "super+backspace",
        "super+c",
        "super+x",
        "super+y",
        "super+z",
        "tab",
        "shift+tab",
    ]
)
"""Keys that edit text or move within it while a text field has the focus."""

CHOOSING = frozenset(("up", "down", "home", "end", "pageup", "pagedown", "enter"))
"""Keys that move within a list of choices while it has the focus."""


class Scope(NamedTuple):
    """Keys that work at the same time, so that no two actions may share one.

    Attributes:
        name: Where they work.
        keys: All of them.
        own: Those among them that are not listed elsewhere.
        taken: Keys that the focused widget uses itself.
        typing: Whether every character is typed into a field there.
        counting: Whether a field for a number may have the focus, so that each action needs a key that types nothing.
    """

    name: str
    keys: tuple[Key, ...]
    own: tuple[Key, ...]
    taken: frozenset[str] = frozenset()
    typing: bool = False
    counting: bool = False


def _scope(
    name: str,
    *own: Key,
    beside: tuple[Key, ...] = (),
    taken: frozenset[str] = frozenset(),
    typing: bool = False,
    counting: bool = False,
) -> Scope:
    return Scope(name, (*keys.APP, *beside, *own), own, taken, typing, counting)


_MAIN = (*keys.VIEW, *keys.JOBS)

SCOPES = (
    _scope("the main screen", *widget_keys.TABLE, *_MAIN, *keys.APP),
    _scope("the details", *widget_keys.DETAIL, beside=_MAIN),
    _scope("the filter", *widget_keys.FILTER, taken=EDITING, typing=True),
    _scope("the dialog that adds jobs", *widget_keys.ADD, taken=EDITING, typing=True),
    _scope(
        "the dialog that cancels jobs",
        *widget_keys.CANCEL,
        *widget_keys.PRESS,
        taken=frozenset(("backspace",)),
        counting=True,
    ),
    _scope("the dialog for columns", *widget_keys.COLUMNS, taken=CHOOSING),
    _scope("the login dialog", *widget_keys.LOGIN, *widget_keys.LOGIN_FIELD, taken=EDITING, typing=True),
    _scope("the help and the event log", *widget_keys.SCROLLING),
    _scope("the help", *widget_keys.HELP, beside=widget_keys.SCROLLING),
    _scope("the event log", *widget_keys.LOG, beside=widget_keys.SCROLLING),
)
"""Every screen and dialog with keys of ours."""

_NAMED = frozenset(
    (
        *(
            "escape",
            "enter",
            "tab",
            "space",
            "backspace",
            "insert",
            "delete",
            "home",
            "end",
            "pageup",
            "pagedown",
        ),
        *("up", "down", "left", "right"),
        *(f"f{number}" for number in range(1, 25)),
        *CHARACTERS,
    )
)

_OTHER_NAMES = {
    "esc": "escape",
    "return": "enter",
    "cr": "enter",
    "ret": "enter",
    "spc": "space",
    "spacebar": "space",
    "del": "delete",
    "ins": "insert",
    "bs": "backspace",
    "bspace": "backspace",
    "pgup": "pageup",
    "ppage": "pageup",
    "prior": "pageup",
    "pgdn": "pagedown",
    "pgdown": "pagedown",
    "npage": "pagedown",
    "next": "pagedown",
    "btab": "shift+tab",
    "backtab": "shift+tab",
    "uparrow": "up",
    "downarrow": "down",
    "leftarrow": "left",
    "rightarrow": "right",
    "\N{UPWARDS ARROW}": "up",
    "\N{DOWNWARDS ARROW}": "down",
    "\N{LEFTWARDS ARROW}": "left",
    "\N{RIGHTWARDS ARROW}": "right",
    "question": "question_mark",
    "star": "asterisk",
    "hyphen": "minus",
    "dash": "minus",
    "dot": "full_stop",
    "period": "full_stop",
    "hash": "number_sign",
    "percent": "percent_sign",
    "dollar": "dollar_sign",
    "equal": "equals_sign",
    "equals": "equals_sign",
    "less": "less_than_sign",
    "greater": "greater_than_sign",
    "lt": "less_than_sign",
    "gt": "greater_than_sign",
    "exclamation": "exclamation_mark",
    "quote": "apostrophe",
    "backtick": "grave_accent",
    "bar": "vertical_line",
    "pipe": "vertical_line",
    "caret": "circumflex_accent",
}
"""What else people call a key, in lower case and without blanks, hyphens and underscores."""

_MODIFIERS = {
    "ctrl": "ctrl",
    "control": "ctrl",
    "ctl": "ctrl",
    "c": "ctrl",
    "alt": "alt",
    "option": "alt",
    "meta": "alt",
    "m": "alt",
    "shift": "shift",
    "s": "shift",
    "super": "super",
    "cmd": "super",
}
_MODIFIER = re.compile(rf"({'|'.join(_MODIFIERS)})[+-](?=.)", re.IGNORECASE)

_SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "escape"}
"""Keys for which a terminal sends what it sends for another key."""

_PLAIN = {name.replace("_", ""): name for name in _NAMED}


def read_key(text: str) -> str | None:
    """Textual's name of a key that a person wrote, such as `Esc`, `PgUp`, `C-r`, `Ctrl+R`, `^r` or `?`.

    Returns:
        None if there is no such key.
    """
    text = text.strip()
    if len(text) > 2 and text[0] == "<" and text[-1] == ">":
        text = text[1:-1]
    if len(text) == 2 and text[0] == "^":
        text = f"ctrl+{text[1]}"
    modifiers = set()
    while found := _MODIFIER.match(text):
        modifiers.add(_MODIFIERS[found[1].lower()])
        text = text[found.end() :]
    base = _base_key(text)
    if base is None:
        return None
    *more, base = base.split("+")
    modifiers.update(more)
    if len(base) == 1 and base.isalpha():
        if modifiers == {"shift"}:
            return base.upper()
        if "ctrl" in modifiers:
            base = base.lower()
    key = "+".join([*sorted(modifiers), base])
    return _SAME.get(key, key)


def _base_key(text: str) -> str | None:
    """A key without modifiers."""
    if len(text) == 1 and text not in _OTHER_NAMES:
        if text.isalnum():
            return text
        if text.isspace() or not text.isprintable():
            return None
        if text.isascii():
            return next(name for name, char in CHARACTERS.items() if char == text)
        import unicodedata

        return unicodedata.name(text, "").lower().replace("-", "_").replace(" ", "_") or None
    plain = re.sub("[ _-]", "", text.lower())
    return _OTHER_NAMES.get(plain) or _PLAIN.get(plain)


def types(key: str) -> bool:
    """Whether a key types a character where a text field has the focus."""
    return len(key) == 1 or key == "space" or ("+" not in key and (key in CHARACTERS or key not in _NAMED))


def keymap_of(settings: Settings) -> dict[str, str]:
    """The keys that differ from the usual ones, by action ID, as Textual wants them.

    Args:
        settings: In force.

    Raises:
        SettingsError: An action or a key does not exist, a key would do nothing, or two actions share one.
    """
    usual = {key.id: key.keys.split(",") for scope in SCOPES for key in scope.own}
    other = {action: _read(settings, action, text, usual) for action, text in settings.keys.items()}
    for scope in SCOPES:
        _check(settings, scope, other)
    return {action: ",".join(names) for action, names in other.items()}


def _read(settings: Settings, action: str, text: str, usual: Mapping[str, list[str]]) -> list[str]:
    """The keys that the settings give to an action."""
    setting = f"keys.{action}"
    if action not in usual:
        import difflib  # only here: an action is hardly ever misspelt

        near = difflib.get_close_matches(action, usual, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(usual)}"
        raise settings.error(setting, f"names no action; {hint}")
    found: dict[str, None] = {}
    for part in map(str.strip, text.split(",")):
        if not part:
            raise settings.error(
                setting,
                'must be keys with commas between them, such as "x,ctrl+x"; the comma itself is "comma"',
            )
        key = read_key(part)
        if key is None:
            raise settings.error(
                setting, f"names a key {part!r} that does not exist; write it like x, F8, Ctrl+r, Esc or PgUp"
            )
        found[key] = None
    return list(found)


def _check(settings: Settings, scope: Scope, other: Mapping[str, list[str]]) -> None:
    """See that every key in one screen or dialog does one thing."""
    taken: dict[str, str] = {}
    for key in scope.keys:
        usual = key.keys.split(",")
        for name in other.get(key.id, usual):
            rival = taken.setdefault(name, key.id)
            if rival != key.id:
                blamed, owner = (key.id, rival) if key.id in other else (rival, key.id)
                raise settings.error(
                    f"keys.{blamed}",
                    f"takes {keys.key_names([name])}, which belongs to {owner}; choose another key",
                )
    for key in scope.own:
        changed = [name for name in other.get(key.id, ()) if name not in key.keys.split(",")]
        for name in changed:
            if name in scope.taken or (scope.typing and types(name)):
                does = "types a character" if types(name) else "has a use of its own"
                raise settings.error(
                    f"keys.{key.id}",
                    f"takes {keys.key_names([name])}, which {does} in {scope.name}; choose another, such as F8",
                )
        if scope.counting and key.id in other and key.id != "cancel.send" and all(map(types, other[key.id])):
            raise settings.error(
                f"keys.{key.id}",
                f"has no key that works where a number is typed in {scope.name}; add one, such as F8",
            )
