"""Chooses the columns that fit a list, and their positions."""

from collections.abc import Sequence
from typing import NamedTuple

from widgets.model import Column

_NARROW_CELLS = 60
"""In lists narrower than this, the cursor and the mark share one cell."""

_COMPACT_CELLS = 76
"""In lists narrower than this, columns are separated by one space instead of two, and none follows the last."""

_GLYPH_WIDTH = 2
"""The width in cells of the glyph and the space after it."""


class Place(NamedTuple):
    """The position of a column: its first cell from the left edge of the list, and its width in cells."""

    column: Column
    x: int
    width: int


class ColumnLayout(NamedTuple):
    """The positions of everything in a line, in cells."""

    gutter: int  # the width of the cursor and the mark
    gap: int  # the width between two columns
    places: tuple[Place, ...]  # from left to right
    end: int  # where the line's text ends


def lay_out(columns: Sequence[Column], width: int, room: int) -> ColumnLayout:
    """Fit columns into a list of `width` cells, of which `room` are left beside the scroll bar.

    Columns that do not fit are left out: the highest rank first, and within a rank the rightmost first. Columns of rank 0
    are narrowed instead, always the widest, and only left out if there is less than a cell for each. Spare cells go to
    the columns that grow, in the order of their `grow`.
    """
    gutter = 1 if width < _NARROW_CELLS else 2
    gap, margin = (1, 0) if width < _COMPACT_CELLS else (2, 1)
    start = gutter + _GLYPH_WIDTH
    end = max(room - margin, 0)
    kept = list(columns)

    def spare(widths: Sequence[int]) -> int:
        return end - start - sum(widths) - gap * max(len(widths) - 1, 0)

    while kept and spare([column.width for column in kept]) < 0:
        rank = max(column.rank for column in kept)
        if rank == 0:
            break
        del kept[max(at for at, column in enumerate(kept) if column.rank == rank)]
    while kept and spare([1] * len(kept)) < 0:
        kept.pop()

    widths = [column.width for column in kept]
    while widths and spare(widths) < 0:
        widths[widths.index(max(widths))] -= 1
    for at in sorted((at for at, column in enumerate(kept) if column.grow), key=lambda at: kept[at].grow):
        more = spare(widths)
        if limit := kept[at].max_width:
            more = min(more, limit - widths[at])
        widths[at] += max(more, 0)

    places, x = [], start
    for column, cells in zip(kept, widths, strict=True):
        places.append(Place(column, x, cells))
        x += cells + gap
    return ColumnLayout(gutter, gap, tuple(places), end)
