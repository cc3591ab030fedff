"""How a row of the job table looks: its cells as styled segments."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.model import Align, Column, Row, Tone
from widgets.progress_bar import progress_cells
from widgets.table.column_layout import GAP, Place, fit_text

_PERCENT_WIDTH = 4  # cells behind a bar, for `100%`
_LEAST_BAR = 3  # cells; where there are fewer, the percentage stands alone
_LEAST_TITLE = 10  # cells that a long status leaves the title beside it ...
_LEAST_TITLE_WITH_ID = 2  # ... and where the ID tells which job it is

Paint = Callable[..., Style]
"""The style that the named component classes make together, given without their prefix."""


class Signs(NamedTuple):
    """The characters a table is drawn with, each one cell wide."""

    cursor: str
    mark: str
    ellipsis: str
    ascending: str
    descending: str


_SIGNS = Signs(cursor="▌", mark="◆", ellipsis="…", ascending="▲", descending="▼")
_ASCII_SIGNS = Signs(cursor=">", mark="*", ellipsis="~", ascending="^", descending="v")

Cell = tuple[Segment, ...]
"""One cell's segments: as wide as its column, with the gap behind it."""


class PaintedRow(NamedTuple):
    """A row as it stands on the screen.

    Attributes:
        row: What it shows.
        cursor: Whether the cursor is on it.
        cells: What stands in each place.
        strip: The whole line.
    """

    row: Row
    cursor: bool
    cells: tuple[Cell, ...]
    strip: Strip


class RowPainter:
    """Paints rows into places.

    Args:
        places: The columns that are shown.
        room: The cells there are for them.
        paint: Gives the styles.
        width: The cells of a whole line; what is behind the room stays blank. As many as the room if not given.
        ascii: Draw with ASCII characters only; what the rows say is theirs.
    """

    def __init__(
        self,
        places: Sequence[Place],
        room: int,
        paint: Paint,
        *,
        width: int | None = None,
        ascii: bool = False,
    ) -> None:
        self.places = tuple(places)
        self.room = room
        self.width = room if width is None else width
        self._paint = paint
        self._ascii = ascii
        self._signs = _ASCII_SIGNS if ascii else _SIGNS

    def row(self, row: Row, *, cursor: bool) -> PaintedRow:
        """One row as a line."""
        cells = tuple(self._cell(row, place, cursor) for place in self._places_of(row))
        return PaintedRow(row, cursor, cells, self._line(cells, self._plain(row, cursor)))

    def header(self, sort: str | None, reverse: bool) -> Strip:
        """The columns' labels as a line, with an arrow at the one the rows are sorted by."""
        style = self._paint("header")
        arrow = self._signs.descending if reverse else self._signs.ascending
        gap = Segment(" " * GAP, style)
        cells = tuple(
            (Segment(self._label(place, arrow if place.column.key == sort else ""), style), gap)
            for place in self.places
        )
        return self._line(cells, style)

    def blank(self) -> Strip:
        """A line without a row."""
        return Strip.blank(self.width, self._paint())

    def _line(self, cells: Sequence[Cell], rest: Style) -> Strip:
        """Cells as one strip of exactly the line's width."""
        segments = [segment for cell in cells for segment in cell]
        if self.places and self.places[-1].x + self.places[-1].width >= self.room:
            segments.pop()  # the gap behind the last column would stand outside
        length = sum(cell_len(segment.text) for segment in segments)
        if length < self.width:
            segments.append(Segment(" " * (self.width - length), rest))
        strip = Strip(_few(segments), max(length, self.width))
        return strip if length <= self.width else strip.crop(0, self.width)

    def _places_of(self, row: Row) -> tuple[Place, ...]:
        """The columns as they stand in one row: a status too long for its own takes room from the title beside it.

        What became of a cancel has to be read in full, and comes and goes; the columns of all rows should not.
        """
        at = next((at for at, place in enumerate(self.places[:-1]) if place.column.key == "status"), None)
        if at is None:
            return self.places
        status, beside = self.places[at : at + 2]
        identified = any(place.column.key == "id" for place in self.places)
        least = _LEAST_TITLE_WITH_ID if identified else _LEAST_TITLE
        more = min(cell_len(row.texts.get("status", "")) - status.width, beside.width - least)
        if more <= 0:
            return self.places
        spread = (
            status._replace(width=status.width + more),
            beside._replace(x=beside.x + more, width=beside.width - more),
        )
        return (*self.places[:at], *spread, *self.places[at + 2 :])

    def _label(self, place: Place, arrow: str) -> str:
        column, width = place.column, place.width
        label = fit_text(column.label, max(width - len(arrow), 0), ellipsis=self._signs.ellipsis).rstrip()
        return fit_text(label + arrow, width, column.align)

    def _cell(self, row: Row, place: Place, cursor: bool) -> Cell:
        column, width = place.column, place.width
        plain = self._plain(row, cursor)
        gap = Segment(" " * GAP, plain)
        text = row.texts.get(column.key, "")
        if column.key == "mark":
            return (Segment(self._mark(row, text, width, cursor), self._mark_style(row, cursor)), gap)
        if column.key == "progress":
            return (*self._progress(row, text, column, width, cursor), gap)
        style = plain
        if column.key in ("status", "sign") and not cursor and row.tone is not Tone.PLAIN:
            style = self._paint(row.tone.value)
        return (Segment(fit_text(text, width, column.align, self._signs.ellipsis), style), gap)

    def _mark(self, row: Row, text: str, width: int, cursor: bool) -> str:
        """The mark, or another sign the row brings, behind the cursor's where there is room for both."""
        sign = text or (self._signs.mark if row.marked else "")
        if cursor and (width > cell_len(sign) or not sign):
            sign = self._signs.cursor + sign
        return fit_text(sign, width, ellipsis=self._signs.ellipsis)

    def _progress(self, row: Row, text: str, column: Column, width: int, cursor: bool) -> Cell:
        """The bar and its text; without the bar where only the text has room."""
        plain = self._plain(row, cursor)
        said = max(cell_len(text), _PERCENT_WIDTH)
        room = width - said - 1
        if room < _LEAST_BAR:
            return (Segment(fit_text(text, width, Align.RIGHT, self._signs.ellipsis), plain),)
        done, track = progress_cells(row.fraction, room, ascii=self._ascii)
        segments = []
        if done:
            segments.append(Segment(done, self._bar_style(row, cursor)))
        if track:
            segments.append(Segment(track, self._track_style(cursor)))
        segments.append(Segment(" " + fit_text(text, said, Align.RIGHT), plain))
        return tuple(segments)

    def _plain(self, row: Row, cursor: bool) -> Style:
        """The style of the texts that have no tone."""
        if cursor:
            return self._paint("cursor")
        if row.dim:
            return self._paint("mark", "dim") if row.marked else self._paint("dim")
        return self._paint("mark") if row.marked else self._paint()

    def _mark_style(self, row: Row, cursor: bool) -> Style:
        if cursor:
            return self._paint("cursor")
        return self._paint("mark") if row.marked else self._paint(*_tone_names(row))

    def _bar_style(self, row: Row, cursor: bool) -> Style:
        """The style of the done part, on the track's background: for the cell in which it ends."""
        if cursor:
            return self._track_style(cursor)
        name = "bar-dim" if row.dim else _BARS[row.tone]
        return self._paint(name) if self._ascii else self._paint("bar-empty", name)

    def _track_style(self, cursor: bool) -> Style:
        if self._ascii:  # brackets show where it ends
            return self._paint("cursor" if cursor else "dim")
        return self._paint("cursor", "cursor-bar") if cursor else self._paint("bar-empty")


