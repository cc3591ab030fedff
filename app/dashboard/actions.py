"""What the actions of the main screen are handed, so that they can be tested without one."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from textual.screen import ModalScreen

from app.dashboard.board import Board
from app.watch.session import Session

Result = TypeVar("Result")

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


class Work(Protocol):
    """Work in the background."""

    def cancel(self) -> object:
        """Stop it."""


class ActionHost(Protocol):
    """What else actions need. Implemented by `MainScreen`."""

    def refresh_list(self) -> None:
        """Show the list and the totals after jobs were added, removed or filtered."""

    def refresh_jobs(self, job_ids: Sequence[str]) -> None:
        """Repaint these jobs and the totals."""

    async def complete(self) -> None:
        """Load the rest of a long list."""

    def key_of(self, action_id: str) -> str:
        """Return the display name of an action's first key."""

    async def open_dialog(
        self, dialog: ModalScreen[Result], on_result: Callable[[Result | None], None] | None = None
    ) -> None:
        """Open a dialog; return once it is on the screen."""

    def start(self, work: Coroutine[Any, Any, None], *, replaces: str = "") -> Work:
        """Run a coroutine in the background, in place of the one that was started under the same name, if any."""


@dataclass(eq=False, repr=False)  # which nothing uses, and which take time to generate at every start
class Actions:
    """Actions of one kind, and what all actions are handed."""

    session: Session
    board: Board
    selection: Selection
    messages: Messages
    host: ActionHost

    @property
    @abstractmethod
    def by_id(self) -> Mapping[str, Callable[[], object]]:
        """The functions to call, by the IDs of the actions in `widgets.keys`."""

    async def list_is_complete(self) -> bool:
        """Return whether the whole list is loaded, after waiting for it briefly; warn if it is not."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOAD_PATIENCE_SECONDS):
                await self.host.complete()
        if not self.session.watch_list.is_complete:
            self.messages.warn("The rest of the list is still being read; try again in a moment.")
        return self.session.watch_list.is_complete
