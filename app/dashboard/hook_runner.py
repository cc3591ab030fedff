"""Runs the user's hooks when jobs change, and logs their output as events."""

import asyncio

from app.deepwriter.errors import ApiError
from app.notify.hooks import hook_for, job_variables, run_hook, with_document_url
from app.settings.schema import Settings
from app.watch.events import EventKind
from app.watch.session import Session
from app.watch.watch_list import Change


class HookRunner:
    """Runs a hook for each change of the watch list that calls for one. Needs a running event loop."""

    def __init__(self, session: Session, settings: Settings) -> None:
        self._session = session
        self._settings = settings
        self._running: set[asyncio.Task[None]] = set()

    def run_for(self, change: Change) -> None:
        """Run the hook for a change that this process reports; see `Session.reports`."""
        event, entry, settings = change.event, change.after, self._settings.hooks
        if event is None or entry is None or entry.muted or not self._session.reports(change):
            return
        command = hook_for(event, settings.on_finish, settings.on_attention)
        if command:
            variables = job_variables(event, entry, self._settings.base_url)
            task = asyncio.create_task(self._run(command, variables, entry.id), name=f"hook {entry.id}")
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _run(self, command: str, variables: dict[str, str], job_id: str) -> None:
        if self._settings.hooks.document and variables["DWTOP_EVENT"] == "finish":
            variables = with_document_url(variables, await self._document_url(job_id))
        self._log(await run_hook(command, variables), job_id)

    async def _document_url(self, job_id: str) -> str | None:
        """The link to the document of a job that has just finished, if it has one."""
        try:
            return await self._session.account.document_url(job_id)
        except ApiError as error:
            self._log(f"hook without the link to the document: {error}", job_id)
            return None

    def _log(self, text: str, job_id: str) -> None:
        self._session.watch_list.log(EventKind.HOOK, text, job_id)
