"""What keys do to jobs: put them on the list or take them off, ask for them, cancel them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, work
from textual.binding import BindingType

from app.dashboard import cancelling, keys
from app.dashboard.platform.terminal_output import TerminalLine
from app.dashboard.view_screen import ViewScreen
from app.dashboard.view_state import Remembered
from app.deepwriter.errors import ApiError, NotSignedIn, Unauthorized
from app.presentation import durations
from app.presentation.add_preview import preview
from app.watch.polling.link import Link
from app.watch.polling.pacing import Intervals, next_interval
from app.watch.session import Session
from app.watch.storage import StoreError
from app.watch.watched import Watched
from widgets.bindings import bindings

if TYPE_CHECKING:
    from widgets.dialogs.login import Login


class JobsScreen(ViewScreen):
    """The dashboard proper.

    What a key is for is settled while the key is handled, and a dialog is open by then: the keys after it, however
    fast they come, move nothing that it meant, and are for the dialog.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.JOBS)

    def __init__(self, session: Session, line: TerminalLine, remembered: Remembered) -> None:
        """As a person left it.

        Args:
            session: The sitting.
            line: The way to the window title and the bell.
            remembered: How it was left.
        """
        super().__init__(session, line, remembered)
        self._removed: list[Sequence[Watched]] = []

    # Adding and removing

    async def action_add(self, text: str = "") -> None:
        """Add jobs by their IDs."""
        from widgets.dialogs.add import AddDialog

        watched = self.session.watch_list.entries
        dialog = AddDialog(lambda typed: preview(typed, watched), text, ascii=self.plain)

        def answered(job_ids: tuple[str, ...] | None) -> None:
            if job_ids:
                self._add(job_ids)

        await self.app.push_screen(dialog, answered)

    @work(group="list")
    async def _add(self, job_ids: Sequence[str]) -> None:
        try:
            added = await self.session.watch_list.add(job_ids)
        except StoreError as error:
            self.complain(str(error))
            return
        self.rearrange()
        if added:
            self._move_cursor_to(added[0])
            self.say(f"Added {durations.jobs(len(added))}{self._hidden(added)}")

    async def on_paste(self, event: events.Paste) -> None:
        """A paste anywhere offers to add the jobs in it."""
        event.stop()
        if self.is_current and event.text.strip():
            await self.action_add(event.text)

    def _move_cursor_to(self, job_id: str) -> None:
        if self.table.move_to(job_id):
            self.keep_cursor()

    def _hidden(self, job_ids: Sequence[str]) -> str:
        """How many of these jobs the filter hides, to end a clause that names or counts them; empty for none."""
        hidden = self.board.hidden(job_ids)
        if not hidden:
            return ""
        return ", hidden by the filter" if len(job_ids) == 1 else f", {hidden} of them hidden by the filter"

    def action_remove(self) -> None:
        """Take the marked jobs, else the one under the cursor, off the list."""
        self._remove(self.board.targets(self.chosen))

    async def action_remove_finished(self) -> None:
        """Take all finished jobs off the list."""
        if not await self.is_complete():  # a fast hand may be here before the rest of a long list
            return
        finished = [job_id for job_id, entry in self.session.watch_list.entries.items() if entry.finished]
        if finished:
            self._remove(finished)
        else:
            self.say("There are no finished jobs to remove.")

    @work(group="list")
    async def _remove(self, job_ids: Sequence[str]) -> None:
        if not job_ids:
            return
        name = self.board.name(job_ids[0]) if len(job_ids) == 1 else durations.jobs(len(job_ids))
        hidden = self._hidden(job_ids)
        try:
            removed = await self.session.watch_list.remove(job_ids)
        except StoreError as error:
            self.complain(str(error))
            return
        self._removed.append(removed)
        self.rearrange()
        self.sum_up()
        undoes = f"Removed {name}{hidden}; {self._key_of('jobs.undo')} undoes"
        if all(entry.finished for entry in removed):
            self.say(undoes)
        else:
            goes_on = "the job itself goes on" if len(removed) == 1 else "the jobs themselves go on"
            self.say(f"{undoes} ({goes_on})")

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
            self._move_cursor_to(removed[0].id)
        self.say(f"Put back {durations.jobs(len(removed))}{self._hidden([entry.id for entry in removed])}")

    # Cancelling

    async def action_cancel(self) -> None:
        """Ask whether the marked jobs, else the one under the cursor, shall be cancelled."""
        from widgets.dialogs.cancel import CancelDialog

        targets = self.board.targets(self.chosen)
        if reason := cancelling.objection(self.session, self.board, targets, self._key_of("app.login")):
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

        def answered(job_ids: tuple[str, ...] | None) -> None:
            informing.cancel()
            if job_ids:
                self._cancel(job_ids)

        await self.app.push_screen(dialog, answered)

    def _cancel(self, job_ids: Sequence[str]) -> None:
        self.board.marks.difference_update(job_ids)
        self.show_marks(job_ids)
        self.run_worker(cancelling.cancel_all(self.session, job_ids), group="cancel")

    # Asking

    def action_refresh(self) -> None:
        """Ask for this job now, even a finished one."""
        if (cursor := self.chosen) is not None:
            self._ask(cursor)

    @work(group="ask")
    async def _ask(self, job_id: str) -> None:
        watcher = await self.core("the refresh")
        self._report(await watcher.poller.fetch_now(job_id))

    @work(group="ask")
    async def action_refresh_all(self) -> None:
        """Ask for all unfinished jobs, within the request budget."""
        watcher = await self.core("the refresh")
        self._report(await watcher.poller.refresh())

    def _report(self, failure: ApiError | None) -> None:
        if failure:
            self.complain(str(failure))
        if isinstance(failure, Unauthorized | NotSignedIn):
            self.session.refused()

    def action_pause(self) -> None:
        """Stop asking, or go on."""
        self.paused = not self.paused
        self.direct_polling()
        self.show_banners()

    def action_mute(self) -> None:
        """Have the job draw no attention, or some again."""
        if (cursor := self.chosen) is not None:
            self._mute(cursor, not self.board[cursor].muted)

    @work(group="list")
    async def _mute(self, job_id: str, muted: bool) -> None:
        try:
            await self.session.watch_list.mute(job_id, muted)
        except StoreError as error:
            self.complain(str(error))
            return
        self.say(f"{self.board.name(job_id)} {'is muted' if muted else 'is heard again'}")

    def action_interval(self, step: int) -> None:
        """Ask more or less often."""
        seconds = next_interval(self.session.intervals.fast, longer=step > 0)
        self.session.intervals = Intervals.every(seconds)
        if self.session.watcher:
            self.session.watcher.request_intervals(self.session.intervals)
        self.say(f"Jobs in progress are asked for every {durations.duration(seconds)}")

    # Signing in

    async def action_login(self) -> None:
        """Sign in with another token."""
        from app.deepwriter.auth.renewal import token_problem
        from widgets.dialogs.login import LoginDialog

        if self.session.demo:
            self.complain("The demo needs no token.")
            return
        reason = self.link.reason if self.link.link is Link.SIGNED_OUT else ""
        dialog = LoginDialog(token_problem, reason, self.session.stronger_token_source(), ascii=self.plain)

        def answered(given: "Login | None") -> None:
            if given is not None:
                self._sign_in(given)

        await self.app.push_screen(dialog, answered)

    @work(group="sign-in")
    async def _sign_in(self, given: "Login") -> None:
        await self.core("the sign-in")
        complaint = await self.session.sign_in(given.token, api_key=given.api_key, keep=given.keep)
        if complaint:
            self.complain(complaint)
        else:
            self.show_ways_on()
            self.say("Signed in with the new token; asking again.")
