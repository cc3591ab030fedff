"""What the actions of the main screen have in common, and what they see of it, so that tests can do without one."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from textual.app import App
from textual.worker import Worker

from app.dashboard.board import Board
from app.settings.schema import Settings
from app.watch.session import Session

if TYPE_CHECKING:
    from app.watch.watcher import Watcher

_LOAD_PATIENCE_SECONDS = 1.0
"""How long an action on the whole list waits for the rest of it."""


class Messages(Protocol):
    """Short-lived messages. Implemented by `Notifications`."""

    def show_status(self, text: str) -> None:
        """Show a message for a few seconds."""

    def show_in_full(self, text: str) -> None:
        """Show a message that is useless when cut."""

    def warn(self, text: str) -> None:
        """Show what went wrong."""


class Selection(Protocol):
    """The job under the cursor. Implemented by `JobList`."""

    def choose(self) -> str | None:
        """Return the job under the cursor, and keep the cursor on it from now on."""

    def select(self, job_id: str) -> bool:
        """Move the cursor to a job; return whether the filter lets it through."""


class ActionHost(Protocol):
    """What actions see of `MainScreen`."""

    session: Session
    board: Board
    settings: Settings
    demo: bool

    @property
    def app(self) -> App[Any]:
        """The application."""

    @property
    def job_list(self) -> Selection:
        """The list."""

    @property
    def notifications(self) -> Messages:
        """The messages."""

    def refresh_list(self) -> None:
        """Show the list and the totals after jobs were added, removed or filtered."""

    def refresh_jobs(self, job_ids: Sequence[str]) -> None:
        """Repaint these jobs and the totals."""

    def refresh_status(self) -> None:
        """Show what surrounds the list."""

    async def complete(self) -> None:
        """Load the rest of a long list."""

    def key_of(self, action_id: str) -> str:
        """Return the display name of an action's first key."""

    def run_worker(self, work: Coroutine[Any, Any, None]) -> Worker[None] | asyncio.Task[None]:
        """Run a coroutine in the background."""


class Actions:
    """Actions of one kind."""

    def __init__(self, host: ActionHost) -> None:
        self.host = host
        self.session = host.session
        self.board = host.board
        self.selection = host.job_list
        self.messages = host.notifications

    async def connection(self, follow_up: str = "") -> "Watcher":
        """Wait for the connection; say that `follow_up`, such as `the refresh`, follows, unless it is empty."""
        if self.session.watcher is None and follow_up:
            self.messages.show_status(f"Still connecting; {follow_up} follows.")
        return await self.session.connected()

    async def list_is_complete(self) -> bool:
        """Return whether the whole list is loaded, after waiting for it briefly; warn if it is not."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOAD_PATIENCE_SECONDS):
                await self.host.complete()
        if not self.session.watch_list.is_complete:
            self.messages.warn("The rest of the list is still being read; try again in a moment.")
        return self.session.watch_list.is_complete
