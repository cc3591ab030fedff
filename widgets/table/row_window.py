"""A scrolling view of rows: keeps track of which are on the screen, and which lines must be repainted."""

from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest

from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import Reactive
from textual.scroll_view import ScrollView

from widgets.drawing import repaint_with_next_frame
from widgets.model import EventLine, Heading, Tone

_LINES_WITH_LABELS = 12
"""On screens with at least this many lines, column labels are shown."""

_AIRY_SIZE = Size(60, 20)
"""On screens of at least this size, lines without rows are used for headings, blank lines and recent events."""

_MIN_FEED_LINES = 5
"""The minimum number of free lines for recent events to be shown."""

_MAX_FEED_LINES = 8

Line = str | Heading | EventLine | None
"""The content of a line: the row of a job ID, a heading, a recent event, or nothing."""


class RowWindow(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows of one line each, by job ID, below fixed labels, with a cursor on one of them.

    If all rows fit and lines are left, headings are shown between them, then blank lines, and recent events below.
    Subclasses paint the lines. A line is repainted only if its content has changed, or if the subclass requests it.
    """

    class Highlighted(Message):
        """Posted when the cursor moves to another job, or to none."""

    class Viewport(Message):
        """Posted when the lines on the screen change."""

    class Moved(Message):
        """Posted when the user moves the cursor or scrolls. The order should then not change for a while."""

    DEFAULT_CSS = """
    RowWindow {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
    }
    """

    ALLOW_SELECT = False

    virtual_size = Reactive(Size(0, 0), repaint=False)
    """The size of all lines. Redefined without layout, since a change affects only the scrollbar."""

    def __init__(self, *, feed_hint: str = "", id: str | None = None) -> None:
        super().__init__(id=id)
        self.ids: tuple[str, ...] = ()
        """All rows, from top to bottom."""
        self._at = 0  # the cursor's row number
        self._feed_heading = Heading("Recent", Tone.SECONDARY, hint=feed_hint)
        self._headings: tuple[Heading, ...] = ()
        self._feed: tuple[EventLine, ...] = ()
        self._arranged: Sequence[Line] = ()  # all lines
        self._lines: tuple[Line, ...] = ()  # those on the screen
        self._height = 0
        self._follows_cursor = True
        self._own_scroll = False
        self.bare = False
        """Whether the labels are hidden while there are no rows."""

    @property
    def visible_ids(self) -> tuple[str, ...]:
        """The rows that are on the screen, from top to bottom."""
        return tuple(line for line in self._lines if isinstance(line, str))

    @property
    def feed_shown(self) -> bool:
        """Whether recent events are on the screen."""
        return any(isinstance(line, EventLine) for line in self._lines)

    @property
    def cursor(self) -> str | None:
        """The job the cursor is on; None if there are no rows."""
        return self.ids[self._at] if self.ids else None

    @property
    def cursor_region(self) -> Region:
        """The cells of the screen that the cursor's row is on; none while it is out of view."""
        if self.cursor is None or self.cursor not in self._lines:
            return Region()
        line = self._lines.index(self.cursor) + self.header_height
        return Region(self.region.x, self.region.y + line, self.region.width, 1)

    def position(self, job_id: str) -> int | None:
        """A job's row number, from 0; None if it has no row."""
        return self.ids.index(job_id) if job_id in self.ids else None

    def show(
        self, ids: Sequence[str], headings: Sequence[Heading] = (), *, hold_scrollbar: bool = False
    ) -> None:
        """Show these jobs in this order, and their groups' headings if there is room.

        The cursor stays on its job, or goes to the nearest one below that is still there, else above. The screen
        scrolls only as far as it takes to keep the cursor's line where it is; with the cursor scrolled away, the first
        line that is still there stays.

        `hold_scrollbar` keeps a scrollbar that is no longer needed: removing it lays out the whole screen.
        """
        ids, headings = tuple(ids), tuple(headings)
        if ids == self.ids and headings == self._headings:
            return
        before, was_empty = self.cursor, not self.ids
        rows = set(ids)
        nearest = chain(self.ids[self._at :], reversed(self.ids[: self._at]))
        kept = next((job_id for job_id in nearest if job_id in rows), None)
        self._at = 0 if kept is None else ids.index(kept)
        self.ids, self._headings = ids, headings
        self.styles.overflow_y = "scroll" if hold_scrollbar and self.show_vertical_scrollbar else "auto"
        if was_empty or not ids:
            self.refresh()  # rows replace the empty state, or vice versa
        self._arrange()
        self._hold_line(before)
        self._update_lines()
        repaint_with_next_frame(self)
        if self.cursor != before:
            self.post_message(self.Highlighted())

    def show_feed(self, feed: Sequence[EventLine]) -> None:
        """Set the recent events, the newest first; shown if there is room."""
        if tuple(feed) != self._feed:
            self._feed = tuple(feed)
            self._arrange()
            self._update_lines()

    def move_to(self, job_id: str) -> bool:
        """Put the cursor on a job and scroll it into view; False if it has no row."""
        at = self.position(job_id)
        if at is None:
            return False
        self.move_cursor(at)
        return True

    def move_cursor(self, at: int) -> None:
        """Put the cursor on the row with this number, or the nearest one, and scroll it into view."""
        before = self.cursor
        self._at = max(0, min(at, len(self.ids) - 1))
        self._follows_cursor = True
        self._reveal_cursor()
        now = self.cursor
        if now == before:
            return
        self.repaint_lines(
            line for line, job_id in enumerate(self._lines) if job_id and job_id in (before, now)
        )
        self.post_message(self.Highlighted())

    def action_move(self, rows: int) -> None:
        """Move the cursor down by a number of rows, up if negative."""
        self.post_message(self.Moved())
        self.move_cursor(self._at + rows)

    def action_ends(self, end: bool) -> None:
        """Move the cursor to the last row, or else to the first."""
        self.post_message(self.Moved())
        self.move_cursor(len(self.ids) - 1 if end else 0)

    def action_page(self, direction: int, part: int) -> None:
        """Move the cursor and the screen by a page (part 1) or half a page (part 2); direction 1 is down, -1 up."""
        self.post_message(self.Moved())
        rows = direction * max(self.body_height // part, 1)
        if self.cursor in self.visible_ids:
            self._scroll_to_row(self.top + rows)
        self.move_cursor(self._at + rows)

    @property
    def header_height(self) -> int:
        """The lines of the labels; on a very low screen there are none."""
        if self.bare and not self.ids:
            return 0
        return 1 if self.app.size.height >= _LINES_WITH_LABELS else 0

    @property
    def body_height(self) -> int:
        """How many rows there is room for."""
        return max(self.size.height - self.header_height, 0)

    @property
    def top(self) -> int:
        """The number of the first row on the screen."""
        return self.scroll_offset.y

    def line_at(self, line: int) -> Line:
        """The content of a line, counted from 0 below the labels."""
        at = self.top + line
        return self._arranged[at] if at < len(self._arranged) else None

    def repaint_lines(self, lines: Iterable[int]) -> None:
        """Repaint lines, counted from 0 below the labels."""
        self.repaint_cells((line, 0, self.size.width) for line in lines)

    def repaint_cells(self, spans: Iterable[tuple[int, int, int]]) -> None:
        """Repaint cells: of each line, counted from 0 below the labels, those from one column up to another."""
        regions: list[Region] = []
        for line, begin, end in spans:
            region = Region(begin, line + self.header_height, end - begin, 1)
            if regions and regions[-1].bottom == region.y and regions[-1].column_span == region.column_span:
                region = regions.pop().union(region)
            regions.append(region)
        if regions:
            self.refresh(*regions)

    def on_resize(self) -> None:
        """Fit the rows to the new size; a cursor that was in view stays in view."""
        self._height = self.size.height
        self._arrange()
        if self._follows_cursor:
            self._reveal_cursor()
        self._update_lines()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Repaint the lines that show another row now."""
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = new_value
        if round(old_value) == round(new_value):
            return
        self._update_lines()
        fewer_rows = old_value > self.max_scroll_y  # a user cannot scroll from beyond the end
        # The user scrolled, if not this class, a new size or the removal of rows did.
        if not self._own_scroll and self.size.height == self._height and not fewer_rows:
            self._follows_cursor = self.cursor in self.visible_ids
            self.post_message(self.Moved())

    def _arrange(self) -> None:
        """Fill the lines without rows, and update the scrollbar."""
        self._arranged = self._with_headings_and_feed()
        self.virtual_size = Size(self.size.width, len(self.ids) + self.header_height)
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.window_virtual_size = self.virtual_size.height
            repaint_with_next_frame(self.vertical_scrollbar)

    def _with_headings_and_feed(self) -> Sequence[Line]:
        """The rows; if they leave lines empty, with headings between them and recent events below."""
        ids, room, groups = self.ids, self.body_height, len(self._headings)
        size = self.app.size
        if not ids or len(ids) > room or size.width < _AIRY_SIZE.width or size.height < _AIRY_SIZE.height:
            return ids
        lines: list[Line] = []
        if groups and len(ids) + groups <= room:
            blank = len(ids) + 2 * groups - 1 <= room
            at = 0
            for heading in self._headings:
                if blank and lines:
                    lines.append(None)
                lines += [heading, *ids[at : at + (heading.size or 0)]]
                at += heading.size or 0
        else:
            lines += ids
        free = room - len(lines)
        if self._feed and free >= _MIN_FEED_LINES:
            feed = self._feed[: min(free - 2, _MAX_FEED_LINES)]
            lines += [None] * (free - len(feed) - 1)
            lines += [self._feed_heading, *feed]
        return lines

    def _hold_line(self, cursor_before: str | None) -> None:
        """Scroll so that a row keeps its line: the cursor's if it was in view, else the first that is left.

        A cursor that had to go to another job takes the line of the one before it.
        """
        lines = {job_id: line for line, job_id in enumerate(self.visible_ids)}
        if cursor_before in lines:
            cursor_line = lines[cursor_before]
            line = min(cursor_line, lines.get(self.cursor or "", cursor_line))
            at = self._at
        else:
            rows = set(self.ids)
            anchor = next((job_id for job_id in lines if job_id in rows), "")
            line, at = lines.get(anchor, 0), self.position(anchor) or 0
        self._scroll_to_row(at - line)

    def _reveal_cursor(self) -> None:
        """Scroll by the least that brings the cursor's line into view."""
        at = self._at
        self._scroll_to_row(min(max(self.top, at - self.body_height + 1), at))

    def _scroll_to_row(self, top: int) -> None:
        """Make this the first row on the screen, as far as there are rows to fill the screen."""
        top = max(min(top, self.max_scroll_y), 0)
        if self.size and top != self.top:
            self._own_scroll = True
            self.scroll_to(y=top, animate=False, force=True)
            self._own_scroll = False

    def _update_lines(self) -> None:
        """Repaint the lines whose content has changed."""
        before = self._lines
        self._lines = lines = tuple(map(self.line_at, range(self.body_height)))
        if lines != before:
            both = enumerate(zip_longest(before, lines))
            self.repaint_lines(line for line, (old, new) in both if old != new)
            self.visible_rows_changed()

    def visible_rows_changed(self) -> None:
        """Called when the lines on the screen change."""
        self.post_message(self.Viewport())
