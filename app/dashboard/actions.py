"""The parts of the main screen that its actions use, and the base of the actions."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from textual.screen import Screen

from app.dashboard.details import Details
from app.dashboard.job_list import JobList
from app.dashboard.notifications import Notifications
from app.dashboard.shared import Part, Shared
from app.dashboard.status_display import StatusDisplay
from app.watch.storage import StoreError

if TYPE_CHECKING:
    from app.watch.watcher import Watcher
    from widgets.dialogs.dialog import Dialog

_Result = TypeVar("_Result")

_LOAD_TIMEOUT_SECONDS = 1.0
"""How long an action on the whole list waits for the rest of the list."""


class Parts(NamedTuple):
    """The parts of the main screen that its actions use."""

    shared: Shared
    screen: Screen[None]
    job_list: JobList
    details: Details
    status: StatusDisplay
    notifications: Notifications

    def refresh_list(self) -> None:
        """Rearrange the list, and update what is around it."""
        self.job_list.rearrange()
        self.status.refresh()

    def refresh_jobs(self, job_ids: Sequence[str]) -> None:
        """Repaint these jobs, and update what is around the list."""
        self.job_list.table.refresh_rows(job_ids)
        self.status.refresh()

    async def load_rest(self) -> None:
        """Load the rest of the watch list. If it cannot be read, a banner says so, and each tick tries again."""
        watch_list = self.shared.session.watch_list
        if not watch_list.is_complete:
            try:
                await watch_list.sync()
            except StoreError as error:
                self.status.list_problem = str(error)
                self.status.refresh()
            else:
                self.status.list_problem = ""
                self.refresh_list()


class Actions(Part):
    """Actions of one kind."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.shared)
        self.parts = parts
        self.screen, self.job_list, self.notifications = parts.screen, parts.job_list, parts.notifications
        self.table = parts.job_list.table

    def selected(self) -> str | None:
        """The job under the cursor, which stays on it from now on; a message says if there is none."""
        job_id = self.job_list.pin_cursor()
        if job_id is None:
            self.notifications.show_status("No job selected")
        return job_id

    def targets(self) -> list[str]:
        """The marked jobs, or else the one under the cursor; a message says if there is none."""
        return self.board.targets(self.job_list.pin_cursor() if self.board.marks else self.selected())

    async def open_dialog(
        self, dialog: "Dialog[_Result] | Dialog[_Result | None]", then: Callable[[_Result], Awaitable[None]]
    ) -> None:
        """Open a dialog, and run `then` with the answer, unless the dialog was closed without one."""

        def answered(answer: _Result | None) -> None:
            if answer is not None:
                self.screen.run_worker(then(answer))

        await self.screen.app.push_screen(dialog, answered)

    async def connection(self, follow_up: str) -> "Watcher":
        """The connection, once there is one; until then, a message says that `follow_up`, such as `the refresh`, will follow."""
        if self.session.watcher is None:
            self.notifications.show_status(f"Still connecting; {follow_up} will follow.")
        return await self.session.connected()

    async def list_is_complete(self) -> bool:
        """Whether the whole list is loaded, after a short wait; warns if it is not."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOAD_TIMEOUT_SECONDS):
                await self.parts.load_rest()
        if not self.session.watch_list.is_complete:
            self.notifications.warn("The rest of the list is still being read; try again in a moment.")
        return self.session.watch_list.is_complete
