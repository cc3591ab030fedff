"""The event log: its dialog, and the most recent events below the list."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice

from app.dashboard.actions import Parts
from app.dashboard.details import DATABASE_WAIT_SECONDS
from app.dashboard.shared import Part, Shared
from app.presentation.event_lines import events_in_feed, feed, log_lines
from app.watch.events import Event
from widgets.model import Cell, EventLine
from widgets.table.job_table import JobTable

_MAX_EVENTS = 300
_MAX_FEED_EVENTS = 8
_EVENTS_READ_FOR_FEED = 40  # more than are shown, since some are left out

_UPDATE_INTERVAL_SECONDS = 1.0


async def open_event_log(parts: Parts) -> None:
    """Open the dialog, which stays up to date while it is open."""
    from widgets.dialogs.reading import EventLog

    session, board = parts.shared.session, parts.shared.board
    log = EventLog((EventLine("", Cell(), "Reading the database"),))

    async def read() -> None:
        store = session.watch_list.store
        events = await asyncio.wrap_future(store.read_soon(store.events, limit=_MAX_EVENTS))
        log.show(log_lines(events, session.now(), board.name))

    async def follow() -> None:
        while True:
            await read()
            await asyncio.sleep(_UPDATE_INTERVAL_SECONDS)

    with suppress(TimeoutError):
        await asyncio.wait_for(read(), DATABASE_WAIT_SECONDS)
    await parts.screen.app.push_screen(log)
    log.run_worker(follow())


class EventFeed(Part):
    """Shows the most recent events below the list, where there is room."""

    def __init__(self, shared: Shared, table: JobTable) -> None:
        super().__init__(shared)
        self._table = table
        self._events: tuple[Event, ...] = ()
        self._names: dict[str, str] = {}  # of jobs that may have been removed since

    def add(self, event: Event) -> None:
        """Show an event that has just happened."""
        self._show((event, *self._events))

    async def read(self) -> None:
        """Show the events in the database, including those of the connection."""
        store = self.session.watch_list.store
        events = await asyncio.wrap_future(store.read_soon(store.events, limit=_EVENTS_READ_FOR_FEED))
        self._show(events)

    def _show(self, events: Iterable[Event]) -> None:
        self._events = tuple(islice(events_in_feed(events), _MAX_FEED_EVENTS))
        self._table.show_feed(feed(self._events, self.session.now(), self._name))

    def _name(self, job_id: str) -> str:
        if job_id in self.board:
            self._names[job_id] = self.board.name(job_id)
        return self._names.get(job_id) or self.board.name(job_id)
