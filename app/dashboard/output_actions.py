"""Actions that copy a job, export the list or open a document."""

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path

from app.dashboard.actions import Actions
from app.deepwriter.errors import ApiError
from app.notify.clipboard import copy_with_program
from app.notify.opener import open_link, page_url
from app.presentation.sentences import capitalized, no_document
from app.text import safe_text
from app.watch.storage import StoreError
from app.watch.watched import Watched


class OutputActions(Actions):
    """Copies and exports what is known about jobs, and opens their documents."""

    def copy_id(self) -> None:
        """Copy the ID of the job under the cursor."""
        if (job_id := self.selected()) is not None:
            self.screen.run_worker(self.copy(job_id))

    def copy_json(self) -> None:
        """Copy everything known about the job under the cursor, as JSON."""
        if (job_id := self.selected()) is not None:
            import json

            from app.presentation.json_fields import job_object

            self.screen.run_worker(self.copy(json.dumps(job_object(self.board[job_id]), indent=2)))

    async def copy(self, text: str) -> None:
        """Copy a text, and show it, since a terminal may silently ignore the request."""
        program = await asyncio.to_thread(copy_with_program, text, os.environ)
        if not program:
            self.screen.app.copy_to_clipboard(text)
        outcome = f"Copied by {program}" if program else "Sent to the terminal, which may ignore it"
        message = f"{outcome}:\n{safe_text(text)}"
        if "\n" in text:  # JSON, whose beginning is enough
            self.notifications.show_status(message)
        else:
            self.notifications.show_in_full(message)

    def export(self, format_name: str, *, history: bool) -> None:
        """Write the list, or the history of its jobs, to a file in the working directory; `format_name` is a value of `Format`."""
        entries = [self.board[job_id] for job_id in self.table.ids if job_id in self.board]
        self.screen.run_worker(self._export(entries, format_name, history))

    async def _export(self, entries: Sequence[Watched], format_name: str, history: bool) -> None:
        try:
            path = await asyncio.to_thread(self._write_export, entries, format_name, history)
        except (OSError, StoreError) as error:
            self.notifications.warn(f"Nothing was exported: {error}")
            return
        self.notifications.show_status(f"Saved {path}")

    def _write_export(self, entries: Sequence[Watched], format_name: str, history: bool) -> Path:
        from app.presentation.export import Format, export_history, export_list

        if history:
            text = export_history(entries, self.session.watch_list.store.samples, Format(format_name))
        else:
            text = export_list(entries, Format(format_name))
        name = "dwtop-history" if history else "dwtop-jobs"
        path = Path(f"{name}-{time.strftime('%Y%m%d-%H%M%S')}.{format_name}").absolute()
        path.write_text(text, encoding="utf-8")
        return path

    async def open_document(self) -> None:
        """Open the document of the job under the cursor; the demo, if there are no jobs."""
        if not self.session.watch_list.entries:
            if self.demo:
                self.notifications.show_status("This is already the demo.")
            else:
                await self.screen.app.run_action("app.demo")
        elif (job_id := self.selected()) is not None:
            self.screen.run_worker(self._open(job_id))

    async def _open(self, job_id: str) -> None:
        """Open a document, or else the job's web page; if no browser can be opened, show and copy the link.

        The link to a document is a secret, so it is neither logged nor stored.
        """
        await self.connection("the document")
        self.notifications.show_status(f"Opening the document of {self.board.name(job_id)}")
        try:
            link = await self.session.account.document_url(job_id) or self._page_of(job_id)
        except ApiError as error:
            self.notifications.show_in_full(f"{capitalized(str(error))}.")
            return
        if not link:
            if job_id in self.board:  # it may have been removed since
                self.notifications.show_status(no_document(self.board[job_id]))
        elif not await asyncio.to_thread(open_link, link, os.environ):
            await self.copy(link)

    def _page_of(self, job_id: str) -> str:
        """The web page of a job; empty if the settings name none."""
        job = self.board[job_id].job if job_id in self.board else None
        web_url = self.settings.web_url
        if not web_url or job is None:
            return ""
        return page_url(web_url, job_id=job_id, project_id=job.project_id)
