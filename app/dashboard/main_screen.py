"""The main screen: its parts, and how it reacts to keys, changed jobs and the passing of time."""

from collections.abc import Callable, Sequence
from functools import cached_property
from inspect import isawaitable
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen
from textual.widgets import Input

from app.dashboard.actions import Parts
from app.dashboard.board import Board
from app.dashboard.details import Details
from app.dashboard.event_log import EventFeed
from app.dashboard.frame_batch import FrameBatch
from app.dashboard.job_list import JobList
from app.dashboard.notifications import Notifications
from app.dashboard.platform.textual_workarounds import clear_style_cache, set_size_classes
from app.dashboard.shared import Shared
from app.dashboard.status_display import StatusDisplay
from app.dashboard.transition_digest import TransitionDigest
from app.dashboard.view_state import ViewState
from app.presentation.event_lines import while_closed
from app.presentation.keymap import Keymap
from app.presentation.ordering import View
from app.settings.schema import Settings
from app.watch.polling.link import LinkState
from app.watch.session import Session
from app.watch.watch_list import Change
from widgets import keys
from widgets.bindings import bindings
from widgets.keys import key_name
from widgets.table.job_table import JobTable
from widgets.toasts import Toasts

if TYPE_CHECKING:
    from app.dashboard.action_table import ActionTable
    from app.watch.watcher import Watcher

_TICK_SECONDS = 5.0
"""Seconds between two updates of what changes with time."""

_FIRST_RATE_SECONDS = 10.0
"""Seconds after the start when the request rate first appears; from then on it is updated once a minute."""

_LINK_EVENT_DELAY_SECONDS = 1.5
"""How long after a change of the connection its event is in the database."""


