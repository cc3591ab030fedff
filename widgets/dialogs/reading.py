"""Read-only dialogs that scroll: the list of keys and the event log."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import ClassVar, Generic, TypeVar

from rich.cells import cell_len
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size

from widgets import keys
from widgets.bindings import bindings
from widgets.dialogs.dialog import Dialog
from widgets.dialogs.model import HelpSection
from widgets.drawing import TONE_STYLES, Drawing, wrap
from widgets.fitting import cut, fill
from widgets.model import Align, EventLine, Tone

T = TypeVar("T")

_GAP_CELLS = 2  # between a key and what it does
_COLUMN_GAP_CELLS = 3  # between two columns of keys
_MAX_KEYS_WIDTH = 17  # cells
_MAX_COLUMNS = 3
_MIN_PADDED_HEIGHT = 28
"""In panes with at least this many lines, the help has blank lines within its frame."""

_SCROLL = ("dialog.down dialog.up", "scroll")


class ReadingDialog(Dialog[None], Generic[T]):
    """A read-only dialog that scrolls. Subclasses draw its items, and set what closes it."""

    AUTO_FOCUS = "#reading-body"
    CLOSE: ClassVar[str]
    """The ID of the action that closes it."""

    BINDINGS = bindings(keys.SCROLLING)

    def __init__(self, items: Sequence[T]) -> None:
        super().__init__()
        self._text = _Text(self.draw, items)
        self.body = self.scrolled = _Body(self._text, id="reading-body")
        self.content = (self.body,)

    @staticmethod
    @abstractmethod
    def draw(items: Sequence[T], width: int) -> list[Content]:
        """The lines for a width in cells."""

    def on_mount(self) -> None:
        """Show the keys that scroll whenever there is more than fits."""
        self.watch(self.body, "show_vertical_scrollbar", self.show_keys, init=False)

    def keys_shown(self) -> Sequence[tuple[str, str]]:
        """The key that closes, after those that scroll if there is more than fits."""
        close = (self.CLOSE, "close")
        return (_SCROLL, close) if self.body.show_vertical_scrollbar else (close,)

    def show(self, items: Sequence[T]) -> None:
        """Show other items; the scroll position stays."""
        self._text.show(items)


class _Body(VerticalScroll, inherit_bindings=False):
    """The scrolled area. The dialog's keys scroll it, since those can be remapped."""


class _Text(Drawing[Sequence[T]]):
    def __init__(self, draw: Callable[..., list[Content]], items: Sequence[T]) -> None:
        super().__init__()
        self._draw = draw  # a static method: Textual's caches would keep the dialog of a bound one alive
        self.value = items

    def draw(self, width: int) -> list[Content]:
        return self._draw(self.value, width)


class EventLog(ReadingDialog[EventLine]):
    """The event log, newest first."""

    HEADING = "Events"
    CLOSE = "log.close"
    BINDINGS = bindings(keys.LOG)

    @staticmethod
    def draw(items: Sequence[EventLine], width: int) -> list[Content]:
        """The events, each wrapped beside its time."""
        return log_content(items, width) or [Content.styled("No events yet.", "$dw-secondary")]


class HelpDialog(ReadingDialog[HelpSection]):
    """The list of all keys, in as many columns as fit."""

    HEADING = "Keys"
    CLOSE = "help.close"
    BINDINGS = bindings(keys.HELP)

    def fit_into(self, size: Size) -> None:
        """Keep the frame on the screen. On a low screen, keys take the place of the blank lines within the frame."""
        super().fit_into(size)
        tight = self.has_frame(size) and size.height < _MIN_PADDED_HEIGHT
        self.set_class(tight, "-tight")
        self.body.styles.max_height = self.content_lines(size) + (2 if tight else 0)

    @staticmethod
    def draw(items: Sequence[HelpSection], width: int) -> list[Content]:
        """The sections in columns."""
        heights = [1 + len(section.keys) for section in items]
        for count in range(_MAX_COLUMNS, 0, -1):
            columns = [[items[number] for number in numbers] for numbers in balanced(heights, count)]
            widths = [_keys_width(column) + _GAP_CELLS + _text_width(column) for column in columns]
            if sum(widths) + _COLUMN_GAP_CELLS * (len(columns) - 1) <= width:
                break
        else:
            widths = [width]
        drawn = [_help_column(column, cells) for column, cells in zip(columns, widths, strict=True)]
        return [
            Content(" " * _COLUMN_GAP_CELLS)
            .join(line or Content(" " * cells) for line, cells in zip(line_of_each, widths, strict=True))
            .truncate(width)
            for line_of_each in zip_longest(*drawn)
        ]


