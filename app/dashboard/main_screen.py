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

from app.dashboard.board import Board
from app.dashboard.cancel_action import CancelAction
from app.dashboard.details import Details
from app.dashboard.event_log import open_event_log
from app.dashboard.frame_batch import FrameBatch
from app.dashboard.job_actions import JobActions
from app.dashboard.list_columns import ListColumns
from app.dashboard.notifications import Notifications
from app.dashboard.platform.terminal_output import TerminalOutput
from app.dashboard.polling_actions import PollingActions
from app.dashboard.transition_digest import TransitionDigest
from app.dashboard.view_actions import ViewActions
from app.dashboard.view_state import PREFERENCE, Layout, ViewState
from app.presentation import notices
from app.presentation.columns import CHOICES, job_column
from app.presentation.demo_hints import DemoHints
from app.presentation.empty_state import empty_state
from app.presentation.glyphs import glyphs
from app.presentation.key_hints import key_hints
from app.presentation.keymap import help_sections, key_of, keys_of
from app.presentation.ordering import View
from app.presentation.summary import chips, rate_text, request_rate, summary
from app.settings.schema import Settings
from app.watch.events import Event
from app.watch.polling.link import Link, LinkState
from app.watch.session import Session
from app.watch.storage import StoreError
from app.watch.watch_list import Change
from widgets import keys
from widgets.banners import Banners
from widgets.bindings import bindings
from widgets.filter_line import FilterLine
from widgets.header_line import HeaderLine
from widgets.key_line import KeyLine
from widgets.model import EmptyState, KeyHint, KeyHints
from widgets.table.job_table import JobTable
from widgets.toasts import Toasts

Result = TypeVar("Result")

_TICK_SECONDS = 5.0
"""Seconds between two updates of what changes merely because time passes."""

_FIRST_RATE_SECONDS = 10.0
"""Seconds after the start when the request rate first appears; from then on it is updated once a minute."""

_ORDER_HELD_SECONDS = 3.0
"""How long rows stay where they are after a person moved."""

_FEED_EVENTS = 8
"""How many recent events the list shows at most."""

