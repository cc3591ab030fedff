"""What actions use of the main screen, and updates that concern several of its parts."""

from collections.abc import Sequence
from typing import NamedTuple

from textual.screen import Screen

from app.dashboard.details import Details
from app.dashboard.job_list import JobList
from app.dashboard.notifications import Notifications
from app.dashboard.shared import Shared
from app.dashboard.status_display import StatusDisplay
from app.watch.storage import StoreError


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
        if watch_list.is_complete:
            return
        try:
            await watch_list.sync()
        except StoreError as error:
            self.status.list_problem = str(error)
            self.status.refresh()
            return
        self.status.list_problem = ""
        self.refresh_list()
