"""The columns of the list: which a person chose, and which of them fit."""

from collections.abc import Collection
from math import inf

from app.dashboard.board import Board
from app.presentation.columns import FIXED, JobColumn, chosen, fitted
from app.watch.session import Session
from widgets.model import Column
from widgets.table.job_table import JobTable

_AGES_STAY_SECONDS = 300.0
"""How long the column for ages stays after the last age, so that columns do not jump about."""

_ALWAYS_AGES_CELLS = 120
"""From this width on the column for ages always has room."""


class ListColumns:
    """Gives the table the columns that fit."""

    def __init__(self, session: Session, board: Board, table: JobTable, keys: Collection[str]) -> None:
        """Show nothing yet.

        Args:
            session: Whose clock tells ages.
            board: The jobs as the list shows them.
            table: The list.
            keys: The chosen columns beside the fixed ones.
        """
        self._session = session
        self._board = board
        self._table = table
        self._width = 0
        self._details_open = False
        self._aged_at = -inf
        self._aged = False
        self.shown: tuple[JobColumn, ...] = chosen(keys)

    def choose(self, keys: Collection[str]) -> None:
        """Show these columns beside the fixed ones."""
        self.shown = chosen(keys)
        self.refit()
        if self._board.view.sort not in {item.column.key for item in self.shown}:
            self._table.sorted_by(None, False)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The keys of the chosen columns."""
        return tuple(item.column.key for item in self.shown if item.column.key not in FIXED)

    def fit(self, width: int, *, details_open: bool) -> None:
        """Fit the columns into a pane.

        Args:
            width: Of the pane, in cells.
            details_open: Whether the details take some of it.
        """
        self._width, self._details_open = width, details_open
        self.refit()

    def look_for_ages(self) -> None:
        """Show the column for ages while there are any, and for a while after."""
        now = self._session.now()
        if any(self._board.age(self._board[job_id]) for job_id in self._table.visible_ids):
            self._aged_at = now
        if (aged := now - self._aged_at < _AGES_STAY_SECONDS) != self._aged:
            self._aged = aged
            self.refit()

    def refit(self) -> None:
        """Fit the columns again, because short IDs have another length."""
        self._table.columns = self._fitted()

    def _fitted(self) -> tuple[Column, ...]:
        roomy = self._width >= _ALWAYS_AGES_CELLS and not self._details_open
        id_width = self._board.short_ids.longest
        return fitted(self.shown, self._width, id_width, aged=self._aged or roomy)
