"""The list on the main screen: the board's jobs in the table, the cursor, the order and the columns."""

from collections.abc import Collection, Iterable

from app.dashboard.shared import Part, Shared
from app.presentation.columns import chosen, table_columns
from widgets.model import Column
from widgets.table.job_table import JobTable

_ORDER_HELD_SECONDS = 3.0
"""How long rows keep their order after the user moved the cursor or scrolled."""


class JobList(Part):
    """Keeps the table up to date with the board. Rows keep their order for a moment while the user moves through them.

    Attributes:
        columns: The keys of the columns that are shown where there is room. Call `rearrange` after a change.
        return_to: While a filter is typed, the job that the cursor returns to whenever the filter shows it.
    """

    def __init__(self, shared: Shared, columns: Collection[str]) -> None:
        super().__init__(shared)
        self._ids_shown = True
        self._moved_at = 0.0
        self._cursor_chosen = False
        self.return_to: str | None = None
        self.columns = chosen(columns)
        self.table = JobTable(
            self._table_columns,
            self.board.row,
            feed_hint=f"{self.keymap.name_of('view.log')} shows all",
            id="table",
        )

    # Columns

    def show_ids(self, shown: bool) -> None:
        """Show the jobs' IDs where there is room, or never."""
        self._ids_shown = shown
        self.table.show_columns(self._table_columns)

    @property
    def _table_columns(self) -> tuple[Column, ...]:
        id_cells = self.board.short_ids.longest if self._ids_shown else 0
        return table_columns(self.columns, id_cells)

    # The cursor

    def pin_cursor(self) -> str | None:
        """Keep the cursor on its job from now on, since the user has chosen it; return the job's ID."""
        self._cursor_chosen = True
        if self.table.cursor is not None:  # else the filter shows nothing
            self.return_to = None
        return self.table.cursor

    def select(self, job_id: str) -> None:
        """Move the cursor to a job, unless the filter hides it."""
        if self.table.move_to(job_id):
            self.pin_cursor()

    # Order

    def hold_order(self) -> None:
        """Keep the order for a moment, since the user is moving through the list."""
        self._moved_at = self.session.now()
        self.pin_cursor()

    def rearrange(self) -> None:
        """Put the rows in order, even if the user is moving through the list."""
        ids, view = self.board.arrange(), self.board.view
        default_order = view.sort == "status" and not view.reverse
        self.table.show_sorting(None if default_order else view.sort, view.reverse)
        self.table.show_columns(self._table_columns)
        headings = self.board.headings(ids, self.keymap.name_of)
        self.table.show(ids, headings, hold_scrollbar=bool(view.filter))
        if not self._cursor_chosen and ids:
            self.table.move_cursor(0)
        if self.return_to is not None:
            self.table.move_to(self.return_to)

    def show_changes(self, job_ids: Iterable[str]) -> None:
        """Show what changed in these jobs, and put the rows in order unless the user is moving through the list."""
        since_move = abs(self.session.now() - self._moved_at)  # the wall clock may be set back
        if self.board.misplaced and since_move >= _ORDER_HELD_SECONDS:
            self.rearrange()
        self.table.refresh_rows(job_ids)

    def show_time_passed(self) -> None:
        """Show what changed with time, such as ages and estimates."""
        self.board.time_passed()
        # Finished rows change once a day; the redraw once a minute is enough for them.
        self.show_changes([job_id for job_id in self.table.visible_ids if not self.board[job_id].finished])
