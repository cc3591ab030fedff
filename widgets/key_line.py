"""The line at the bottom: the keys that work now, or briefly a message."""

from collections.abc import Iterator, Sequence

from textual import events
from textual.binding import ActiveBinding
from textual.content import Content
from textual.keys import format_key
from textual.screen import Screen
from textual.style import Style
from textual.widgets import Input

from widgets.drawing import MessageLine
from widgets.model import KeyHint, KeyHints

_GAP = "   "
"""The text between two keys."""

_ALWAYS = ("app.help", "app.quit")
"""Actions whose keys are always shown: help and quit."""


class KeyLine(MessageLine):
    """Draws keys in one line. A click on one presses its key.

    Textual's footer is a widget for each key, which takes as long to lay out as the rest of the screen, and is rebuilt
    whenever the cursor moves. While a text field has the focus, the keys are those of the field.
    """

    DEFAULT_CSS = """
    KeyLine { height: 1; padding: 0 1; color: $dw-text; background: $dw-panel; }
    """

    _hints = KeyHints()
    _keys: tuple[Content, ...] = ()
    _typing = False

    def on_mount(self) -> None:
        """Follow the bindings of the screen."""
        self.call_next(self._read_bindings, self.screen)
        self.screen.bindings_updated_signal.subscribe(self, self._read_bindings)

    def show(self, hints: KeyHints) -> None:
        """Show the keys of these actions, and those that are always shown."""
        if hints != self._hints:
            self._hints = hints
            if self.is_attached:
                self._read_bindings(self.screen)
            self.redraw()

    def draw_line(self, width: int) -> Content:
        """As many keys as fit, and the status at the right end."""
        line = Content(_GAP).join(self._parts(width))
        spare = width - line.cell_length - len(self._hints.status)
        if self._hints.status and not self._typing and spare >= len(_GAP):
            line += Content.assemble(" " * spare, (self._hints.status, "$dw-secondary"))
        return line.truncate(width)

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked."""
        if key := event.style.meta.get("key"):
            event.stop()
            self.app.simulate_key(key)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show a tooltip that says what a key does."""
        self.tooltip = event.style.meta.get("tooltip")

    def _read_bindings(self, screen: Screen[object]) -> None:
        """Read the current bindings; those of a text field hold while the terminal has no focus."""
        if not self.is_attached or screen is not self.screen or (self._typing and not screen.app.app_focus):
            return
        self._typing = isinstance(screen.focused, Input)
        keys = tuple(self._keys_of(screen))
        if keys != self._keys:
            self._keys = keys
            self.redraw()

    def _keys_of(self, screen: Screen[object]) -> Iterator[Content]:
        """The first key of each action to show, with what the mouse needs."""
        first: dict[str, ActiveBinding] = {}
        for key, active in screen.active_bindings.items():
            if active.enabled and not (self._typing and _is_typed(key)):
                first.setdefault(active.binding.id or active.binding.action, active)
        hints: Sequence[KeyHint] = [*self._hints.keys, *map(KeyHint, _ALWAYS)]
        if self._typing:
            hints = [KeyHint(action_id) for action_id, active in first.items() if active.binding.show]
        for hint in hints:
            if found := first.get(hint.action_id):
                binding = found.binding
                name = binding.description
                meta = {"key": binding.key, "tooltip": found.tooltip or name}
                word = hint.word or name[:1].lower() + name[1:]
                yield _key(self.app.get_key_display(binding), word).stylize(Style.from_meta(meta))

    def _parts(self, width: int) -> list[Content]:
        """The texts on the line: the lead, then as many complete keys as fit.

        Keys that are always shown are dropped last, and there is a lead only if there is room for it beside them.
        """

        def cells(parts: Sequence[Content]) -> int:
            return sum(text.cell_length + len(_GAP) for text in parts)

        keys, lead = list(self._keys), []
        if self._hints.lead and not self._typing:
            content = _key(self._hints.lead, self._hints.lead_text)
            if content.cell_length + cells(keys[-len(_ALWAYS) :]) <= width:
                lead = [content]
        lasting = 1 if self._typing else len(_ALWAYS)
        while keys and cells(lead) + cells(keys) - len(_GAP) > width:
            del keys[-lasting - 1 if len(keys) > lasting else -1]
        return lead + keys


def _key(shown: str, word: str) -> Content:
    """A key, or several, and what it does."""
    return Content.assemble((shown, "bold $dw-accent"), (f" {word}" if word else "", "$dw-secondary"))


def _is_typed(key: str) -> bool:
    """Whether a key is a character that a text field takes."""
    name = format_key(key)
    return "+" not in key and len(name) == 1 and name.isascii()
