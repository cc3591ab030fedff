"""The main screen: the list with what surrounds it, and the small objects that its keys call."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from inspect import isawaitable
from typing import Any, ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.screen import ModalScreen, Screen
from textual.widgets import Input
from textual.worker import Worker

from app.dashboard.account_actions import AccountActions
from app.dashboard.board import Board
from app.dashboard.cancel_action import CancelAction
from app.dashboard.details import DETAILS_BESIDE_WIDTH, Details
from app.dashboard.event_log import LINK_EVENT_DELAY_SECONDS, EventFeed, open_event_log
from app.dashboard.frame_batch import FrameBatch
from app.dashboard.job_actions import JobActions
from app.dashboard.job_list import JobList
from app.dashboard.notifications import Notifications
from app.dashboard.platform.terminal_output import TerminalOutput
from app.dashboard.polling_actions import PollingActions
from app.dashboard.status_display import StatusDisplay
from app.dashboard.transition_digest import TransitionDigest
from app.dashboard.view_actions import ViewActions
from app.dashboard.view_state import ViewState
from app.presentation.glyphs import glyphs
from app.presentation.help import help_sections
from app.presentation.ordering import View
from app.settings.schema import Settings
from app.watch.polling.link import LinkState
from app.watch.session import Session
from app.watch.storage import StoreError
from app.watch.watch_list import Change
from widgets import keys
from widgets.bindings import bindings
from widgets.filter_line import FilterLine
from widgets.keys import key_name
from widgets.table.job_table import JobTable
from widgets.toasts import Toasts

Result = TypeVar("Result")

_TICK_SECONDS = 5.0
"""Seconds between two updates of what changes merely because time passes."""

_FIRST_RATE_SECONDS = 10.0
"""Seconds after the start when the request rate first appears; from then on it is updated once a minute."""

_LOAD_PATIENCE_SECONDS = 1.0
"""How long an action on the whole list waits for the rest of it."""


class MainScreen(Screen[None]):
    """Shows the watch list and hands keys to actions.

    What an action is for is settled while its key is handled, and a dialog it opens is on the screen by then: keys
    that follow at once cannot change what was meant, and go to the dialog.
    """

    AUTO_FOCUS = "#table"
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.MAIN)

    def __init__(
        self,
        session: Session,
        settings: Settings,
        terminal: TerminalOutput,
        view_state: ViewState,
        *,
        demo: bool = False,
        added: Sequence[str] = (),
    ) -> None:
        """Send and write nothing before the screen is shown.

        Args:
            session: The session.
            settings: In force.
            terminal: Sets the window title and rings the bell.
            view_state: How the screen was left.
            demo: Whether the API is simulated.
            added: Jobs named on the command line, to show first.
        """
        super().__init__(classes=f"-{view_state.layout}")
        self.session = session
        self._added = added
        view = View(view_state.sort, view_state.reverse, view_state.filter)
        if view != View() or added:  # the first rows by status are not those to show first
            session.watch_list.load_rest_blocking()
        self.board = Board(session, glyphs(plain=settings.ascii))
        self.board.view = view
        self._toasts = Toasts(ascii=settings.ascii, id="toasts")
        self._batch = FrameBatch(self.set_timer, self._show_changes)

        self.status = StatusDisplay(
            session,
            settings,
            self.board,
            terminal,
            demo=demo,
            paused=lambda: self.polling.paused,
            cursor=lambda: self.table.cursor,
            details_open=lambda: self.details.open,
        )
        self.list = JobList(
            session,
            self.board,
            view_state.columns,
            key_of=self.key_of,
            empty_state=self.status.empty_state,
            beside_details=lambda: self.details.open and self.app.size.width >= DETAILS_BESIDE_WIDTH,
        )
        self.table = self.list.table
        self.details = Details(self, session, self.board)
        self._feed = EventFeed(session, self.board, self.table)
        self.notifications = Notifications(
            self,
            self.board.signs,
            terminal,
            TransitionDigest(self._unfinished(), session.now()),
            bell=settings.bell,
            feed_shown=lambda: self.table.feed_shown,
        )
        self.view_actions = ViewActions(
            self,
            session.watch_list,
            self.board,
            self.list,
            self.notifications,
            self,
            view_state.layout,
            view_state.theme,
        )
        self.jobs = JobActions(
            session.watch_list,
            self.board,
            self.list,
            self.notifications,
            self,
            copy_to_terminal=lambda text: self.app.copy_to_clipboard(text),
        )
        self.polling = PollingActions(
            session,
            settings,
            self.list,
            self.notifications,
            self,
            on_change=self._polling_changed,
            demo=demo,
        )
        self.cancelling = CancelAction(
            session, self.board, self.list, self.notifications, self, read_only=settings.read_only
        )
        self.account = AccountActions(
            session,
            self.board,
            self.list,
            self.notifications,
            self,
            web_url=settings.web_url,
            demo=demo,
            connected=self.polling.connection,
            add=self.jobs.add_ids,
            copy=self.jobs.copy,
            open_demo=lambda: self.app.run_action("app.demo"),
        )
        self._actions = self._make_actions()

    def _make_actions(self) -> dict[str, Callable[[], object]]:
        """What each action of `keys` calls, by its ID."""
        view, jobs, polling = self.view_actions, self.jobs, self.polling
        return {
            "view.details": self.toggle_details,
            "view.open": lambda: None if self.details.open else self.toggle_details(),
            "view.close": lambda: self.toggle_details() if self.details.open else None,
            "view.filter": view.edit_filter,
            "view.back": self.go_back,
            "view.sort": view.sort_next,
            "view.reverse": view.reverse,
            "view.columns": view.choose_columns,
            "view.layout": view.next_layout,
            "view.theme": lambda: self.app.search_themes(),
            "view.log": lambda: open_event_log(self.session, self.board, self),
            "mark.toggle": view.mark,
            "mark.range": view.mark_range,
            "mark.all": view.mark_all,
            "copy.id": jobs.copy_id,
            "copy.json": jobs.copy_json,
            "export.list_json": lambda: jobs.export("json", history=False),
            "export.list_csv": lambda: jobs.export("csv", history=False),
            "export.history_json": lambda: jobs.export("json", history=True),
            "export.history_csv": lambda: jobs.export("csv", history=True),
            "jobs.add": jobs.add,
            "jobs.mine": self.account.offer_jobs,
            "jobs.open": self.account.open_document,
            "jobs.cancel": lambda: self.cancelling.open(self.app.size),
            "jobs.remove": jobs.remove,
            "jobs.clean": jobs.remove_finished,
            "jobs.undo": jobs.undo,
            "jobs.mute": jobs.mute,
            "poll.one": polling.refresh,
            "poll.all": polling.refresh_all,
            "poll.pause": polling.pause,
            "poll.slower": lambda: polling.change_interval(1),
            "poll.faster": lambda: polling.change_interval(-1),
            "app.login": polling.sign_in,
            "app.help": self.show_help,
        }

    async def action_run(self, action_id: str) -> None:
        """Run an action.

        Args:
            action_id: Its ID in `keys`.
        """
        self.status.action_tried(action_id)
        self._show_as_seen()
        result = self._actions[action_id]()
        if isawaitable(result):
            await result

    # Layout

    def compose(self) -> ComposeResult:
        """Totals and banners on top, list and details in the middle, filter and keys below."""
        # Textual 8.2.8 sets these classes after the first frame, which would look different.
        columns, lines = self.app.size
        for size, steps in (
            (columns, self.app.HORIZONTAL_BREAKPOINTS),
            (lines, self.app.VERTICAL_BREAKPOINTS),
        ):
            self.add_class([name for at_least, name in steps or [] if size >= at_least][-1])
        self.details.follow_size(self.app.size)
        yield self.status.header
        yield self.status.banners
        with Container(id="main"):
            yield self.table
            yield self._toasts
        if self.board.view.filter:
            yield FilterLine(self.board.view.filter, id="filter-line")
        yield self.status.key_line

    def on_mount(self) -> None:
        """Show what the database knows, before anything is requested."""
        self.list.show_order()
        self.list.rearrange()
        if self._added:
            self.list.keep_cursor()
            self.table.move_to(self._added[0])
        if self.session.watch_list.is_complete:
            self.status.show_totals()
        self.status.show_banners()
        self.status.show_keys()
        self.run_worker(self._feed.read(), group="feed", exclusive=True)
        self.session.watch_list.subscribe(self._job_changed)
        self.set_interval(_TICK_SECONDS, self._tick)
        self.set_timer(_FIRST_RATE_SECONDS, self.status.show_rate)
        self.set_interval(60.0, self._each_minute)

    def on_resize(self) -> None:
        """Fit the details into the pane."""
        if self.details.follow_size(self.app.size):
            self.details.show(self.table.cursor)
            self.status.show_keys()

    def show_help(self) -> None:
        """Show all keys."""
        from widgets.dialogs.reading import HelpDialog

        by_id: dict[str, list[str]] = {}
        for key, active in self.active_bindings.items():
            by_id.setdefault(active.binding.id or "", []).append(key)
        plain = self.board.plain
        self.app.push_screen(HelpDialog(help_sections(by_id, plain=plain), ascii=plain))

    # What actions need: `ActionHost`

    def refresh_list(self) -> None:
        """Show the list and the totals after jobs were added, removed or filtered."""
        self.list.rearrange()
        self.status.show_totals()

    def refresh_jobs(self, job_ids: Sequence[str]) -> None:
        """Repaint these jobs and the totals."""
        self.table.changed(job_ids)
        self.status.show_totals()

    def key_of(self, action_id: str) -> str:
        """Return the first key of an action, as people write it."""
        return self.status.key_of(action_id)

    async def open_dialog(
        self, dialog: ModalScreen[Result], on_result: Callable[[Result | None], None] | None = None
    ) -> None:
        """Open a dialog; return once it is on the screen."""
        await self.app.push_screen(dialog, on_result)

    def start(self, work: Coroutine[Any, Any, None], group: str) -> Worker[None]:
        """Run a coroutine in the background."""
        return self.run_worker(work, group=group)

    async def is_complete(self) -> bool:
        """Return whether the whole list is loaded, after waiting for it briefly; warn if it is not."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOAD_PATIENCE_SECONDS):
                await self.complete()
        if not self.session.watch_list.is_complete:
            self.notifications.warn("The rest of the list is still being read; try again in a moment.")
        return self.session.watch_list.is_complete

    # The connection

    async def complete(self) -> None:
        """Load the rest of a long list, of which the first frame shows as much as fits.

        If it cannot be read, a banner says so, and each tick tries again.
        """
        if self.session.watch_list.is_complete:
            return
        known = self._unfinished()
        try:
            await self.session.watch_list.load_rest()
        except StoreError as error:
            self.status.show_store_notice(str(error))
            return
        self.status.show_store_notice(self.session.watch_list.store.unsaved_notice)
        self.notifications.expect(self._unfinished() - known)
        self.refresh_list()

    def _unfinished(self) -> set[str]:
        """Jobs that may have changed while dwtop was closed."""
        entries = self.session.watch_list.entries.values()
        return {entry.id for entry in entries if entry.job and not entry.finished}

    def connected(self) -> None:
        """Take up polling as the screen was left: paused or not, with these jobs on it."""
        assert self.session.watcher is not None
        self.session.watcher.link.subscribe(self.show_link)
        self.session.token_expiry.subscribe(lambda expiry: self.status.show_banners())
        self.show_link(self.session.watcher.link.state)
        self._polling_changed()
        self.polling.connected()

    def show_link(self, link: LinkState) -> None:
        """Show the state of the connection."""
        if link.status is not self.status.link.status:
            self.set_timer(LINK_EVENT_DELAY_SECONDS, self._feed.read)
        if self.status.show_link(link):
            self.table.redraw()

    def _polling_changed(self) -> None:
        self._direct_polling()
        self.status.show_banners()
        self.list.show_empty_state()
        self.status.show_totals()

    def _direct_polling(self) -> None:
        """Tell the poller everything the screen decides, whenever any of it changes and once it is connected."""
        if watcher := self.session.watcher:
            if watcher.poller.paused != self.polling.paused:
                watcher.pause(self.polling.paused)
            watcher.poller.set_viewport(self.table.cursor, self.table.visible_ids)

    # Changes of jobs, and the passing of time

    def _job_changed(self, change: Change) -> None:
        self.board.changed(change.job_id)
        self.notifications.add(change, self.board.name(change.job_id) if change.event else "")
        self._batch.add(change.job_id, urgent=change.event is not None)
        if change.event:
            self._feed.add(change.event)

    def _show_changes(self, job_ids: set[str]) -> None:
        """Show what changed since the last frame, each cell once."""
        self.list.show_changes(job_ids)
        if self.table.cursor in job_ids:
            self.details.show(self.table.cursor)
        self.status.show_totals()
        self.notifications.announce(self.session.now())

    def _tick(self) -> None:
        """Update what changes merely because time passes."""
        if not self.session.watch_list.is_complete:
            self.run_worker(self.complete(), group="rest", exclusive=True)
        self.list.show_passing_of_time()
        self.details.show(self.table.cursor)
        self.status.check_store()
        self.notifications.announce(self.session.now())

    def _each_minute(self) -> None:
        self.table.redraw()
        self.status.show_rate()

    # Messages

    @on(JobTable.Highlighted)
    def _cursor_moved(self) -> None:
        self.status.show_keys()
        self.details.show(self.table.cursor)
        self._direct_polling()

    @on(JobTable.Viewport)
    def _viewport_changed(self) -> None:
        self._direct_polling()

    @on(JobTable.Moved)
    def _hold_order(self) -> None:
        self.list.hold_order()
        self.status.action_tried("table.down")
        self._show_as_seen()
        self.notifications.make_room()

    def on_key(self, event: events.Key) -> None:
        """Say so where a key has no meaning. One that has a meaning gets here before its action runs."""
        self._show_as_seen()
        if event.key in self.active_bindings:
            return
        name = key_name(event.key, plain=self.board.plain)
        self.notifications.show_status(f"Nothing on {name}. {self.key_of('app.help')} shows the keys")

    def _show_as_seen(self) -> None:
        """Show jobs that ended as done with: somebody is there, and has seen them."""
        self.table.changed(self.board.take_unseen())

    @on(JobTable.HeaderPressed)
    def _header_pressed(self, message: JobTable.HeaderPressed) -> None:
        self.view_actions.sort_by(message.key)

    @on(Input.Changed, "#filter")
    def _filter_changed(self, message: Input.Changed) -> None:
        self.view_actions.filter_by(message.value)

    @on(Input.Submitted, "#filter")
    def _filter_submitted(self) -> None:
        self.view_actions.keep_filter()

    async def on_paste(self, event: events.Paste) -> None:
        """Offer to add the jobs in a text that is pasted anywhere."""
        event.stop()
        if self.is_current and event.text.strip():
            await self.jobs.add(event.text)

    def on_screen_resume(self) -> None:
        """Announce what happened while a dialog covered the screen."""
        self.notifications.show_pending()

    @on(JobTable.Opened)
    def toggle_details(self) -> None:
        """Open or close the details of the job under the cursor."""
        self.list.keep_cursor()
        self.details.toggle()
        self.table.columns_changed()
        if self.details.open and not self.table.is_on_screen:
            self.details.widget.focus()
        else:
            self.table.focus()
        self.details.show(self.table.cursor)
        self.status.show_keys()

    def go_back(self) -> None:
        """Close one layer: the filter field, the details, the filter, the marks."""
        if self.view_actions.typing_filter:
            self.view_actions.clear_filter()
        elif self.details.open:
            self.toggle_details()
        elif self.board.view.filter:
            self.view_actions.clear_filter()
        elif self.board.marks:
            self.view_actions.clear_marks()
