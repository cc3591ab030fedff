"""The main screen: the list, the job under the cursor, and everything that keys do there."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.getters import query_one
from textual.screen import Screen
from textual.widgets import Footer, Input

from app.dashboard import cancelling, keys, notices, words
from app.dashboard.adding import preview
from app.dashboard.board import Board
from app.dashboard.columns import COLUMNS, SORTABLE, job_column
from app.dashboard.detail import detail_of
from app.dashboard.glyphs import glyphs
from app.dashboard.session import Session
from app.dashboard.terminal import TerminalLine
from app.deepwriter.errors import ApiError
from app.watch.connection import Link, LinkState
from app.watch.events import Event
from app.watch.history import sample
from app.watch.pace import Intervals
from app.watch.store.errors import StoreError
from app.watch.watch_list import Change
from app.watch.watched import Watched
from widgets.empty_list import EmptyList
from widgets.job_detail import JobDetail
from widgets.job_table import JobTable
from widgets.model import KeyHelp, Summary
from widgets.status_bar import Banners, StatusBar

_SETTLE = 0.05
"""Seconds for which changes are gathered before they are shown."""

_TICK = 5.0
"""Seconds between two looks at what the mere passing of time changes."""

_HOLD_ORDER = 3.0
"""Seconds for which rows stay where they are after a person moved."""

_SHORTEST, _LONGEST = 1.0, 3600.0  # seconds: what + and - may set


class JobsScreen(Screen[None]):
    """The dashboard proper."""

    BINDINGS: ClassVar[list[BindingType]] = keys.JOBS
    AUTO_FOCUS = "#table"

    table = query_one("#table", JobTable)
    detail = query_one("#detail", JobDetail)
    status = query_one("#status", StatusBar)
    filter_field = query_one("#filter", Input)

    def __init__(self, session: Session, line: TerminalLine) -> None:
        """Nothing is sent and nothing written before it is on the screen.

        Args:
            session: The sitting.
            line: The way to the window title and the bell.
        """
        super().__init__()
        plain = session.settings.ascii
        self._session = session
        self._line = line
        self._plain = plain
        self._board = Board(session, glyphs(plain=plain))
        self._link = LinkState()
        self._trouble = session.watch_list.store.notice
        self._dirty: set[str] = set()
        self._news: list[tuple[str, Event]] = []
        self._settling = False
        self._held_until = 0.0
        self._removed: list[Sequence[Watched]] = []
        self._rate = ""
        self._range_from: str | None = None

    @property
    def details_open(self) -> bool:
        """Whether the details are on the screen."""
        return self.has_class("-detail-open")

    def compose(self) -> ComposeResult:
        """Banners on top, list and detail in the middle, filter, sums and keys below."""
        yield Banners(ascii=self._plain, id="banners")
        with Container(id="main"):
            yield EmptyList(
                "No jobs yet",
                (
                    KeyHelp("a", "add jobs by their IDs"),
                    KeyHelp("paste", "a text with job IDs in it, anywhere"),
                    KeyHelp("dwtop ID", "start with a job"),
                ),
                ascii=self._plain,
                id="empty",
            )
            yield JobTable([item.column for item in COLUMNS], self._board.row, ascii=self._plain, id="table")
            yield JobDetail(ascii=self._plain, id="detail")
        field = Input(placeholder="filter by title, stage, status or ID", id="filter", compact=True)
        field.cursor_blink = False
        yield field
        yield StatusBar(ascii=self._plain, id="status")
        yield Footer(show_command_palette=False, compact=True, id="keys")

    def on_mount(self) -> None:
        """Show what is known from the last time, before anything is asked."""
        self.table.sorted_by(self._board.view.sort, self._board.view.reverse)
        self._arrange()
        if self._session.added:
            self.table.move_to(self._session.added[0])
        self._sum_up()
        self.show_banners()
        self._session.watch_list.subscribe(self._on_change)
        self.set_interval(_TICK, self._tick)
        self.set_interval(60.0, self._show_rate)

    # What changes by itself

    def _on_change(self, change: Change) -> None:
        self._board.changed(change)
        self._dirty.add(change.job_id)
        event = change.event
        if event and notices.worth_telling(event) and change.after and not change.after.muted:
            self._news.append((self._board.title(change.job_id), event))
        if not self._settling:
            self._settling = True
            self.set_timer(_SETTLE, self._settle)

    def _settle(self) -> None:
        """Show what has changed since the last time, each cell once."""
        self._settling = False
        dirty, self._dirty = self._dirty, set()
        if self._board.misplaced and not self._order_held():
            self._arrange()
        self.table.changed(dirty)
        if self.table.cursor in dirty:
            self._show_detail()
        self._sum_up()
        if self._news:
            news, self._news = self._news, []
            self.app.notify(notices.told(news), markup=False, timeout=10)
            if self._session.settings.bell:
                self._line.ring()

    def _tick(self) -> None:
        """Repaint what looks different only because time went by."""
        if self._board.misplaced and not self._order_held():
            self._arrange()
        self.table.redraw()
        self._show_detail()

    def _order_held(self) -> bool:
        return self._session.now() < self._held_until

    def _arrange(self) -> None:
        ids = self._board.arrange()
        self.table.show(ids)
        empty = not len(self._board)
        self.query_one("#empty").display = empty
        self.table.display = not empty

    def _sum_up(self) -> None:
        tally, view = self._board.tally, self._board.view
        fraction = tally.fraction
        notes = []
        if self._board.marks:
            hidden = self._board.hidden(tuple(self._board.marks))
            notes.append(f"{len(self._board.marks)} marked" + (f" ({hidden} hidden)" if hidden else ""))
        if view.filter:
            notes.append(f"/{view.filter}: {len(self.table.ids)} of {len(self._board)}")
        self.status.show(
            Summary(
                tally.counts(self._board.signs),
                fraction,
                "" if fraction is None else f"{int(fraction * 100)}%",
                self._rate,
                tuple(notes),
            )
        )
        self._line.title(notices.window_title(tally, self._board.signs))

    def _show_rate(self) -> None:
        """Rounded to tens and once a minute, so that it draws no eyes."""
        watcher = self._session.watcher
        if watcher:
            rate = round(watcher.traffic.last_minute(), -1)
            self._rate = f"~{rate}/{watcher.traffic.per_minute:.0f} req/min"
            self._sum_up()

    def show_link(self, link: LinkState) -> None:
        """Show the state of the connection."""
        recovered = self._link.link is not Link.UP and link.link is Link.UP
        self._link = link
        self.show_banners()
        if recovered:
            self.table.redraw()

    def show_trouble(self, sentence: str) -> None:
        """Show what is wrong with the database; nothing, if it is empty."""
        self._trouble = sentence
        self.show_banners()

    def show_banners(self) -> None:
        """Show what is out of the ordinary."""
        watcher = self._session.watcher
        self.query_one(Banners).show(
            notices.banners(
                link=self._link,
                paused=bool(watcher and watcher.poller.paused),
                read_only=self._session.settings.read_only,
                demo=self._session.demo,
                trouble=self._trouble,
                now=self._session.now(),
            )
        )

    def _show_detail(self) -> None:
        cursor = self.table.cursor
        if not self.details_open:
            return
        if cursor is None or cursor not in self._board:
            self.detail.show(None)
            return
        entry = self._board[cursor]
        store = self._session.watch_list.store
        samples = store.samples(cursor)
        if entry.job and entry.fetched_at is not None:
            latest = sample(entry.job, entry.fetched_at)  # the newest may not be in the database yet
            if not samples or samples[-1][1:] != latest[1:]:
                samples.append(latest)
        self.detail.show(
            detail_of(
                entry,
                samples,
                store.events(cursor, 20),
                now=self._session.now(),
                age=self._board.age(entry),
                short_id=self._board.short_ids.of(cursor),
                signs=self._board.signs,
            )
        )

    # What a person does in the table

    @on(JobTable.Highlighted)
    def _cursor_moved(self) -> None:
        self._show_detail()
        self._look()
        self.refresh_bindings()

    @on(JobTable.Viewport)
    def _look(self) -> None:
        if self._session.watcher:
            self._session.watcher.poller.look_at(self.table.cursor, self.table.visible_ids)

    @on(JobTable.Moved)
    def _hold_order(self) -> None:
        self._held_until = self._session.now() + _HOLD_ORDER

    @on(JobTable.Opened)
    def action_details(self) -> None:
        """Open or close the details of the job under the cursor."""
        self.toggle_class("-detail-open")
        if not self.details_open:
            self.table.focus()
        self._show_detail()

    @on(JobTable.HeaderPressed)
    def _header_pressed(self, message: JobTable.HeaderPressed) -> None:
        if message.key in SORTABLE:
            self._sort(
                message.key, reverse=message.key == self._board.view.sort and not self._board.view.reverse
            )

    def action_sort_next(self) -> None:
        """Sort by the next column."""
        place = SORTABLE.index(self._board.view.sort)
        self._sort(SORTABLE[(place + 1) % len(SORTABLE)], reverse=False)

    def action_sort_reverse(self) -> None:
        """Turn the order round."""
        self._sort(self._board.view.sort, reverse=not self._board.view.reverse)

    def _sort(self, key: str, *, reverse: bool) -> None:
        self._board.view = replace(self._board.view, sort=key, reverse=reverse)
        self.table.sorted_by(key, reverse)
        self._arrange()
        self._say(f"Sorted by {job_column(key).name}{', reversed' if reverse else ''}")

    def action_mark(self) -> None:
        """Mark the job under the cursor and go on to the next."""
        if (cursor := self.table.cursor) is not None:
            self._range_from = cursor
            self._board.toggle(cursor)
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
        self._board.marks.update(self.table.ids[first : last + 1])
        self._marks_changed(self.table.ids[first : last + 1])

    def action_mark_all(self) -> None:
        """Mark all jobs that are shown, or none."""
        self._board.mark(self.table.ids)
        self._marks_changed(self.table.visible_ids)

    def _marks_changed(self, job_ids: Sequence[str]) -> None:
        self.table.changed(job_ids)
        self._sum_up()

    def action_back(self) -> None:
        """One layer back: the details, the filter, the marks."""
        if self.details_open:
            self.action_details()
        elif self._board.view.filter or self.filter_field.display:
            self.filter_field.value = ""
            self.filter_field.display = False
            self.table.focus()
        elif self._board.marks:
            marked = tuple(self._board.marks)
            self._board.marks.clear()
            self._marks_changed(marked)

    # The filter

    def action_filter(self) -> None:
        """Type a filter; the list follows."""
        self.filter_field.display = True
        self.filter_field.focus()

    @on(Input.Changed, "#filter")
    def _filter_changed(self, message: Input.Changed) -> None:
        self._board.view = replace(self._board.view, filter=message.value.strip())
        self._arrange()
        self._sum_up()

    @on(Input.Submitted, "#filter")
    def _filter_kept(self) -> None:
        self.filter_field.display = bool(self._board.view.filter)
        self.table.focus()

    # Adding and removing

    @work(group="dialog")
    async def action_add(self, text: str = "") -> None:
        """Add jobs by their IDs."""
        from widgets.add_dialog import AddDialog

        watched = self._session.watch_list.entries
        dialog = AddDialog(lambda typed: preview(typed, watched), text, ascii=self._plain)
        if job_ids := await self.app.push_screen_wait(dialog):
            try:
                added = await self._session.watch_list.add(job_ids)
            except StoreError as error:
                self._complain(str(error))
                return
            self._arrange()
            if added:
                self.table.move_to(added[0])
                self._say(f"Added {words.jobs(len(added))}")

    def on_paste(self, event: events.Paste) -> None:
        """A paste anywhere offers to add the jobs in it."""
        event.stop()
        if self.is_current and event.text.strip():
            self.action_add(event.text)

    @work(group="list")
    async def action_remove(self) -> None:
        """Take the marked jobs, else the one under the cursor, off the list."""
        await self._remove(self._board.targets(self.table.cursor))

    @work(group="list")
    async def action_remove_finished(self) -> None:
        """Take all finished jobs off the list."""
        finished = [job_id for job_id, entry in self._session.watch_list.entries.items() if entry.finished]
        if finished:
            await self._remove(finished)
        else:
            self._say("There are no finished jobs to remove.")

    async def _remove(self, job_ids: Sequence[str]) -> None:
        if not job_ids:
            return
        name = self._board.title(job_ids[0]) if len(job_ids) == 1 else words.jobs(len(job_ids))
        try:
            removed = await self._session.watch_list.remove(job_ids)
        except StoreError as error:
            self._complain(str(error))
            return
        self._removed.append(removed)
        self._arrange()
        self._sum_up()
        self._say(f"Removed {name} from the list (the job itself goes on); u undoes")

    @work(group="list")
    async def action_undo(self) -> None:
        """Put back what was removed last."""
        if not self._removed:
            self._say("There is nothing to undo.")
            return
        removed = self._removed.pop()
        try:
            await self._session.watch_list.restore(removed)
        except StoreError as error:
            self._removed.append(removed)
            self._complain(str(error))
            return
        self._arrange()
        if removed:
            self.table.move_to(removed[0].id)
        self._say(f"Put back {words.jobs(len(removed))}")

    # Cancelling

    @work(group="dialog")
    async def action_cancel(self) -> None:
        """Ask whether the marked jobs, else the one under the cursor, shall be cancelled."""
        from widgets.cancel_dialog import CancelDialog

        targets = self._board.targets(self.table.cursor)
        if reason := cancelling.objection(self._session, self._board, targets):
            self._complain(reason)
            return
        if not CancelDialog.fits(self.app.size):
            self._complain("make the pane larger to cancel")
            return
        pinned = [
            self._board[job_id] for job_id in cancelling.cancellable(self._session, self._board, targets)
        ]
        dialog = CancelDialog(cancelling.question(self._session, self._board, pinned), ascii=self._plain)
        informing = self.run_worker(
            cancelling.keep_informed(dialog, self._session, self._board, pinned), group="cancel-dialog"
        )
        try:
            agreed = await self.app.push_screen_wait(dialog)
        finally:
            informing.cancel()
        if agreed:
            job_ids = cancelling.cancellable(self._session, self._board, [entry.id for entry in pinned])
            self._board.marks.difference_update(job_ids)
            self._marks_changed(job_ids)
            self.run_worker(cancelling.cancel_all(self._session, job_ids), group="cancel")

    # Asking

    @work(group="ask")
    async def action_refresh(self) -> None:
        """Ask for this job now, even a finished one."""
        cursor, watcher = self.table.cursor, self._session.watcher
        if watcher and cursor is not None:
            self._report(await watcher.poller.ask(cursor))

    @work(group="ask")
    async def action_refresh_all(self) -> None:
        """Ask for all unfinished jobs, within the request budget."""
        if self._session.watcher:
            self._report(await self._session.watcher.poller.refresh())

    def _report(self, failure: ApiError | None) -> None:
        if failure:
            self._complain(str(failure))

    def action_pause(self) -> None:
        """Stop asking, or go on."""
        if self._session.watcher:
            self._session.watcher.poller.paused = not self._session.watcher.poller.paused
            self.show_banners()

    def action_interval(self, step: int) -> None:
        """Ask more or less often."""
        seconds = keys.next_interval(self._session.intervals.fast, step, _SHORTEST, _LONGEST)
        self._session.intervals = Intervals.every(seconds)
        if self._session.watcher:
            self._session.watcher.poller.intervals = self._session.intervals
        self._say(f"Jobs in progress are asked for every {words.duration(seconds)}")

    # The rest

    def action_copy_id(self) -> None:
        """Copy the job's ID."""
        if (cursor := self.table.cursor) is not None:
            self.app.copy_to_clipboard(cursor)
            self._say(f"Copied {cursor}")

    def action_help(self) -> None:
        """Show all keys."""
        from widgets.help_dialog import HelpDialog

        self.app.push_screen(HelpDialog(keys.help_of(self.active_bindings), ascii=self._plain))

    def _say(self, text: str) -> None:
        self.app.notify(text, markup=False, timeout=4)

    def _complain(self, text: str) -> None:
        self.app.notify(text, severity="warning", markup=False, timeout=8)
