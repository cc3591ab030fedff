"""Actions that change how the list is seen: order, filter, details, marks, columns, layout."""

from app.dashboard.actions import Actions, Parts
from app.dashboard.view_state import PREFERENCE, Layout, ViewState
from app.presentation.columns import COLUMNS, OPTIONAL, chosen
from app.presentation.tokens import MARK, token_hint, without_tokens
from widgets.filter_line import FilterLine


class ViewActions(Actions):
    """Changes the view, and saves it for the next start."""

    def __init__(self, parts: Parts, state: ViewState) -> None:
        super().__init__(parts)
        self._state = state
        self._filter_line = FilterLine(self.board.view.filter, self._clean_filter, id="filter-line")
        self._last_marked: str | None = None

    # Order

    def sort_by(self, key: str) -> None:
        """Sort by a column; reverse the order if the list is already sorted by it."""
        reverse = key == self.board.view.sort and not self.board.view.reverse
        self.board.view = self.board.view._replace(sort=key, reverse=reverse)
        self.parts.refresh_list()
        self.table.call_after_refresh(self.save)  # after the frame, so that the write does not delay it
        column = COLUMNS[key]
        self.notifications.show_status(f"Sorted by {column.name}{f', {column.reversed}' if reverse else ''}")

    def sort_next(self) -> None:
        """Sort by the next column."""
        sortable = self.job_list.columns
        sort = self.board.view.sort
        position = sortable.index(sort) + 1 if sort in sortable else 0
        self.sort_by(sortable[position % len(sortable)])

    def reverse(self) -> None:
        """Reverse the order."""
        self.sort_by(self.board.view.sort)

    # Filter

    async def edit_filter(self) -> None:
        """Open the field for the filter, which applies as it is typed."""
        self.job_list.return_to = self.job_list.pin_cursor() or self.job_list.return_to
        if not self._filter_line.is_attached:  # not mounted before it is first needed
            await self.screen.mount(self._filter_line, before="#keys")
        self._filter_line.open()

    def filter_by(self, words: str) -> None:
        """Show the jobs that match."""
        self.board.view = self.board.view._replace(filter=words.replace(MARK, "").strip())
        self.parts.refresh_list()

    def _clean_filter(self, words: str) -> str:
        """The filter without tokens, since it is shown on the screen and saved; a message says if it had any."""
        kept = without_tokens(words)
        if kept != words:
            self.notifications.show_in_full(token_hint(self.keymap.name_of("app.login")))
        return kept

    def keep_filter(self) -> None:
        """Close the field; the list stays filtered."""
        self.job_list.pin_cursor()
        self._filter_line.display = False
        self.table.focus()
        self.save()

    def clear_filter(self) -> None:
        """Show all jobs again."""
        self.job_list.pin_cursor()
        self._filter_line.clear()
        self.filter_by("")  # before the save; the message that the field has changed comes later
        self.keep_filter()

    # Details

    def toggle_details(self) -> None:
        """Open or close the details of the job under the cursor."""
        if self.selected() is not None:
            self.parts.details.toggle()
            self.parts.status.refresh()

    def show_details(self, *, shown: bool) -> None:
        """Open the details, or close them."""
        if self.parts.details.open is not shown:
            self.toggle_details()

    def go_back(self) -> None:
        """Close one layer: the filter field, the details, the filter, the marks."""
        if self._filter_line.has_focus_within:
            self.clear_filter()
        elif self.parts.details.open and self.table.cursor is not None:
            self.toggle_details()
        elif self.board.view.filter:
            self.clear_filter()
        else:
            self.clear_marks()

    # Marks

    def mark(self) -> None:
        """Mark the job under the cursor, or unmark it, and move to the next."""
        if (job_id := self.selected()) is None:
            return
        self._last_marked = job_id
        self.board.mark([job_id])
        self.parts.refresh_jobs([job_id])
        self.table.action_move(1)

    def mark_range(self) -> None:
        """Mark all jobs from the last marked one, if it is still marked, to the one under the cursor."""
        if (cursor := self.selected()) is None:
            return
        marked = self._last_marked if self._last_marked in self.board.marks else cursor
        self._last_marked = cursor
        ends = [index for job_id in (marked, cursor) if (index := self.table.position(job_id)) is not None]
        job_ids = self.table.ids[min(ends) : max(ends) + 1]
        self.board.marks.update(job_id for job_id in job_ids if job_id in self.board)
        self.parts.refresh_jobs(job_ids)

    async def mark_all(self) -> None:
        """Mark all jobs that are shown, or unmark them if all of them are marked."""
        if self.selected() is not None and await self.list_is_complete():
            self.board.mark(self.table.ids)
            self.parts.refresh_jobs(self.table.visible_ids)

    def clear_marks(self) -> None:
        """Unmark all jobs."""
        marked = tuple(self.board.marks)
        self.board.marks.clear()
        self.parts.refresh_jobs(marked)

    # Columns and layout

    async def choose_columns(self) -> None:
        """Open the dialog that chooses the columns."""
        from widgets.dialogs.columns import ColumnDialog

        choices = [(key, COLUMNS[key].name) for key in OPTIONAL]
        await self.open_dialog(ColumnDialog(choices, self.job_list.columns), self._show_columns)

    async def _show_columns(self, keys: tuple[str, ...]) -> None:
        self.job_list.columns = chosen(keys)
        self.job_list.rearrange()
        self.save()

    def next_layout(self) -> None:
        """Switch to the next layout: show more or less around the list."""
        layouts = list(Layout)
        layout = layouts[(layouts.index(self._state.layout) + 1) % len(layouts)]
        self._state = self._state._replace(layout=layout)
        self.screen.update_classes({f"-{each}": each is layout for each in layouts})
        self.save()
        self.notifications.show_status(f"Layout: {layout}")

    def show_help(self) -> None:
        """Show all keys."""
        from app.presentation.help import help_sections
        from widgets.dialogs.reading import HelpDialog

        self.screen.app.push_screen(HelpDialog(help_sections(self.keymap)))

    def theme_chosen(self, name: str) -> None:
        """Save the name of the theme that the user chose."""
        self._state = self._state._replace(theme=name)
        self.save()

    def save(self) -> None:
        """Save the view for the next start."""
        state = self._state._replace(view=self.board.view, columns=self.job_list.columns)
        self.session.watch_list.store.set_preference(PREFERENCE, state.to_json())
