"""Paints the lines of the job table: rows, headings, recent events and column labels, as styled segments."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.fitting import cut, fill
from widgets.model import Cell, Column, EventLine, Heading, Row, Tone
from widgets.progress_bar import progress_cells
from widgets.table.column_layout import ColumnLayout

_PERCENT_CELLS = 5
"""The width of `100%` and the space before it."""

_RULE_TONE = "rule"
_TRACK_TONE = "track"

_SENTENCE = Column("sentence", "", ())
_WORD = Column("word", "", (), right=True)


class Slot(NamedTuple):
    """A part of a row: a cell, its width, and the column or the kind of text that decides how it is drawn."""

    column: Column
    width: int
    cell: Cell


class PaintedRow(NamedTuple):
    """A painted row: the row, whether the cursor is on it, and its line in parts and as a whole."""

    row: Row
    cursor: bool
    parts: tuple[Segment, ...]
    strip: Strip


class RowPainter:
    """Paints lines of `width` cells, which include the scroll bar. Progress bars may have edges.

    `style` returns the style of a role of the theme, which may be bold, on the ground or on the cursor row.
    """

    def __init__(
        self, layout: ColumnLayout, width: int, style: Callable[..., Style], *, edges: bool = False
    ) -> None:
        self.layout = layout
        self.columns = tuple(column.key for column in layout.widths)
        self.width = width
        self._style = style
        self._edges = edges

    def row(self, row: Row, *, cursor: bool) -> PaintedRow:
        """One row as a line."""
        gap = Segment(" " * self.layout.gap)
        parts = list(self._head(row, cursor))
        for column, width, cell in self._slots(row):
            if column.key == "progress":
                parts += self._progress(row, cell, width, cursor)
            else:
                if cursor and column.key == "title":
                    cell = cell._replace(bold=True)
                parts.append(self._text(cell, width, cursor, right=column.right))
            parts.append(gap)
        strip = self._strip(parts, self._style(Tone.PLAIN, cursor=cursor))
        return PaintedRow(row, cursor, tuple(parts), strip)

    def labels(self, sort: str | None, reverse: bool) -> Strip:
        """The columns' labels, with an arrow at the column that the rows are sorted by."""
        labels = []
        for column, width in self.layout.widths.items():
            label = column.label if len(column.label) <= width else column.short_label or column.label
            arrow = (" ▾" if reverse else " ▴") if column.key == sort else ""
            labels.append(fill(cut(label, width - len(arrow)) + arrow, width, right=column.right))
        style = self._style(Tone.FAINT)
        text = " " * self.layout.start + (" " * self.layout.gap).join(labels)
        return self._strip([Segment(text, style)], style)

    def heading(self, heading: Heading) -> Strip:
        """The line above a group of rows."""
        rule_style = self._style(_RULE_TONE)
        secondary = self._style(Tone.SECONDARY)
        name = " " * self.layout.gutter + f"{heading.name} "
        size = "" if heading.size is None else f"{heading.size} "
        room = self.layout.end - cell_len(name + size)
        hint = f" {heading.hint}" if heading.hint and room > len(heading.hint) + 4 else ""
        parts = (
            Segment(name, self._style(heading.tone, bold=True)),
            Segment(size, secondary),
            Segment("─" * (room - cell_len(hint)), rule_style),
            Segment(hint, secondary),
        )
        return self._strip(parts, rule_style)

    def feed_line(self, line: EventLine) -> Strip:
        """A recent event."""
        secondary = self._style(Tone.SECONDARY)
        when = " " * self.layout.gutter + f"{line.when}  "
        glyph = f"{line.glyph.text} "
        room = self.layout.end - cell_len(when + glyph)
        title = f"{cut(line.title, max(room * 3 // 5, 1))}  " if line.title else ""
        parts = (
            Segment(when, secondary),
            Segment(glyph, self._style(line.glyph.tone)),
            Segment(title, self._style(Tone.PLAIN)),
            Segment(cut(line.text, room - cell_len(title)), secondary),
        )
        return self._strip(parts, secondary)

    def blank(self) -> Strip:
        """An empty line."""
        return Strip.blank(self.width, self._style(Tone.PLAIN))

    def _slots(self, row: Row) -> list[Slot]:
        """What a row shows, from left to right.

        In a wide list a sentence takes the room of the spanned columns, and a long text also the blanks before the time.
        A word, in a wide list only where it is the time's text, takes the room of the time. If it needs more, it takes that
        of the progress, or while the job runs, some of the title's.
        """
        wide, gap = self.layout.wide, self.layout.gap
        slots: list[Slot] = []
        for column, width in self.layout.widths.items():
            cell = row.cells.get(column.key, Cell())
            if wide and row.sentence and column.spanned:
                if slots and slots[-1].column is _SENTENCE:
                    width += slots.pop().width + gap
                column, cell = _SENTENCE, row.sentence
            elif column.key == "eta" and row.word and (not wide or cell == row.word):
                if slots and (more := cell_len(row.word.text) - width) > 0:
                    title = slots[0]
                    if row.sentence or title.width < 4 * more:
                        width += slots.pop().width + gap
                    else:
                        slots[0] = title._replace(width=title.width - more)
                        width += more
                column, cell = _WORD, row.word
            elif wide and slots and column.key == "eta" and not (row.sentence and cell.text):
                last = slots[-1]
                more = min(cell_len(last.cell.text) - last.width, width - cell_len(cell.text))
                if more > 0:
                    slots[-1] = last._replace(width=last.width + more)
                    width -= more
            slots.append(Slot(column, width, cell))
        return slots

    def _head(self, row: Row, cursor: bool) -> tuple[Segment, Segment]:
        """The gutter with the cursor and the mark, or `m` for a muted job, then the glyph."""
        bar = "▌" if cursor else ""
        mark = "✱" if row.marked else ""
        muted = "m" if row.muted else ""
        text = f"{bar:1}{mark or muted:1}" if self.layout.gutter > 1 else f"{mark or bar or muted:1}"
        tone = Tone.ACCENT if bar or mark else Tone.SECONDARY
        return (
            Segment(text, self._style(tone, bold=row.marked, cursor=cursor)),
            Segment(f"{row.glyph.text:1} ", self._style(row.glyph.tone, bold=row.glyph.bold, cursor=cursor)),
        )

    def _text(self, cell: Cell, width: int, cursor: bool, *, right: bool) -> Segment:
        text = _whole_words(cell.text, width) if right else cell.text
        return Segment(fill(text, width, right=right), self._style(cell.tone, bold=cell.bold, cursor=cursor))

    def _progress(self, row: Row, percent: Cell, width: int, cursor: bool) -> list[Segment]:
        """The percentage, after a bar in a wide list."""
        if not self.layout.wide:
            return [self._text(percent, width, cursor, right=True)]
        done, rest = progress_cells(row.fraction, width - _PERCENT_CELLS, edges=self._edges)
        return [
            Segment(done, self._style(row.bar, cursor=cursor)),
            Segment(rest, self._style(_TRACK_TONE, cursor=cursor)),
            self._text(percent, _PERCENT_CELLS, cursor, right=True),
        ]

    def _strip(self, parts: Iterable[Segment], blank_style: Style) -> Strip:
        """Join parts into a line of the full width.

        Blanks take the style of what follows them, since each change of style sends its colours again.
        """
        segments, blanks = [], ""
        for text, style, _ in parts:
            blanks += text
            if text.strip():
                segments.append(Segment(blanks, style))
                blanks = ""
        room = self.width - sum(segment.cell_length for segment in segments)
        return Strip(Segment.simplify([*segments, Segment(" " * room, blank_style)])).crop(0, self.width)


def _whole_words(text: str, width: int) -> str:
    """A text without the last words if they do not fit, such as `~2h` for `~2h 20m`."""
    while " " in text and cell_len(text) > width:
        text = text.rpartition(" ")[0]
    return text


def changed_span(before: Sequence[Segment], after: Sequence[Segment]) -> tuple[int, int] | None:
    """The range of cells in which two lines of the same width differ, its end exclusive; None if they are equal."""
    if before == after:
        return None
    end = sum(part.cell_length for part in before)
    return _cells_alike(before, after), end - _cells_alike(reversed(before), reversed(after))


def _cells_alike(before: Iterable[Segment], after: Iterable[Segment]) -> int:
    """The cells of the parts with which both lines begin."""
    cells = 0
    for old, new in zip(before, after, strict=False):
        if old != new:
            break
        cells += old.cell_length
    return cells
