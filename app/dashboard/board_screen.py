"""What the main screen shows: the list, the job under the cursor, the sums, and what is out of the ordinary."""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container
from textual.getters import query_one

from app.dashboard.board import Board
from app.dashboard.frame_batch import Batch
from app.dashboard.keys import key_of
from app.dashboard.platform.terminal_output import TerminalLine
from app.dashboard.telling import TellingScreen
from app.dashboard.transition_digest import Herald
from app.dashboard.view_state import NAME, Layout, Remembered
from app.presentation import notices
from app.presentation.columns import FIXED, chosen, fitted
from app.presentation.detail import detail_of, past_of
from app.presentation.empty_state import ways_on
from app.presentation.glyphs import glyphs
from app.presentation.ordering import View
from app.presentation.summary import rate_text, request_rate, summary
from app.watch.events import Event
from app.watch.history import Sample
from app.watch.polling.link import Link, LinkState
from app.watch.session import Session
from app.watch.storage import StoreError
from app.watch.watch_list import Change
from app.watch.watched import Watched
from widgets.filter_line import FilterField, FilterLine
from widgets.key_line import KeyLine
from widgets.model import Column
from widgets.status_bar import Banners, StatusBar
from widgets.table.job_table import JobTable

if TYPE_CHECKING:
    from app.watch.watcher import Watcher
    from widgets.detail.job_detail import JobDetail

_TICK = 5.0
"""Seconds between two looks at what the mere passing of time changes."""

_FIRST_RATE = 10.0
"""Seconds after the start when the request rate is told first; from then on once a minute."""

_HOLD_ORDER = 3.0
"""Seconds for which rows stay where they are after a person moved."""

_AGES_STAY = 300.0
"""Seconds for which the column for ages stays when there are none any more."""

_ROOM_FOR_NOTHING = 120
"""From so many cells on that column is always there."""

PROMPT_SECONDS = 0.05
"""How long the screen waits for the database before it shows what it knows without."""

_REST_PATIENCE_SECONDS = 1.0
"""How long an action on the whole list waits for the rest of it."""


