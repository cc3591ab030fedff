"""The job table: rows by job ID, drawn line by line, so that 10,000 of them cost what ten do."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.visual import Visual

from widgets import keys
from widgets.bindings import bindings
from widgets.empty_state import ways_lines
from widgets.model import Column, Row, WaysOn
from widgets.table.column_layout import GAP, lay_out
from widgets.table.row_painter import PaintedRow, RowPainter, furthest_end
from widgets.table.row_window import RowWindow


class JobTable(RowWindow, inherit_bindings=False):
    """A table of jobs with a cursor on one of them.

    It asks for a `Row` only when a line of it comes onto the screen, and repaints only cells that look
    different from what is drawn. The cursor belongs to a job, not to a line: what comes, goes or moves around
    it leaves it there, and where possible on the same line of the screen.

    Args:
        columns: All columns, from left to right; which of them are shown depends on the width.
        row: Makes the row of a job. It is called for rows on the screen only.
        ascii: Draw with ASCII characters only.
        id: The widget's ID.
    """

    DEFAULT_CSS = """
    JobTable { content-align: center middle; text-align: center; }
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.TABLE)

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "job-table--header",
        "job-table--waiting",
        "job-table--running",
        "job-table--done",
        "job-table--attention",
        "job-table--stale",
        "job-table--dim",
        "job-table--mark",
        "job-table--bar-empty",
        "job-table--bar",
        "job-table--bar-waiting",
        "job-table--bar-running",
        "job-table--bar-done",
        "job-table--bar-attention",
        "job-table--bar-stale",
        "job-table--bar-dim",
        "job-table--cursor",
        "job-table--cursor-bar",
    }
    """
    | Class | Styles |
    | :- | :- |
    | `job-table--header` | The columns' labels. |
    | `job-table--waiting`, `--running`, `--done`, `--attention`, `--stale` | The status, by tone. |
    | `job-table--dim` | The texts of a row that is dim. |
    | `job-table--mark` | The texts of a row that is marked. |
    | `job-table--bar-empty` | The track of a bar: its background stands behind the whole bar. |
    | `job-table--bar`, `--bar-waiting` and so on | The done part of a bar, by tone; of a dim row `--bar-dim`. |
    | `job-table--cursor` | The whole line the cursor is on. |
    | `job-table--cursor-bar` | The bar on that line, on top of `job-table--cursor`. |
    """

    @dataclass
    class _About(Message):
        """A message of a table."""

        table: "JobTable"

        @property
        def control(self) -> "JobTable":
            """The table it comes from."""
            return self.table

    @dataclass
    class Highlighted(_About):
        """The cursor is on another job now, or on none."""

        job_id: str | None

    @dataclass
    class Opened(_About):
        """A job was double-clicked."""

        job_id: str

    @dataclass
    class HeaderPressed(_About):
        """A column's header was clicked."""

        key: str

    @dataclass
    class Viewport(_About):
        """Other jobs are on the screen now, or the same in another order."""

        ids: tuple[str, ...]

    @dataclass
    class Moved(_About):
        """A person moved the cursor or scrolled: the order should hold still under their hand."""

    def __init__(
        self,
        columns: Sequence[Column],
        row: Callable[[str], Row],
        *,
        ascii: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._row = row
        self._ascii = ascii
        self._sort: tuple[str | None, bool] = (None, False)
        self._painter: RowPainter | None = None
        self._header: Strip | None = None
        self._ways_on = WaysOn("")
        self._instead: Sequence[Strip] | None = None
        self._instead_size = (0, 0)
        self._painted: dict[str, PaintedRow] = {}

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns, from left to right."""
        return self._columns

    @columns.setter
    def columns(self, columns: Sequence[Column]) -> None:
        if tuple(columns) != self._columns:
            self._columns = tuple(columns)
            self._painter = None
            self.refresh()

    def changed(self, ids: Iterable[str]) -> None:
        """Repaint what looks different of these jobs; those that are not on the screen cost nothing."""
        wanted = set(ids)
        painter = self._current_painter
        for line, job_id in enumerate(self.visible_ids):
            if job_id in wanted:
                self._renew(line, job_id, painter)

    def redraw(self) -> None:
        """Repaint what looks different of all jobs on the screen."""
        self.changed(self.visible_ids)

    def sorted_by(self, key: str | None, reverse: bool) -> None:
        """Say in the header what the rows are sorted by.

        Args:
            key: The column; None for no arrow.
            reverse: Whether the largest comes first.
        """
        if (key, reverse) != self._sort:
            self._sort = key, reverse
            self._header = None
            if self.header_height:
                self.refresh(Region(0, 0, self.size.width, self.header_height))

    def say_instead(self, ways_on: WaysOn, *, bare: bool) -> None:
        """Say what is to stand in place of rows while there are none.

        Args:
            ways_on: How to go on.
            bare: Whether the header gives way too.
        """
        if (ways_on, bare) != (self._ways_on, self.bare):
            self._ways_on, self.bare = ways_on, bare
            self._instead = None
            if not self.ids:
                self.refresh()

    def action_move(self, rows: int) -> None:
        """Move the cursor down by so many rows, up if negative."""
        self.moved_by_hand()
        self.move_cursor(self.cursor_at + rows)

    def action_top(self) -> None:
        """Move the cursor to the first row."""
        self.moved_by_hand()
        self.move_cursor(0)

    def action_bottom(self) -> None:
        """Move the cursor to the last row."""
        self.moved_by_hand()
        self.move_cursor(len(self.ids) - 1)

    def action_page(self, direction: int, part: int) -> None:
        """Move the cursor and the screen by a page (part 1) or half a page (part 2), up if negative."""
        self.moved_by_hand()
        self.move_page(direction, part)

    def on_click(self, event: events.Click) -> None:
        """Select a job, open it on a double click, or press a header."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        line = offset.y - self.header_height
        if line < 0:
            self._press_header(offset.x)
        elif line < len(self.visible_ids):
            job_id = self.visible_ids[line]
            self.moved_by_hand()
            self.move_to(job_id)
            if event.chain == 2:
                self.post_message(self.Opened(self, job_id))

    def _press_header(self, x: int) -> None:
        for place in self._current_painter.places:
            if place.x <= x < place.x + place.width + GAP:
                self.post_message(self.HeaderPressed(self, place.column.key))

    def cursor_changed(self, job_id: str | None) -> None:
        """Tell the owner."""
        self.post_message(self.Highlighted(self, job_id))

    def moved_by_hand(self) -> None:
        """Tell the owner."""
        self.post_message(self.Moved(self))

    def lines_changed(self, ids: tuple[str, ...]) -> None:
        """Tell the owner, and forget the rows that left the screen: they may look different by their return."""
        for job_id in self._painted.keys() - set(ids):
            del self._painted[job_id]
        self.post_message(self.Viewport(self, ids))

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a part of the widget.

        Textual's own way to them leads through all that a widget could have, such as borders and padding, and
        makes half a dozen strips of each line. A table has none of that, and keeps its rows as they are painted.
        """
        painter, header, top = self._current_painter, self.header_height, self.top
        strips = [self._line(painter, y - header, top) for y in crop.line_range]
        if filters := self.get_line_filters():
            background = self.background_colors[1]
            for line_filter in filters:
                strips = [strip.apply_filter(line_filter, background) for strip in strips]
        begin, end = crop.column_span
        return [strip.crop(begin, end) for strip in strips] if begin or end < painter.width else strips

    def render_line(self, y: int) -> Strip:
        """One line of the widget, counted from its top."""
        return self._line(self._current_painter, y - self.header_height, self.top)

    def _line(self, painter: RowPainter, line: int, top: int) -> Strip:
        """A line, counted from 0 below the header, when the row of number `top` stands on the first one."""
        if line < 0:
            if self._header is None:
                self._header = painter.header(*self._sort)
            return self._header
        at = top + line
        if at < len(self.ids):
            return self._paint(self.ids[at], painter).strip
        return painter.blank() if self.ids else self._line_instead(line, painter)

    def _line_instead(self, line: int, painter: RowPainter) -> Strip:
        """A line of what stands in place of rows, in the middle of the room for them."""
        size = self.size.width, self.body_height
        if self._instead is None or self._instead_size != size:
            words = Content("\n").join(ways_lines(self._ways_on, *size))
            strips = Visual.to_strips(self, words, *size, self.visual_style, pad=True)
            self._instead, self._instead_size = strips, size
        return self._instead[line] if line < len(self._instead) else painter.blank()

    def notify_style_update(self) -> None:
        """Forget what was drawn with other colours."""
        super().notify_style_update()
        self._painter = None

    @property
    def _current_painter(self) -> RowPainter:
        """The painter for the width, the columns and the styles of now."""
        room, width = self.body_width, self.size.width
        if self._painter is None or self._painter.room != room or self._painter.width != width:
            places = lay_out(self._columns, room)
            style = cache(self._component_style)
            self._painter = RowPainter(places, room, style, width=width, ascii=self._ascii)
            self._painted.clear()
            self._header = None
            self._instead = None
        return self._painter

    def _component_style(self, *names: str) -> Style:
        """The style that component classes make together on top of the table's own."""
        classes = [f"job-table--{name}" for name in names]
        style = self.get_visual_style(*classes).rich_style
        if any(self.get_component_styles(name).text_style.reverse for name in classes):
            style += Style(reverse=True)  # which a visual style leaves out
        return style

    def _paint(self, job_id: str, painter: RowPainter) -> PaintedRow:
        """A row as it is to be drawn now."""
        cursor = job_id == self.cursor
        painted = self._painted.get(job_id)
        if painted is None or painted.cursor != cursor:
            row = self._row(job_id) if painted is None else painted.row
            painted = self._painted[job_id] = painter.row(row, cursor=cursor)
        return painted

    def _renew(self, line: int, job_id: str, painter: RowPainter) -> None:
        """Look at a job again, and have those of its cells painted that differ from what is drawn."""
        before = self._painted.get(job_id)
        if before is None:  # what stands there, if anything, was drawn before the colours were last looked up
            self.refresh_cells(line, 0, self.size.width)
            return
        row = self._row(job_id)
        if row == before.row:
            return
        after = self._painted[job_id] = painter.row(row, cursor=before.cursor)
        places = zip(painter.places, before.cells, after.cells, strict=True)
        if changed := [(place, new) for place, old, new in places if old != new]:
            # One piece of the line: for each of several it would be sent anew from its left edge.
            begin, end = changed[0][0].x, max(furthest_end(place, cell) for place, cell in changed)
            self.refresh_cells(line, begin, end - begin)
