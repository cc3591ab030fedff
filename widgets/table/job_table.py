"""The job table. It draws only the visible lines, so that the cost does not depend on the number of rows."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from rich.style import Style
from textual import events
from textual.color import Color
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.visual import Visual

from widgets import keys
from widgets.bindings import bindings
from widgets.drawing import draws_ascii, finished_lines
from widgets.empty_state import empty_state_lines
from widgets.model import Column, EmptyState, EventLine, Heading, Row, Tone
from widgets.table.column_layout import lay_out
from widgets.table.row_painter import PaintedRow, RowPainter, changed_span
from widgets.table.row_window import RowWindow
from widgets.themes import DIM, SHAPES


class JobTable(RowWindow, inherit_bindings=False):
    """A table of jobs with a cursor on one of them.

    It requests a `Row` only when its line comes onto the screen, and repaints only cells that look different from what
    is drawn. The cursor belongs to a job, not to a line: rows may come, go or move around it, and it stays on its job,
    where possible on the same line of the screen.

    `row` returns the row of a job with the cells of the columns that have these keys. `feed_hint` is at the right end of
    the line above recent events.
    """

    BINDINGS = bindings(keys.TABLE)

    class Opened(Message):
        """Posted when a job is double-clicked, which also moves the cursor to it."""

    @dataclass
    class HeaderPressed(Message):
        """Posted when a column header is clicked."""

        key: str

    def __init__(
        self,
        columns: Sequence[Column],
        row: Callable[[str, Collection[str]], Row],
        *,
        feed_hint: str = "",
        id: str | None = None,
    ) -> None:
        super().__init__(feed_hint=feed_hint, id=id)
        self._columns = columns
        self._row = row
        self._sort: tuple[str | None, bool] = (None, False)
        self._painter: RowPainter | None = None
        self._empty_state = EmptyState("")
        self._empty_lines: Sequence[Strip] = ()
        self._empty_drawn_for: object = None
        self._painted: dict[str, PaintedRow] = {}
        self._room = 0

    def show_columns(self, columns: Sequence[Column]) -> None:
        """Show these columns, as far as there is room."""
        if columns != self._columns:
            self._columns = columns
            self._painter = None
            self.refresh()

    def refresh_rows(self, ids: Iterable[str]) -> None:
        """Repaint what has changed in these jobs. Jobs that are not on the screen cost nothing."""
        wanted = set(ids)
        painter = self._current_painter
        self.repaint_cells(
            (line, *span)
            for line, job_id in enumerate(self._lines)
            if isinstance(job_id, str) and job_id in wanted and (span := self._repaint(job_id, painter))
        )

    def refresh_visible_rows(self) -> None:
        """Repaint what has changed in all jobs on the screen."""
        self.refresh_rows(self.visible_ids)

    def show_sorting(self, key: str | None, reverse: bool) -> None:
        """Show in the header which column the rows are sorted by; no arrow if it is None."""
        if (key, reverse) != self._sort:
            self._sort = key, reverse
            if self.header_height:
                self.refresh(Region(0, 0, self.size.width, self.header_height))

    def show_when_empty(self, empty_state: EmptyState, *, bare: bool) -> None:
        """Show this in place of rows while there are none; `bare` hides the column labels too."""
        if (empty_state, bare) != (self._empty_state, self.bare):
            self._empty_state, self.bare = empty_state, bare
            if not self.ids:
                self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Select a job, open it on a double click, or press a header."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        line = offset.y - self.header_height
        if line < 0:
            self._press_label(offset.x)
        elif isinstance(job_id := self.line_at(line), str):
            self.post_message(self.Moved())
            self.move_to(job_id)
            if event.chain == 2:
                self.post_message(self.Opened())

    def _press_label(self, x: int) -> None:
        layout = self._current_painter.layout
        x -= layout.start
        for column, width in layout.widths.items():
            if 0 <= x < width + layout.gap:
                self.post_message(self.HeaderPressed(column.key))
            x -= width + layout.gap

    def visible_rows_changed(self) -> None:
        """Forget the rows that left the screen: they may look different when they return."""
        for job_id in self._painted.keys() - set(self.visible_ids):
            del self._painted[job_id]
        super().visible_rows_changed()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a part of the widget."""
        painter, header = self._current_painter, self.header_height
        return finished_lines(self, [self._line(painter, y - header) for y in crop.line_range], crop)

    def render_line(self, y: int) -> Strip:
        """One line of the widget, counted from its top."""
        return self._line(self._current_painter, y - self.header_height)

    def _line(self, painter: RowPainter, line: int) -> Strip:
        """A line, counted from 0 below the labels."""
        if line < 0:
            return painter.labels(*self._sort)
        match self.line_at(line):
            case str(job_id):
                return self._paint(job_id, painter).strip
            case Heading() as heading:
                return painter.heading(heading)
            case EventLine() as feed_line:
                return painter.feed_line(feed_line)
            case _:
                return painter.blank() if self.ids else self._empty_state_line(line, painter)

    def _empty_state_line(self, line: int, painter: RowPainter) -> Strip:
        """A line of the empty state: one block, a little above the middle."""
        width, height = self.size.width, self.body_height
        if self._empty_drawn_for != (drawn_for := (self._empty_state, width, height, painter)):
            text = Content("\n").join(empty_state_lines(self._empty_state, width, height))
            self._empty_lines = Visual.to_strips(self, text, width, height, self.visual_style, pad=True)
            self._empty_drawn_for = drawn_for
        return self._empty_lines[line] if line < len(self._empty_lines) else painter.blank()

    def notify_style_update(self) -> None:
        """Discard lines drawn with other colours."""
        super().notify_style_update()
        self._painter = None

    @property
    def _current_painter(self) -> RowPainter:
        """The painter for the current width, columns and styles."""
        width = self.size.width
        room = max(width - self.scrollbar_size_vertical, 0)
        if self._painter is None or self._room != room or self._painter.width != width:
            layout = lay_out(self._columns, width, room)
            self._room = room
            self._painter = RowPainter(layout, width, cache(self._style), edges=draws_ascii(self))
            self._painted.clear()
        return self._painter

    def _style(self, role: str, *, bold: bool = False, cursor: bool = False) -> Style:
        """The style of a role of the theme, on the ground or on the cursor row."""
        app = self.app
        variables = app.theme_variables
        own_colors = app.native_ansi_color  # the terminal's
        if cursor and (app.no_color or own_colors):
            edge = (
                Color.parse(variables["dw-accent"]).rich_color if role == Tone.ACCENT and own_colors else None
            )
            return Style(bold=bold, reverse=True, bgcolor=edge)
        ground = Color.parse(variables["dw-cursor" if cursor else "dw-ground"]).rich_color
        raised = variables.get(f"dw-{role}-raised") if cursor else None
        color = Color.parse(raised or variables[f"dw-{role}"]).rich_color
        dim = own_colors and (role in DIM or (app.no_color and role in SHAPES))
        return Style(color=color, bgcolor=ground, bold=bold or None, dim=dim or None)

    def _paint(self, job_id: str, painter: RowPainter) -> PaintedRow:
        cursor = job_id == self.cursor
        painted = self._painted.get(job_id)
        if painted is None or painted.cursor != cursor:
            row = self._row(job_id, painter.columns) if painted is None else painted.row
            painted = self._painted[job_id] = painter.row(row, cursor=cursor)
        return painted

    def _repaint(self, job_id: str, painter: RowPainter) -> tuple[int, int] | None:
        """Repaint a job; returns the range of cells that differ from what is on the screen, or None."""
        before = self._painted.get(job_id)
        if before is None:  # if it was drawn, then in other colours or columns
            return 0, self.size.width
        row = self._row(job_id, painter.columns)
        if row == before.row:
            return None
        after = self._painted[job_id] = painter.row(row, cursor=before.cursor)
        return changed_span(before.parts, after.parts)
