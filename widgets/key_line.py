"""The line of keys at the bottom."""

from textual.app import ComposeResult
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widgets import Footer


class KeyLine(Footer):
    """Textual's footer, made afresh only when other keys are to be seen.

    Textual does that whenever a binding may have changed, so with every move of a cursor; and each key that was
    ever shown stays in memory, since it goes on listening to whether the footer is compact.

    Args:
        id: The widget's ID.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(show_command_palette=False, compact=True, id=id)
        self._shown: tuple[object, ...] | None = None

    def compose(self) -> ComposeResult:
        """The keys that work now and are to be seen."""
        Reactive._clear_watchers(self)  # noqa: SLF001 - those of the keys that these ones replace
        yield from super().compose()

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Keep up with the bindings, as the footer of the screen that has the focus."""
        if not (screen.app.app_focus and self.is_attached and screen is self.screen):
            return
        shown = tuple(
            (one.binding.key, one.binding.description, one.enabled, one.tooltip)
            for one in screen.active_bindings.values()
            if one.binding.show
        )
        if shown != self._shown:
            self._shown = shown
            super().bindings_changed(screen)
