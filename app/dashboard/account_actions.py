"""Actions on what the API knows of the user's account: list the user's own jobs, open finished documents."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from app.dashboard.action_host import ActionHost, Messages, Selection
from app.dashboard.board import Board
from app.deepwriter.errors import ApiError, NotSignedIn
from app.notify.opener import open_link, page_url
from app.presentation.add_preview import listed_job_lines
from app.watch.session import Session

if TYPE_CHECKING:
    from widgets.dialogs.my_jobs import MyJobsDialog


class AccountActions:
    """Offers the user's own jobs, and opens their documents."""

    def __init__(
        self,
        session: Session,
        board: Board,
        selection: Selection,
        messages: Messages,
        host: ActionHost,
        *,
        web_url: str | None,
        demo: bool,
        connected: Callable[[str], Awaitable[object]],
        add: Callable[[Sequence[str]], Coroutine[Any, Any, None]],
        copy: Callable[[str], Awaitable[None]],
        open_demo: Callable[[], Awaitable[object]],
    ) -> None:
        """Ask for nothing yet.

        Args:
            session: The session.
            board: The jobs as the list shows them.
            selection: The job under the cursor.
            messages: Shows messages.
            host: The main screen.
            web_url: The pattern of the page to open for a job without a document; None for none.
            demo: Whether the API is simulated.
            connected: Waits for the connection; says that the text it is given follows.
            add: Adds jobs to the watch list, and says so.
            copy: Copies a text, and shows it.
            open_demo: Leaves for the demo.
        """
        self._session = session
        self._board = board
        self._selection = selection
        self._messages = messages
        self._host = host
        self._web_url = web_url
        self._demo = demo
        self._connected = connected
        self._add = add
        self._copy = copy
        self._open_demo = open_demo

    async def offer_jobs(self) -> None:
        """Open the dialog with the user's own jobs, and ask the API for them."""
        from widgets.dialogs.my_jobs import MyJobsDialog

        dialog = MyJobsDialog("Asking the API for your jobs.", ascii=self._board.plain)

        def add_chosen(job_ids: tuple[str, ...] | None) -> None:
            asking.cancel()
            if job_ids:
                self._host.start(self._add(job_ids), "list")

        await self._host.open_dialog(dialog, add_chosen)
        asking = self._host.start(self._list_jobs(dialog), "account")

    async def _list_jobs(self, dialog: "MyJobsDialog") -> None:
        if self._session.watcher is None:
            dialog.say("Still connecting. Your jobs follow.")
            await self._connected("")
        try:
            jobs = await self._session.list_jobs()
        except NotSignedIn:
            dialog.say(f"Not signed in. {self._host.key_of('app.login')} on the list signs in.", failed=True)
        except ApiError as error:
            dialog.say(_sentence(error), failed=True)
        else:
            entries = self._session.watch_list.entries
            dialog.show(listed_job_lines(jobs, entries, self._session.now()))
            if not jobs:
                dialog.say("There are no jobs in your account.")

    async def open_document(self) -> None:
        """Open the document of the job under the cursor; the demo, if there are no jobs."""
        if not self._session.watch_list.entries:
            if self._demo:
                self._messages.show_status("This is the demo already.")
            else:
                await self._open_demo()
        elif (job_id := self._selection.choose()) is not None:
            self._host.start(self._open(job_id), "document")

    async def _open(self, job_id: str) -> None:
        """Open a document, else the page in its place; where nothing can be opened, show and copy the link.

        The link to a document is a secret, so it is neither logged nor stored.
        """
        await self._connected("the document")
        self._messages.show_status(f"Opening the document of {self._board.name(job_id)}")
        try:
            link = await self._session.document_url(job_id) or self._page_of(job_id)
        except ApiError as error:
            self._messages.warn(_sentence(error))
            return
        if not link:
            label = self._board[job_id].label if job_id in self._board else "removed"
            self._messages.show_status(f"There is no document yet: the job is {label}.")
        elif not await asyncio.to_thread(open_link, link, os.environ):
            await self._copy(link)

    def _page_of(self, job_id: str) -> str:
        """The web page of a job; empty if the settings name none."""
        job = self._board[job_id].job if job_id in self._board else None
        if not self._web_url or job is None:
            return ""
        return page_url(self._web_url, job_id=job_id, project_id=job.project_id)


def _sentence(error: ApiError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
