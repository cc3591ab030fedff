"""Read-only dialogs that scroll: the list of keys and the event log."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size

from widgets import keys
from widgets.bindings import bindings
from widgets.dialogs.dialog import Dialog
from widgets.drawing import TONE_STYLES, Drawing, wrap
from widgets.fitting import cut, fill
from widgets.model import HelpSection, LogLine

_GAP = 2  # cells between a key and what it does
_COLUMN_GAP = 3  # cells between two columns of keys
_MAX_KEYS_WIDTH = 17  # cells
_MIN_TEXT_WIDTH = 19
"""The minimum width in cells of the text beside a key; with less room there are fewer columns."""


class ReadingDialog(Dialog[None]):
    """A read-only dialog that scrolls. Subclasses set the action that closes it.

    Args:
        content: The text.
        ascii: Draw with ASCII characters alone.
    """

    AUTO_FOCUS = "_Body"

    CLOSE: ClassVar[str]
    """The ID of the action that closes it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.SCROLLING)

    def __init__(self, content: Drawing, *, ascii: bool = False) -> None:
        super().__init__(ascii=ascii)
        self.body = _Body(content, id="reading-body")

    def compose_content(self) -> ComposeResult:
        """The text."""
        yield self.body

    def keys_shown(self) -> list[tuple[str, str]]:
        """The keys that scroll and close."""
        return [(self.key_of("dialog.down", "dialog.up"), "scroll"), (self.key_of(self.CLOSE), "close")]

    def action_close(self) -> None:
        """Close the dialog."""
        self.answer(None)

    def action_scroll_by(self, lines: int) -> None:
        """Scroll by a number of lines."""
        self.body.scroll_relative(y=lines, animate=False)

    def action_scroll_pages(self, pages: int) -> None:
        """Scroll by a number of pages."""
        self.body.scroll_relative(y=pages * self.body.size.height, animate=False)

    def action_scroll_ends(self, end: bool) -> None:
        """Scroll to the top or to the end."""
        if end:
            self.body.scroll_end(animate=False)
        else:
            self.body.scroll_home(animate=False)


class _Body(VerticalScroll, inherit_bindings=False):
    """The scrolled area. The dialog's keys scroll it, since those can be remapped."""


class EventLog(ReadingDialog):
    """The event log.

    Args:
        lines: The events, newest first.
        ascii: Draw with ASCII characters alone.
    """

    HEADING = "Events"
    BOX_ID = "events-box"
    CLOSE = "log.close"

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.LOG)

    def __init__(self, lines: Sequence[LogLine], *, ascii: bool = False) -> None:
        self._lines = _LogLines(lines, ascii=ascii)
        super().__init__(self._lines, ascii=ascii)

    def show(self, lines: Sequence[LogLine]) -> None:
        """Show these events; the scroll position stays."""
        self._lines.show(lines)


class _LogLines(Drawing):
    """The events, each wrapped beside its time."""

    def __init__(self, lines: Sequence[LogLine], *, ascii: bool = False) -> None:
        super().__init__(ascii=ascii)
        self._shown = tuple(lines)

    def show(self, lines: Sequence[LogLine]) -> None:
        if tuple(lines) != self._shown:
            self._shown = tuple(lines)
            self.redraw()

    def draw(self, width: int) -> list[Content]:
        if not self._shown:
            return [Content.styled("No events yet.", "$dw-secondary")]
        return log_content(self._shown, width)


def log_content(lines: Sequence[LogLine], width: int, *, min_text: int = 20) -> list[Content]:
    """Events as lines of text, each wrapped beside its time, or below it where there is little room.

    Args:
        lines: The events.
        width: The width in cells.
        min_text: The cells of text beside the time below which the text goes below the time.
    """
    hang = max((cell_len(line.when) for line in lines), default=0) + _GAP
    beside = width - hang >= min_text
    hang = hang if beside else _GAP
    drawn = []
    for line in lines:
        if not beside and line.when:
            drawn.append(Content.styled(cut(line.when, width), "$dw-secondary"))
        for number, text in enumerate(wrap(line.text, max(width - hang, 1))):
            when = line.when if beside and not number else ""
            drawn.append(
                Content.assemble(
                    (fill(when, hang), "$dw-secondary"), (text, TONE_STYLES[line.tone])
                ).truncate(width)
            )
    return drawn


