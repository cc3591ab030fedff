"""The details of the job under the cursor: when they are open, and what they show."""

import asyncio
from collections.abc import Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.screen import Screen
from textual.worker import Worker

from app.dashboard.job_list import JobList
from app.dashboard.shared import Part, Shared
from app.watch.events import Event
from app.watch.history import Sample, add_sample
from app.watch.watched import Watched

if TYPE_CHECKING:
    from app.watch.storage import JobStore
    from widgets.detail.job_detail import JobDetail
    from widgets.detail.model import Detail

DETAILS_BESIDE_MIN_CELLS = 128
"""On screens at least this wide, the details are beside the list."""

_OPEN_FROM = Size(160, 40)
"""On screens of at least this size, the details are open until the user opens or closes them."""

DATABASE_WAIT_SECONDS = 0.05
"""How long the screen waits for the database before it shows what is known without it."""


class Details(Part):
    """Opens, closes and fills the details pane, which is closed until `fit` or `toggle` opens it.

    The screen has the class `-detail-open` while the pane is open, and `-nothing` while there is no job to show.
    """

    def __init__(self, shared: Shared, screen: Screen[None], job_list: JobList) -> None:
        super().__init__(shared)
        self._screen = screen
        self._list = job_list
        self.open = False
        self._toggled = False

    @cached_property
    def pane(self) -> "JobDetail":
        """The widget; created when it is first needed, since most starts never open it."""
        from widgets.detail.job_detail import JobDetail

        pane = JobDetail(id="detail")
        self._screen.query_one("#main").mount(pane)
        return pane

    def toggle(self) -> None:
        """Open the pane, or close it; it then stays as it is on a screen of any size."""
        self._toggled = True
        self._list.pin_cursor()
        self._set_open(not self.open)
        table = self._list.table
        (self.pane if self.open and not table.is_on_screen else table).focus()
        self.show()

    def fit(self) -> bool:
        """Open the pane on a large screen and close it on a small one, unless the user has toggled it.

        Returns whether it was opened or closed.
        """
        size, was_open = self._screen.app.size, self.open
        large = size.width >= _OPEN_FROM.width and size.height >= _OPEN_FROM.height
        self._set_open(self.open if self._toggled else large)
        return self.open is not was_open

    def _set_open(self, is_open: bool) -> None:
        self.open = is_open
        self._screen.set_class(is_open, "-detail-open")
        # Beside the list, the pane shows the job's ID.
        self._list.show_ids(not is_open or self._screen.app.size.width < DETAILS_BESIDE_MIN_CELLS)

    def show(self) -> None:
        """Show the job under the cursor, if the pane is open."""
        if not self.open:
            return
        job_id = self._list.table.cursor
        if job_id is None or job_id not in self.board:
            self._fill(None)
            return
        # Not a coroutine object, which would never be awaited if the program ended before the worker starts.
        work = partial(self._read_and_show, self.board[job_id])
        _: Worker[None] = self._screen.run_worker(work, group="details", exclusive=True)

    async def _read_and_show(self, entry: Watched) -> None:
        """Show a job with its history; first without it, if the disk is slow."""
        from app.presentation.detail import MAX_EVENTS

        store = self.session.watch_list.store
        reading = asyncio.wrap_future(store.read_soon(history_and_events, entry, store, MAX_EVENTS))
        try:
            await asyncio.wait([reading], timeout=DATABASE_WAIT_SECONDS)
            if not reading.done():
                self._show(entry, (), ())
            self._show(entry, *await reading)
        finally:
            reading.cancel()

    def _show(self, entry: Watched, samples: Sequence[Sample], events: Sequence[Event]) -> None:
        if not self.open or entry.id not in self.board:
            return
        from app.presentation.detail import detail_of

        detail = detail_of(
            entry,
            samples,
            events,
            now=self.session.now(),
            stale=self.board.is_stale(entry),
            short_id=self.board.short_ids.of(entry.id),
        )
        self._fill(detail)

    def _fill(self, detail: "Detail | None") -> None:
        self._screen.set_class(detail is None, "-nothing")
        self.pane.show(detail)


def history_and_events(
    entry: Watched, store: "JobStore", max_events: int
) -> tuple[Sequence[Sample], Sequence[Event]]:
    """A job's history, oldest first, and its latest events, newest first.

    The latest answer is added to the history if it is not stored yet.
    """
    history = store.samples(entry.id)
    if entry.job and entry.fetched_at is not None:
        history = add_sample(history, Sample.of(entry.job, entry.fetched_at), len(history) + 1)
    return history, store.events(entry.id, max_events)
