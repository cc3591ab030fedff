"""Textual's bindings, made from the table of keys."""

from collections.abc import Iterable

from textual.binding import Binding, BindingType

from widgets.keys import Key


def bindings(keys: Iterable[Key]) -> list[BindingType]:
    """The bindings of an app, a screen or a widget that has these keys."""
    return [
        Binding(key.keys, action_of(key), key.name, priority=key.priority, tooltip=key.tooltip, id=key.id)
        for key in keys
    ]


def action_of(key: Key) -> str:
    """The Textual action of a key."""
    return key.action or f"screen.run('{key.id}')"