class HelpDialog(ReadingDialog):
    """All keys, in as many columns as fit.

    Args:
        sections: The sections, in order.
        ascii: Draw with ASCII characters alone.
    """

    HEADING = "Keys"
    BOX_ID = "help-box"
    CLOSE = "help.close"

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.HELP)

    def __init__(self, sections: Sequence[HelpSection], *, ascii: bool = False) -> None:
        super().__init__(_Keys(tuple(sections), ascii=ascii), ascii=ascii)

    def fit_into(self, size: Size) -> None:
        """Keep the frame on the screen, however long the list of keys."""
        super().fit_into(size)
        self.body.styles.max_height = self.content_lines(size)


class _Keys(Drawing):
    """The sections in columns of equal width."""

    def __init__(self, sections: Sequence[HelpSection], *, ascii: bool = False) -> None:
        super().__init__(ascii=ascii)
        self._sections = sections

    def draw(self, width: int) -> list[Content]:
        sections = self._sections
        keys_width = max(map(_keys_width, sections), default=0)
        text_width = max((cell_len(key.text) for section in sections for key in section.keys), default=0)
        narrowest = keys_width + _GAP + min(text_width, _MIN_TEXT_WIDTH)
        count = min(max((width + _COLUMN_GAP) // (narrowest + _COLUMN_GAP), 1), max(len(sections), 1))
        column_width = (width - (count - 1) * _COLUMN_GAP) // count
        if count > 1:
            column_width = min(column_width, keys_width + _GAP + text_width)
        heights = [len(_section_lines(section, keys_width, column_width, self.ascii)) for section in sections]
        columns = []
        for numbers in balanced(heights, count):
            # Where the keys of a column are short, its texts have more room.
            keys_width = max((_keys_width(sections[number]) for number in numbers), default=0)
            lines: list[Content] = []
            for number in numbers:
                lines += [Content(" " * column_width)] if lines else []
                lines += _section_lines(sections[number], keys_width, column_width, self.ascii)
            columns.append(lines)
        blank = Content(" " * column_width)
        return [
            Content(" " * _COLUMN_GAP)
            .join([column[y] if y < len(column) else blank for column in columns])
            .truncate(width)
            for y in range(max(map(len, columns), default=0))
        ]


def balanced(heights: Sequence[int], count: int) -> list[list[int]]:
    """Distribute blocks of lines over columns, in order, so that the tallest column is as short as possible.

    Args:
        heights: The lines of each block. A blank line separates two blocks of a column.
        count: The maximum number of columns, at least 1.

    Returns:
        For each column the indices of its blocks.
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


def _keys_width(section: HelpSection) -> int:
    """The width in cells of the keys of a section."""
    return min(max((cell_len(key.keys) for key in section.keys), default=0), _MAX_KEYS_WIDTH)


def _section_lines(section: HelpSection, keys_width: int, width: int, ascii: bool) -> list[Content]:
    """One section: its title, and its keys at the right of their column, every line exactly `width` cells."""
    lines = [Content.styled(fill(section.title, width, ascii=ascii), "bold $dw-accent")]
    keys_width = min(keys_width, width // 2)
    text_width = width - keys_width - _GAP
    for key in section.keys:
        for number, text in enumerate(wrap(key.text, text_width)):
            name = "" if number else cut(key.keys, keys_width, ascii=ascii)
            lines.append(
                Content.assemble(
                    (" " * (keys_width - cell_len(name)) + name, "bold"),
                    " " * _GAP,
                    (fill(text, text_width, ascii=ascii), "$dw-secondary"),
                )
            )
    return lines
