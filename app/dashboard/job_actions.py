"""Actions that change the watch list: add, remove, undo, mute."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from app.dashboard.actions import Actions, Parts
from app.deepwriter.errors import ApiError, NotSignedIn
from app.job import Cadence
from app.presentation.sentences import capitalized, job_count
from app.presentation.tokens import token_hint
from app.watch.storage import StoreError
from app.watch.watched import Watched

if TYPE_CHECKING:
    from widgets.dialogs.my_jobs import MyJobsDialog

_WAIT_MESSAGE_DELAY_SECONDS = 0.08
"""How long saving a change may take before a message says that it waits for the database."""

_WAIT_MESSAGE_INTERVAL_SECONDS = 3.0
"""The interval between two such messages; shorter than a message stays on the screen."""


class JobActions(Actions):
    """Changes the watch list.

    The jobs that an action applies to are decided before its first await: the next key may move the cursor.
    """

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._removed: list[Sequence[Watched]] = []
        self._lock = asyncio.Lock()

    async def add(self, text: str = "") -> None:
        """Open the dialog that adds jobs by their IDs, with this text in it."""
        from app.presentation.add_preview import preview
        from widgets.dialogs.add import AddDialog

        watched = self.session.watch_list.entries
        hint = token_hint(self.keymap.name_of("app.login"))
        await self.open_dialog(
            AddDialog(lambda typed: preview(typed, watched), text, token_hint=hint), self.add_ids
        )

    async def offer_own_jobs(self) -> None:
        """Open the dialog with the user's own jobs, and ask the API for them."""
        from widgets.dialogs.my_jobs import MyJobsDialog

        dialog = MyJobsDialog("Asking the API for your jobs.")
        await self.open_dialog(dialog, self.add_ids)
        dialog.run_worker(self._list_own_jobs(dialog))

    async def _list_own_jobs(self, dialog: "MyJobsDialog") -> None:
        from app.presentation.add_preview import listed_job_lines

        if self.session.watcher is None:
            dialog.show_message("Still connecting; your jobs will follow.")
            await self.session.connected()
        try:
            jobs = await self.session.account.list_jobs()
        except NotSignedIn:
            dialog.show_message(
                f"Not signed in. Press {self.keymap.name_of('app.login')} in the list to sign in.",
                failed=True,
            )
        except ApiError as error:
            dialog.show_message(f"{capitalized(str(error))}.", failed=True)
        else:
            entries = self.session.watch_list.entries
            dialog.show(listed_job_lines(jobs, entries, self.session.now()))
            if not jobs:
                dialog.show_message("There are no jobs in your account.")

    async def add_ids(self, job_ids: tuple[str, ...]) -> None:
        """Add jobs, and report how many."""
        async with self._saving(f"Adding {job_count(len(job_ids))}"):
            added = await self.session.watch_list.add(job_ids)
            self.parts.refresh_list()
            if added:
                self.job_list.select(added[0])
            self.notifications.show_status(f"Added {job_count(len(added))}{self._hidden_clause(added)}")

    def remove(self) -> None:
        """Remove the marked jobs, or else the one under the cursor, from the list."""
        if job_ids := self.targets():
            self.screen.run_worker(self._remove(job_ids))

    async def remove_finished(self) -> None:
        """Remove all finished jobs from the list."""
        if not await self.list_is_complete():
            return
        finished = [job_id for job_id, entry in self.session.watch_list.entries.items() if entry.finished]
        if finished:
            self.screen.run_worker(self._remove(finished))
        else:
            self.notifications.show_status("No finished jobs to remove")

    async def _remove(self, job_ids: Sequence[str]) -> None:
        name = self.board.name(job_ids[0]) if len(job_ids) == 1 else job_count(len(job_ids))
        hidden = self._hidden_clause(job_ids)
        async with self._saving(f"Removing {name}"):
            removed = await self.session.watch_list.remove(job_ids)
            if not removed:  # an earlier key press has removed them
                return
            self._removed.append(removed)
            self.parts.refresh_list()
            one = len(removed) == 1
            hint = f"{self.keymap.name_of('jobs.undo')} brings {'it' if one else 'them'} back"
            active = [entry for entry in removed if entry.cadence in (Cadence.FAST, Cadence.MEDIUM)]
            if any(not entry.cancelling(self.session.now()) for entry in active):
                hint = f"{'It keeps running' if one else 'Unfinished ones keep running'}; {hint}"
            sentence = f"Removed {name}{hidden}.".replace("….", "…")  # a cut name ends in …
            self.notifications.show_status(f"{sentence} {hint}")

    def undo(self) -> None:
        """Put back what was removed last."""
        self.screen.run_worker(self._restore())

    async def _restore(self) -> None:
        async with self._saving("Restoring what was removed"):
            if not self._removed:
                self.notifications.show_status("Nothing to undo")
                return
            restored = self._removed[-1]
            await self.session.watch_list.restore(restored)
            self._removed.pop()
            self.parts.refresh_list()
            self.job_list.select(restored[0].id)
            hidden = self._hidden_clause([entry.id for entry in restored])
            self.notifications.show_status(f"Restored {job_count(len(restored))}{hidden}")

    def mute(self) -> None:
        """Mute the job under the cursor, or unmute it."""
        if (job_id := self.selected()) is not None:
            self.screen.run_worker(self._mute(job_id, not self.board[job_id].muted))

    async def _mute(self, job_id: str, muted: bool) -> None:
        name = self.board.name(job_id)
        async with self._saving(f"{'Muting' if muted else 'Unmuting'} {name}"):
            await self.session.watch_list.set_muted(job_id, muted=muted)
            self.parts.refresh_jobs([job_id])
            self.notifications.show_status(f"{name} {'is muted' if muted else 'is no longer muted'}")

    @asynccontextmanager
    async def _saving(self, doing: str) -> AsyncIterator[None]:
        """Run the body, which changes the watch list, once earlier changes are saved; report a delay or a failure.

        `doing` begins the sentence: `Removing Book 1`.
        """
        waiting = asyncio.create_task(self._report_waiting(doing))
        try:
            async with self._lock:
                yield
        except StoreError as error:
            self.notifications.show_status("Nothing was changed")
            self.notifications.warn(str(error))
        finally:
            waiting.cancel()

    async def _report_waiting(self, doing: str) -> None:
        await asyncio.sleep(_WAIT_MESSAGE_DELAY_SECONDS)
        while True:
            self.notifications.show_status(f"{doing}, waiting for the database")
            await asyncio.sleep(_WAIT_MESSAGE_INTERVAL_SECONDS)

    def _hidden_clause(self, job_ids: Sequence[str]) -> str:
        """How many of these jobs the filter hides, as the end of a sentence; empty for none."""
        hidden = self.board.hidden_count(job_ids)
        if not hidden:
            return ""
        return ", hidden by the filter" if len(job_ids) == 1 else f", {hidden} of them hidden by the filter"
