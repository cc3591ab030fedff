"""The columns of the list: which a person chose, and how wide they are."""

from collections.abc import Callable, Collection

from app.dashboard.board import Board
from app.presentation.columns import FIXED, JobColumn, chosen, fitted
from widgets.model import Column


class ListColumns:
    """Gives the table its columns."""

    def __init__(self, board: Board, keys: Collection[str], *, beside_details: Callable[[], bool]) -> None:
        """Take over the choice.

        Args:
            board: The jobs as the list shows them.
            keys: The chosen columns beside the fixed ones.
            beside_details: Returns whether the details are open beside the list, where they name the job's ID.
        """
        self._board = board
        self._beside_details = beside_details
        self.shown: tuple[JobColumn, ...] = chosen(keys)

    def choose(self, keys: Collection[str]) -> None:
        """Show these columns beside the fixed ones."""
        self.shown = chosen(keys)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The keys of the chosen columns."""
        return tuple(item.key for item in self.shown if item.key not in FIXED)

    def fit(self, width: int) -> tuple[Column, ...]:
        """Return the columns for a list of this width, in cells."""
        id_width = self._board.short_ids.longest
        return fitted(self.shown, width, id_width=id_width, with_id=not self._beside_details())