_BARS: Mapping[Tone, str] = {
    Tone.PLAIN: "bar",
    Tone.WAITING: "bar-waiting",
    Tone.RUNNING: "bar-running",
    Tone.DONE: "bar-done",
    Tone.ATTENTION: "bar-attention",
    Tone.STALE: "bar-stale",
}


def furthest_end(place: Place, cell: Cell) -> int:
    """Where a cell ends on a terminal that gives two cells to each character that is not ASCII.

    It draws over what follows then, which has to be painted again as well.
    """
    x, end = place.x, place.x + place.width + GAP
    for text, *_ in cell:
        x += cell_len(text)
        end = max(end, x + sum(not char.isascii() for char in text) - (len(text) - len(text.rstrip())))
    return end


def _few(segments: Sequence[Segment]) -> list[Segment]:
    """The same text in fewer segments: blanks take the style of what follows them, where that looks the same.

    A partial repaint sends a line from its left edge, and the colours of a segment cost more than its text.
    """
    joined: list[Segment] = []
    text, style = "", None
    for segment in reversed(segments):
        before = segment.style
        if before is style or before == style or (segment.text.isspace() and _blank_alike(before, style)):
            text = segment.text + text
        else:
            if text:
                joined.append(Segment(text, style))
            text, style = segment.text, before
    if text:
        joined.append(Segment(text, style))
    return joined[::-1]


@lru_cache(1024)
def _blank_alike(style: Style | None, other: Style | None) -> bool:
    """Whether a blank looks the same in both styles."""
    if style is None or other is None:
        return False
    return (style.bgcolor, style.reverse, style.underline, style.strike) == (
        other.bgcolor,
        other.reverse,
        other.underline,
        other.strike,
    )


def _tone_names(row: Row) -> tuple[str, ...]:
    return () if row.tone is Tone.PLAIN else (row.tone.value,)
