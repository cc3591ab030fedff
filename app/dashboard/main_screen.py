"""The main screen: the list with what surrounds it, and the small objects that its keys call."""

from collections.abc import Callable, Coroutine, Sequence
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.screen import ModalScreen, Screen
from textual.widgets import Input
from textual.worker import Worker

from app.dashboard.account_actions import AccountActions
from app.dashboard.actions import Result
from app.dashboard.board import Board
from app.dashboard.cancel_action import CancelAction
from app.dashboard.copy_actions import CopyActions
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
from app.dashboard.view_state import Layout, ViewState
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
from widgets.model import Detail
from widgets.table.job_table import JobTable
from widgets.toasts import Toasts

if TYPE_CHECKING:
    from widgets.detail.job_detail import JobDetail

_TICK_SECONDS = 5.0
"""Seconds between two updates of what changes with time."""

_FIRST_RATE_SECONDS = 10.0
"""Seconds after the start when the request rate first appears; from then on it is updated once a minute."""


class MainScreen(Screen[None]):
    """Shows the watch list and hands keys to actions.

    The jobs that an action applies to are decided while its key is handled, and a dialog that it opens is on the screen
    by then. So the next key cannot change what was meant, and goes to the dialog.

    Args:
        session: Not started yet.
        view_state: How the screen was left.
        added: Jobs named on the command line, to show first.
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
        super().__init__(classes=f"-{view_state.layout}")
        self.session = session
        self._added = added
        view = View(view_state.sort, view_state.reverse, view_state.filter)
        if view != View() or added:  # the first rows by status are not those to show first
            session.watch_list.load_rest_blocking()
        self.board = board = Board(session, glyphs(plain=settings.ascii))
        board.view = view
        self._filter_line = FilterLine(view.filter, id="filter-line")
        self._toasts = Toasts(ascii=settings.ascii, id="toasts")
        self._batch = FrameBatch(self.set_timer, self._show_changes)
        self.digest = TransitionDigest(self._unfinished(), session.now())
        self.details = Details(session, board, self, self._show_detail)
        self.status = StatusDisplay(
            session,
            settings,
            board,
            terminal,
            demo=demo,
            paused=lambda: self.polling.paused,
            cursor=lambda: self.table.cursor,
            details_open=lambda: self.details.open,
        )
        self.list = JobList(
            session,
            board,
            view_state.columns,
            key_of=self.key_of,
            empty_state=self.status.empty_state,
            beside_details=lambda: self.details.open and self.app.size.width >= DETAILS_BESIDE_WIDTH,
        )
        self.table = self.list.table
        self._feed = EventFeed(session, board, self.table)
        self.notifications = Notifications(
            self.status,
            self._toasts,
            board.glyphs,
            terminal,
            bell=settings.bell,
            feed_shown=lambda: self.table.feed_shown,
        )
        given = (session, board, self.list, self.notifications, self)
        self.view_actions = ViewActions(
            *given,
            job_list=self.list,
            filter_line=self._filter_line,
            layout=view_state.layout,
            theme=view_state.theme,
            show_layout=self._show_layout,
            open_filter_line=self._open_filter_line,
        )
        self.jobs = JobActions(*given)
        copy_actions = CopyActions(*given, copy_to_terminal=lambda text: self.app.copy_to_clipboard(text))
        self.polling = PollingActions(
            *given, settings=settings, on_change=self._show_polling_state, demo=demo
        )
        cancel_action = CancelAction(
            *given,
            polling=self.polling,
            read_only=settings.read_only,
            pane_size=lambda: self.app.size,
        )
        account_actions = AccountActions(
            *given,
            add=self.jobs.add_ids,
            copy=copy_actions.copy,
            polling=self.polling,
            open_demo=lambda: self.app.run_action("app.demo"),
            web_url=settings.web_url,
            demo=demo,
        )
        self._actions = {
            "view.details": self.toggle_details,
            "view.open": lambda: None if self.details.open else self.toggle_details(),
            "view.close": lambda: self.toggle_details() if self.details.open else None,
            "view.back": self.go_back,
            "view.log": lambda: open_event_log(session, board, self),
            "view.theme": lambda: self.app.search_themes(),
            "app.help": self.show_help,
            **self.view_actions.by_id,
            **self.jobs.by_id,
            **copy_actions.by_id,
            **self.polling.by_id,
            **cancel_action.by_id,
            **account_actions.by_id,
        }

    async def action_run(self, action_id: str) -> None:
        """Run the action of `keys` with this ID."""
        self.status.action_tried(action_id)
        self._show_as_seen()
        result = self._actions[action_id]()
        if isawaitable(result):
            await result

    # What actions need: `ActionHost`

    def refresh_list(self) -> None:
        """Show the list and the totals after jobs were added, removed or filtered."""
        self.list.rearrange()
        self.status.show_totals()

    def refresh_jobs(self, job_ids: Sequence[str]) -> None:
        """Repaint these jobs and the totals."""
        self.table.changed(job_ids)
        self.status.show_totals()

    async def complete(self) -> None:
        """Load the rest of a long list, of which the first frame shows as much as fits.

        If it cannot be read, a banner says so, and each tick tries again.
        """
        watch_list = self.session.watch_list
        if watch_list.is_complete:
            return
        known = self._unfinished()
        try:
            await watch_list.load_rest()
        except StoreError as error:
            self.status.show_store_notice(str(error))
            return
        self.status.show_store_notice(watch_list.store.problem.value)
        self.digest.expect(self._unfinished() - known)
        self.refresh_list()

    def key_of(self, action_id: str) -> str:
        """Return the display name of an action's first key."""
        return self.status.key_of(action_id)

    async def open_dialog(
        self, dialog: ModalScreen[Result], on_result: Callable[[Result | None], None] | None = None
    ) -> None:
        """Open a dialog; return once it is on the screen."""
        await self.app.push_screen(dialog, on_result)

    def start(self, work: Coroutine[Any, Any, None], *, replaces: str = "") -> Worker[None]:
        """Run a coroutine in the background, in place of the one that was started under the same name, if any."""
        return self.run_worker(work, group=replaces, exclusive=bool(replaces))

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
        self._fit_details()
        yield self.status.header
        yield self.status.banners
        with Container(id="main"):
            yield self.table
            yield self._toasts
        if self.board.view.filter:
            yield self._filter_line
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
        self.start(self._feed.read(), replaces="feed")
        self.session.watch_list.subscribe(self._job_changed)
        self.set_interval(_TICK_SECONDS, self._tick)
        self.set_timer(_FIRST_RATE_SECONDS, self.status.show_rate)
        self.set_interval(60.0, self._each_minute)

    def on_resize(self) -> None:
        """Fit the details into the pane."""
        if self._fit_details():
            self.details.show(self.table.cursor)
            self.status.show_keys()

    async def _open_filter_line(self) -> None:
        if not self._filter_line.is_attached:  # most starts do without it
            await self.mount(self._filter_line, before="#keys")
        self._filter_line.open()

    def _show_layout(self, layout: Layout) -> None:
        self.update_classes({f"-{each}": each is layout for each in Layout})

    def show_help(self) -> None:
        """Show all keys."""
        from widgets.dialogs.reading import HelpDialog

        by_id: dict[str, list[str]] = {}
        for key, active in self.active_bindings.items():
            # Textual's own key of the palette has no ID.
            palette = active.binding.action == "command_palette"
            by_id.setdefault("app.palette" if palette else active.binding.id or "", []).append(key)
        plain = self.board.plain
        self.app.push_screen(HelpDialog(help_sections(by_id, plain=plain), ascii=plain))

    # Details. The screen has the class `-detail-open` while they are open, and `-nothing` without a job to show.

    @property
    def detail(self) -> "JobDetail":
        """The widget; made when it is first needed, since most starts never open it."""
        from widgets.detail.job_detail import JobDetail

        if not self.query("#detail"):
            self.query_one("#main").mount(JobDetail(ascii=self.board.plain, id="detail"))
        return self.query_one("#detail", JobDetail)

    def _fit_details(self) -> bool:
        """Open or close the details as the size of the pane asks for; return whether that changed anything."""
        self.details.follow_size(self.app.size)
        changed = self.details.open is not self.has_class("-detail-open")
        self.set_class(self.details.open, "-detail-open")
        return changed

    def _show_detail(self, detail: Detail | None) -> None:
        self.set_class(detail is None, "-nothing")
        self.detail.show(detail)

    @on(JobTable.Opened)
    def toggle_details(self) -> None:
        """Open or close the details of the job under the cursor."""
        self.list.keep_cursor()
        self.details.toggle()
        self.set_class(self.details.open, "-detail-open")
        self.table.columns_changed()
        if self.details.open and not self.table.is_on_screen:
            self.detail.focus()
        else:
            self.table.focus()
        self.details.show(self.table.cursor)
        self.status.show_keys()

    def go_back(self) -> None:
        """Close one layer: the filter field, the details, the filter, the marks."""
        if self._filter_line.has_focus_within:
            self.view_actions.clear_filter()
        elif self.details.open:
            self.toggle_details()
        elif self.board.view.filter:
            self.view_actions.clear_filter()
        elif self.board.marks:
            self.view_actions.clear_marks()

    # The connection

    def _unfinished(self) -> set[str]:
        """Jobs that may have changed while dwtop was closed."""
        entries = self.session.watch_list.entries.values()
        return {entry.id for entry in entries if entry.job and not entry.finished}

    def connected(self) -> None:
        """Show the state of the connection from now on, and tell the poller what the screen shows."""
        assert self.session.watcher is not None
        self.session.watcher.link.subscribe(self.show_link)
        self.session.account.token_expiry.subscribe(lambda expiry: self.status.show_banners())
        self.show_link(self.session.watcher.link.state)
        self._set_viewport()
        self.polling.connected()
        self._show_polling_state()

    def show_link(self, link: LinkState) -> None:
        """Show the state of the connection."""
        if link.status is not self.status.link.status:
            self.set_timer(LINK_EVENT_DELAY_SECONDS, self._feed.read)
        if self.status.show_link(link):
            self.table.redraw()

    def _show_polling_state(self) -> None:
        self.status.show_banners()
        self.list.show_empty_state()
        self.status.show_totals()

    @on(JobTable.Viewport)
    def _set_viewport(self) -> None:
        """Have the poller prefer the jobs on the screen."""
        if watcher := self.session.watcher:
            watcher.poller.set_viewport(self.table.cursor, self.table.visible_ids)

    # Changes of jobs, and the passing of time

    def _job_changed(self, change: Change) -> None:
        self.board.changed(change.job_id)
        self.digest.add(change, self.board.name(change.job_id) if change.event else "")
        self._batch.add(change.job_id, urgent=change.event is not None)
        if change.event:
            self._feed.add(change.event)

    def _show_changes(self, job_ids: set[str]) -> None:
        """Show what changed since the last frame, each cell once."""
        self.list.show_changes(job_ids)
        if self.table.cursor in job_ids:
            self.details.show(self.table.cursor)
        self.status.show_totals()
        self._announce()

    def _announce(self) -> None:
        if digest := self.digest.take(self.session.now()):
            self.notifications.announce(digest)

    def _tick(self) -> None:
        """Update what changes with time."""
        if not self.session.watch_list.is_complete:
            self.start(self.complete(), replaces="rest")
        self.list.show_time_passed()
        self.details.show(self.table.cursor)
        self.status.check_store()
        self._announce()

    def _each_minute(self) -> None:
        self.table.redraw()
        self.status.show_rate()

    # What the user does

    @on(JobTable.Highlighted)
    def _cursor_moved(self) -> None:
        self.status.show_keys()
        self.details.show(self.table.cursor)
        self._set_viewport()

    @on(JobTable.Moved)
    def _hold_order(self) -> None:
        self.list.hold_order()
        self.status.action_tried("table.down")
        self._show_as_seen()
        self.notifications.make_room()

    @on(JobTable.HeaderPressed)
    def _header_pressed(self, message: JobTable.HeaderPressed) -> None:
        self.view_actions.sort_by(message.key)

    @on(Input.Changed, "#filter")
    def _filter_changed(self, message: Input.Changed) -> None:
        self.view_actions.filter_by(message.value)

    @on(Input.Submitted, "#filter")
    def _filter_submitted(self) -> None:
        self.view_actions.keep_filter()

    def on_key(self, event: events.Key) -> None:
        """Report a key that has no action. A key that has one passes here before its action runs."""
        self._show_as_seen()
        if event.key in self.active_bindings:
            return
        name = key_name(event.key, plain=self.board.plain)
        self.notifications.show_status(f"Nothing on {name}. {self.key_of('app.help')} shows the keys")

    async def on_paste(self, event: events.Paste) -> None:
        """Offer to add the jobs in a text that is pasted anywhere."""
        event.stop()
        if self.is_current and event.text.strip():
            await self.jobs.add(event.text)

    def on_screen_resume(self) -> None:
        """Announce what happened while a dialog covered the screen."""
        self.notifications.show_pending()

    def _show_as_seen(self) -> None:
        """No longer highlight the jobs that have ended: the user is here, and has seen them."""
        self.table.changed(self.board.take_unseen())
