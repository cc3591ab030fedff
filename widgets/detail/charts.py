"""The two charts of the details: progress over time, and the stages on a time scale."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from rich.cells import cell_len
from textual.content import Content

from widgets.detail.model import ProgressCurve, StageSpan
from widgets.drawing import TONE_STYLES
from widgets.fitting import cut, fill
from widgets.model import Tone

_LABEL_CELLS = 5  # for `100%` and a blank
_FORECAST_DOT_SPACING = 3
"""Every third dot of the forecast is drawn."""

_GAP_CELLS = 2  # between a stage, its bar and its length
_MIN_SPAN_BAR_CELLS = 6
"""The minimum width in cells of the bars of stages; with less room, the names take it."""

_MAX_STAGES = 12

_BRAILLE = 0x2800
_BRAILLE_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""The bit of each dot of a braille cell, by column and row from the top."""


def curve_lines(curve: ProgressCurve, width: int, rows: int, tone: Tone) -> list[Content]:
    """Progress from 0 to 100 % over time as a line, with the forecast as dots ahead of it.

    Progress is drawn as constant until the next reading, so a jump is a step. The chart has `rows` lines, at least 3, and
    a line of times below it.
    """
    points = curve.points
    if not points:
        return [Content.styled(cut("No progress reported yet", width), "$dw-secondary")]
    start, now = points[0].at, points[-1].at
    end = now if curve.finish is None else curve.finish
    if end <= start:
        text = "One reading so far; the curve begins with the next change"
        return [Content.styled(cut(text, width), "$dw-secondary")]
    columns = max(width - _LABEL_CELLS, 1)
    dots, height = 2 * columns, 4 * rows
    per_dot = (end - start) / (dots - 1)
    known_dots = min(round((now - start) / per_dot) + 1, dots)
    times = [point.at for point in points]
    latest = (points[bisect_right(times, start + x * per_dot) - 1] for x in range(known_dots - 1))
    levels = [_level(point.fraction, height) for point in (*latest, points[-1])]
    known = {(x, y) for x, y in enumerate(levels)}
    for x, (before, after) in enumerate(pairwise(levels)):
        known |= {(x + 1, y) for y in range(before + 1, after)}
    drawn: dict[tuple[int, int], tuple[str, str]] = {}
    now_column = None
    if curve.finish is not None:
        now_column = (known_dots - 1) // 2
        done = points[-1].fraction
        ahead = set()
        for x in range(dots - 1, known_dots - 1, -_FORECAST_DOT_SPACING):
            part = (start + x * per_dot - now) / (end - now)
            ahead.add((x, _level(done + (1.0 - done) * part, height)))
        drawn = {(now_column, row): ("┊", "$dw-track") for row in range(rows)}
        drawn |= _braille(ahead, rows, "$dw-secondary")
    drawn |= _braille(known, rows, TONE_STYLES[tone])
    labels = {0: "100%", rows // 2: " 50%", rows - 1: "  0%"}
    lines = []
    for row in range(rows):
        cells = [drawn.get((column, row), (" ", "")) for column in range(columns)]
        label = fill(labels.get(row, ""), _LABEL_CELLS)
        lines.append(Content.assemble((label, "$dw-secondary"), *cells).simplify())
    axis = _axis(curve, columns, now_column)
    lines.append(Content.styled(" " * _LABEL_CELLS + axis, "$dw-secondary"))
    return [line.truncate(width) for line in lines]


def _level(fraction: float, height: int) -> int:
    """The row of dots for a fraction, counted from the bottom; the top row is only for 100 %."""
    return height - 1 if fraction >= 1.0 else min(int(fraction * (height - 1)), height - 2)


def _braille(dots: set[tuple[int, int]], rows: int, style: str) -> dict[tuple[int, int], tuple[str, str]]:
    """The cells with dots, by column and row from the top: the character and the style. Dots count from the bottom."""
    bits: dict[tuple[int, int], int] = defaultdict(int)
    for x, y in dots:
        bits[x // 2, rows - 1 - y // 4] |= _BRAILLE_DOTS[x % 2][3 - y % 4]
    return {cell: (chr(_BRAILLE + found), style) for cell, found in bits.items()}


def _axis(curve: ProgressCurve, width: int, now_column: int | None) -> str:
    """The times below the chart: at both ends, and at `now` if there is room."""
    left, middle, right = curve.start_label, curve.now_label, curve.end_label
    room = width - cell_len(right)
    if cell_len(left) + 1 > room:
        return fill(left, width)
    if now_column is not None:
        place = min(now_column - cell_len(middle) // 2, room - cell_len(middle) - 2)
        if place >= cell_len(left) + 2:
            left = fill(left, place) + middle
    return fill(left, room) + right


def stage_lines(spans: Sequence[StageSpan], width: int) -> list[Content]:
    """The stages of a job, one line each: the name, a bar on a common scale of time, and the length.

    Of more than 12 stages, only the latest are shown, below a line that counts the others.
    """
    if not spans:
        return [Content.styled(cut("No stage reported", width), "$dw-secondary")]
    spans = sorted(spans, key=lambda span: (span.start, span.end))
    hidden = len(spans) - _MAX_STAGES + 1 if len(spans) > _MAX_STAGES else 0
    shown = spans[hidden:]
    start, end = shown[0].start, max(span.end for span in shown)
    length_width = max(cell_len(span.length) for span in shown)
    room = width - length_width - 2 * _GAP_CELLS
    # Names take the width they need, as long as there is room for a bar beside them.
    min_bar = max(room // 4, _MIN_SPAN_BAR_CELLS)
    name_width = min(max(cell_len(span.name) for span in shown), max(room - min_bar, 8))
    bar_width = room - name_width
    if bar_width < _MIN_SPAN_BAR_CELLS:
        bar_width = 0
        name_width = max(width - length_width - _GAP_CELLS, 1)
    lines = []
    if hidden:
        lines.append(Content.styled(cut(f"… {hidden} earlier stages", width), "$dw-secondary"))
    for span in shown:
        stopped = TONE_STYLES[span.tone] if span.tone is Tone.ATTENTION else "$dw-secondary"
        text_style = "bold" if span.running else stopped
        parts = [(fill(span.name, name_width), text_style)]
        if bar_width:
            parts += [(" " * _GAP_CELLS, ""), (span_bar(span, start, end, bar_width), TONE_STYLES[span.tone])]
        parts.append((fill(span.length, length_width + _GAP_CELLS, right=True), text_style))
        lines.append(Content.assemble(*parts).truncate(width))
    return lines


def span_bar(span: StageSpan, start: float, end: float, width: int) -> str:
    """A stage as a bar on a scale of `width` cells from `start` to `end`, to half a cell.

    The bar has at least half a cell, however short the stage is.
    """
    steps = 2 * width
    whole = end - start
    first, last = 0, steps
    if whole > 0:
        first = min(max(round((span.start - start) / whole * steps), 0), steps - 1)
        last = min(max(round((span.end - start) / whole * steps), first + 1), steps)
    halves = " " * first + "━" * (last - first) + " " * (steps - last)
    cells = {"━━": "━", "━ ": "╸", " ━": "╺", "  ": " "}
    return "".join(cells[halves[at : at + 2]] for at in range(0, steps, 2))
