"""Keys as Textual wants them."""

from collections.abc import Iterable

from textual.binding import Binding, BindingType

from widgets.keys import Key


def bindings(keys: Iterable[Key]) -> list[BindingType]:
    """The bindings of an app, a screen or a widget with these keys."""
    return [
        Binding(
            key.keys,
            key.action or f"run('{key.id}')",
            key.name,
            show=key.in_line,
            priority=key.priority,
            tooltip=key.does,
            id=key.id,
        )
        for key in keys
    ]
