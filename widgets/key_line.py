"""The line at the bottom: the keys that work now, or for a moment something said in passing."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from textual import events
from textual.binding import ActiveBinding
from textual.content import Content
from textual.keys import format_key
from textual.screen import Screen
from textual.widgets import Input

from widgets.drawing import Drawing, cut

_GAP = 1  # cells between two keys
_HINT_GAP = 4  # cells between the hint and the keys

_LAST = 2
"""So many keys at the end stay to the last: the ways to the help and out."""


class LineKey(NamedTuple):
    """A key on the line.

    Attributes:
        key: What Textual calls it.
        shown: What a person calls it.
        word: What it does, in a word.
        tooltip: The same in a sentence.
        enabled: Whether it does anything now.
    """

    key: str
    shown: str
    word: str
    tooltip: str
    enabled: bool


class KeyLine(Drawing):
    """Draws the screen's visible bindings itself, in one line: a click on one is a press of its key.

    Textual's footer is a widget for each key, which costs as much to lay out as all the rest of the screen, and
    is made anew with every move of a cursor. While a text field has the focus, no key is shown that would be typed
    into it.

    Args:
        ascii: Draw with ASCII characters only.
        id: The widget's ID.
    """

    DEFAULT_CSS = """
    KeyLine {
        height: 1;
        padding: 0 1;
        color: $footer-foreground;
        background: $footer-background;
    }
    """

    def __init__(self, *, ascii: bool = False, id: str | None = None) -> None:
        super().__init__(ascii=ascii, id=id)
        self._keys: tuple[LineKey, ...] = ()
        self._only: tuple[str, ...] | None = None
        self._said = ""
        self._hint = Content()

    def on_mount(self) -> None:
        """Follow the bindings of the screen."""
        self.call_next(self._look, self.screen)
        self.screen.bindings_updated_signal.subscribe(self, self._look)

    def show_only(self, actions: Sequence[str] | None) -> None:
        """Show the keys of the actions with these IDs, in this order; None for those that are to be seen usually."""
        only = None if actions is None else tuple(actions)
        if only != self._only:
            self._only = only
            if self.is_attached:
                self.call_later(lambda: self._look(self.screen))

    def say(self, text: str) -> None:
        """Say something in place of the keys; with an empty text they are back."""
        self._said = text
        self.renew()

    def show_hint(self, keys: str, words: str) -> None:
        """Show something to try in front of the keys.

        Args:
            keys: Its keys, as people write them; empty for words alone.
            words: What they do.
        """
        strong, plain = "bold $footer-key-foreground", "$footer-description-foreground"
        hint = (
            Content.assemble((f"{keys} ", strong), (words, plain)) if keys else Content.styled(words, strong)
        )
        if hint != self._hint:
            self._hint = hint
            self.renew()

    def draw(self, width: int) -> list[Content]:
        """The line for a width, in cells."""
        if self._said:
            return [Content.styled(cut(self._said, width, ascii=self.ascii), "$text-accent")]
        gap = Content(" " * _GAP)
        keys = gap.join([_drawn(key) for key in self._fitting(width)])
        return [Content.assemble(self._hint, " " * _HINT_GAP, keys) if self._hint_cells(width) else keys]

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked."""
        if key := self._key_at(event.x):
            event.stop()
            self.app.simulate_key(key.key)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Say in full what a key does."""
        key = self._key_at(event.x)
        self.tooltip = key.tooltip if key else None

    def _look(self, screen: Screen[object]) -> None:
        """Take over the bindings as they are now."""
        if not (screen.app.app_focus and self.is_attached and screen is self.screen):
            return
        keys = tuple(
            LineKey(
                one.binding.key,
                self.app.get_key_display(one.binding),
                one.binding.description,
                one.tooltip or one.binding.description,
                one.enabled,
            )
            for one in self._to_be_seen(screen)
        )
        if keys != self._keys:
            self._keys = keys
            self.renew()

    def _to_be_seen(self, screen: Screen[object]) -> Iterator[ActiveBinding]:
        """The first key of each action that is to be seen."""
        typing = isinstance(screen.focused, Input)
        first: dict[str, ActiveBinding] = {}
        for key, active in screen.active_bindings.items():
            if not (typing and _is_typed(key)):
                first.setdefault(active.binding.id or active.binding.action, active)
        if self._only is not None and not typing:
            yield from (first[action] for action in self._only if action in first)
        else:
            yield from (active for active in first.values() if active.binding.show)

    def _fitting(self, width: int) -> Sequence[LineKey]:
        """As many of the keys as there is room for, each whole."""
        keys = list(self._keys)
        room = width - self._hint_cells(width)
        while keys and _line_cells(keys) > room:
            del keys[-_LAST - 1 if len(keys) > _LAST else -1]
        return keys

    def _hint_cells(self, width: int) -> int:
        """How wide the hint and the gap behind it are; 0 where there is no room for it beside the last keys."""
        cells = self._hint.cell_length + _HINT_GAP
        if not self._hint.cell_length or cells + _line_cells(self._keys[-_LAST:]) > width:
            return 0
        return cells

    def _key_at(self, x: int) -> LineKey | None:
        """The key that stands at a column of the widget."""
        if self._said:
            return None
        keys = self._fitting(self.size.width)
        ends = accumulate(_cells(key) + _GAP for key in keys)
        inside = x - self.styles.padding.left - self._hint_cells(self.size.width)
        if inside < 0:
            return None
        return next((key for key, end in zip(keys, ends, strict=True) if inside < end), None)


def _is_typed(key: str) -> bool:
    """Whether a key is a character that a text field takes."""
    name = format_key(key)
    return "+" not in key and len(name) == 1 and name.isascii()


def _line_cells(keys: Sequence[LineKey]) -> int:
    return sum(map(_cells, keys)) + _GAP * (len(keys) - 1)


def _cells(key: LineKey) -> int:
    return _drawn(key).cell_length


def _drawn(key: LineKey) -> Content:
    dim = "" if key.enabled else " dim"
    return Content.assemble(
        (key.shown, f"bold $footer-key-foreground{dim}"),
        (f" {key.word}", f"$footer-description-foreground{dim}"),
    )
