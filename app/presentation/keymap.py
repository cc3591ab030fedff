"""The keys in force: reads the keys that the settings assign to actions, and checks that no two actions share one."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from app.settings.schema import Settings
from widgets import keys
from widgets.keys import CHARACTERS, Key, key_name, name_of_character

EDITING = frozenset(
    (
        *("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "backspace", "delete"),
        *("tab", "shift+tab", "f6", "f7", "alt+backspace", "alt+delete"),
        *(f"shift+{key}" for key in ("left", "right", "up", "down", "home", "end")),
        *(f"ctrl+{key}" for key in ("left", "right", "backspace", *"aedkuwxcvyz")),
        *(f"ctrl+shift+{key}" for key in ("left", "right", "a", "k")),
        *(f"super+{key}" for key in ("backspace", "c", "x", "y", "z")),
    )
)
"""Keys that edit text, or move within it, while a text field has the focus."""

CHOOSING = frozenset(("up", "down", "home", "end", "pageup", "pagedown", "enter"))
"""Keys that move within a list of choices while it has the focus."""


class Scope(NamedTuple):
    """Keys that work at the same time, so that no two actions may share one: a screen, a dialog or a field."""

    name: str
    own: tuple[Key, ...]  # the keys that no earlier scope lists
    beside: tuple[Key, ...] = ()  # the keys of earlier scopes that work here too
    taken: frozenset[str] = frozenset()  # used by the focused widget
    typing: bool = False  # whether a text field has the focus
    number_field: bool = False  # whether it has a number field: each action needs a key that types nothing

    @property
    def keys(self) -> tuple[Key, ...]:
        """All keys that work here."""
        return (*keys.APP, *self.beside, *self.own)


SCOPES = (
    Scope("the main screen", (*keys.TABLE, *keys.MAIN, *keys.APP)),
    Scope("the details", keys.DETAIL, beside=keys.MAIN),
    Scope("the filter", keys.FILTER, taken=EDITING, typing=True),
    Scope("the dialog that adds jobs", keys.ADD, taken=EDITING, typing=True),
    Scope("the dialog for your own jobs", keys.MY_JOBS, taken=EDITING, typing=True),
    Scope(
        "the dialog that cancels jobs",
        (*keys.CANCEL, *keys.PRESS),
        taken=frozenset(("backspace",)),
        number_field=True,
    ),
    Scope("the dialog for columns", keys.COLUMNS, taken=CHOOSING),
    Scope("the login dialog", (*keys.LOGIN, *keys.LOGIN_FIELD), taken=EDITING, typing=True),
    Scope("the help and the event log", keys.SCROLLING),
    Scope("the help", keys.HELP, beside=keys.SCROLLING),
    Scope("the event log", keys.LOG, beside=keys.SCROLLING),
)
"""Every screen and dialog."""

ACTIONS = {key.id: key for scope in SCOPES for key in scope.own}
"""All actions that have a key, by their IDs."""

_NAMED = frozenset(
    (
        *("escape", "enter", "tab", "space", "backspace", "insert", "delete", "home", "end"),
        *("pageup", "pagedown", "up", "down", "left", "right"),
        *(f"f{number}" for number in range(1, 25)),
        *CHARACTERS,
    )
)
"""Textual's key names that have more than one letter."""

_ALIASES = {
    "shift+tab": "btab backtab",
    "escape": "esc",
    "enter": "return cr",
    "delete": "del",
    "insert": "ins",
    "backspace": "bs bspace",
    "pageup": "pgup ppage",
    "pagedown": "pgdn pgdown npage",
    "up": "\N{UPWARDS ARROW}",
    "down": "\N{DOWNWARDS ARROW}",
    "left": "\N{LEFTWARDS ARROW}",
    "right": "\N{RIGHTWARDS ARROW}",
    "vertical_line": "bar",
}
"""Other names of keys, as in tmux, vim and our help, in lower case, without blanks, hyphens and underscores."""

_NAME_OF = {alias: name for name, aliases in _ALIASES.items() for alias in aliases.split()}

_MODIFIERS = {
    **dict.fromkeys(("ctrl", "control", "ctl", "c"), "ctrl"),
    **dict.fromkeys(("alt", "option", "meta", "m"), "alt"),
    **dict.fromkeys(("shift", "s"), "shift"),
    **dict.fromkeys(("super", "cmd"), "super"),
}
_MODIFIER = rf"(?i:({'|'.join(_MODIFIERS)}))[+-](?=.)"  # compiled when it is first used

