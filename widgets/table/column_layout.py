"""Which columns fit a pane, how wide each is, and a text made to fit one: pure functions on cells."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from widgets.model import Align, Column

GAP = 1
"""Cells between two columns."""


class Place(NamedTuple):
    """Where a column stands.

    Attributes:
        column: The column.
        x: Its first cell, from the left edge of the pane.
        width: Its cells, at least 1.
    """

    column: Column
    x: int
    width: int


def lay_out(columns: Sequence[Column], width: int) -> tuple[Place, ...]:
    """The columns that a pane has room for, from left to right.

    Too narrow a pane loses whole columns first, those of the highest rank before the others and of one rank
    the rightmost first. When only columns of rank 0 are left, the widest of them shrinks, cell by cell. Only
    if not even a cell for each is there do they go too, from the right. Cells left over go to the columns
    that grow, by their shares, up to their bounds.

    Args:
        columns: All columns, from left to right.
        width: The cells of the pane.

    Returns:
        A place for every column that is shown; with the gaps they never take more than `width` cells.
    """
    kept = list(columns)
    while kept and _span([column.width for column in kept]) > width:
        rank = max(column.rank for column in kept)
        if rank == 0:
            break
        del kept[max(at for at, column in enumerate(kept) if column.rank == rank)]
    while kept and _span([1] * len(kept)) > width:
        kept.pop()

    widths = _grown(kept, _shrunk([column.width for column in kept], width), width)
    places = []
    x = 0
    for column, cells in zip(kept, widths, strict=True):
        places.append(Place(column, x, cells))
        x += cells + GAP
    return tuple(places)


def fit_text(text: str, width: int, align: Align = Align.LEFT, ellipsis: str = "…") -> str:
    """A text as exactly so many cells; one that is cut shows it.

    Args:
        text: One line, safe for a terminal; wide characters count two cells and combining ones none.
        width: The cells to fill, at least 0.
        align: Where a short text stands.
        ellipsis: Stands at the end of a text that is cut; one cell wide.

    Returns:
        The text, filled up with blanks, or cut and ended by the ellipsis.
    """
    if width <= 0:
        return ""
    length = cell_len(text)
    if length > width:
        text = set_cell_size(text, width - 1).rstrip() + ellipsis
        length = cell_len(text)
    blanks = " " * (width - length)
    return blanks + text if align is Align.RIGHT else text + blanks


def _span(widths: Sequence[int]) -> int:
    """How many cells columns take together with the gaps between them."""
    return sum(widths) + GAP * max(len(widths) - 1, 0)


def _shrunk(widths: Sequence[int], width: int) -> list[int]:
    """The widths cut down to a pane that can hold a cell of each."""
    cut = list(widths)
    for _ in range(_span(cut) - width):
        widest = max(cut)
        cut[cut.index(widest)] -= 1
    return cut


def _grown(columns: Sequence[Column], widths: Sequence[int], width: int) -> list[int]:
    """The widths with what is left of the pane given to the columns that grow."""
    grown = list(widths)
    left = width - _span(grown)
    while left > 0:
        open_ = [
            at
            for at, column in enumerate(columns)
            if column.grow > 0 and (column.most == 0 or grown[at] < column.most)
        ]
        shares = sum(columns[at].grow for at in open_)
        if not open_:
            break
        whole = left // shares
        for at in open_:
            column = columns[at]
            more = min(max(whole * column.grow, 1), left)
            if column.most:
                more = min(more, column.most - grown[at])
            grown[at] += more
            left -= more
    return grown
