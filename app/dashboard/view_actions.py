"""Actions that change how the list is seen: its order, its filter, its marks."""

from collections.abc import Callable

from textual.screen import Screen

from app.dashboard.action_host import ActionHost
from app.dashboard.board import Board
from app.presentation.columns import JobColumn, job_column
from widgets.filter_line import FilterField, FilterLine
from widgets.table.job_table import JobTable


class ViewActions:
    """Sorts, filters and marks.

    The filter line is made when it is first needed, since most starts do without it: it goes above `#status`.
    """

    def __init__(
        self,
        screen: Screen[None],
        board: Board,
        table: JobTable,
        host: ActionHost,
        *,
        columns: Callable[[], tuple[JobColumn, ...]],
        save: Callable[[], object],
    ) -> None:
        """Keep the order and the filter that the board has.

        Args:
            screen: Where the filter line goes.
            board: The jobs as the list shows them.
            table: The list.
            host: The main screen.
            columns: Returns the columns on the screen.
            save: Saves the view for the next start.
        """
        self._screen = screen
        self._board = board
        self._table = table
        self._host = host
        self._columns = columns
        self._save = save
        self._last_marked: str | None = None
        self._filter_cursor: str | None = None

    # Order

    def sort_by(self, key: str) -> None:
        """Sort by a column; reverse the order if the list is sorted by it already."""
        view = self._board.view
        self._sort(key, reverse=key == view.sort and not view.reverse)

    def sort_next(self) -> None:
        """Sort by the next column."""
        sortable = [item.key for item in self._columns()]
        sort = self._board.view.sort
        position = sortable.index(sort) + 1 if sort in sortable else 0
        self._sort(sortable[position % len(sortable)], reverse=False)

    def reverse(self) -> None:
        """Reverse the order."""
        self._sort(self._board.view.sort, reverse=not self._board.view.reverse)

    def _sort(self, key: str, *, reverse: bool) -> None:
        self._board.view = self._board.view._replace(sort=key, reverse=reverse)
        self.show_order()
        self._host.refresh_list()
        self._screen.call_after_refresh(self._save)  # after the frame, so that the write does not delay it
        self._host.show_status(
            f"Sorted by {job_column(key).name}{f', {job_column(key).reversed}' if reverse else ''}"
        )

    def show_order(self) -> None:
        """Show what the list is sorted by, unless that is as usual."""
        sort, reverse = self._board.view.sort, self._board.view.reverse
        self._table.sorted_by(None if sort == "status" and not reverse else sort, reverse)

    # Filter

    @property
    def typing_filter(self) -> bool:
        """Whether the filter field has the focus."""
        return isinstance(self._screen.focused, FilterField)

    async def edit_filter(self) -> None:
        """Open the field for the filter; the list follows while it is typed."""
        self._filter_cursor = self._host.choose()
        if not self._screen.query("#filter-line"):
            await self._screen.mount(FilterLine("", id="filter-line"), before="#keys")
        self._line.display = True
        self._screen.set_focus(self._field)  # now, not soon: the next key may be here already

    def filter_by(self, words: str) -> None:
        """Show the jobs that match; the cursor returns to its job as soon as the filter shows it again."""
        self._board.view = self._board.view._replace(filter=words.strip())
        self._host.refresh_list()
        if self._filter_cursor is not None:
            self._table.move_to(self._filter_cursor)

    def keep_filter(self) -> None:
        """Close the field; the list stays filtered."""
        self._host.keep_cursor()
        self._line.display = False
        self._table.focus()
        self._save()

    def clear_filter(self) -> None:
        """Show all jobs again."""
        if self._table.cursor is not None:
            self._host.keep_cursor()
        self._field.value = ""
        self.filter_by("")  # before it is saved; the message that the field has changed comes later
        self.keep_filter()

    def show(self, job_id: str) -> None:
        """Move the cursor to a job, clearing the filter if it hides the job."""
        self._host.keep_cursor()
        if not self._table.move_to(job_id) and job_id in self._board:
            self._field.value = ""  # there is one, since something is hidden
            self._screen.call_after_refresh(self._table.move_to, job_id)

    def forget_filter_cursor(self) -> None:
        """Leave the cursor where it is from now on, whatever the filter hides or shows."""
        self._filter_cursor = None

    @property
    def _line(self) -> FilterLine:
        return self._screen.query_one("#filter-line", FilterLine)

    @property
    def _field(self) -> FilterField:
        return self._screen.query_one("#filter", FilterField)

    # Marks

    def mark(self) -> None:
        """Mark the job under the cursor, or unmark it, and go on to the next."""
        if (job_id := self._host.choose()) is None:
            return
        self._last_marked = job_id
        self._board.toggle(job_id)
        self._host.refresh_jobs([job_id])
        position = self._table.position(job_id)
        if position is not None and position + 1 < len(self._table.ids):
            self._table.move_to(self._table.ids[position + 1])

    def mark_range(self) -> None:
        """Mark from the job marked last, if it still is, to the one under the cursor."""
        cursor = self._host.choose()
        end = self._table.position(cursor) if cursor is not None else None
        if end is None:
            return
        start = self._table.position(self._last_marked) if self._last_marked in self._board.marks else None
        self._last_marked = cursor
        first, last = sorted((end, end if start is None else start))
        job_ids = self._table.ids[first : last + 1]
        self._board.marks.update(job_ids)
        self._host.refresh_jobs(job_ids)

    async def mark_all(self) -> None:
        """Mark all jobs that are shown, or unmark them if all of them are marked."""
        if await self._host.is_complete():
            self._board.mark(self._table.ids)
            self._host.refresh_jobs(self._table.visible_ids)

    def clear_marks(self) -> None:
        """Unmark all jobs."""
        marked = tuple(self._board.marks)
        self._board.marks.clear()
        self._host.refresh_jobs(marked)