class MainScreen(Screen[None]):
    """Shows the watch list and hands keys to actions.

    Args:
        session: Not started yet.
        write: Writes an escape sequence to the terminal.
        view_state: The saved view.
        added: Jobs named on the command line, to show first.
    """

    AUTO_FOCUS = "#table"
    BINDINGS = bindings(keys.MAIN)

    def __init__(
        self,
        session: Session,
        settings: Settings,
        keymap: Keymap,
        write: Callable[[str], None],
        view_state: ViewState,
        *,
        demo: bool = False,
        added: Sequence[str] = (),
    ) -> None:
        super().__init__(classes=f"-{view_state.layout}")
        self.session, self.keymap = session, keymap
        self._added = added
        self._view_state = view_state
        view = view_state.view
        if view != View() or added:  # only the first rows by status are loaded, and others are shown first
            session.watch_list.load_rest()
        self.board = board = Board(session)
        board.view = view
        shared = Shared(session, settings, keymap, write, board, demo)
        self.job_list = JobList(shared, view_state.columns)
        self.table = self.job_list.table
        self.details = Details(shared, self, self.job_list)
        self.status = StatusDisplay(shared, self.job_list, self.details)
        self._toasts = Toasts((), id="toasts")
        self.notifications = Notifications(shared, self.status, self.table, self._toasts)
        self._feed = EventFeed(shared, self.table)
        self._batch = FrameBatch(self.set_timer, self._show_changes)
        self._digest = TransitionDigest(session.watch_list.entries, session.now())
        self.parts = Parts(shared, self, self.job_list, self.details, self.status, self.notifications)

    @cached_property
    def actions(self) -> "ActionTable":
        """The actions that keys run; imported and created on first use, since the first frame does not need them."""
        from app.dashboard.action_table import ActionTable

        return ActionTable(self.parts, self._view_state)

    def compose(self) -> ComposeResult:
        """Totals and banners on top, list and details in the middle, the keys below."""
        set_size_classes(self)
        self.details.fit()
        yield self.status.header
        yield self.status.banners
        with Container(id="main"):
            yield self.table
            yield self._toasts
        yield self.status.key_line

    def on_mount(self) -> None:
        """Show what the database knows, before anything is requested."""
        self.job_list.rearrange()
        if self._added:
            self.job_list.select(self._added[0])
        self.status.refresh()
        self.run_worker(self._feed.read())
        self.session.watch_list.subscribe(self._job_changed)
        self.set_interval(_TICK_SECONDS, self._tick)
        self.set_timer(_FIRST_RATE_SECONDS, self.status.show_rate)
        self.set_interval(60.0, self._each_minute)

    # Keys and the mouse

    async def action_run(self, action_id: str) -> None:
        """Run the action with this ID."""
        self.status.action_tried(action_id)
        self._show_as_seen()
        result = self.actions.by_id[action_id]()
        if isawaitable(result):
            await result

    @on(JobTable.Opened)
    def _toggle_details(self) -> None:
        """Open or close the details of a job that was double-clicked."""
        self.actions.view.toggle_details()

    @on(JobTable.Highlighted)
    def _cursor_moved(self) -> None:
        self.status.show_keys()
        self.details.show()
        self._set_viewport()

    @on(JobTable.Moved)
    def _hold_order(self) -> None:
        self.job_list.hold_order()
        self.status.action_tried("table.down")
        self._show_as_seen()
        self.notifications.make_room()

    @on(JobTable.HeaderPressed)
    def _header_pressed(self, message: JobTable.HeaderPressed) -> None:
        self.actions.view.sort_by(message.key)

    @on(Input.Changed, "#filter")
    def _filter_changed(self, message: Input.Changed) -> None:
        self.actions.view.filter_by(message.value)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Show the keys that work in the focused widget."""
        self.status.typing = isinstance(event.widget, Input)
        self.status.show_keys()

    def on_key(self, event: events.Key) -> None:
        """Report a key that has no action. A key that has one arrives here too, before its action runs."""
        self._show_as_seen()
        if event.key not in self.active_bindings:
            name = key_name(event.key, plain=self.keymap.plain)
            self.notifications.show_status(
                f"Nothing on {name}. {self.keymap.name_of('app.help')} shows the keys"
            )

    async def on_paste(self, event: events.Paste) -> None:
        """Offer to add the jobs in a text that is pasted anywhere."""
        event.stop()
        if self.is_current and event.text.strip():
            await self.actions.jobs.add(event.text)

    def on_resize(self) -> None:
        """Open or close the details to suit the new size, unless the user has toggled them."""
        if self.details.fit():
            self.details.show()
            self.status.show_keys()
        self.call_after_refresh(self.notifications.make_room)

    def on_screen_resume(self) -> None:
        """Announce what happened while a dialog covered the screen."""
        self.notifications.show_pending()

    def _show_as_seen(self) -> None:
        """Stop highlighting jobs that have ended: the user is at the keyboard, and has seen them."""
        self.table.refresh_rows(self.board.take_unseen())

    # The connection

    def connected(self, watcher: "Watcher") -> None:
        """Show the state of the connection from now on, and report to the poller which jobs are on the screen."""
        watcher.link.subscribe(self.show_link)
        self.session.account.token_expiry.subscribe(lambda expiry: self.status.refresh())
        self.show_link(watcher.link.state)
        self._set_viewport()

    def show_link(self, link: LinkState) -> None:
        """Show the state of the connection."""
        if link.status is not self.status.link.status:
            self.status.link_since = self.session.now()
            self.set_timer(_LINK_EVENT_DELAY_SECONDS, self._feed.read)
            self.table.refresh_visible_rows()
        self.status.link = link
        self.status.refresh()

    @on(JobTable.Viewport)
    def _set_viewport(self) -> None:
        """Have the poller prefer the jobs on the screen."""
        if watcher := self.session.watcher:
            watcher.poller.set_viewport(self.table.cursor, self.table.visible_ids)

    # Changes of jobs, and the passing of time

    def _job_changed(self, change: Change) -> None:
        self.board.changed(change.job_id)
        title = self.board.name(change.job_id) if change.event else ""
        self._digest.add(change, title, reports=self.session.reports(change))
        self._batch.add(change.job_id, urgent=change.event is not None)
        if change.event:
            self._feed.add(change.event)

    def _show_changes(self, job_ids: set[str]) -> None:
        """Show what changed since the last frame, each cell once."""
        self.job_list.show_changes(job_ids)
        if self.table.cursor in job_ids:
            self.details.show()
        self.status.refresh()
        self._announce()

    def _announce(self) -> None:
        now = self.session.now()
        if digest := self._digest.take(now):
            if digest.while_closed and digest.reports:  # another process adds the event otherwise
                event = while_closed(digest.news, now)
                self.session.watch_list.store.log_event(event)
                self._feed.add(event)
            self.notifications.announce(digest)

    def _tick(self) -> None:
        """Update what changes with time."""
        if not self.session.watch_list.is_complete:
            self.run_worker(self.parts.load_rest(), group="rest", exclusive=True)
        self.job_list.show_time_passed()
        self.details.show()
        self.status.refresh()  # a banner says that the database does not respond
        self._announce()

    def _each_minute(self) -> None:
        self.table.refresh_visible_rows()
        self.status.show_rate()
        clear_style_cache()