_EQUIVALENT = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "escape"}
"""Keys that a terminal cannot distinguish from others."""

_PLAIN = {name.replace("_", ""): name for name in _NAMED}


def read_key(text: str) -> str | None:
    """Textual's name for a key as the user wrote it: `Esc`, `PgUp`, `C-r`, `Ctrl+R`, `^r` or `?`; None if unknown."""
    text = text.strip()
    if len(text) > 2 and text[0] == "<" and text[-1] == ">":
        text = text[1:-1]
    if len(text) == 2 and text[0] == "^":
        text = f"ctrl+{text[1]}"
    modifiers = set()
    while match := re.match(_MODIFIER, text):
        modifiers.add(_MODIFIERS[match[1].lower()])
        text = text[match.end() :]
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
    return _EQUIVALENT.get(key, key)


def _base_key(text: str) -> str | None:
    if len(text) == 1 and text not in _NAME_OF:
        if text.isalnum():
            return text
        if text.isspace() or not text.isprintable():
            return None
        return name_of_character(text) or None
    plain = re.sub("[ _-]", "", text.lower())
    return _NAME_OF.get(plain) or _PLAIN.get(plain)


def types_character(key: str) -> bool:
    """Whether a key types a character where a text field has the focus."""
    return len(key) == 1 or key == "space" or ("+" not in key and (key in CHARACTERS or key not in _NAMED))


class Keymap(NamedTuple):
    """The keys of each action."""

    changed: Mapping[str, str] = MappingProxyType({})  # keys other than the defaults, for `App.set_keymap`
    plain: bool = False  # whether keys are displayed in ASCII

    def keys_of(self, action_id: str) -> list[str]:
        """Textual's names for an action's keys."""
        return (self.changed.get(action_id) or ACTIONS[action_id].keys).split(",")

    def names_of(self, action_id: str) -> list[str]:
        """The display names of an action's keys."""
        return [key_name(key, plain=self.plain) for key in self.keys_of(action_id)]

    def name_of(self, action_id: str) -> str:
        """The display name of an action's first key."""
        return self.names_of(action_id)[0]


def keymap_of(settings: Settings) -> Keymap:
    """The keys in force.

    Raises:
        SettingsError: An action or a key does not exist, a key would do nothing, or two actions share one.
    """
    changed = {action: _read(settings, action, text) for action, text in settings.keys.items()}
    keymap = Keymap(changed, settings.ascii)
    for scope in SCOPES:
        _check(settings, scope, keymap)
    return keymap


def _read(settings: Settings, action: str, text: str) -> str:
    setting = f"keys.{action}"
    if action not in ACTIONS:
        import difflib

        matches = difflib.get_close_matches(action, ACTIONS, 1)
        hint = f"did you mean {matches[0]}?" if matches else f"there are {', '.join(ACTIONS)}"
        raise settings.error(setting, f"names no action; {hint}")
    keys_read: dict[str, None] = {}  # in order, each once
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
        keys_read[key] = None
    return ",".join(keys_read)


def _check(settings: Settings, scope: Scope, keymap: Keymap) -> None:
    """Raise `SettingsError` unless every key in a scope does one thing."""
    owners: dict[str, str] = {}
    for key in scope.keys:
        for name in keymap.keys_of(key.id):
            owner = owners.setdefault(name, key.id)
            if owner != key.id:
                blamed, owner = (key.id, owner) if key.id in keymap.changed else (owner, key.id)
                raise settings.error(
                    f"keys.{blamed}",
                    f"takes {key_name(name)}, which belongs to {owner}; choose another key",
                )
    for key in scope.own:
        names = keymap.keys_of(key.id) if key.id in keymap.changed else ()
        for name in names:
            typed = types_character(name)
            taken = name in scope.taken or (scope.typing and typed)
            if taken and name not in key.keys.split(","):
                does = "types a character" if typed else "has a use of its own"
                raise settings.error(
                    f"keys.{key.id}",
                    f"takes {key_name(name)}, which {does} in {scope.name}; choose another, such as F8",
                )
        if scope.number_field and names and key.id != "cancel.send" and all(map(types_character, names)):
            raise settings.error(
                f"keys.{key.id}",
                f"has no key that works where a number is typed in {scope.name}; add one, such as F8",
            )
