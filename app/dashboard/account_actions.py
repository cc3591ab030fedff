"""Actions on what the API knows of the user's account: list the user's own jobs, open finished documents."""

import asyncio
import os
from typing import TYPE_CHECKING

from app.dashboard.actions import Actions, ActionScreen
from app.dashboard.copy_actions import CopyActions
from app.dashboard.job_actions import JobActions
from app.deepwriter.errors import ApiError, NotSignedIn
from app.notify.opener import open_link, page_url

if TYPE_CHECKING:
    from widgets.dialogs.my_jobs import MyJobsDialog


class AccountActions(Actions):
    """Offers the user's own jobs, and opens their documents."""

    def __init__(self, screen: ActionScreen, jobs: JobActions, copying: CopyActions) -> None:
        super().__init__(screen)
        self._jobs = jobs
        self._copying = copying

    async def offer_jobs(self) -> None:
        """Open the dialog with the user's own jobs, and ask the API for them."""
        from widgets.dialogs.my_jobs import MyJobsDialog

        dialog = MyJobsDialog("Asking the API for your jobs.")

        def add_chosen(job_ids: tuple[str, ...] | None) -> None:
            asking.cancel()
            if job_ids:
                self.screen.run_worker(self._jobs.add_ids(job_ids))

        await self.screen.app.push_screen(dialog, add_chosen)
        asking = self.screen.run_worker(self._list_jobs(dialog))

    async def _list_jobs(self, dialog: "MyJobsDialog") -> None:
        from app.presentation.add_preview import listed_job_lines

        if self.session.watcher is None:
            dialog.say("Still connecting. Your jobs follow.")
            await self.connection()
        try:
            jobs = await self.session.account.list_jobs()
        except NotSignedIn:
            dialog.say(f"Not signed in. {self.screen.key_of('app.login')} on the list signs in.", failed=True)
        except ApiError as error:
            dialog.say(_sentence(error), failed=True)
        else:
            entries = self.session.watch_list.entries
            dialog.show(listed_job_lines(jobs, entries, self.session.now()))
            if not jobs:
                dialog.say("There are no jobs in your account.")

    async def open_document(self) -> None:
        """Open the document of the job under the cursor; the demo, if there are no jobs."""
        if not self.session.watch_list.entries:
            if self.screen.demo:
                self.messages.show_status("This is the demo already.")
            else:
                await self.screen.app.run_action("app.demo")
        elif (job_id := self.job_list.choose()) is not None:
            self.screen.run_worker(self._open(job_id))

    async def _open(self, job_id: str) -> None:
        """Open a document, else the job's web page; if nothing can be opened, show and copy the link.

        The link to a document is a secret, so it is neither logged nor stored.
        """
        await self.connection("the document")
        self.messages.show_status(f"Opening the document of {self.board.name(job_id)}")
        try:
            link = await self.session.account.document_url(job_id) or self._page_of(job_id)
        except ApiError as error:
            self.messages.warn(_sentence(error))
            return
        if not link:
            label = self.board[job_id].label if job_id in self.board else "removed"
            self.messages.show_status(f"There is no document yet: the job is {label}.")
        elif not await asyncio.to_thread(open_link, link, os.environ):
            await self._copying.copy(link)

    def _page_of(self, job_id: str) -> str:
        """The web page of a job; empty if the settings name none."""
        job = self.board[job_id].job if job_id in self.board else None
        web_url = self.screen.settings.web_url
        if not web_url or job is None:
            return ""
        return page_url(web_url, job_id=job_id, project_id=job.project_id)


def _sentence(error: ApiError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