class BoardScreen(TellingScreen):
    """Shows the board and keeps it up to date. Keys are for those who build on it."""

    AUTO_FOCUS = "#table"

    table = query_one("#table", JobTable)
    status = query_one("#status", StatusBar)
    filter_line = query_one("#filter-line", FilterLine)
    filter_field = query_one("#filter", FilterField)

    def __init__(self, session: Session, line: TerminalLine, remembered: Remembered) -> None:
        """Nothing is sent and nothing written before it is on the screen.

        Args:
            session: The sitting.
            line: The way to the window title and the bell.
            remembered: How a person left it.
        """
        plain = session.settings.ascii
        super().__init__(signs=glyphs(plain=plain), plain=plain, classes=_class_of(remembered.layout))
        self.session = session
        self._line = line
        view = View(remembered.sort, remembered.reverse, remembered.filter)
        if view != View() or session.added:  # what comes first by status is not what is to be seen first
            session.watch_list.complete()
        self.board = Board(session, self.signs)
        self.board.view = view
        self.columns = chosen(remembered.columns)
        self.layout_choice = remembered.layout
        self.link = LinkState()
        self.paused = False
        self._connected = asyncio.Event()
        self._trouble = session.watch_list.store.notice
        self._held_up = ""
        self._herald = Herald(self._unfinished(), session.now())
        self._batch = Batch(self.set_timer, self._settle)
        self._held_until = 0.0
        self._untouched = True
        self._id_width = self.board.short_ids.longest
        self._aged_at = -inf
        self._aged = False
        self._requests = 0
        self._rate = ""

    @property
    def details_open(self) -> bool:
        """Whether the details are on the screen."""
        return self.has_class("-detail-open")

    @property
    def detail(self) -> "JobDetail":
        """The details; made when they are first wanted, since most starts never open them."""
        from widgets.detail.job_detail import JobDetail

        if not self.query("#detail"):
            self.query_one("#main").mount(JobDetail(ascii=self.plain, id="detail"))
        return self.query_one("#detail", JobDetail)

    def compose(self) -> ComposeResult:
        """Banners on top, list and detail in the middle, filter, sums and keys below."""
        # Textual does so only behind its first frame, which would then be that of another size.
        columns, lines = self.app.size
        for size, steps in (
            (columns, self.app.HORIZONTAL_BREAKPOINTS),
            (lines, self.app.VERTICAL_BREAKPOINTS),
        ):
            self.add_class([name for least, name in steps or [] if size >= least][-1])
        yield Banners(ascii=self.plain, id="banners")
        with Container(id="main"):
            yield JobTable(self._table_columns(), self.board.row, ascii=self.plain, id="table")
        # Else it is made when it is first wanted: three widgets that most starts do without.
        if self.board.view.filter:
            yield FilterLine(self.board.view.filter, id="filter-line")
        yield StatusBar(ascii=self.plain, id="status")
        yield KeyLine(ascii=self.plain, id="keys")

    def on_mount(self) -> None:
        """Show what is known from the last time, before anything is asked."""
        self.table.sorted_by(self.board.view.sort, self.board.view.reverse)
        self.lay_out(self.layout_choice)
        self.show_ways_on()
        self.rearrange()
        if self.session.added:
            self.keep_cursor()
            self.table.move_to(self.session.added[0])
        if self.session.watch_list.whole:
            self.sum_up()
        self.show_banners()
        self.session.watch_list.subscribe(self._on_change)
        self.set_interval(_TICK, self._tick)
        self.set_timer(_FIRST_RATE, self._show_rate)
        self.set_interval(60.0, self._each_minute)

    async def complete(self) -> None:
        """Show the rest of a long list, of which the first frame had as much as the screen can hold.

        Where it cannot be read this is said, and tried again with each tick.
        """
        if self.session.watch_list.whole:
            return
        known = self._unfinished()
        try:
            await self.session.watch_list.load_rest()
        except StoreError as error:
            self.show_trouble(str(error))
            return
        self.show_trouble(self.session.watch_list.store.notice)
        self._herald.expect(self._unfinished() - known)
        self.rearrange()
        self.sum_up()

    async def is_complete(self) -> bool:
        """Whether the whole list is here, for an action on all of it; a warning says so if it is not within a second."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_REST_PATIENCE_SECONDS):
                await self.complete()
        if not self.session.watch_list.whole:
            self.complain("The rest of the list is still being read; try again in a moment.")
        return self.session.watch_list.whole

    def _unfinished(self) -> set[str]:
        """Jobs that may have changed while dwtop was closed."""
        entries = self.session.watch_list.entries.values()
        return {entry.id for entry in entries if entry.job and not entry.finished}

    # The core

    def connected(self) -> None:
        """There is an API to ask."""
        assert self.session.watcher is not None
        self.direct_polling()
        self.show_link(self.session.watcher.link)
        self._connected.set()
        self.show_ways_on()

    async def core(self, following: str) -> "Watcher":
        """The core, as soon as there is one.

        Args:
            following: What is done with it then, to say so where that takes a while: `the refresh`.
        """
        if self.session.watcher is None:
            self.say(f"Still connecting; {following} follows.")
            await self._connected.wait()
        assert self.session.watcher is not None
        return self.session.watcher

    def direct_polling(self) -> None:
        """Have the core poll as the screen says: whether it is paused, and which jobs a person looks at.

        It sets all of that, whenever any of it changes and once connected, so that nothing is lost that was said
        before there was a core to hear it.
        """
        if watcher := self.session.watcher:
            if watcher.poller.paused != self.paused:
                watcher.pause(self.paused)
            watcher.poller.set_viewport(self.table.cursor, self.table.visible_ids)

    # What changes by itself

    def _on_change(self, change: Change) -> None:
        self.board.changed(change.job_id)
        self._herald.hear(change, self.board.name(change.job_id) if change.event else "")
        self._batch.add(change.job_id, urgent=change.event is not None)

    def _settle(self, dirty: set[str]) -> None:
        """Show what has changed since the last time, each cell once."""
        if self.board.misplaced and not self._order_held():
            self.rearrange()
        self.table.changed(dirty)
        if self.table.cursor in dirty:
            self.show_detail()
        self.sum_up()
        self._tell()

    def _tell(self) -> None:
        """Tell what is worth it, by everything that reaches a person."""
        now = self.session.now()
        text, news = self._herald.speak(now)
        self._herald.settle(now)
        if not news:
            return
        begins = self.tell(text, news, now)
        if begins and self.session.settings.bell:
            self._line.ring()
        if all(item.change.ours for item in news):  # else the program that polls has said it already
            self._line.notify(text)

    def _tick(self) -> None:
        """Repaint, and put in order, what looks different only because time went by."""
        if not self.session.watch_list.whole:
            self.run_worker(self.complete(), group="rest", exclusive=True)
        self.board.time_passed()
        if self.board.misplaced and not self._order_held():
            self.rearrange()
        # A finished row looks the same all day; when that is over, the look once a minute sees it.
        self.table.changed(job_id for job_id in self.table.visible_ids if not self.board[job_id].finished)
        self._look_for_ages()
        self.show_detail()
        if self._held_up != (held_up := self.session.watch_list.store.busy_notice):
            self._held_up = held_up
            self.show_banners()
        self._tell()

    def _order_held(self) -> bool:
        return 0.0 < self._held_until - self.session.now() <= _HOLD_ORDER  # the clock may be set back

    def rearrange(self) -> None:
        """Put the rows in order, whatever holds them."""
        ids = self.board.arrange()
        if (longest := self.board.short_ids.longest) != self._id_width:
            self._id_width = longest
            self.table.columns = self._table_columns()
        self.table.show(ids, hold_scrollbar=bool(self.board.view.filter))
        if self._untouched and ids:
            self.table.move_cursor(0)  # nobody chose the job that the cursor was put on at the start
        self.show_ways_on()

    def show_ways_on(self) -> None:
        """Say, where there are no jobs, how to go on: to widen the filter, to add some, or first to sign in."""
        jobs = bool(len(self.board))
        ways = ways_on(jobs=jobs, without_token=self.session.without_token, key=self._key_of)
        self.key_line.show_only(ways.keys)
        self.table.say_instead(ways, bare=not jobs)

    def _key_of(self, action: str) -> str:
        return key_of(action, self.session.settings.keys)

    def sum_up(self) -> None:
        """Show the sums over all jobs, here and in the window title."""
        shown, now = len(self.table.ids), self.session.now()
        self.status.show(summary(self.board, shown=shown, rate=self._rate, now=now))
        self._line.title(notices.window_title(self.board.tally, self.board.signs))

    def _each_minute(self) -> None:
        self.table.redraw()
        self._show_rate()

    def _show_rate(self) -> None:
        """Show how many requests are sent: seldom, so that it draws no eyes."""
        if watcher := self.session.watcher:
            self._requests = request_rate(watcher.gate, self._requests)
            self._rate = rate_text(self._requests, watcher.gate)
        else:
            self._requests, self._rate = 0, ""
        self.sum_up()

    def show_link(self, link: LinkState) -> None:
        """Show the state of the connection."""
        recovered = self.link.link is not Link.UP and link.link is Link.UP
        self.link = link
        self.show_banners()
        if recovered:
            self.table.redraw()

    def show_trouble(self, sentence: str) -> None:
        """Show what is wrong with the database; nothing, if it is empty."""
        self._trouble = sentence
        self.show_banners()

    def show_banners(self) -> None:
        """Show what is out of the ordinary."""
        banners = notices.banners(
            link=self.link,
            paused=self.paused,
            read_only=self.session.settings.read_only,
            demo=self.session.demo,
            trouble=self._held_up or self._trouble,
            now=self.session.now(),
            token_ends_at=self.session.token_ends_at,
            key=self._key_of,
        )
        self.query_one(Banners).show(banners)
        self.set_class(any(banner.urgent for banner in banners), "-urgent")

    def show_detail(self) -> None:
        """Show all about the job under the cursor, if the details are open."""
        cursor = self.table.cursor
        if not self.details_open:
            return
        if cursor is None or cursor not in self.board:
            self.add_class("-nothing")
            self.detail.show(None)
            return
        self.remove_class("-nothing")
        self._read_and_show_detail(self.board[cursor])

    @work(group="detail", exclusive=True)
    async def _read_and_show_detail(self, entry: Watched) -> None:
        """Show a job with its past; first without, if the disk takes its time."""
        store = self.session.watch_list.store
        reading = asyncio.wrap_future(store.read_soon(past_of, entry, store))
        try:
            await asyncio.wait([reading], timeout=PROMPT_SECONDS)
            if not reading.done():
                self._fill_detail(entry, (), ())
            self._fill_detail(entry, *await reading)
        finally:
            reading.cancel()

    def _fill_detail(self, entry: Watched, samples: Sequence[Sample], events: Sequence[Event]) -> None:
        if not self.details_open or entry.id not in self.board:
            return
        self.detail.show(
            detail_of(
                entry,
                samples,
                events,
                now=self.session.now(),
                age=self.board.age(entry),
                short_id=self.board.short_ids.of(entry.id),
                signs=self.board.signs,
            )
        )

    # What follows the cursor

    @on(JobTable.Highlighted)
    def _cursor_moved(self) -> None:
        self.show_detail()
        self.direct_polling()

    @on(JobTable.Viewport)
    def _viewport_changed(self) -> None:
        self.direct_polling()

    @on(JobTable.Moved)
    def _hold_order(self) -> None:
        self._held_until = self.session.now() + _HOLD_ORDER
        self.keep_cursor()
        self.make_way()

    @property
    def chosen(self) -> str | None:
        """The job under the cursor, for an action: from then on a person has chosen it."""
        self.keep_cursor()
        return self.table.cursor

    def keep_cursor(self) -> None:
        """The cursor is where a person wants it, and stays on its job."""
        self._untouched = False

    def go_to(self, job_id: str) -> None:
        """Put the cursor on a job; the filter gives way if it hides it."""
        self.keep_cursor()
        if not self.table.move_to(job_id) and job_id in self.board:
            self.filter_field.value = ""  # there is one, since something is hidden
            self.call_after_refresh(self.table.move_to, job_id)

    # How it is seen

    def show_columns(self, wanted: Collection[str]) -> None:
        """Show these columns beside the fixed ones."""
        self.columns = chosen(wanted)
        self.table.columns = self._table_columns()
        if self.board.view.sort not in {item.column.key for item in self.columns}:
            self.table.sorted_by(None, False)

    def _table_columns(self) -> tuple[Column, ...]:
        width = self.app.size.width
        roomy = width >= _ROOM_FOR_NOTHING and not self.details_open
        return fitted(self.columns, width, self._id_width, aged=self._aged or roomy)

    def _look_for_ages(self) -> None:
        """Have a column for ages while there are any, and for a while after, so that columns do not jump about."""
        now = self.session.now()
        if any(self.board.age(self.board[job_id]) for job_id in self.table.visible_ids):
            self._aged_at = now
        if (aged := now - self._aged_at < _AGES_STAY) != self._aged:
            self._aged = aged
            self.fit_columns()

    def fit_columns(self) -> None:
        """Another width, or other data, may want other columns."""
        self.table.columns = self._table_columns()

    def on_resize(self) -> None:
        """The pane has another size."""
        self.fit_columns()

    def lay_out(self, layout: Layout) -> None:
        """Show more or less around the list."""
        self.layout_choice = layout
        self.update_classes({_class_of(choice): choice is layout for choice in Layout})

    def remember(self) -> None:
        """Keep how it is seen now, for the next time."""
        view = self.board.view
        kept = Remembered(
            view.sort,
            view.reverse,
            view.filter,
            tuple(item.column.key for item in self.columns if item.column.key not in FIXED),
            self.layout_choice,
            self.app.theme,
        )
        self.session.watch_list.store.set_preference(NAME, kept.text())


def _class_of(layout: Layout) -> str:
    """The screen's class for a layout."""
    return f"-{layout.value}"
