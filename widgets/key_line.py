"""The line at the bottom: the keys that work now, or briefly a message."""

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.style import Style

from widgets.drawing import MessageLine
from widgets.model import KeyHint, KeyHints

_GAP = "   "
"""The text between two keys."""


class KeyLine(MessageLine[KeyHints]):
    """Draws keys in one line. A click on one presses its key.

    Textual's footer has a widget for each key: it takes as long to lay out as the rest of the screen, and is rebuilt
    whenever the cursor moves.
    """

    DEFAULT_CSS = """
    KeyLine { height: 1; padding: 0 1; color: $dw-text; background: $dw-panel; }
    """

    def draw_line(self, width: int) -> Content:
        """As many keys as fit, and the status at the right end."""
        line = Content(_GAP).join(self._parts(width))
        status = self.value.status
        spare = width - line.cell_length - len(status)
        if status and spare >= len(_GAP):
            line += Content.assemble(" " * spare, (status, "$dw-secondary"))
        return line.truncate(width)

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked."""
        if key := event.style.meta.get("key"):
            event.stop()
            self.app.simulate_key(key)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show a tooltip that says what a key does."""
        self.tooltip = event.style.meta.get("tooltip")

    def _parts(self, width: int) -> list[Content]:
        """The texts on the line: the prefix, if there is room for it beside the last keys, then as many keys as fit."""

        def fit(parts: Sequence[Content]) -> bool:
            return sum(part.cell_length + len(_GAP) for part in parts) - len(_GAP) <= width

        hints = self.value
        keys, last = [_key(hint) for hint in hints.keys], [_key(hint) for hint in hints.last]
        prefix = [_named(hints.prefix, hints.prefix_word)] if hints.prefix else []
        if not fit(prefix + last):
            prefix = []
        for group in (keys, last):
            while group and not fit(prefix + keys + last):
                group.pop()
        return prefix + keys + last


def _key(hint: KeyHint) -> Content:
    """A key, with the metadata for clicks and tooltips."""
    return _named(hint.shown, hint.word).stylize(
        Style.from_meta({"key": hint.key, "tooltip": hint.tooltip or hint.word})
    )


def _named(shown: str, word: str) -> Content:
    """A key, or several, and what it does."""
    return Content.assemble((shown, "bold $dw-accent"), (f" {word}" if word else "", "$dw-secondary"))
