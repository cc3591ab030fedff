"""What the actions of the main screen have in common, and what they use of it."""

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from textual.screen import Screen

from app.dashboard.board import Board
from app.dashboard.details import Details
from app.dashboard.job_list import JobList
from app.dashboard.notifications import Notifications
from app.dashboard.view_state import ViewState
from app.deepwriter.errors import ApiError
from app.presentation.keymap import Keymap
from app.settings.schema import Settings
from app.watch.session import Session
from widgets.table.job_table import JobTable

if TYPE_CHECKING:
    from app.watch.watcher import Watcher
    from widgets.dialogs.dialog import Dialog
    from widgets.filter_line import FilterLine

_Answer = TypeVar("_Answer")

_LOAD_TIMEOUT_SECONDS = 1.0
"""How long an action on the whole list waits for the rest of the list."""


class ActionScreen(Screen[None]):
    """What actions use of the main screen, which implements it."""

    session: Session
    settings: Settings
    keymap: Keymap
    demo: bool
    board: Board
    job_list: JobList
    table: JobTable
    details: Details
    notifications: Notifications
    view_state: ViewState

    @property
    @abstractmethod
    def filter_line(self) -> "FilterLine":
        """The line in which the filter is typed."""

    @abstractmethod
    def refresh_list(self) -> None:
        """Show the list and the totals."""

    @abstractmethod
    def refresh_jobs(self, job_ids: Sequence[str]) -> None:
        """Repaint these jobs and the totals."""

    @abstractmethod
    def refresh_status(self) -> None:
        """Update the banners, the totals and the empty state."""

    @abstractmethod
    async def complete(self) -> None:
        """Load the rest of the list. If it cannot be read, a banner says so, and each tick tries again."""

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
        self.notifications = screen.notifications

    async def open_dialog(
        self, dialog: "Dialog[_Answer] | Dialog[_Answer | None]", then: Callable[[_Answer], Awaitable[None]]
    ) -> None:
        """Open a dialog, and run `then` with the answer, unless the dialog was closed without one."""

        def answered(answer: _Answer | None) -> None:
            if answer is not None:
                self.screen.run_worker(then(answer))

        await self.screen.app.push_screen(dialog, answered)

    async def connection(self, follow_up: str = "") -> "Watcher":
        """Wait for the connection; say that `follow_up`, such as `the refresh`, follows, unless it is empty."""
        if self.session.watcher is None and follow_up:
            self.notifications.show_status(f"Still connecting; {follow_up} follows.")
        return await self.session.connected()

    async def list_is_complete(self) -> bool:
        """Return whether the whole list is loaded, after waiting for it briefly; warn if it is not."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOAD_TIMEOUT_SECONDS):
                await self.screen.complete()
        if not self.session.watch_list.is_complete:
            self.notifications.warn("The rest of the list is still being read; try again in a moment.")
        return self.session.watch_list.is_complete


def sentence_of(error: ApiError) -> str:
    """Return an error as a sentence."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
