"""The line of keys at the bottom."""

from collections.abc import Iterator, Sequence

from textual.app import ComposeResult
from textual.binding import ActiveBinding
from textual.keys import format_key
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widgets import Footer, Input
from textual.widgets._footer import FooterKey


class KeyLine(Footer):
    """Textual's footer, made afresh only when other keys are to be seen.

    Textual does that whenever a binding may have changed, so with every move of a cursor; and each key that was
    ever shown stays in memory, since it goes on listening to whether the footer is compact. While a text field has
    the focus, no key is shown that would be typed into it.

    Args:
        id: The widget's ID.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(show_command_palette=False, compact=True, id=id)
        self._shown: tuple[object, ...] | None = None
        self._only: tuple[str, ...] | None = None

    def show_only(self, actions: Sequence[str] | None) -> None:
        """Show the keys of these actions, in this order; None for those that are to be seen usually."""
        only = None if actions is None else tuple(actions)
        if only != self._only:
            self._only = only
            if self.is_attached:
                self.call_later(lambda: self.bindings_changed(self.screen))

    def compose(self) -> ComposeResult:
        """The keys that work now and are to be seen."""
        Reactive._clear_watchers(self)  # noqa: SLF001 - those of the keys that these ones replace
        if not self._bindings_ready:
            return
        for active in self._to_be_seen(self.screen):
            binding = active.binding
            yield FooterKey(
                binding.key,
                self.app.get_key_display(binding),
                binding.description,
                binding.action,
                disabled=not active.enabled,
                tooltip=active.tooltip,
            ).data_bind(compact=Footer.compact)

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Keep up with the bindings, as the footer of the screen that has the focus."""
        if not (screen.app.app_focus and self.is_attached and screen is self.screen):
            return
        shown = tuple(
            (one.binding.key, one.binding.description, one.enabled, one.tooltip)
            for one in self._to_be_seen(screen)
        )
        if shown != self._shown:
            self._shown = shown
            super().bindings_changed(screen)

    def _to_be_seen(self, screen: Screen[object]) -> Iterator[ActiveBinding]:
        """The first key of each action that is to be seen."""
        typing = isinstance(screen.focused, Input)
        first: dict[str, ActiveBinding] = {}
        for key, active in screen.active_bindings.items():
            if not (typing and _is_typed(key)):
                first.setdefault(active.binding.action, active)
        if self._only is not None and not typing:
            yield from (first[action] for action in self._only if action in first)
        else:
            yield from (active for active in first.values() if active.binding.show)


def _is_typed(key: str) -> bool:
    """Whether a key is a character that a text field takes."""
    name = format_key(key)
    return "+" not in key and len(name) == 1 and name.isascii()
