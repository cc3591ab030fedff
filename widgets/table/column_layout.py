"""Chooses the columns that fit a list, and their widths."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from widgets.model import WIDE_LIST_CELLS, Column

_NARROW_CELLS = 60
"""In lists narrower than this, the cursor and the mark share one cell."""

_GLYPH_WIDTH = 2
"""The width in cells of the glyph and the space after it."""


class ColumnLayout(NamedTuple):
    """The widths of everything in a line, in cells."""

    wide: bool  # whether there are bars and sentences
    gutter: int  # the width of the cursor and the mark
    start: int  # where the first column begins
    gap: int  # the width between two columns
    widths: Mapping[Column, int]  # from left to right
    end: int  # where the line's text ends


def lay_out(columns: Iterable[Column], width: int, room: int) -> ColumnLayout:
    """Fit columns into a list of `width` cells, of which `room` are left beside the scroll bar.

    Columns that do not fit are left out: the highest rank first, and within a rank the rightmost first. Spare cells go to
    the columns that can be wider, the leftmost first.
    """
    wide = width >= WIDE_LIST_CELLS
    gap, margin = (2, 1) if wide else (1, 0)
    gutter = 1 if width < _NARROW_CELLS else 2
    start, end = gutter + _GLYPH_WIDTH, max(room - margin, 0)
    widths = {column: cells for column in columns if (cells := column.width_in(width))}

    def spare() -> int:
        return end - start + gap - sum(cells + gap for cells in widths.values())

    while widths and spare() < 0:
        del widths[max(reversed(widths), key=lambda column: column.rank)]
    for column, cells in widths.items():
        widths[column] = max(cells, min(cells + spare(), column.max_width))
    return ColumnLayout(wide, gutter, start, gap, widths, end)
