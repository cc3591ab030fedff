"""The stages of a job, one below the other on a common scale of time."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from widgets.drawing import MUTED, TONE_STYLES, Drawing, cut, fill
from widgets.model import StageSpan

_GAP = 2  # cells between a name, its bar and its length
_LEAST_BAR = 6
"""Below so many cells a bar says nothing, and its room goes to the names."""


class StageTimeline(Drawing):
    """One line a stage: its name, a bar where it lies in time, and its length in words.

    Args:
        most: How many lines it takes at most, at least 2; the latest stages are the ones that are shown,
            below a line that counts the rest.
    """

    def __init__(self, *, most: int = 12, ascii: bool = False) -> None:
        super().__init__(ascii=ascii)
        self._most = most
        self._spans: tuple[StageSpan, ...] = ()

    def show(self, spans: Sequence[StageSpan]) -> None:
        """Show these stages, in any order."""
        ordered = tuple(sorted(spans, key=lambda span: (span.start, span.end)))
        if ordered != self._spans:
            self._spans = ordered
            self.renew()

    def draw(self, width: int) -> list[Content]:
        """The lines for a width, in cells."""
        if not self._spans:
            return [Content.styled(cut("no stage seen at work", width, ascii=self.ascii), MUTED)]
        hidden = len(self._spans) - self._most + 1 if len(self._spans) > self._most else 0
        shown = self._spans[hidden:]
        start, end = shown[0].start, max(span.end for span in shown)
        length_width = max(cell_len(span.length) for span in shown)
        room = width - length_width - 2 * _GAP
        # Names are read first: they take what they need, as long as a bar is left beside them.
        least_bar = max(room // 4, _LEAST_BAR)
        name_width = min(max(cell_len(span.name) for span in shown), max(room - least_bar, 8))
        bar_width = room - name_width
        if bar_width < _LEAST_BAR:
            bar_width = 0
            name_width = max(width - length_width - _GAP, 1)
        lines = [self._sign(hidden, width)] if hidden else []
        for span in shown:
            style = TONE_STYLES[span.tone]
            loud = f"{style} bold" if span.running else ""
            name = fill(span.name, name_width, ascii=self.ascii)
            parts = [(name, loud)]
            if bar_width:
                cells = span_cells(span, start, end, bar_width, ascii=self.ascii)
                parts += [(" " * _GAP, ""), (cells, style)]
            used = sum(cell_len(text) for text, _ in parts)
            length = cut(span.length, max(width - used - _GAP, 0), ascii=self.ascii)
            parts.append((" " * max(width - used - cell_len(length), 0) + length, loud or MUTED))
            lines.append(Content.assemble(*parts).truncate(width))
        return lines

    def _sign(self, hidden: int, width: int) -> Content:
        """That something was cut, and how much."""
        noun = "stage" if hidden == 1 else "stages"
        return Content.styled(
            cut(f"{'...' if self.ascii else '…'} {hidden} earlier {noun}", width, ascii=self.ascii), MUTED
        )


def span_cells(span: StageSpan, start: float, end: float, width: int, *, ascii: bool = False) -> str:
    """One stage as a bar on the scale, exact to half a cell (to a cell in ASCII).

    Args:
        span: The stage. One that is running ends in an arrow.
        start: Where the scale begins, in the unit of the span.
        end: Where it ends.
        width: The scale's length in cells, at least 1.
        ascii: Draw with ASCII characters.

    Returns:
        Exactly `width` cells. However short the stage, something is drawn.
    """
    steps = width if ascii else 2 * width
    whole = end - start
    first, last = 0, steps
    if whole > 0:
        first = min(max(round((span.start - start) / whole * steps), 0), steps - 1)
        last = min(max(round((span.end - start) / whole * steps), first + 1), steps)
    if ascii:
        cells = [" "] * first + ["="] * (last - first) + [" "] * (width - last)
        if span.running:
            cells[last - 1] = ">"
        return "".join(cells)
    cells = []
    for cell in range(width):
        left, right = first <= 2 * cell < last, first <= 2 * cell + 1 < last
        cells.append("━" if left and right else "╸" if left else "╺" if right else " ")
    if span.running:
        cells[(last - 1) // 2] = "▶"
    return "".join(cells)
