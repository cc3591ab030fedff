"""The details of the job under the cursor: open, close, and fill them."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.screen import Screen

from app.dashboard.board import Board
from app.presentation.detail import detail_of, past_of
from app.watch.events import Event
from app.watch.history import Sample
from app.watch.session import Session
from app.watch.watched import Watched

if TYPE_CHECKING:
    from widgets.detail.job_detail import JobDetail

DETAILS_BESIDE_WIDTH = 128
"""From this width of the pane on, in cells, the details are beside the list."""

_OPEN_FROM = Size(160, 40)
"""From this size of the pane on the details are open, until a person opens or closes them."""

PROMPT_SECONDS = 0.05
"""How long the screen waits for the database before it shows what it knows without it."""


class Details:
    """Shows the details on a screen that has a container with the ID `main`.

    The screen has the class `-detail-open` while they are open, and `-nothing` while there is no job to show.
    """

    def __init__(self, screen: Screen[None], session: Session, board: Board) -> None:
        """The details are closed until `follow_size` opens them."""
        self._toggled = False
        self._screen = screen
        self._session = session
        self._board = board

    @property
    def open(self) -> bool:
        """Whether the details are on the screen."""
        return self._screen.has_class("-detail-open")

    @property
    def widget(self) -> "JobDetail":
        """The widget; made when it is first needed, since most starts never open it."""
        from widgets.detail.job_detail import JobDetail

        if not self._screen.query("#detail"):
            self._screen.query_one("#main").mount(JobDetail(ascii=self._board.plain, id="detail"))
        return self._screen.query_one("#detail", JobDetail)

    def toggle(self) -> None:
        """Open the details, or close them; from now on they stay so in a pane of any size."""
        self._toggled = True
        self._screen.toggle_class("-detail-open")

    def follow_size(self, size: Size) -> bool:
        """Open the details in a large pane, and close them in a small one, unless a person has toggled them.

        Args:
            size: Of the pane.

        Returns:
            Whether that opened or closed them.
        """
        large = size.width >= _OPEN_FROM.width and size.height >= _OPEN_FROM.height
        if self._toggled or large == self.open:
            return False
        self._screen.set_class(large, "-detail-open")
        return True

    def show(self, job_id: str | None) -> None:
        """Show a job, if the details are open.

        Args:
            job_id: Its ID; None where there is no job to show.
        """
        if not self.open:
            return
        nothing = job_id is None or job_id not in self._board
        self._screen.set_class(nothing, "-nothing")
        if job_id is None or nothing:
            self.widget.show(None)
        else:
            self._screen.run_worker(self._read_and_show(self._board[job_id]), group="detail", exclusive=True)

    async def _read_and_show(self, entry: Watched) -> None:
        """Show a job with its history; first without, if the disk takes its time."""
        store = self._session.watch_list.store
        reading = asyncio.wrap_future(store.read_soon(past_of, entry, store))
        try:
            await asyncio.wait([reading], timeout=PROMPT_SECONDS)
            if not reading.done():
                self._fill(entry, (), ())
            self._fill(entry, *await reading)
        finally:
            reading.cancel()

    def _fill(self, entry: Watched, samples: Sequence[Sample], events: Sequence[Event]) -> None:
        if not self.open or entry.id not in self._board:
            return
        self.widget.show(
            detail_of(
                entry,
                samples,
                events,
                now=self._session.now(),
                age=self._board.age(entry),
                short_id=self._board.short_ids.of(entry.id),
                signs=self._board.signs,
            )
        )