def _help_column(sections: Sequence[HelpSection], width: int) -> list[Content]:
    """Sections below each other, with the keys aligned right. Every line is exactly `width` cells wide."""
    keys_width = min(_keys_width(sections), width // 2)
    text_width = width - keys_width - _GAP_CELLS
    lines: list[Content] = []
    for section in sections:
        lines += [Content(" " * width)] if lines else []
        lines.append(Content.styled(fill(section.title, width), "bold $dw-accent"))
        for key in section.keys:
            for number, text in enumerate(wrap(key.text, text_width)):
                name = "" if number else key.keys
                keys = fill(name, keys_width, align=Align.RIGHT)
                text = fill(text, text_width)
                lines.append(Content.assemble((keys, "bold"), " " * _GAP_CELLS, (text, "$dw-secondary")))
    return lines


def log_content(lines: Sequence[EventLine], width: int, *, min_text: int = 20) -> list[Content]:
    """Events as lines of text, each wrapped beside its time, or below it if less than `min_text` cells remain.

    Only glyphs and the words of events that need attention are coloured.
    """
    indent = max((cell_len(line.when) for line in lines), default=0) + _GAP_CELLS
    beside = width - indent >= min_text
    indent = indent if beside else _GAP_CELLS
    drawn = []
    for line in lines:
        if not beside and line.when:
            drawn.append(Content.styled(cut(line.when, width), "$dw-secondary"))
        glyph, title = (f"{text} " if text else "" for text in (line.glyph.text, line.title))
        what, colon, why = line.text.partition(":")
        highlighted = line.glyph.tone in (Tone.ATTENTION, Tone.STALLED)
        text = Content.assemble(
            (glyph, TONE_STYLES[line.glyph.tone]),
            f"{title} " if title else "",
            (what, TONE_STYLES[line.glyph.tone] if highlighted else "$dw-secondary"),
            (colon + why, "$dw-secondary"),
        )
        for number, part in enumerate(text.wrap(max(width - indent, 1))):
            when = line.when if beside and not number else ""
            drawn.append(Content.assemble((fill(when, indent), "$dw-secondary"), part).truncate(width))
    return drawn


def balanced(heights: Sequence[int], count: int) -> list[list[int]]:
    """Distribute blocks of lines over at most `count` columns, in order, so that the tallest is as short as possible.

    A blank line separates two blocks of a column. Returns the indices of the blocks of each column.
    """
    limit = max(heights, default=0)
    while True:
        columns: list[list[int]] = [[]]
        used = 0
        for number, height in enumerate(heights):
            if columns[-1] and used + 1 + height > limit:
                columns.append([number])
                used = height
            else:
                used += height + (1 if columns[-1] else 0)
                columns[-1].append(number)
        if len(columns) <= count:
            return columns
        limit += 1


def _keys_width(sections: Sequence[HelpSection]) -> int:
    longest = max((cell_len(key.keys) for section in sections for key in section.keys), default=0)
    return min(longest, _MAX_KEYS_WIDTH)


def _text_width(sections: Sequence[HelpSection]) -> int:
    return max((cell_len(key.text) for section in sections for key in section.keys), default=0)
