"""Actions that change how the list is seen: order, filter, marks, columns, layout."""

from textual.screen import Screen

from app.dashboard.action_host import ActionHost, Messages
from app.dashboard.board import Board
from app.dashboard.job_list import JobList
from app.dashboard.view_state import PREFERENCE, Layout, ViewState
from app.presentation.columns import CHOICES, job_column
from app.watch.watch_list import WatchList
from widgets.filter_line import FilterField, FilterLine


class ViewActions:
    """Changes the view, and saves it for the next start.

    The filter line is made when it is first needed, since most starts do without it: it goes above the key line.
    """

    def __init__(
        self,
        screen: Screen[None],
        watch_list: WatchList,
        board: Board,
        job_list: JobList,
        messages: Messages,
        host: ActionHost,
        layout: Layout,
        theme: str,
    ) -> None:
        """Keep the order, filter, columns and layout as they are.

        Args:
            screen: The main screen as Textual knows it, for its widgets and classes.
            watch_list: Has the store that keeps the view.
            board: The jobs as the list shows them.
            job_list: The list.
            messages: Shows messages.
            host: The main screen.
            layout: How much is shown around the list.
            theme: The theme that a person chose; empty for none.
        """
        self._screen = screen
        self._watch_list = watch_list
        self._board = board
        self._list = job_list
        self._table = job_list.table
        self._messages = messages
        self._host = host
        self._layout = layout
        self._theme = theme
        self._last_marked: str | None = None

    # Order

    def sort_by(self, key: str) -> None:
        """Sort by a column; reverse the order if the list is sorted by it already."""
        view = self._board.view
        self._sort(key, reverse=key == view.sort and not view.reverse)

    def sort_next(self) -> None:
        """Sort by the next column."""
        sortable = [item.key for item in self._list.columns]
        sort = self._board.view.sort
        position = sortable.index(sort) + 1 if sort in sortable else 0
        self._sort(sortable[position % len(sortable)], reverse=False)

    def reverse(self) -> None:
        """Reverse the order."""
        self._sort(self._board.view.sort, reverse=not self._board.view.reverse)

    def _sort(self, key: str, *, reverse: bool) -> None:
        self._board.view = self._board.view._replace(sort=key, reverse=reverse)
        self._list.show_order()
        self._host.refresh_list()
        self._screen.call_after_refresh(self.save)  # after the frame, so that the write does not delay it
        self._messages.show_status(
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
        self._list.return_to = self._list.choose()
        if not self._screen.query("#filter-line"):
            await self._screen.mount(FilterLine("", id="filter-line"), before="#keys")
        self._line.display = True
        self._screen.set_focus(self._field)  # now, not soon: the next key may be here already

    def filter_by(self, words: str) -> None:
        """Show the jobs that match."""
        self._board.view = self._board.view._replace(filter=words.strip())
        self._host.refresh_list()

    def keep_filter(self) -> None:
        """Close the field; the list stays filtered."""
        self._list.keep_cursor()
        self._line.display = False
        self._table.focus()
        self.save()

    def clear_filter(self) -> None:
        """Show all jobs again."""
        if self._table.cursor is not None:
            self._list.keep_cursor()
        self._field.value = ""
        self.filter_by("")  # before it is saved; the message that the field has changed comes later
        self.keep_filter()

    def show(self, job_id: str) -> None:
        """Move the cursor to a job, clearing the filter if it hides the job."""
        self._list.keep_cursor()
        if not self._table.move_to(job_id) and job_id in self._board:
            self._field.value = ""  # there is one, since something is hidden
            self._screen.call_after_refresh(self._table.move_to, job_id)

    @property
    def _line(self) -> FilterLine:
        return self._screen.query_one("#filter-line", FilterLine)

    @property
    def _field(self) -> FilterField:
        return self._screen.query_one("#filter", FilterField)

    # Marks

    def mark(self) -> None:
        """Mark the job under the cursor, or unmark it, and go on to the next."""
        if (job_id := self._list.choose()) is None:
            return
        self._last_marked = job_id
        self._board.toggle(job_id)
        self._host.refresh_jobs([job_id])
        position = self._table.position(job_id)
        if position is not None and position + 1 < len(self._table.ids):
            self._table.move_to(self._table.ids[position + 1])

    def mark_range(self) -> None:
        """Mark from the job marked last, if it still is, to the one under the cursor."""
        cursor = self._list.choose()
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

    # Columns and layout

    async def choose_columns(self) -> None:
        """Open the dialog that chooses the columns."""
        from widgets.dialogs.columns import ColumnDialog

        def show_chosen(chosen: tuple[str, ...] | None) -> None:
            if chosen is not None:
                self._list.choose_columns(chosen)
                self.save()

        choices = [(key, job_column(key).name) for key in CHOICES]
        shown = [item.key for item in self._list.columns]
        await self._host.open_dialog(ColumnDialog(choices, shown, ascii=self._board.plain), show_chosen)

    def next_layout(self) -> None:
        """Show more or less around the list."""
        layouts = list(Layout)
        self._layout = layouts[(layouts.index(self._layout) + 1) % len(layouts)]
        self._screen.update_classes({f"-{layout}": layout is self._layout for layout in layouts})
        self.save()
        self._messages.show_status(f"Layout: {self._layout}")

    def theme_chosen(self, name: str) -> None:
        """Save the name of a theme that a person chose."""
        self._theme = name
        self.save()

    def save(self) -> None:
        """Save the view for the next start."""
        view = self._board.view
        state = ViewState(
            view.sort,
            view.reverse,
            view.filter,
            self._list.chosen_columns,
            self._layout,
            self._theme,
        )
        self._watch_list.store.set_preference(PREFERENCE, state.to_json())
