"""The dialog that shows the event log, up to date while it is open."""

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from app.dashboard.action_host import ActionHost
from app.dashboard.board import Board
from app.dashboard.details import PROMPT_SECONDS
from app.presentation.detail import log_lines
from app.watch.session import Session
from widgets.model import LogLine, Tone

if TYPE_CHECKING:
    from widgets.dialogs.reading import EventLog

_MAX_EVENTS = 300
_UPDATE_INTERVAL_SECONDS = 1.0


async def open_event_log(session: Session, board: Board, host: ActionHost) -> None:
    """Open the dialog."""
    from widgets.dialogs.reading import EventLog

    async def read() -> tuple[LogLine, ...]:
        store = session.watch_list.store
        events = await asyncio.wrap_future(store.read_soon(store.events, limit=_MAX_EVENTS))
        return log_lines(events, session.now(), board.signs, board.name)

    async def follow(log: "EventLog", reading: Awaitable[tuple[LogLine, ...]]) -> None:
        while True:
            log.show(await reading)
            await asyncio.sleep(_UPDATE_INTERVAL_SECONDS)
            reading = read()

    reading = asyncio.ensure_future(read())
    await asyncio.wait([reading], timeout=PROMPT_SECONDS)
    lines = reading.result() if reading.done() else (LogLine("", "Reading the database", Tone.PLAIN),)
    log = EventLog(lines, ascii=board.plain)
    following = host.start(follow(log, reading), "log")

    def stop(_: None) -> None:
        following.cancel()

    await host.open_dialog(log, stop)
