"""The details of the job under the cursor: when they are open, and what they show."""

import asyncio
from collections.abc import Callable, Sequence

from textual.geometry import Size

from app.dashboard.actions import ActionHost
from app.dashboard.board import Board
from app.presentation.detail import detail_of, past_of
from app.watch.events import Event
from app.watch.history import Sample
from app.watch.session import Session
from app.watch.watched import Watched
from widgets.model import Detail

DETAILS_BESIDE_WIDTH = 128
"""From this width of the pane on, in cells, the details are beside the list."""

_OPEN_FROM = Size(160, 40)
"""From this size of the pane on the details are open, until the user opens or closes them."""

PROMPT_SECONDS = 0.05
"""How long the screen waits for the database before it shows what it knows without it."""


class Details:
    """Reads the details of a job, and knows whether they are open. Closed until `follow_size` or `toggle` opens them.

    Args:
        show: Shows details; None where there is no job to show. Called only while they are open.
    """

    def __init__(
        self, session: Session, board: Board, host: ActionHost, show: Callable[[Detail | None], None]
    ) -> None:
        self.open = False
        self._toggled = False
        self._session = session
        self._board = board
        self._host = host
        self._show = show

    def toggle(self) -> None:
        """Open the details, or close them; from now on they stay so in a pane of any size."""
        self._toggled = True
        self.open = not self.open

    def follow_size(self, size: Size) -> None:
        """Open the details in a large pane, and close them in a small one, unless the user has toggled them."""
        if not self._toggled:
            self.open = size.width >= _OPEN_FROM.width and size.height >= _OPEN_FROM.height

    def show(self, job_id: str | None) -> None:
        """Show a job, if the details are open."""
        if not self.open:
            return
        if job_id is None or job_id not in self._board:
            self._show(None)
        else:
            self._host.start(self._read_and_show(self._board[job_id]), replaces="detail")

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
        watcher = self._session.watcher
        detail = detail_of(
            entry,
            samples,
            events,
            now=self._session.now(),
            age=self._board.age(entry),
            short_id=self._board.short_ids.of(entry.id),
            glyphs=self._board.glyphs,
            banner=watcher.link.state.reason if watcher else "",
        )
        self._show(detail)
