"""A job's progress over time, as a stepped area."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import ceil

from rich.cells import cell_len
from textual.content import Content

from widgets.drawing import MUTED, Drawing, cut, fill
from widgets.model import PlotPoint

_BLOCKS = " ▁▂▃▄▅▆▇█"
_ASCII_BLOCKS = " .:#"
_LABEL_WIDTH = 4  # cells, for `100%`
_TALL = 30
"""From so many lines of screen on, the plot is as high as it gets."""


class ProgressPlot(Drawing):
    """Progress from 0 to 100 % over time.

    It draws what is known and no more: the progress stays what it was until the next point, so a jump is a
    step, and there are no slopes between two points.
    """

    def __init__(self, *, ascii: bool = False) -> None:
        super().__init__(ascii=ascii)
        self._points: tuple[PlotPoint, ...] = ()
        self._axis = ("", "")

    def show(self, points: Sequence[PlotPoint], axis: tuple[str, str] = ("", "")) -> None:
        """Show these points, with these words below the left and the right end."""
        if (tuple(points), axis) != (self._points, self._axis):
            self._points, self._axis = tuple(points), axis
            self.renew()

    def draw(self, width: int) -> list[Content]:
        """The lines for a width, in cells."""
        if not self._points:
            return [Content.styled(cut("no progress seen", width, ascii=self.ascii), MUTED)]
        if all(point.at == self._points[0].at for point in self._points):
            return [Content.styled(cut("seen only once", width, ascii=self.ascii), MUTED)]
        rows = 8 if width >= 40 and self.screen_height >= _TALL else 4
        columns = max(width - _LABEL_WIDTH - 1, 1)
        area = stepped_area(progress_columns(self._points, columns), rows, ascii=self.ascii)
        tick, wall, corner, floor = ("+", "|", "+", "-") if self.ascii else ("┤", "│", "└", "─")
        lines = []
        for row, cells in enumerate(area):
            labelled = row % 2 == 0
            label = f"{100 - 100 * row // rows:>3}%" if labelled else " " * _LABEL_WIDTH
            lines.append(Content.assemble((label + (tick if labelled else wall), MUTED), (cells, "$primary")))
        lines.append(Content.styled(f"{'0%':>{_LABEL_WIDTH}}{corner}{floor * columns}", MUTED))
        if any(self._axis):
            lines.append(
                Content.styled(" " * (width - columns) + _ends(self._axis, columns, self.ascii), MUTED)
            )
        return [line.truncate(width) for line in lines]


def progress_columns(points: Sequence[PlotPoint], columns: int) -> list[float | None]:
    """The progress at evenly spaced moments, from the first point's to the last one's.

    Args:
        points: At least one, oldest first. Where the clock was set back, they are taken in the clock's order.
        columns: How many moments, at least 1.

    Returns:
        For each moment the fraction of the latest point that is not after it. If all points are of one
        moment, that one's in the first column and None in the others: there is no time yet to plot over.
    """
    if any(a.at > b.at for a, b in pairwise(points)):
        points = sorted(points, key=lambda point: point.at)
    start, end = points[0].at, points[-1].at
    if end <= start:
        return [points[-1].fraction, *[None] * (columns - 1)]
    if columns == 1:
        return [points[-1].fraction]
    times = [point.at for point in points]
    moments = [start + (end - start) * column / (columns - 1) for column in range(columns - 1)]
    found = [points[bisect_right(times, moment) - 1].fraction for moment in moments]
    return [*found, points[-1].fraction]


def stepped_area(fractions: Sequence[float | None], rows: int, *, ascii: bool = False) -> list[str]:
    """An area chart of one cell a fraction.

    Args:
        fractions: From 0.0 to 1.0; None leaves a column empty.
        rows: The height in cells, at least 1.
        ascii: Draw with ASCII characters.

    Returns:
        The rows from top to bottom. What is more than nothing is at least the smallest step high, and the
        topmost step is drawn only when the fraction is whole.
    """
    blocks = _ASCII_BLOCKS if ascii else _BLOCKS
    fine = len(blocks) - 1
    top = rows * fine
    heights = [_steps(fraction, top) for fraction in fractions]
    return [
        "".join(blocks[min(max(height - row * fine, 0), fine)] for height in heights)
        for row in reversed(range(rows))
    ]


def _steps(fraction: float | None, top: int) -> int:
    """How high a fraction stands, in steps."""
    if fraction is None or fraction <= 0.0:
        return 0
    return top if fraction >= 1.0 else min(ceil(fraction * top), top - 1)


def _ends(axis: tuple[str, str], width: int, ascii: bool) -> str:
    """Two texts at the two ends of a line; the right one goes first where there is no room for both."""
    left, right = axis
    if cell_len(left) + cell_len(right) + 1 > width:
        return fill(left, width, ascii=ascii)
    return left + " " * (width - cell_len(left) - cell_len(right)) + right
