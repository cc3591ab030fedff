"""Actions on jobs: add, remove, mute, copy and export them."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from app.dashboard.action_host import ActionHost, Messages, Selection
from app.dashboard.board import Board
from app.notify.clipboard import copy_with_program
from app.presentation import durations
from app.presentation.add_preview import preview
from app.text import safe_text
from app.watch.storage import StoreError
from app.watch.watch_list import WatchList
from app.watch.watched import Watched

Result = TypeVar("Result")

_SILENT_SECONDS = 0.08
"""A change that takes longer than this to be saved is said to wait."""

_REPEAT_SECONDS = 3.0
"""Between two messages that a change still waits; less than a message stays on the screen."""


class JobActions:
    """Changes the watch list, and hands out what is known of its jobs.

    Which jobs an action is for is settled before the first await: keys that follow at once may move the cursor.
    """

    def __init__(
        self,
        watch_list: WatchList,
        board: Board,
        selection: Selection,
        messages: Messages,
        host: ActionHost,
        *,
        copy_to_terminal: Callable[[str], None],
    ) -> None:
        """Nothing was removed yet.

        Args:
            watch_list: The jobs.
            board: The jobs as the list shows them.
            selection: The job under the cursor.
            messages: Shows messages.
            host: The main screen.
            copy_to_terminal: Has the terminal copy a text (OSC 52).
        """
        self._watch_list = watch_list
        self._board = board
        self._selection = selection
        self._messages = messages
        self._host = host
        self._copy_to_terminal = copy_to_terminal
        self._removed: list[Sequence[Watched]] = []
        self._saving = asyncio.Lock()

    async def _save(self, doing: str, change: Callable[[], Awaitable[Result]]) -> Result | None:
        """Change the watch list, after the changes that were asked for before; say so if that has to wait.

        Args:
            doing: What is being done, as the beginning of a sentence: `Removing Book 1`.
            change: Called when all earlier changes are saved or have failed.

        Returns:
            What `change` returns; None if it cannot be saved, which was said.
        """
        waiting = asyncio.create_task(self._say_that_it_waits(doing))
        try:
            async with self._saving:
                return await change()
        except StoreError as error:
            self._messages.show_status("Nothing was changed")
            self._messages.warn(str(error))
            return None
        finally:
            waiting.cancel()

    async def _say_that_it_waits(self, doing: str) -> None:
        await asyncio.sleep(_SILENT_SECONDS)
        while True:
            self._messages.show_status(f"{doing}, waiting for the database")
            await asyncio.sleep(_REPEAT_SECONDS)

    async def add(self, text: str = "") -> None:
        """Open the dialog that adds jobs by their IDs.

        Args:
            text: What was pasted into it already.
        """
        from widgets.dialogs.add import AddDialog

        watched = self._watch_list.entries
        dialog = AddDialog(lambda typed: preview(typed, watched), text, ascii=self._board.plain)

        def add_chosen(job_ids: tuple[str, ...] | None) -> None:
            if job_ids:
                self._host.start(self.add_ids(job_ids), "list")

        await self._host.open_dialog(dialog, add_chosen)

    async def add_ids(self, job_ids: Sequence[str]) -> None:
        """Add jobs, and say so."""
        doing = f"Adding {durations.jobs(len(job_ids))}"
        added = await self._save(doing, lambda: self._watch_list.add(job_ids))
        if added is None:
            return
        self._host.refresh_list()
        if added:
            self._selection.select(added[0])
        self._messages.show_status(f"Added {durations.jobs(len(added))}{self._hidden_clause(added)}")

    def remove(self) -> None:
        """Take the marked jobs, else the one under the cursor, off the list."""
        if job_ids := self._board.targets(self._selection.choose()):
            self._host.start(self._remove(job_ids), "list")

    async def remove_finished(self) -> None:
        """Take all finished jobs off the list."""
        if not await self._host.is_complete():
            return
        finished = [job_id for job_id, entry in self._watch_list.entries.items() if entry.finished]
        if finished:
            self._host.start(self._remove(finished), "list")
        else:
            self._messages.show_status("No finished jobs to remove")

    async def _remove(self, job_ids: Sequence[str]) -> None:
        name = self._board.name(job_ids[0]) if len(job_ids) == 1 else durations.jobs(len(job_ids))
        hidden = self._hidden_clause(job_ids)
        removed = await self._save(f"Removing {name}", lambda: self._watch_list.remove(job_ids))
        if not removed:  # or an earlier key press has removed them
            return
        self._removed.append(removed)
        self._host.refresh_list()
        one = len(removed) == 1
        undo = f"{self._host.key_of('jobs.undo')} brings {'it' if one else 'them'} back"
        if all(entry.finished for entry in removed):
            self._messages.show_status(f"Removed {name}{hidden}. {undo}")
        else:
            runs_on = "It keeps running" if one else "Unfinished ones keep running"
            self._messages.show_status(f"Removed {name}{hidden}. {runs_on}; {undo}")

    def undo(self) -> None:
        """Put back what was removed last."""
        self._host.start(self._restore(), "list")

    async def _restore(self) -> None:
        restored = await self._save("Restoring what was removed", self._restore_last)
        if restored is None:
            return
        if not restored:
            self._messages.show_status("Nothing to undo")
            return
        self._host.refresh_list()
        self._selection.select(restored[0].id)
        hidden = self._hidden_clause([entry.id for entry in restored])
        self._messages.show_status(f"Restored {durations.jobs(len(restored))}{hidden}")

    async def _restore_last(self) -> Sequence[Watched]:
        """Restore what was removed last, and return it; empty if there is nothing to restore."""
        if not self._removed:
            return ()
        await self._watch_list.restore(self._removed[-1])
        return self._removed.pop()

    def _hidden_clause(self, job_ids: Sequence[str]) -> str:
        """How many of these jobs the filter hides, as the end of a clause; empty for none."""
        hidden = self._board.hidden(job_ids)
        if not hidden:
            return ""
        return ", hidden by the filter" if len(job_ids) == 1 else f", {hidden} of them hidden by the filter"

    def mute(self) -> None:
        """Mute the job under the cursor, or unmute it."""
        if (job_id := self._selection.choose()) is not None:
            self._host.start(self._mute(job_id, not self._board[job_id].muted), "list")

    async def _mute(self, job_id: str, muted: bool) -> None:
        name = self._board.name(job_id)

        async def mute() -> bool:
            await self._watch_list.mute(job_id, muted)
            return True

        if await self._save(f"{'Muting' if muted else 'Unmuting'} {name}", mute):
            self._messages.show_status(f"{name} {'is muted' if muted else 'is no longer muted'}")

    def copy_id(self) -> None:
        """Copy the ID of the job under the cursor."""
        if (job_id := self._selection.choose()) is not None:
            self._host.start(self.copy(job_id), "copy")

    def copy_json(self) -> None:
        """Copy everything known about the job under the cursor, as JSON."""
        if (job_id := self._selection.choose()) is not None:
            import json

            from app.presentation.json_fields import job_object

            self._host.start(self.copy(json.dumps(job_object(self._board[job_id]), indent=2)), "copy")

    async def copy(self, text: str) -> None:
        """Copy a text and show it: a terminal that ignores the request does not say so."""
        program = await asyncio.to_thread(copy_with_program, text, os.environ)
        if not program:
            self._copy_to_terminal(text)
        outcome = f"Copied by {program}" if program else "Sent to the terminal, which may ignore it"
        show = (
            self._messages.show_status if "\n" in text else self._messages.show_in_full
        )  # of JSON the beginning will do
        show(f"{outcome}:\n{safe_text(text)}")

    def export(self, form: str, *, history: bool) -> None:
        """Write the list, or the history of its jobs, to a file in the working directory.

        Args:
            form: A value of `Format`.
            history: Whether to write the histories.
        """
        self._host.start(
            self._export([self._board[job_id] for job_id in self._board.shown], form, history), "copy"
        )

    async def _export(self, entries: Sequence[Watched], form: str, history: bool) -> None:
        try:
            path = await asyncio.to_thread(self._write_export, entries, form, history)
        except (OSError, StoreError) as error:
            self._messages.warn(f"Nothing was exported: {error}")
            return
        self._messages.show_status(f"Saved {path}")

    def _write_export(self, entries: Sequence[Watched], form: str, history: bool) -> Path:
        from app.presentation.export import Format, export_history, export_list

        if history:
            text = export_history(entries, self._watch_list.store.samples, Format(form))
        else:
            text = export_list(entries, Format(form))
        name = "dwtop-history" if history else "dwtop-jobs"
        path = Path(f"{name}-{time.strftime('%Y%m%d-%H%M%S')}.{form}").absolute()
        path.write_text(text, encoding="utf-8")
        return path
