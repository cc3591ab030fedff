"""Actions on jobs: add, remove, mute, copy and export them."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from app.dashboard.action_host import ActionHost
from app.dashboard.board import Board
from app.notify.clipboard import copy_with_program
from app.presentation import durations
from app.presentation.add_preview import preview
from app.text import safe_text
from app.watch.storage import StoreError
from app.watch.watch_list import WatchList
from app.watch.watched import Watched


class JobActions:
    """Changes the watch list, and hands out what is known of its jobs.

    Which jobs an action is for is settled before the first await: keys that follow at once may move the cursor.
    """

    def __init__(
        self,
        watch_list: WatchList,
        board: Board,
        host: ActionHost,
        *,
        copy_to_terminal: Callable[[str], None],
        show_in_full: Callable[[str], None],
    ) -> None:
        """Nothing was removed yet.

        Args:
            watch_list: The jobs.
            board: The jobs as the list shows them.
            host: The main screen.
            copy_to_terminal: Has the terminal copy a text (OSC 52).
            show_in_full: Shows a message that is useless when cut.
        """
        self._watch_list = watch_list
        self._board = board
        self._host = host
        self._copy_to_terminal = copy_to_terminal
        self._show_in_full = show_in_full
        self._removed: list[Sequence[Watched]] = []

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
                self._host.start(self._add(job_ids), "list")

        await self._host.open_dialog(dialog, add_chosen)

    async def _add(self, job_ids: Sequence[str]) -> None:
        try:
            added = await self._watch_list.add(job_ids)
        except StoreError as error:
            self._host.warn(str(error))
            return
        self._host.refresh_list()
        if added:
            self._host.select(added[0])
            self._host.show_status(f"Added {durations.jobs(len(added))}{self._hidden_clause(added)}")

    def remove(self) -> None:
        """Take the marked jobs, else the one under the cursor, off the list."""
        if job_ids := self._board.targets(self._host.choose()):
            self._host.start(self._remove(job_ids), "list")

    async def remove_finished(self) -> None:
        """Take all finished jobs off the list."""
        if not await self._host.is_complete():
            return
        finished = [job_id for job_id, entry in self._watch_list.entries.items() if entry.finished]
        if finished:
            self._host.start(self._remove(finished), "list")
        else:
            self._host.show_status("No finished jobs to remove")

    async def _remove(self, job_ids: Sequence[str]) -> None:
        name = self._board.name(job_ids[0]) if len(job_ids) == 1 else durations.jobs(len(job_ids))
        hidden = self._hidden_clause(job_ids)
        try:
            removed = await self._watch_list.remove(job_ids)
        except StoreError as error:
            self._host.warn(str(error))
            return
        self._removed.append(removed)
        self._host.refresh_list()
        one = len(removed) == 1
        undo = f"{self._host.key_of('jobs.undo')} brings {'it' if one else 'them'} back"
        if all(entry.finished for entry in removed):
            self._host.show_status(f"Removed {name}{hidden}. {undo}")
        else:
            runs_on = "It keeps running" if one else "Unfinished ones keep running"
            self._host.show_status(f"Removed {name}{hidden}. {runs_on}; {undo}")

    def undo(self) -> None:
        """Put back what was removed last."""
        if self._removed:
            self._host.start(self._restore(self._removed.pop()), "list")
        else:
            self._host.show_status("Nothing to undo")

    async def _restore(self, removed: Sequence[Watched]) -> None:
        try:
            await self._watch_list.restore(removed)
        except StoreError as error:
            self._removed.append(removed)
            self._host.warn(str(error))
            return
        self._host.refresh_list()
        if removed:
            self._host.select(removed[0].id)
        hidden = self._hidden_clause([entry.id for entry in removed])
        self._host.show_status(f"Restored {durations.jobs(len(removed))}{hidden}")

    def _hidden_clause(self, job_ids: Sequence[str]) -> str:
        """How many of these jobs the filter hides, as the end of a clause; empty for none."""
        hidden = self._board.hidden(job_ids)
        if not hidden:
            return ""
        return ", hidden by the filter" if len(job_ids) == 1 else f", {hidden} of them hidden by the filter"

    def mute(self) -> None:
        """Mute the job under the cursor, or unmute it."""
        if (job_id := self._host.choose()) is not None:
            self._host.start(self._mute(job_id, not self._board[job_id].muted), "list")

    async def _mute(self, job_id: str, muted: bool) -> None:
        try:
            await self._watch_list.mute(job_id, muted)
        except StoreError as error:
            self._host.warn(str(error))
            return
        self._host.show_status(f"{self._board.name(job_id)} {'is muted' if muted else 'is no longer muted'}")

    def copy_id(self) -> None:
        """Copy the ID of the job under the cursor."""
        if (job_id := self._host.choose()) is not None:
            self._host.start(self._copy(job_id), "copy")

    def copy_json(self) -> None:
        """Copy everything known about the job under the cursor, as JSON."""
        if (job_id := self._host.choose()) is not None:
            import json

            from app.presentation.json_fields import job_object

            self._host.start(self._copy(json.dumps(job_object(self._board[job_id]), indent=2)), "copy")

    async def _copy(self, text: str) -> None:
        """Copy a text and show it: a terminal that ignores the request does not say so."""
        program = await asyncio.to_thread(copy_with_program, text, os.environ)
        if not program:
            self._copy_to_terminal(text)
        outcome = f"Copied by {program}" if program else "Sent to the terminal, which may ignore it"
        show = self._host.show_status if "\n" in text else self._show_in_full  # of JSON the beginning will do
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
            self._host.warn(f"Nothing was exported: {error}")
            return
        self._host.show_status(f"Saved {path}")

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
