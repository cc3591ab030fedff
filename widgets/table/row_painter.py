"""Paints the lines of the job table: rows, headings, recent events and column labels, as styled segments."""

from collections.abc import Callable, Sequence
from itertools import pairwise, zip_longest
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.fitting import cut, fill
from widgets.model import Align, Cell, EventLine, Heading, Row, Tone
from widgets.progress_bar import progress_cells
from widgets.table.column_layout import ColumnLayout, Place

_PERCENT_WIDTH = 4
"""The width of `100%`, in cells."""

_MIN_BAR_WIDTH = 3
"""The minimum width of a bar, in cells; with less room only the percentage is shown."""

_RULE_TONE = "rule"
_TRACK_TONE = "track"

Paint = Callable[[str, bool, bool], Style]
"""Returns the style of a theme role, given its name, whether it is bold, and whether it is on the cursor row."""


class Piece(NamedTuple):
    """A part of a line: text in one style, and the cell where it starts."""

    x: int
    text: str
    style: Style


class PaintedRow(NamedTuple):
    """A painted row: the row, whether the cursor is on it, and its line as pieces and as a whole."""

    row: Row
    cursor: bool
    pieces: tuple[Piece, ...]
    strip: Strip


class RowPainter:
    """Paints lines of `width` cells, which include the scroll bar. Progress bars may have edges."""

    def __init__(self, layout: ColumnLayout, width: int, paint: Paint, *, edges: bool = False) -> None:
        self.layout = layout
        self.columns = tuple(place.column.key for place in layout.places)
        self.width = width
        self._paint = paint
        self._edges = edges
        self._spanned = [place for place in layout.places if place.column.spanned]

    def row(self, row: Row, *, cursor: bool) -> PaintedRow:
        """One row as a line."""
        pieces = [*self._head(row, cursor)]
        places = self._places_of(row)
        for place in places:
            if row.sentence and place.column.spanned:
                if place.x == self._spanned[0].x:
                    last = places[places.index(place) + len(self._spanned) - 1]
                    whole = place._replace(width=last.x + last.width - place.x)
                    pieces.append(self._cell(row.sentence, whole, cursor))
            elif place.column.key == "progress":
                pieces += self._progress(row, place, cursor)
            else:
                cell = row.cells.get(place.column.key, Cell())
                if cursor and place.column.key == "title":
                    cell = cell._replace(bold=True)
                pieces.append(self._cell(cell, place, cursor))
        if row.word and self.layout.places and not self._spanned:
            pieces = self._with_word(pieces, row.word, cursor)
        return PaintedRow(
            row, cursor, tuple(pieces), self._strip(pieces, self._paint(Tone.PLAIN, False, cursor))
        )

    def labels(self, sort: str | None, reverse: bool) -> Strip:
        """The columns' labels, with an arrow at the column that the rows are sorted by."""
        arrow = "▾" if reverse else "▴"
        style = self._paint(Tone.FAINT, False, False)
        pieces = []
        for place in self.layout.places:
            tail = f" {arrow}" if place.column.key == sort else ""
            label = cut(place.column.label, max(place.width - len(tail), 0)) + tail
            pieces.append(Piece(place.x, fill(label, place.width, align=place.column.align), style))
        return self._strip(pieces, style)

    def heading(self, heading: Heading) -> Strip:
        """The line above a group of rows."""
        rule_style = self._paint(_RULE_TONE, False, False)
        secondary = self._paint(Tone.SECONDARY, False, False)
        x, end = self.layout.gutter, self.layout.end
        pieces = [Piece(x, f"{heading.name} ", self._paint(heading.tone, True, False))]
        if heading.size is not None:
            pieces.append(Piece(x + len(pieces[0].text), f"{heading.size} ", secondary))
        start = x + sum(len(piece.text) for piece in pieces)
        hint = f" {heading.hint}" if heading.hint and end - start > len(heading.hint) + 4 else ""
        pieces.append(Piece(start, "─" * max(end - start - cell_len(hint), 0), rule_style))
        if hint:
            pieces.append(Piece(end - cell_len(hint), hint, secondary))
        return self._strip(pieces, rule_style)

    def feed_line(self, line: EventLine) -> Strip:
        """A recent event."""
        secondary = self._paint(Tone.SECONDARY, False, False)
        x = self.layout.gutter
        pieces = [Piece(x, f"{line.when}  ", secondary)]
        x += cell_len(pieces[0].text)
        pieces.append(Piece(x, f"{line.glyph.text} ", self._paint(line.glyph.tone, False, False)))
        x += cell_len(pieces[1].text)
        if line.title:
            title = cut(line.title, max((self.layout.end - x) * 3 // 5, 1))
            pieces.append(Piece(x, f"{title}  ", self._paint(Tone.PLAIN, False, False)))
            x += cell_len(pieces[-1].text)
        pieces.append(Piece(x, cut(line.text, self.layout.end - x), secondary))
        return self._strip(pieces, secondary)

    def blank(self) -> Strip:
        """An empty line."""
        return Strip.blank(self.width, self._paint(Tone.PLAIN, False, False))

    def _places_of(self, row: Row) -> Sequence[Place]:
        """The columns of one row. A stage takes blanks before the time, a sentence only the room of one that is empty."""
        places = self.layout.places
        for at, (place, beside) in enumerate(pairwise(places)):
            if (place.column.key, beside.column.key) != ("stage", "eta"):
                continue
            time = row.cells.get("eta", Cell()).text
            start, text = place.x, row.cells.get("stage", Cell()).text
            if row.sentence:
                start, text = self._spanned[0].x, row.sentence.text
            blanks = 0 if time and row.sentence else beside.width - cell_len(time)
            more = min(start + cell_len(text) - place.x - place.width, blanks)
            if more > 0:
                longer = place._replace(width=place.width + more)
                shorter = beside._replace(x=beside.x + more, width=beside.width - more)
                return (*places[:at], longer, shorter, *places[at + 2 :])
        return places

    def _head(self, row: Row, cursor: bool) -> tuple[Piece, Piece]:
        """The gutter with the cursor and the mark, or `m` for a muted job, then the glyph."""
        bar = "▌" if cursor else ""
        mark = "✱" if row.marked else ""
        muted = "m" if row.muted else ""
        gutter = self.layout.gutter
        text = f"{bar:1}{mark or muted:1}" if gutter > 1 else f"{mark or bar or muted:1}"
        tone = Tone.ACCENT if bar or mark else Tone.SECONDARY
        return (
            Piece(0, text, self._paint(tone, bool(mark), cursor)),
            Piece(gutter, f"{row.glyph.text:1} ", self._paint(row.glyph.tone, row.glyph.bold, cursor)),
        )

    def _cell(self, cell: Cell, place: Place, cursor: bool) -> Piece:
        text = cell.text if place.column.align is Align.LEFT else _whole_words(cell.text, place.width)
        text = fill(text, place.width, align=place.column.align)
        return Piece(place.x, text, self._paint(cell.tone, cell.bold, cursor))

    def _progress(self, row: Row, place: Place, cursor: bool) -> list[Piece]:
        """The bar and the percentage after it, or only the percentage if there is no room for a bar."""
        cell = row.cells.get("progress", Cell())
        room = place.width - _PERCENT_WIDTH - 1
        if room < _MIN_BAR_WIDTH:
            return [self._cell(cell, place, cursor)]
        done, rest = progress_cells(row.fraction, room, edges=self._edges)
        text = fill(cell.text, _PERCENT_WIDTH + 1, align=Align.RIGHT)
        return [
            Piece(place.x, done, self._paint(row.bar, False, cursor)),
            Piece(place.x + len(done), rest, self._paint(_TRACK_TONE, False, cursor)),
            Piece(place.x + room, text, self._paint(cell.tone, cell.bold, cursor)),
        ]

    def _with_word(self, pieces: Sequence[Piece], word: Cell, cursor: bool) -> list[Piece]:
        """The line with a word in place of the time, and of the percentage too if it needs the room."""
        places = self.layout.places
        last = next((place for place in places if place.column.key == "eta"), places[-1])
        first = last
        if cell_len(word.text) > last.width:
            first = next((place for place in places if place.column.key == "progress"), last)
        width = last.x + last.width - first.x
        text = fill(_whole_words(word.text, width), width, align=Align.RIGHT)
        style = self._paint(word.tone, word.bold, cursor)
        return [
            *(piece for piece in pieces if piece.x < first.x),
            Piece(first.x, text, style),
            *(piece for piece in pieces if piece.x > last.x),
        ]

    def _strip(self, pieces: Sequence[Piece], blank_style: Style) -> Strip:
        """Join pieces into a line of the full width.

        Blanks take the style of what follows them, since each change of style sends its colours again.
        """
        segments, x = [], 0
        for piece in pieces:
            if piece.text.strip():
                segments.append(Segment(" " * (piece.x - x) + piece.text, piece.style))
                x = piece.x + cell_len(piece.text)
        segments.append(Segment(" " * (self.width - x), blank_style))
        return Strip(segments, max(x, self.width)).simplify().crop(0, self.width)


def _whole_words(text: str, width: int) -> str:
    """A text without the last words if they do not fit, such as `~2h` for `~2h 20m`."""
    while " " in text and cell_len(text) > width:
        text = text.rpartition(" ")[0]
    return text


def changed_span(before: Sequence[Piece], after: Sequence[Piece]) -> tuple[int, int] | None:
    """The range of cells in which two lines differ, its end exclusive; None if they are equal."""
    begin, end = -1, -1
    for old, new in zip_longest(before, after):
        if old != new:
            both = [piece for piece in (old, new) if piece]
            if begin < 0:
                begin = min(piece.x for piece in both)
            end = max(end, *(piece.x + cell_len(piece.text) for piece in both))
    return None if begin < 0 else (begin, end)
