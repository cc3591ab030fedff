"""The cancel action: which jobs, the dialog that asks, and what is sent."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.geometry import Size

from app.dashboard.action_host import ActionHost, Messages, Selection
from app.dashboard.board import Board
from app.dashboard.details import PROMPT_SECONDS
from app.deepwriter.errors import ApiError
from app.job import Group
from app.presentation import durations
from app.presentation.columns import title_of
from app.presentation.detail import status_since
from app.presentation.rows import row_tone
from app.presentation.sentences import percent_text, stage_words, status_words, time_text
from app.watch.polling.link import Link
from app.watch.session import Session
from app.watch.watched import Watched
from widgets.model import CancelLine, CancelQuestion

if TYPE_CHECKING:
    from widgets.dialogs.cancel import CancelDialog

REFETCH_INTERVAL_SECONDS = 2.0
"""Seconds between two fetches of the jobs while the dialog is open."""


class CancelAction:
    """Cancels the marked jobs, else the one under the cursor, once the dialog is answered with a yes."""

    def __init__(
        self,
        session: Session,
        board: Board,
        selection: Selection,
        messages: Messages,
        host: ActionHost,
        *,
        read_only: bool,
    ) -> None:
        """Send nothing before the dialog is answered.

        Args:
            session: The session.
            board: The jobs as the list shows them.
            selection: The job under the cursor.
            messages: Shows messages.
            host: The main screen.
            read_only: Whether cancelling is switched off.
        """
        self._session = session
        self._selection = selection
        self._messages = messages
        self._read_only = read_only
        self._board = board
        self._host = host

    async def open(self, size: Size) -> None:
        """Open the dialog, or say in one sentence why nothing can be cancelled.

        Args:
            size: The size of the pane.
        """
        from widgets.dialogs.cancel import CancelDialog

        targets = self._board.targets(self._selection.choose())
        if reason := self.objection(targets):
            self._messages.warn(reason)
            return
        if not CancelDialog.fits(size):
            self._messages.warn("make the pane larger to cancel")
            return
        pinned = [self._board[job_id] for job_id in targets if self._can_be_cancelled(self._board[job_id])]
        question = self.question(pinned, await self._status_since(pinned))
        dialog = CancelDialog(question, ascii=self._board.plain)
        refetching = self._host.start(self._refetch(dialog, pinned), "cancel-dialog")

        def send(job_ids: tuple[str, ...] | None) -> None:
            refetching.cancel()
            if job_ids:
                self._send(job_ids)

        await self._host.open_dialog(dialog, send)

    def objection(self, targets: Sequence[str]) -> str:
        """Why none of these jobs can be cancelled now, in one sentence; empty if one can.

        Args:
            targets: IDs of the jobs.
        """
        if self._read_only:
            return "Read-only: start dwtop without --read-only to cancel jobs."
        if not targets:
            return "No job selected"
        watcher = self._session.watcher
        if watcher is None:
            return "Still connecting; try again in a moment."
        if watcher.link.state.status is Link.SIGNED_OUT:
            return f"Signed out. Press {self._host.key_of('app.login')} to sign in, then cancel."
        if any(self._can_be_cancelled(self._board[job_id]) for job_id in targets):
            return ""
        if len(targets) > 1:
            return f"None of the {len(targets)} marked jobs is queued or running."
        entry = self._board[targets[0]]
        if entry.cancel and entry.cancel.pending(self._session.now()):
            return "This job is being cancelled already."
        rule = "Only queued and running jobs can be cancelled."
        if entry.finished:
            ended = {"failed": "failed", "completed": "finished"}.get(entry.label, f"been {entry.label}")
            return f"This job has already {ended}. {rule}"
        return f"This job is {entry.label}. {rule}"

    def question(self, pinned: Sequence[Watched], since: float | None = None) -> CancelQuestion:
        """What the dialog shows of the jobs that were pinned when it opened.

        Args:
            pinned: The jobs as they were then; one that was removed since is shown as it was, and left out.
            since: When the only job got its status, in seconds since the epoch; None if unknown.
        """
        entries = [self._board.get(entry.id, entry) for entry in pinned]
        lines = tuple(self._line(entry, since) for entry in entries)
        hidden = self._board.hidden([line.id for line in lines if line.cancellable])
        return CancelQuestion(lines, hidden, self._note(entries))

    def _send(self, job_ids: Sequence[str]) -> None:
        self._board.marks.difference_update(job_ids)
        self._host.refresh_jobs(job_ids)
        self._host.start(self._cancel(job_ids), "cancel")

    async def _cancel(self, job_ids: Sequence[str]) -> None:
        """Cancel these jobs, each once, and follow them until the outcome is known."""
        assert self._session.watcher is not None
        canceller = self._session.watcher.canceller
        async with asyncio.TaskGroup() as group:
            for job_id in job_ids:
                group.create_task(canceller.cancel(job_id), name=f"cancel {job_id}")

    async def _refetch(self, dialog: "CancelDialog", pinned: Sequence[Watched]) -> None:
        """Fetch the pinned jobs every 2 s and update the dialog, until cancelled."""
        assert self._session.watcher is not None
        poller, clock = self._session.watcher.poller, asyncio.get_running_loop().time
        fetches: dict[str, asyncio.Task[ApiError | None]] = {}
        try:
            while True:
                next_fetch = clock() + REFETCH_INTERVAL_SECONDS
                for entry in pinned:
                    running = entry.id in fetches and not fetches[entry.id].done()
                    if entry.id in self._board and not self._board[entry.id].finished and not running:
                        fetches[entry.id] = asyncio.create_task(
                            poller.fetch_now(entry.id), name=f"fetch {entry.id}"
                        )
                if fetches:
                    await asyncio.wait(fetches.values(), timeout=REFETCH_INTERVAL_SECONDS)
                dialog.update(self.question(pinned, await self._status_since(pinned)))
                await asyncio.sleep(max(0.0, next_fetch - clock()))
        finally:
            for fetch in fetches.values():
                fetch.cancel()

    async def _status_since(self, pinned: Sequence[Watched]) -> float | None:
        """When the only job got its status; None if the database does not say so at once."""
        if len(pinned) > 1:
            return None
        store = self._session.watch_list.store
        reading = asyncio.wrap_future(store.read_soon(store.samples, pinned[0].id))
        await asyncio.wait([reading], timeout=PROMPT_SECONDS)
        job = self._board.get(pinned[0].id, pinned[0]).job
        return status_since(job, reading.result()) if job and reading.done() else None

    def _can_be_cancelled(self, entry: Watched) -> bool:
        return entry.cancellable and not (entry.cancel and entry.cancel.pending(self._session.now()))

    def _line(self, entry: Watched, since: float | None) -> CancelLine:
        job, now = entry.job, self._session.now()
        short_id = self._board.short_ids.of(entry.id)
        times = []
        if since is not None:
            doing = "running" if entry.group is Group.RUNNING else entry.label
            times.append(f"{doing} since {durations.clock_time(since, now)}")
        elif job:
            times.append(f"created at {durations.clock_time(job.created_at, now)}")
        if left := time_text(entry, now):
            times.append(f"{left} left")
        return CancelLine(
            id=entry.id,
            title=title_of(entry, short_id),
            short_id=short_id,
            status=status_words(entry, now),
            stage=stage_words(job.stage if job else None),
            percent=percent_text(entry),
            cancellable=entry.id in self._board and self._can_be_cancelled(entry),
            glyph=self._board.signs.entry(entry),
            tone=row_tone(entry),
            fraction=job.fraction if job else None,
            times=", ".join(times),
        )

    def _note(self, entries: Sequence[Watched]) -> str:
        """Since when the state of the least well known job is not known, if the latest fetch of one failed."""
        failed = [entry for entry in entries if entry.failure]
        if not failed:
            return ""
        known = [entry.fetched_at for entry in failed if entry.fetched_at is not None]
        if len(known) < len(failed):
            return "state not known"
        return f"state last known {durations.age_in_words(self._session.now() - min(known))} ago"
