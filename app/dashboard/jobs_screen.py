"""What keys and clicks do on the main screen."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events, on, work
from textual.binding import BindingType
from textual.widgets import Input

from app.dashboard import cancelling, keys, words
from app.dashboard.adding import preview
from app.dashboard.board_screen import BoardScreen
from app.dashboard.columns import SORTABLE, job_column
from app.dashboard.session import Session
from app.dashboard.terminal import TerminalLine
from app.deepwriter.errors import ApiError
from app.watch.pace import Intervals
from app.watch.store.errors import StoreError
from app.watch.watched import Watched
from widgets.job_table import JobTable

_SHORTEST, _LONGEST = 1.0, 3600.0  # seconds: what + and - may set


class JobsScreen(BoardScreen):
    """The dashboard proper."""

    BINDINGS: ClassVar[list[BindingType]] = keys.JOBS

    def __init__(self, session: Session, line: TerminalLine) -> None:
        """Nothing is sent and nothing written before it is on the screen.

        Args:
            session: The sitting.
            line: The way to the window title and the bell.
        """
        super().__init__(session, line)
        self._removed: list[Sequence[Watched]] = []
        self._range_from: str | None = None

    # What a person does in the table

    @on(JobTable.Opened)
    def action_details(self) -> None:
        """Open or close the details of the job under the cursor."""
        self.toggle_class("-detail-open")
        if not self.details_open:
            self.table.focus()
        self.show_detail()

    @on(JobTable.HeaderPressed)
    def _header_pressed(self, message: JobTable.HeaderPressed) -> None:
        if message.key in SORTABLE:
            self._sort(
                message.key, reverse=message.key == self.board.view.sort and not self.board.view.reverse
            )

    def action_sort_next(self) -> None:
        """Sort by the next column."""
        place = SORTABLE.index(self.board.view.sort)
        self._sort(SORTABLE[(place + 1) % len(SORTABLE)], reverse=False)

    def action_sort_reverse(self) -> None:
        """Turn the order round."""
        self._sort(self.board.view.sort, reverse=not self.board.view.reverse)

    def _sort(self, key: str, *, reverse: bool) -> None:
        self.board.view = replace(self.board.view, sort=key, reverse=reverse)
        self.table.sorted_by(key, reverse)
        self.rearrange()
        self.say(f"Sorted by {job_column(key).name}{', reversed' if reverse else ''}")

    def action_mark(self) -> None:
        """Mark the job under the cursor and go on to the next."""
        if (cursor := self.table.cursor) is not None:
            self._range_from = cursor
            self.board.toggle(cursor)
            self._marks_changed([cursor])
            position = self.table.position(cursor)
            if position is not None and position + 1 < len(self.table.ids):
                self.table.move_to(self.table.ids[position + 1])

    def action_mark_range(self) -> None:
        """Mark from the job marked last to the one under the cursor."""
        cursor = self.table.cursor
        here = self.table.position(cursor) if cursor is not None else None
        if here is None:
            return
        there = self.table.position(self._range_from) if self._range_from else None
        first, last = sorted((here, here if there is None else there))
        self.board.marks.update(self.table.ids[first : last + 1])
        self._marks_changed(self.table.ids[first : last + 1])

    def action_mark_all(self) -> None:
        """Mark all jobs that are shown, or none."""
        self.board.mark(self.table.ids)
        self._marks_changed(self.table.visible_ids)

    def _marks_changed(self, job_ids: Sequence[str]) -> None:
        self.table.changed(job_ids)
        self.sum_up()

    def action_back(self) -> None:
        """One layer back: the details, the filter, the marks."""
        if self.details_open:
            self.action_details()
        elif self.board.view.filter or self.filter_field.display:
            self.filter_field.value = ""
            self.filter_field.display = False
            self.table.focus()
        elif self.board.marks:
            marked = tuple(self.board.marks)
            self.board.marks.clear()
            self._marks_changed(marked)

    # The filter

    def action_filter(self) -> None:
        """Type a filter; the list follows."""
        self.filter_field.display = True
        self.filter_field.focus()

    @on(Input.Changed, "#filter")
    def _filter_changed(self, message: Input.Changed) -> None:
        self.board.view = replace(self.board.view, filter=message.value.strip())
        self.rearrange()
        self.sum_up()

    @on(Input.Submitted, "#filter")
    def _filter_kept(self) -> None:
        self.filter_field.display = bool(self.board.view.filter)
        self.table.focus()

    # Adding and removing

    @work(group="dialog")
    async def action_add(self, text: str = "") -> None:
        """Add jobs by their IDs."""
        from widgets.add_dialog import AddDialog

        watched = self.session.watch_list.entries
        dialog = AddDialog(lambda typed: preview(typed, watched), text, ascii=self.plain)
        if job_ids := await self.app.push_screen_wait(dialog):
            try:
                added = await self.session.watch_list.add(job_ids)
            except StoreError as error:
                self.complain(str(error))
                return
            self.rearrange()
            if added:
                self.table.move_to(added[0])
                self.say(f"Added {words.jobs(len(added))}")

    def on_paste(self, event: events.Paste) -> None:
        """A paste anywhere offers to add the jobs in it."""
        event.stop()
        if self.is_current and event.text.strip():
            self.action_add(event.text)

    @work(group="list")
    async def action_remove(self) -> None:
        """Take the marked jobs, else the one under the cursor, off the list."""
        await self._remove(self.board.targets(self.table.cursor))

    @work(group="list")
    async def action_remove_finished(self) -> None:
        """Take all finished jobs off the list."""
        finished = [job_id for job_id, entry in self.session.watch_list.entries.items() if entry.finished]
        if finished:
            await self._remove(finished)
        else:
            self.say("There are no finished jobs to remove.")

    async def _remove(self, job_ids: Sequence[str]) -> None:
        if not job_ids:
            return
        name = self.board.title(job_ids[0]) if len(job_ids) == 1 else words.jobs(len(job_ids))
        try:
            removed = await self.session.watch_list.remove(job_ids)
        except StoreError as error:
            self.complain(str(error))
            return
        self._removed.append(removed)
        self.rearrange()
        self.sum_up()
        self.say(f"Removed {name} from the list (the job itself goes on); u undoes")

    @work(group="list")
    async def action_undo(self) -> None:
        """Put back what was removed last."""
        if not self._removed:
            self.say("There is nothing to undo.")
            return
        removed = self._removed.pop()
        try:
            await self.session.watch_list.restore(removed)
        except StoreError as error:
            self._removed.append(removed)
            self.complain(str(error))
            return
        self.rearrange()
        if removed:
            self.table.move_to(removed[0].id)
        self.say(f"Put back {words.jobs(len(removed))}")

    # Cancelling

    @work(group="dialog")
    async def action_cancel(self) -> None:
        """Ask whether the marked jobs, else the one under the cursor, shall be cancelled."""
        from widgets.cancel_dialog import CancelDialog

        targets = self.board.targets(self.table.cursor)
        if reason := cancelling.objection(self.session, self.board, targets):
            self.complain(reason)
            return
        if not CancelDialog.fits(self.app.size):
            self.complain("make the pane larger to cancel")
            return
        pinned = [self.board[job_id] for job_id in cancelling.cancellable(self.session, self.board, targets)]
        dialog = CancelDialog(cancelling.question(self.session, self.board, pinned), ascii=self.plain)
        informing = self.run_worker(
            cancelling.keep_informed(dialog, self.session, self.board, pinned), group="cancel-dialog"
        )
        try:
            agreed = await self.app.push_screen_wait(dialog)
        finally:
            informing.cancel()
        if agreed:
            job_ids = cancelling.cancellable(self.session, self.board, [entry.id for entry in pinned])
            self.board.marks.difference_update(job_ids)
            self._marks_changed(job_ids)
            self.run_worker(cancelling.cancel_all(self.session, job_ids), group="cancel")

    # Asking

    @work(group="ask")
    async def action_refresh(self) -> None:
        """Ask for this job now, even a finished one."""
        cursor, watcher = self.table.cursor, self.session.watcher
        if watcher and cursor is not None:
            self._report(await watcher.poller.ask(cursor))

    @work(group="ask")
    async def action_refresh_all(self) -> None:
        """Ask for all unfinished jobs, within the request budget."""
        if self.session.watcher:
            self._report(await self.session.watcher.poller.refresh())

    def _report(self, failure: ApiError | None) -> None:
        if failure:
            self.complain(str(failure))

    def action_pause(self) -> None:
        """Stop asking, or go on."""
        if self.session.watcher:
            self.session.watcher.poller.paused = not self.session.watcher.poller.paused
            self.show_banners()

    def action_interval(self, step: int) -> None:
        """Ask more or less often."""
        seconds = keys.next_interval(self.session.intervals.fast, step, _SHORTEST, _LONGEST)
        self.session.intervals = Intervals.every(seconds)
        if self.session.watcher:
            self.session.watcher.poller.intervals = self.session.intervals
        self.say(f"Jobs in progress are asked for every {words.duration(seconds)}")

    # The rest

    def action_copy_id(self) -> None:
        """Copy the job's ID."""
        if (cursor := self.table.cursor) is not None:
            self.app.copy_to_clipboard(cursor)
            self.say(f"Copied {cursor}")

    def action_help(self) -> None:
        """Show all keys."""
        from widgets.help_dialog import HelpDialog

        self.app.push_screen(HelpDialog(keys.help_of(self.active_bindings), ascii=self.plain))
