"""What keys and clicks do to how the list is seen: order, filter, marks, columns, colours; and what is copied."""

import asyncio
import os
import time
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import BindingType
from textual.widgets import Input

from app.dashboard import keys
from app.dashboard.board_screen import PROMPT_SECONDS, BoardScreen
from app.dashboard.platform.terminal_output import TerminalLine
from app.dashboard.view_state import Layout, Remembered
from app.notify.clipboard import copy_with_program
from app.presentation.columns import CHOICES, job_column
from app.presentation.detail import log_lines
from app.text import safe_text
from app.watch.session import Session
from app.watch.storage import StoreError
from app.watch.watched import Watched
from widgets.bindings import bindings
from widgets.filter_line import FilterField, FilterLine
from widgets.model import LogLine, Tone
from widgets.table.job_table import JobTable

if TYPE_CHECKING:
    from widgets.dialogs.reading import EventLog

_LOGGED = 300  # so many events are shown
_FOLLOW_LOG = 1.0  # seconds between two looks at the log while it is open


class ViewScreen(BoardScreen):
    """The board, and the keys that change nothing but its looks."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.VIEW)

    def __init__(self, session: Session, line: TerminalLine, remembered: Remembered) -> None:
        """As a person left it.

        Args:
            session: The sitting.
            line: The way to the window title and the bell.
            remembered: How it was left.
        """
        super().__init__(session, line, remembered)
        self._range_from: str | None = None
        self._filter_from: str | None = None

    # Order

    @on(JobTable.HeaderPressed)
    def _header_pressed(self, message: JobTable.HeaderPressed) -> None:
        if job_column(message.key).sort:
            view = self.board.view
            self._sort(message.key, reverse=message.key == view.sort and not view.reverse)

    def action_sort_next(self) -> None:
        """Sort by the next column."""
        sortable = [item.column.key for item in self.columns if item.sort]
        sort = self.board.view.sort
        place = sortable.index(sort) + 1 if sort in sortable else 0
        self._sort(sortable[place % len(sortable)], reverse=False)

    def action_sort_reverse(self) -> None:
        """Turn the order round."""
        self._sort(self.board.view.sort, reverse=not self.board.view.reverse)

    def _sort(self, key: str, *, reverse: bool) -> None:
        self.board.view = self.board.view._replace(sort=key, reverse=reverse)
        self.table.sorted_by(key, reverse)
        self.rearrange()
        self.call_after_refresh(self.remember)  # what is written then is not in the way of the frame
        self.say(f"Sorted by {job_column(key).name}{', reversed' if reverse else ''}")

    # Filter

    async def action_filter(self) -> None:
        """Type a filter; the list follows."""
        # While a person types, the cursor goes back to this job whenever the filter shows it.
        self._filter_from = self.chosen
        if not self.query("#filter-line"):
            await self.mount(FilterLine("", id="filter-line"), before="#status")
        self.filter_line.display = True
        self.set_focus(self.filter_field)  # now, not soon: the next key may be here already

    @on(Input.Changed, "#filter")
    def _filter_changed(self, message: Input.Changed) -> None:
        self._let_through(message.value.strip())

    def _let_through(self, words: str) -> None:
        self.board.view = self.board.view._replace(filter=words)
        self.rearrange()
        if self._filter_from is not None:
            self.table.move_to(self._filter_from)  # back to its job as soon as the filter lets it through
        self.sum_up()

    @on(Input.Submitted, "#filter")
    def _keep_filter(self) -> None:
        self.keep_cursor()
        self.filter_line.display = False
        self.table.focus()
        self.remember()

    def _drop_filter(self) -> None:
        if self.table.cursor is not None:
            self.keep_cursor()
        self.filter_field.value = ""
        self._let_through("")  # before it is remembered; the field tells of its change only later
        self._keep_filter()

    def keep_cursor(self) -> None:
        """The cursor is where a person wants it, whatever the filter hides or shows from now on."""
        super().keep_cursor()
        self._filter_from = None

    # Marks

    def action_mark(self) -> None:
        """Mark the job under the cursor and go on to the next."""
        if (cursor := self.chosen) is not None:
            self._range_from = cursor
            self.board.toggle(cursor)
            self.show_marks([cursor])
            position = self.table.position(cursor)
            if position is not None and position + 1 < len(self.table.ids):
                self.table.move_to(self.table.ids[position + 1])

    def action_mark_range(self) -> None:
        """Mark from the job marked last, if it still is, to the one under the cursor."""
        cursor = self.chosen
        here = self.table.position(cursor) if cursor is not None else None
        if here is None:
            return
        begun = self._range_from if self._range_from in self.board.marks else None
        there = self.table.position(begun) if begun else None
        self._range_from = cursor
        first, last = sorted((here, here if there is None else there))
        self.board.marks.update(self.table.ids[first : last + 1])
        self.show_marks(self.table.ids[first : last + 1])

    async def action_mark_all(self) -> None:
        """Mark all jobs that are shown, or none of them."""
        if not await self.is_complete():
            return
        self.board.mark(self.table.ids)
        self.show_marks(self.table.visible_ids)

    def show_marks(self, job_ids: Sequence[str]) -> None:
        """Show that these were marked, or are no longer."""
        self.table.changed(job_ids)
        self.sum_up()

    # Details, layout, columns, theme

    @on(JobTable.Opened)
    def action_details(self) -> None:
        """Open or close the details of the job under the cursor."""
        self.keep_cursor()
        self.toggle_class("-detail-open")
        self.fit_columns()
        if self.details_open and not self.table.is_on_screen:
            self.detail.focus()
        else:
            self.table.focus()
        self.show_detail()

    def action_back(self) -> None:
        """One layer back: the filter field, the details, the filter, the marks."""
        if isinstance(self.focused, FilterField):
            self._drop_filter()
        elif self.details_open:
            self.action_details()
        elif self.board.view.filter:
            self._drop_filter()
        elif self.board.marks:
            marked = tuple(self.board.marks)
            self.board.marks.clear()
            self.show_marks(marked)

    def action_layout(self) -> None:
        """Show more or less around the list."""
        layouts = list(Layout)
        self.lay_out(layouts[(layouts.index(self.layout_choice) + 1) % len(layouts)])
        self.remember()
        self.say(f"Layout: {self.layout_choice.value}")

    @work(group="dialog")
    async def action_columns(self) -> None:
        """Choose the columns."""
        from widgets.dialogs.columns import ColumnDialog

        choices = [(key, job_column(key).name) for key in CHOICES]
        shown = [item.column.key for item in self.columns]
        picked = await self.app.push_screen_wait(ColumnDialog(choices, shown, ascii=self.plain))
        if picked is not None:
            self.show_columns(picked)
            self.remember()

    def action_theme(self) -> None:
        """Choose the colours."""
        self.app.search_themes()

    # The log, the help, copying

    async def action_log(self) -> None:
        """Show what has happened."""
        from widgets.dialogs.reading import EventLog

        reading = asyncio.ensure_future(self._log_lines())
        await asyncio.wait([reading], timeout=PROMPT_SECONDS)
        lines = reading.result() if reading.done() else (LogLine("", "Reading the database", Tone.PLAIN),)
        log = EventLog(lines, ascii=self.plain)
        following = self.run_worker(self._follow_log(log, reading), group="log")
        await self.app.push_screen(log, lambda _: following.cancel())

    async def _follow_log(self, log: "EventLog", reading: Awaitable[tuple[LogLine, ...]]) -> None:
        while True:
            log.show(await reading)
            await asyncio.sleep(_FOLLOW_LOG)
            reading = self._log_lines()

    async def _log_lines(self) -> tuple[LogLine, ...]:
        store = self.session.watch_list.store
        events = await asyncio.wrap_future(store.read_soon(store.events, limit=_LOGGED))
        return log_lines(events, self.session.now(), self.board.signs, self.board.name)

    def action_help(self) -> None:
        """Show all keys."""
        from widgets.dialogs.reading import HelpDialog

        self.app.push_screen(
            HelpDialog(keys.help_of(self.active_bindings, plain=self.plain), ascii=self.plain)
        )

    def action_copy_id(self) -> None:
        """Copy the job's ID."""
        if (cursor := self.chosen) is not None:
            self._copy(cursor)

    def action_copy_json(self) -> None:
        """Copy all that is known of the job, as JSON."""
        if (cursor := self.chosen) is not None:
            import json

            from app.presentation.json_fields import job_object

            self._copy(json.dumps(job_object(self.board[cursor]), indent=2))

    @work(group="copy")
    async def action_export(self, form: str, history: bool) -> None:
        """Write the list, or every job's history, to a file in the folder that dwtop was started in.

        Args:
            form: A value of `Format`.
            history: Whether it is the histories.
        """
        entries = [self.board[job_id] for job_id in self.table.ids]
        try:
            path = await asyncio.to_thread(self._write_export, entries, form, history)
        except (OSError, StoreError) as error:
            self.complain(f"Nothing was exported: {error}")
            return
        self.say(f"Wrote {path}")

    def _write_export(self, entries: Sequence[Watched], form: str, history: bool) -> Path:
        from app.presentation.export import Format, export_history, export_list

        if history:
            text = export_history(entries, self.session.watch_list.store.samples, Format(form))
        else:
            text = export_list(entries, Format(form))
        name = "dwtop-history" if history else "dwtop-jobs"
        path = Path(f"{name}-{time.strftime('%Y%m%d-%H%M%S')}.{form}").absolute()
        path.write_text(text, encoding="utf-8")
        return path

    @work(group="copy")
    async def _copy(self, text: str) -> None:
        """Copy a text, say what became of it, and show it: a terminal that ignores it does not say so."""
        program = await asyncio.to_thread(copy_with_program, text, os.environ)
        if not program:
            self.app.copy_to_clipboard(text)
        outcome = f"Copied by {program}" if program else "Sent to the terminal, which may ignore it"
        say = self.say if "\n" in text else self.say_whole  # of JSON the beginning will do
        say(f"{outcome}:\n{safe_text(text)}")
