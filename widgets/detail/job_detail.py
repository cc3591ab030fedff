"""The details of one job: status, progress, charts, facts and events, for any width."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.containers import VerticalScroll
from textual.content import Content

from widgets import keys
from widgets.bindings import bindings
from widgets.detail.charts import curve_lines, stage_lines
from widgets.detail.model import Detail, Field
from widgets.drawing import TONE_STYLES, Drawing, beside, progress_line, side_by_side, stacked, wrap
from widgets.event_text import event_log_lines
from widgets.fitting import cut, fill
from widgets.scrolling import ScrollActions

_TWO_COLUMNS_MIN_CELLS = 100
"""With at least this many cells, the sections are in two columns."""

_COLUMN_GAP_CELLS = 4
_GAP_CELLS = 2  # between a label and its value
_MIN_VALUE_CELLS = 20  # a value with less room beside its label goes below it


class JobDetail(ScrollActions, VerticalScroll, can_focus=True, inherit_bindings=False):
    """Shows one job, or that none is selected. Scrolls to the top when another job is shown."""

    BINDINGS = bindings(keys.DETAIL)

    def __init__(self, *, id: str | None = None) -> None:
        self._page = _Page(None)
        super().__init__(self._page, id=id)
        self.scrolled = self

    def show(self, detail: Detail | None) -> None:
        """Show this job, or that none is selected; repaints only lines that differ."""
        old = self._page.value
        if detail == old:
            return
        self._page.show(detail)
        if self.is_mounted and (detail.id if detail else None) != (old.id if old else None):
            self.scroll_home(animate=False, immediate=True)


class _Page(Drawing[Detail | None]):
    """All sections of the details, as one drawing."""

    def draw(self, width: int) -> list[Content]:
        detail = self.value
        if detail is None:
            return [Content.styled("No job selected", "$dw-secondary").truncate(width)]
        wide = width >= _TWO_COLUMNS_MIN_CELLS
        room = (width - _COLUMN_GAP_CELLS) // 2 if wide else width
        state = self._state(detail, room)
        curve = stages = []
        if detail.running or len({point.at for point in detail.curve.points}) > 1:
            rows = min(max(self.app.size.height // 4 - 2, 4), 10)
            curve = _section("Progress", curve_lines(detail.curve, room, rows, detail.tone), room)
        if detail.spans or detail.running:
            stages = _section("Stages", stage_lines(detail.spans, room), room)
        facts = _section("Facts", fact_lines(detail.fields, room), room)
        events = _section("Events", event_log_lines(detail.events, room), room)
        if not wide:
            return stacked([state, curve, stages, facts, events])
        columns = stacked([state, stages]), stacked([curve, facts, events])
        return side_by_side(columns, [room, room], _COLUMN_GAP_CELLS)

    def _state(self, detail: Detail, width: int) -> list[Content]:
        """Title, status and errors, then progress, stage and forecast."""
        lines = wrap(detail.title, width, "bold")
        status = [(detail.status, TONE_STYLES[detail.tone]), (detail.since, "$dw-secondary")]
        length = cell_len(detail.status) + cell_len(detail.since)
        if length + _GAP_CELLS + cell_len(detail.short_id) <= width:
            blanks = " " * (width - length - cell_len(detail.short_id))
            lines.append(Content.assemble(*status, blanks, (detail.short_id, "$dw-faint")))
        elif length <= width:
            lines.append(Content.assemble(*status))
        else:
            text = detail.status + detail.since
            lines += wrap(text, width, TONE_STYLES[detail.tone])
        for text, tone in detail.errors:
            lines += wrap(text, width, TONE_STYLES[tone])
        lines.append(Content(""))
        lines.append(progress_line(self, detail.fraction, detail.percent, detail.tone, width))
        lines += _ends(detail.stage, TONE_STYLES[detail.stage_tone], detail.left, width)
        done = [detail.done] if cell_len(detail.done) <= width else detail.done.split(", ")
        lines += [line for part in done for line in _ends("", "", part, width, "$dw-secondary")]
        return [line.truncate(width) for line in lines]


def _section(name: str, lines: list[Content], width: int) -> list[Content]:
    """Lines below a heading such as `Stages ────`; nothing if there are none."""
    rule = "─" * max(width - cell_len(name) - 1, 0)
    heading = Content.assemble((name, "bold $dw-secondary"), " ", (rule, "$dw-rule")).truncate(width)
    return [heading, *lines] if lines else []


def fact_lines(fields: Sequence[Field], width: int) -> list[Content]:
    """Labels and values: two pairs on a line if both fit. A value that does not fit beside its label goes below it.

    A label wider than a third of the width is followed directly by its value, which is not aligned with the others.
    """
    column = _GAP_CELLS + max(
        (size for field in fields if (size := cell_len(field.label)) <= width // 3), default=0
    )
    half = width // 2
    lines: list[Content] = []
    rest = list(fields)
    while rest:
        field = rest.pop(0)
        style = TONE_STYLES[field.tone]
        offset = max(column, cell_len(field.label) + _GAP_CELLS)
        room = width - offset
        if rest and all(
            cell_len(one.label) + _GAP_CELLS <= column and column + cell_len(one.value) + _GAP_CELLS <= half
            for one in (field, rest[0])
        ):
            other = rest.pop(0)
            lines.append(
                Content.assemble(
                    (fill(field.label, column), "$dw-secondary"),
                    (fill(field.value, half - column), style),
                    (fill(other.label, column), "$dw-secondary"),
                    (other.value, TONE_STYLES[other.tone]),
                )
            )
        elif cell_len(field.value) <= room or (room >= _MIN_VALUE_CELLS and cell_len(field.value) > width):
            lines += beside(field.label, "$dw-secondary", offset, Content.styled(field.value, style), width)
        else:
            lines.append(Content.styled(cut(field.label, width), "$dw-secondary"))
            indent = " " * min(_GAP_CELLS, max(width - cell_len(field.value), 0))
            lines += [indent + line for line in wrap(field.value, width - len(indent), style)]
    return [line.truncate(width) for line in lines]


def _ends(left: str, left_style: str, right: str, width: int, right_style: str = "") -> list[Content]:
    """Two texts at the two ends of a line, or below each other where they do not fit; empty ones are left out."""
    if left and right and cell_len(left) + _GAP_CELLS + cell_len(right) <= width:
        return [Content.assemble((fill(left, width - cell_len(right)), left_style), (right, right_style))]
    lines = wrap(left, width, left_style) if left else []
    wrapped = wrap(right, width, right_style) if right else []
    return lines + [line.pad_left(width - line.cell_length) for line in wrapped]