_LINK_EVENT_SECONDS = 0.5
"""How long after a change of the link its event is in the database."""

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
        super().__init__(classes=_layout_class(view_state.layout))
        self.session = session
        self._settings = settings
        self._demo = demo
        self._added = added
        self._terminal = terminal
        view = View(view_state.sort, view_state.reverse, view_state.filter)
        if view != View() or added:  # the first rows by status are not those to show first
            session.watch_list.load_rest_blocking()
        plain = settings.ascii
        self.board = Board(session, glyphs(plain=plain))
        self.board.view = view
        self._layout_choice = view_state.layout

        self.columns = ListColumns(self.board, view_state.columns, beside_details=self._details_beside)
        self.table = JobTable(
            self.columns.fit,
            self.board.row,
            ascii=plain,
            feed_hint=f"{self.key_of('view.log')} shows all",
            id="table",
        )
        self._banners = Banners(ascii=plain, id="banners")
        self._header = HeaderLine(ascii=plain, id="header")
        self._key_line = KeyLine(ascii=plain, id="keys")
        self._toasts = Toasts(ascii=plain, id="toasts")

        self.notifications = Notifications(self, self.board.signs, feed_shown=lambda: self.table.feed_shown)
        self.details = Details(self, session, self.board)
        self.view_actions = ViewActions(
            self, self.board, self.table, self, columns=lambda: self.columns.shown, save=self.save_view_state
        )
        self.jobs = JobActions(
            session.watch_list,
            self.board,
            self,
            copy_to_terminal=lambda text: self.app.copy_to_clipboard(text),
            show_in_full=self.notifications.show_in_full,
        )
        self.polling = PollingActions(session, settings, self, on_change=self._polling_changed, demo=demo)
        self.cancelling = CancelAction(session, self.board, self, read_only=settings.read_only)
        self._actions = self._make_actions()
        self._hints = DemoHints() if demo else None

        self._link = LinkState()
        self._trouble = session.watch_list.store.notice
        self._held_up = ""
        self._digest = TransitionDigest(self._unfinished(), session.now())
        self._batch = FrameBatch(self.set_timer, self._show_changes)
        self._order_held_until = 0.0
        self._cursor_chosen = False
        self._link_since = session.now()
        self._recent: tuple[Event, ...] = ()
        self._id_width = self.board.short_ids.longest
        self._requests = 0
        self._rate = ""

    def _make_actions(self) -> dict[str, Callable[[], object]]:
        """What each action of `keys` calls, by its ID."""
        view, jobs, polling = self.view_actions, self.jobs, self.polling
        return {
            "view.details": self.toggle_details,
            "view.filter": view.edit_filter,
            "view.back": self.go_back,
            "view.sort": view.sort_next,
            "view.reverse": view.reverse,
            "view.columns": self.choose_columns,
            "view.layout": self.next_layout,
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
        self._tried(action_id)
        result = self._actions[action_id]()
        if isawaitable(result):
            await result

    def _tried(self, action_id: str) -> None:
        """In the demo, teach the next thing."""
        if self._hints:
            self._hints.tried(action_id)
            self._show_keys()

    def _show_keys(self) -> None:
        """Show the keys of use for what is under the cursor."""
        entry = self.session.watch_list.entries.get(self.table.cursor or "")
        if entry is None:
            hints = KeyHints(tuple(map(KeyHint, self._empty_state().keys)), status=self._rate)
        else:
            hint = self._hints.hint(cancellable=entry.cancellable) if self._hints else None
            names = [keys_of(each, self._settings.keys) for each in hint.action_ids] if hint else []
            # Of several keys for the same, the shortest to write: a letter before an arrow.
            shown = [min(each, key=lambda name: (len(name), not name.isalpha())) for each in names]
            hints = key_hints(
                entry,
                marked=len(self.board.marks),
                filtered=bool(self.board.view.filter),
                demo_hint=hint,
                demo_keys=" ".join(shown),
                status=self._rate,
            )
        self._key_line.show(hints)

    # Layout

    def compose(self) -> ComposeResult:
        """Totals and banners on top, list and details in the middle, filter and keys below."""
        columns, lines = (
            self.app.size
        )  # Textual sets these classes after the first frame, which would look different
        for size, steps in (
            (columns, self.app.HORIZONTAL_BREAKPOINTS),
            (lines, self.app.VERTICAL_BREAKPOINTS),
        ):
            self.add_class([name for at_least, name in steps or [] if size >= at_least][-1])
        self.details.follow_size(self.app.size)
        yield self._header
        yield self._banners
        with Container(id="main"):
            yield self.table
            yield self._toasts
        if self.board.view.filter:
            yield FilterLine(self.board.view.filter, id="filter-line")
        yield self._key_line

    def on_mount(self) -> None:
        """Show what the database knows, before anything is requested."""
        self.view_actions.show_order()
        self._rearrange()
        if self._added:
            self.keep_cursor()
            self.table.move_to(self._added[0])
        if self.session.watch_list.is_complete:
            self.show_totals()
        self.show_banners()
        self._show_keys()
        self.run_worker(self._read_recent(), group="feed", exclusive=True)
        self.session.watch_list.subscribe(self._job_changed)
        self.set_interval(_TICK_SECONDS, self._tick)
        self.set_timer(_FIRST_RATE_SECONDS, self._show_rate)
        self.set_interval(60.0, self._each_minute)

    def on_resize(self) -> None:
        """Fit the details into the pane."""
        if self.details.follow_size(self.app.size):
            self.details.show(self.table.cursor)

    def _details_beside(self) -> bool:
        return self.details.open and self.table.is_on_screen

    def next_layout(self) -> None:
        """Show more or less around the list."""
        layouts = list(Layout)
        self._layout_choice = layouts[(layouts.index(self._layout_choice) + 1) % len(layouts)]
        self.update_classes({_layout_class(layout): layout is self._layout_choice for layout in layouts})
        self.save_view_state()
        self.show_status(f"Layout: {self._layout_choice.value}")

    async def choose_columns(self) -> None:
        """Open the dialog that chooses the columns."""
        from widgets.dialogs.columns import ColumnDialog

        def show_chosen(chosen: tuple[str, ...] | None) -> None:
            if chosen is not None:
                self.columns.choose(chosen)
                self.table.columns_changed()
                self.save_view_state()

        choices = [(key, job_column(key).name) for key in CHOICES]
        shown = [item.key for item in self.columns.shown]
        await self.open_dialog(ColumnDialog(choices, shown, ascii=self.board.plain), show_chosen)

    def show_help(self) -> None:
        """Show all keys."""
        from widgets.dialogs.reading import HelpDialog

        by_id: dict[str, list[str]] = {}
        for key, active in self.active_bindings.items():
            by_id.setdefault(active.binding.id or "", []).append(key)
        plain = self.board.plain
        self.app.push_screen(HelpDialog(help_sections(by_id, plain=plain), ascii=plain))

    def save_view_state(self) -> None:
        """Save the view for the next start."""
        view, store = self.board.view, self.session.watch_list.store
        state = ViewState(
            view.sort, view.reverse, view.filter, self.columns.chosen, self._layout_choice, self.app.theme
        )
        store.set_preference(PREFERENCE, state.to_json())

    # What actions need (see `ActionHost`)

    def show_status(self, text: str) -> None:
        """Show a message for a few seconds."""
        self.notifications.show_status(text)

    def warn(self, text: str) -> None:
        """Show what went wrong."""
        self.notifications.warn(text)

    def choose(self) -> str | None:
        """Return the job under the cursor for an action, and keep the cursor on it from now on."""
        self.keep_cursor()
        return self.table.cursor

    def keep_cursor(self) -> None:
        """Keep the cursor on its job from now on: a person has chosen it."""
        self._cursor_chosen = True
        self.view_actions.forget_filter_cursor()

    def select(self, job_id: str) -> bool:
        """Move the cursor to a job; return whether the filter lets it through."""
        found = self.table.move_to(job_id)
        if found:
            self.keep_cursor()
        return found

    def refresh_list(self) -> None:
        """Show the list and the totals after jobs were added, removed or filtered."""
        self._rearrange()
        self.show_totals()

    def refresh_jobs(self, job_ids: Sequence[str]) -> None:
        """Repaint these jobs and the totals."""
        self.table.changed(job_ids)
        self.show_totals()

    def key_of(self, action_id: str) -> str:
        """Return the first key of an action, as people write it."""
        return key_of(action_id, self._settings.keys)

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
            self.warn("The rest of the list is still being read; try again in a moment.")
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
            self.show_trouble(str(error))
            return
        self.show_trouble(self.session.watch_list.store.notice)
        self._digest.expect(self._unfinished() - known)
        self.refresh_list()

    def _unfinished(self) -> set[str]:
        """Jobs that may have changed while dwtop was closed."""
        entries = self.session.watch_list.entries.values()
        return {entry.id for entry in entries if entry.job and not entry.finished}

    def connected(self) -> None:
        """Take up polling as the screen was left: paused or not, with these jobs on it."""
        assert self.session.watcher is not None
        self.session.watcher.link.subscribe(self.show_link)
        self.session.token_expiry.subscribe(lambda expiry: self.show_banners())
        self.show_link(self.session.watcher.link.state)
        self._polling_changed()
        self.polling.connected()

    def show_link(self, link: LinkState) -> None:
        """Show the state of the connection."""
        recovered = self._link.status is not Link.UP and link.status is Link.UP
        if link.status is not self._link.status:
            self._link_since = self.session.now()
            self.set_timer(_LINK_EVENT_SECONDS, self._read_recent)
        self._link = link
        self.show_banners()
        if recovered:
            self.table.redraw()

    def show_trouble(self, sentence: str) -> None:
        """Show what is wrong with the database; nothing, if it is empty."""
        self._trouble = sentence
        self.show_banners()

    def _polling_changed(self) -> None:
        self._direct_polling()
        self.show_banners()
        self._show_empty_state()

    def _direct_polling(self) -> None:
        """Tell the poller everything the screen decides, whenever any of it changes and once it is connected."""
        if watcher := self.session.watcher:
            if watcher.poller.paused != self.polling.paused:
                watcher.pause(self.polling.paused)
            watcher.poller.set_viewport(self.table.cursor, self.table.visible_ids)

    # Changes of jobs, and the passing of time

    def _job_changed(self, change: Change) -> None:
        self.board.changed(change.job_id)
        self._digest.add(change, self.board.name(change.job_id) if change.event else "")
        self._batch.add(change.job_id, urgent=change.event is not None)
        if change.event:
            self._recent = (change.event, *self._recent)[:_FEED_EVENTS]
            self._show_feed()

    def _show_feed(self) -> None:
        """Show recent events below the list, where there is room."""
        lines = notices.feed(self._recent, self.session.now(), self.board.signs, self.board.name)
        self.table.show_feed(lines)

    async def _read_recent(self) -> None:
        """Read the recent events from the database, which has those of the link too."""
        store = self.session.watch_list.store
        self._recent = tuple(await asyncio.wrap_future(store.read_soon(store.events, limit=_FEED_EVENTS)))
        self._show_feed()

    def _show_changes(self, job_ids: set[str]) -> None:
        """Show what changed since the last frame, each cell once."""
        if self.board.misplaced and not self._order_held():
            self._rearrange()
        self.table.changed(job_ids)
        if self.table.cursor in job_ids:
            self.details.show(self.table.cursor)
        self.show_totals()
        self._announce()

    def _announce(self) -> None:
        """Announce what happened to jobs, by toast, bell and desktop notification."""
        now = self.session.now()
        digest = self._digest.take(now)
        self._digest.end_startup(now)
        if digest is None:
            return
        self.notifications.notify_transitions(digest)
        if digest.starts_burst and self._settings.bell:
            self._terminal.ring_bell()
        if all(item.ours for item in digest.transitions):  # else the process that polls has notified already
            self._terminal.notify(digest.text)

    def _tick(self) -> None:
        """Update what changes merely because time passes."""
        if not self.session.watch_list.is_complete:
            self.run_worker(self.complete(), group="rest", exclusive=True)
        self.board.time_passed()
        if self.board.misplaced and not self._order_held():
            self._rearrange()
        # Finished rows change once a day, which `_each_minute` sees.
        self.table.changed(job_id for job_id in self.table.visible_ids if not self.board[job_id].finished)
        self.details.show(self.table.cursor)
        if self._held_up != (held_up := self.session.watch_list.store.busy_notice):
            self._held_up = held_up
            self.show_banners()
        self._announce()

    def _each_minute(self) -> None:
        self.table.redraw()
        self._show_rate()

    def _show_rate(self) -> None:
        """Show how many requests are sent: seldom, so that it attracts no attention."""
        if watcher := self.session.watcher:
            self._requests = request_rate(watcher.gate, self._requests)
            self._rate = rate_text(self._requests, watcher.gate)
        else:
            self._requests, self._rate = 0, ""
        self.show_totals()

    # What is on the screen

    def _order_held(self) -> bool:
        # The wall clock may be set back.
        return 0.0 < self._order_held_until - self.session.now() <= _ORDER_HELD_SECONDS

    def _rearrange(self) -> None:
        """Put the rows in order, even while a person moves."""
        ids = self.board.arrange()
        if (longest := self.board.short_ids.longest) != self._id_width:
            self._id_width = longest
            self.table.columns_changed()
        self.table.show(
            ids, self.board.headings(ids, self.key_of), hold_scrollbar=bool(self.board.view.filter)
        )
        if not self._cursor_chosen and ids:
            self.table.move_cursor(0)
        self._show_empty_state()

    def _show_empty_state(self) -> None:
        """Say how to go on where there are no jobs: clear the filter, add some, or sign in."""
        self.table.show_when_empty(self._empty_state(), bare=not len(self.board))
        self._show_keys()

    def _empty_state(self) -> EmptyState:
        return empty_state(
            jobs=len(self.board),
            filtered_by=self.board.view.filter,
            without_token=self.session.without_token,
            demo=self._demo,
            key=self.key_of,
        )

    def show_totals(self) -> None:
        """Show the totals of all jobs, here and in the window title."""
        board, session = self.board, self.session
        special = chips(
            demo=self._demo,
            read_only=self._settings.read_only,
            base_url=self._settings.base_url,
            filtered_by=board.view.filter,
            shown=len(self.table.ids),
            total=len(board),
            marked=len(board.marks),
            hidden=board.hidden(tuple(board.marks)),
        )
        self._header.show(
            summary(
                board.totals,
                board.signs,
                chips=special,
                without_token=session.without_token,
                now=session.now(),
            )
        )
        self._terminal.set_title(notices.window_title(board.totals, board.signs))
        self._show_keys()

    def show_banners(self) -> None:
        """Show what is out of the ordinary."""
        banners = notices.banners(
            link=self._link,
            paused=self.polling.paused,
            link_since=self._link_since,
            without_token=self.session.without_token,
            empty=not len(self.board),
            trouble=self._held_up or self._trouble,
            now=self.session.now(),
            token_ends_at=self.session.token_expiry.value,
            key=self.key_of,
        )
        self._banners.show(banners)
        self.set_class(bool(banners), "-urgent")

    # Messages

    @on(JobTable.Highlighted)
    def _cursor_moved(self) -> None:
        self._show_keys()
        self.details.show(self.table.cursor)
        self._direct_polling()

    @on(JobTable.Viewport)
    def _viewport_changed(self) -> None:
        self._direct_polling()

    @on(JobTable.Moved)
    def _hold_order(self) -> None:
        self._order_held_until = self.session.now() + _ORDER_HELD_SECONDS
        self._tried("table.down")
        self.keep_cursor()
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
        self.keep_cursor()
        self.details.toggle()
        self.table.columns_changed()
        if self.details.open and not self.table.is_on_screen:
            self.details.widget.focus()
        else:
            self.table.focus()
        self.details.show(self.table.cursor)

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


def _layout_class(layout: Layout) -> str:
    """The screen's class for a layout."""
    return f"-{layout.value}"
