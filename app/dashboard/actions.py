"""What the actions of the main screen have in common."""

import asyncio
from abc import abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from textual.screen import Screen

from app.dashboard.board import Board
from app.dashboard.details import Details
from app.dashboard.job_list import JobList
from app.dashboard.notifications import Notifications
from app.settings.schema import Settings
from app.watch.session import Session
from widgets.table.job_table import JobTable

if TYPE_CHECKING:
    from app.watch.watcher import Watcher

_LOAD_PATIENCE_SECONDS = 1.0
"""How long an action on the whole list waits for the rest of it."""


class ActionScreen(Screen[None]):
    """What actions use of the main screen, which implements it."""

    session: Session
    settings: Settings
    demo: bool
    board: Board
    job_list: JobList
    table: JobTable
    details: Details
    notifications: Notifications

    @abstractmethod
    def refresh_list(self) -> None:
        """Show the list and the totals after jobs were added, removed or filtered."""

    @abstractmethod
    def refresh_jobs(self, job_ids: Sequence[str]) -> None:
        """Repaint these jobs and the totals."""

    @abstractmethod
    def refresh_status(self) -> None:
        """Show what surrounds the list."""

    @abstractmethod
    async def complete(self) -> None:
        """Load the rest of a long list, of which the first frame shows as much as fits."""

    @abstractmethod
    def key_of(self, action_id: str) -> str:
        """Return the display name of an action's first key."""

    @abstractmethod
    def show_help(self) -> None:
        """Show all keys."""


class Actions:
    """Actions of one kind."""

    def __init__(self, screen: ActionScreen) -> None:
        self.screen = screen
        self.session = screen.session
        self.board = screen.board
        self.job_list = screen.job_list
        self.messages = screen.notifications

    async def connection(self, follow_up: str = "") -> "Watcher":
        """Wait for the connection; say that `follow_up`, such as `the refresh`, follows, unless it is empty."""
        if self.session.watcher is None and follow_up:
            self.messages.show_status(f"Still connecting; {follow_up} follows.")
        return await self.session.connected()

    async def list_is_complete(self) -> bool:
        """Return whether the whole list is loaded, after waiting for it briefly; warn if it is not."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOAD_PATIENCE_SECONDS):
                await self.screen.complete()
        if not self.session.watch_list.is_complete:
            self.messages.warn("The rest of the list is still being read; try again in a moment.")
        return self.session.watch_list.is_complete
