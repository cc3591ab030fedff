"""The cancel action: chooses the jobs, asks in a dialog, and sends the requests."""

import asyncio
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING

from app.dashboard.actions import Actions
from app.dashboard.details import DATABASE_WAIT_SECONDS
from app.deepwriter.errors import ApiError
from app.watch.polling.link import Link
from app.watch.watched import Watched

if TYPE_CHECKING:
    from widgets.dialogs.cancel import CancelDialog
    from widgets.dialogs.model import CancelQuestion

REFETCH_INTERVAL_SECONDS = 2.0
"""Seconds between two fetches of the jobs while the dialog is open."""


class CancelAction(Actions):
    """Cancels the marked jobs, or else the one under the cursor, once the user confirms."""

    async def open(self) -> None:
        """Open the dialog, or say in one sentence why nothing can be cancelled."""
        from widgets.dialogs.cancel import CancelDialog

        if not (targets := self.targets()):
            return
        if reason := self.objection(targets):
            self.notifications.show_in_full(reason)
            return
        if not self._dialog_fits():
            return
        pinned = [self.board[job_id] for job_id in targets if self._can_be_cancelled(self.board[job_id])]
        marked = len(targets) if len(targets) > len(pinned) else 0
        dialog = CancelDialog(await self._question(pinned, marked))
        await self.open_dialog(dialog, self._cancel)
        dialog.run_worker(self._refetch(dialog, pinned, marked))

    def _dialog_fits(self) -> bool:
        """Whether the pane has room for the dialog; warns if it has none."""
        from widgets.dialogs.cancel import CancelDialog

        fits = CancelDialog.fits(self.screen.app.size)
        if not fits:
            self.notifications.show_in_full("make the pane larger to cancel")
        return fits

    def objection(self, targets: Sequence[str]) -> str:
        """Why none of the jobs with these IDs can be cancelled now, in one sentence; empty if any can."""
        if self.settings.read_only:
            return "Read-only: start dwtop without --read-only to cancel jobs."
        watcher = self.session.watcher  # None while connecting; only sending waits for that
        if watcher and watcher.link.state.status is Link.SIGNED_OUT:
            return f"Signed out. Press {self.keymap.name_of('app.login')} to sign in, then cancel."
        if any(self._can_be_cancelled(self.board[job_id]) for job_id in targets):
            return ""
        if len(targets) > 1:
            return f"None of the {len(targets)} marked jobs is queued or running."
        entry = self.board[targets[0]]
        if entry.cancelling(self.session.now()):
            return "This job is already being cancelled."
        rule = "Only queued and running jobs can be cancelled."
        if entry.finished:
            ended = {"failed": "failed", "completed": "finished"}.get(entry.label, f"been {entry.label}")
            return f"This job has already {ended}. {rule}"
        return f"This job's status is {entry.label}. {rule}"

    async def _question(
        self, pinned: Sequence[Watched], marked: int, unfetched: Container[str] = ()
    ) -> "CancelQuestion":
        """What the dialog shows about the jobs that were pinned when it opened. Removed ones are not cancelled.

        `marked` is the number of marked jobs, if some of them could not be cancelled; else 0. `unfetched` are the IDs of
        jobs that could not be fetched since it opened.
        """
        from app.presentation.cancel_question import cancel_line, last_known
        from widgets.dialogs.model import CancelQuestion

        since = await self._status_since(pinned)
        board, now = self.board, self.session.now()
        entries = [self.session.watch_list.entries.get(entry.id, entry) for entry in pinned]
        targets = {entry.id for entry in entries if entry.id in board and self._can_be_cancelled(entry)}
        lines = [
            cancel_line(entry, now, since, board.short_ids.of(entry.id), cancellable=entry.id in targets)
            for entry in entries
        ]
        failed = [entry for entry in entries if entry.failure or entry.id in unfetched]
        return CancelQuestion(tuple(lines), board.hidden_count(targets), last_known(failed, now), marked)

    async def _cancel(self, job_ids: tuple[str, ...]) -> None:
        """Cancel these jobs, each once, and follow them until the outcome is known."""
        if not job_ids:
            self._dialog_fits()  # warns if the dialog closed because the pane became too small
            return
        self.board.marks.difference_update(job_ids)
        self.parts.refresh_jobs(job_ids)
        canceller = (await self.connection("the cancel")).canceller
        async with asyncio.TaskGroup() as group:
            for job_id in job_ids:
                group.create_task(canceller.cancel(job_id), name=f"cancel {job_id}")

    async def _refetch(self, dialog: "CancelDialog", pinned: Sequence[Watched], marked: int) -> None:
        """Fetch the pinned jobs every 2 s and update the dialog, until cancelled."""
        poller, clock = (await self.session.connected()).poller, asyncio.get_running_loop().time
        fetches: dict[str, asyncio.Task[ApiError | None]] = {}
        try:
            while True:
                next_fetch = clock() + REFETCH_INTERVAL_SECONDS
                for entry in pinned:
                    running = entry.id in fetches and not fetches[entry.id].done()
                    if entry.id in self.board and not self.board[entry.id].finished and not running:
                        fetches[entry.id] = asyncio.create_task(
                            poller.fetch_now(entry.id), name=f"fetch {entry.id}"
                        )
                if fetches:
                    await asyncio.wait(fetches.values(), timeout=REFETCH_INTERVAL_SECONDS)
                # While the API asks clients to wait, nothing is sent, so no failure is recorded.
                unfetched = {job_id for job_id, fetch in fetches.items() if fetch.done() and fetch.result()}
                dialog.update(await self._question(pinned, marked, unfetched))
                await asyncio.sleep(max(0.0, next_fetch - clock()))
        finally:
            for fetch in fetches.values():
                fetch.cancel()

    async def _status_since(self, pinned: Sequence[Watched]) -> float | None:
        """When a single job got its status; None for several, or if the database does not answer at once."""
        from app.presentation.detail import status_since

        if len(pinned) > 1:
            return None
        store = self.session.watch_list.store
        reading = asyncio.wrap_future(store.read_soon(store.samples, pinned[0].id))
        await asyncio.wait([reading], timeout=DATABASE_WAIT_SECONDS)
        job = self.session.watch_list.entries.get(pinned[0].id, pinned[0]).job
        return status_since(job, reading.result()) if job and reading.done() else None

    def _can_be_cancelled(self, entry: Watched) -> bool:
        return entry.cancellable and not entry.cancelling(self.session.now())
