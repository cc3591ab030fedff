"""The keys and what they do, in as many columns as there is room for."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size

from widgets import keys
from widgets.bindings import bindings
from widgets.dialogs.scrolling_dialog import ScrollingDialog
from widgets.drawing import Drawing, cut, fill, wrap
from widgets.model import HelpSection

_GAP = 2  # cells between a key and what it does
_COLUMN_GAP = 4  # cells between two columns of them
_WIDEST_KEYS = 20  # cells
_COMFORTABLE_TEXT = 30
"""A text column is never narrower than this for the sake of another column beside it."""


class HelpDialog(ScrollingDialog):
    """Sections of keys over the screen. Any of the usual keys closes it.

    Args:
        sections: What to show, in order.
        ascii: Draw with ASCII characters alone.
    """

    CLOSE = "help.close"

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.HELP)

    def __init__(self, sections: Sequence[HelpSection], *, ascii: bool = False) -> None:
        super().__init__("help", "Keys", _Keys(tuple(sections), ascii=ascii), ascii=ascii)

    def fit_into(self, size: Size) -> None:
        """Leave title and hint in sight, however long the list of keys."""
        super().fit_into(size)
        around = 6 if self.roomy(size) else 2 if size.height > 3 else 0
        self.body.styles.max_height = max(size.height - around, 1)


class _Keys(Drawing):
    """The sections in columns."""

    def __init__(self, sections: Sequence[HelpSection], *, ascii: bool = False) -> None:
        super().__init__(ascii=ascii)
        self._sections = sections

    def draw(self, width: int) -> list[Content]:
        keys = min(
            max((cell_len(key.keys) for one in self._sections for key in one.keys), default=0), _WIDEST_KEYS
        )
        texts = max((cell_len(key.text) for one in self._sections for key in one.keys), default=0)
        least = keys + _GAP + min(texts, _COMFORTABLE_TEXT)
        count = min(max((width + _COLUMN_GAP) // (least + _COLUMN_GAP), 1), max(len(self._sections), 1))
        room = (width - (count - 1) * _COLUMN_GAP) // count
        if count > 1:
            room = min(room, keys + _GAP + texts)
        blocks = [_block(section, min(keys, room // 2), room, self.ascii) for section in self._sections]
        columns = balanced(blocks, count)
        height = max((len(column) for column in columns), default=0)
        blank = Content(" " * room)
        lines = []
        for y in range(height):
            cells = [column[y] if y < len(column) else blank for column in columns]
            lines.append(Content(" " * _COLUMN_GAP).join(cells).truncate(width))
        return lines


def balanced(blocks: Sequence[list[Content]], count: int) -> list[list[Content]]:
    """Blocks of lines in so many columns, in order, none divided, with the lowest height there is.

    A blank line stands between two blocks of a column.

    Args:
        blocks: The blocks; empty ones are none.
        count: The most columns, at least 1.
    """
    height = max((len(block) for block in blocks), default=0)
    while True:
        columns: list[list[Content]] = [[]]
        for block in blocks:
            column = columns[-1]
            if column and len(column) + 1 + len(block) > height:
                columns.append(list(block))
            else:
                if column:
                    column.append(Content(" " * block[0].cell_length))
                column.extend(block)
        if len(columns) <= count:
            return columns
        height += 1


def _block(section: HelpSection, keys: int, width: int, ascii: bool) -> list[Content]:
    """One section, every line exactly so wide."""
    lines = [Content.styled(fill(section.title, width, ascii=ascii), "bold $text-primary")]
    for key in section.keys:
        for number, text in enumerate(wrap(key.text, width - keys - _GAP)):
            name = "" if number else cut(key.keys, keys, ascii=ascii)
            lines.append(
                Content.assemble(
                    (fill(name, keys), "bold"),
                    " " * _GAP,
                    fill(text, width - keys - _GAP, ascii=ascii),
                )
            )
    return lines
