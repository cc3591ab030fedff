"""Actions that change the watch list: add, remove, undo, mute."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from app.dashboard.actions import ActionHost, Actions
from app.presentation import durations
from app.watch.storage import StoreError
from app.watch.watched import Watched

Result = TypeVar("Result")

_SILENT_SECONDS = 0.08
"""If saving a change takes longer than this, a message says that it waits."""

_REPEAT_SECONDS = 3.0
"""Seconds between two such messages; less than a message stays on the screen."""


class JobActions(Actions):
    """Changes the watch list.

    The jobs that an action applies to are decided before its first await: the next key may move the cursor.
    """

    def __init__(self, host: ActionHost) -> None:
        super().__init__(host)
        self._removed: list[Sequence[Watched]] = []
        self._saving = asyncio.Lock()

    async def _save(self, doing: str, change: Callable[[], Awaitable[Result]]) -> Result | None:
        """Change the watch list after all earlier changes are saved or have failed; say so if that has to wait.

        Args:
            doing: What is being done, as the beginning of a sentence: `Removing Book 1`.
            change: Makes the change.

        Returns:
            What `change` returns; None, after a message, if it cannot be saved.
        """
        waiting = asyncio.create_task(self._say_that_it_waits(doing))
        try:
            async with self._saving:
                return await change()
        except StoreError as error:
            self.messages.show_status("Nothing was changed")
            self.messages.warn(str(error))
            return None
        finally:
            waiting.cancel()

    async def _say_that_it_waits(self, doing: str) -> None:
        await asyncio.sleep(_SILENT_SECONDS)
        while True:
            self.messages.show_status(f"{doing}, waiting for the database")
            await asyncio.sleep(_REPEAT_SECONDS)

    async def add(self, text: str = "") -> None:
        """Open the dialog that adds jobs by their IDs, with this text in it."""
        from app.presentation.add_preview import preview
        from widgets.dialogs.add import AddDialog

        watched = self.session.watch_list.entries
        hint = (
            "This looks like a token: it is neither shown nor kept."
            f" To sign in with it, press {self.host.key_of('app.login')} in the list."
        )
        dialog = AddDialog(lambda typed: preview(typed, watched), text, token_hint=hint)

        def add_chosen(job_ids: tuple[str, ...] | None) -> None:
            if job_ids:
                self.host.run_worker(self.add_ids(job_ids))

        await self.host.app.push_screen(dialog, add_chosen)

    async def add_ids(self, job_ids: Sequence[str]) -> None:
        """Add jobs, and say so."""
        doing = f"Adding {durations.jobs(len(job_ids))}"
        added = await self._save(doing, lambda: self.session.watch_list.add(job_ids))
        if added is None:
            return
        self.host.refresh_list()
        if added:
            self.selection.select(added[0])
        self.messages.show_status(f"Added {durations.jobs(len(added))}{self._hidden_clause(added)}")

    def remove(self) -> None:
        """Take the marked jobs, else the one under the cursor, off the list."""
        if job_ids := self.board.targets(self.selection.choose()):
            self.host.run_worker(self._remove(job_ids))

    async def remove_finished(self) -> None:
        """Take all finished jobs off the list."""
        if not await self.list_is_complete():
            return
        finished = [job_id for job_id, entry in self.session.watch_list.entries.items() if entry.finished]
        if finished:
            self.host.run_worker(self._remove(finished))
        else:
            self.messages.show_status("No finished jobs to remove")

    async def _remove(self, job_ids: Sequence[str]) -> None:
        name = self.board.name(job_ids[0]) if len(job_ids) == 1 else durations.jobs(len(job_ids))
        hidden = self._hidden_clause(job_ids)
        removed = await self._save(f"Removing {name}", lambda: self.session.watch_list.remove(job_ids))
        if not removed:  # or an earlier key press has removed them
            return
        self._removed.append(removed)
        self.host.refresh_list()
        one = len(removed) == 1
        undo = f"{self.host.key_of('jobs.undo')} brings {'it' if one else 'them'} back"
        if all(entry.finished or entry.misses for entry in removed):
            self.messages.show_status(f"Removed {name}{hidden}. {undo}")
        else:
            runs_on = "It keeps running" if one else "Unfinished ones keep running"
            self.messages.show_status(f"Removed {name}{hidden}. {runs_on}; {undo}")

    def undo(self) -> None:
        """Put back what was removed last."""
        self.host.run_worker(self._restore())

    async def _restore(self) -> None:
        restored = await self._save("Restoring what was removed", self._restore_last)
        if restored is None:
            return
        if not restored:
            self.messages.show_status("Nothing to undo")
            return
        self.host.refresh_list()
        self.selection.select(restored[0].id)
        hidden = self._hidden_clause([entry.id for entry in restored])
        self.messages.show_status(f"Restored {durations.jobs(len(restored))}{hidden}")

    async def _restore_last(self) -> Sequence[Watched]:
        """Restore what was removed last, and return it; empty if there is nothing to restore."""
        if not self._removed:
            return ()
        await self.session.watch_list.restore(self._removed[-1])
        return self._removed.pop()

    def _hidden_clause(self, job_ids: Sequence[str]) -> str:
        """How many of these jobs the filter hides, as the end of a clause; empty for none."""
        hidden = self.board.hidden(job_ids)
        if not hidden:
            return ""
        return ", hidden by the filter" if len(job_ids) == 1 else f", {hidden} of them hidden by the filter"

    def mute(self) -> None:
        """Mute the job under the cursor, or unmute it."""
        if (job_id := self.selection.choose()) is not None:
            self.host.run_worker(self._mute(job_id, not self.board[job_id].muted))

    async def _mute(self, job_id: str, muted: bool) -> None:
        name = self.board.name(job_id)

        async def mute() -> bool:
            await self.session.watch_list.mute(job_id, muted)
            return True

        if await self._save(f"{'Muting' if muted else 'Unmuting'} {name}", mute):
            self.messages.show_status(f"{name} {'is muted' if muted else 'is no longer muted'}")
