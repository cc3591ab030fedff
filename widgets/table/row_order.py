"""The order of the rows, and the row that the cursor is on, by job ID instead of row number."""

from collections.abc import Iterator, Sequence


class RowOrder:
    """Job IDs in the order they are shown, and the cursor on one of them.

    The cursor belongs to its job, and moves with it in a new order. If its job is gone, it goes to the nearest job
    below that is still there, or else to the nearest above. There is a cursor whenever there are rows.
    """

    def __init__(self) -> None:
        self._ids: tuple[str, ...] = ()
        self._positions: dict[str, int] | None = {}  # built on first use
        self._at = 0

    @property
    def ids(self) -> tuple[str, ...]:
        """The rows, from top to bottom."""
        return self._ids

    @property
    def cursor(self) -> str | None:
        """The job the cursor is on; None if there are no rows."""
        return self._ids[self._at] if self._ids else None

    @property
    def at(self) -> int:
        """The cursor's row number, from 0; 0 also if there are no rows."""
        return self._at

    def position(self, job_id: str) -> int | None:
        """A job's row number, from 0; None if it has no row."""
        if self._positions is None:
            self._positions = {known: at for at, known in enumerate(self._ids)}
        return self._positions.get(job_id)

    def move_to(self, at: int) -> None:
        """Put the cursor on a row, or on the nearest existing one."""
        self._at = max(0, min(at, len(self._ids) - 1))

    def replace(self, ids: Sequence[str]) -> None:
        """Set the rows, each ID once, from top to bottom."""
        ids = tuple(ids)
        present = set(ids)
        held = next((job_id for job_id in self._nearest() if job_id in present), None)
        self._at = 0 if held is None else ids.index(held)
        self._ids, self._positions = ids, None

    def _nearest(self) -> Iterator[str]:
        """The cursor's job, those below it from near to far, then those above."""
        yield from self._ids[self._at :]
        yield from reversed(self._ids[: self._at])
