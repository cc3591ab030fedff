"""Cursor, marks and order stay in place while jobs change; input that arrives all at once is handled in order."""

import asyncio
import time
from typing import ClassVar

import pytest
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widget import Widget

from app.dashboard.platform import input_order
from app.store.store import Store
from tests.processes import database
from tests.scripted_api import job_id
from tests.timing import eventually
from tests.ui.dashboard_host import BASE_URL, DashboardPilot, known, known_jobs, running_dashboard
from widgets.dialogs.cancel import CancelDialog

JOBS = 60


async def test_cursor_marks_and_order_stay_until_3_seconds_after_the_last_key() -> None:
    ahead = 0.0
    async with running_dashboard(jobs=known_jobs(JOBS, start=0), now=lambda: time.time() + ahead) as dash:
        await dash.press("j", "space", "j")
        cursor, order = dash.cursor, dash.shown
        for name in order[::2]:
            dash.answer(name, status="failed", title="Now another")
        await dash.until(f"{JOBS // 2} need a look")
        assert dash.shown == order
        await dash.press("k", "j")
        assert dash.shown == order
        assert dash.cursor == cursor
        ahead = 3.1
        dash.answer(order[1], progress=50.0)
        await dash.until(lambda: dash.shown != order)
        assert set(dash.shown[: JOBS // 2]) == set(order[::2])
        assert dash.cursor == cursor
        assert dash.marks == {order[1]}


async def test_a_row_removed_by_another_process_can_be_drawn_while_the_order_is_held() -> None:
    ahead = 0.0
    jobs = [known(1), known(2), known(3)]
    async with running_dashboard(jobs=jobs, now=lambda: time.time() + ahead) as dash:
        await dash.connected()
        await dash.press("j", "enter")  # from now on nothing moves for a while
        other = Store(database(), BASE_URL)
        other.remove([job_id(2), job_id(3)]).result(10)
        other.close()
        await dash.app.session.watch_list.sync()
        for _ in range(3):
            dash.main.table.refresh_visible_rows()
            dash.main._tick()
            await dash.press("space", "x", "escape", "y", "m")
            await dash.pilot.resize_terminal(90, 20)
            await dash.pilot.resize_terminal(120, 40)
        ahead = 3.1
        dash.main._tick()
        await dash.until(lambda: dash.shown == [job_id(1)])
        assert dash.watched == [job_id(1)]
        assert dash.marks <= {job_id(1)}


def keys(text: str) -> list[events.Key]:
    names = {"/": "slash", "\r": "enter", "\x1b": "escape", "?": "question_mark"}
    return [events.Key(names.get(char, char), char if char.isprintable() else None) for char in text]


def click(x: int, y: int) -> list[events.MouseEvent]:
    return [kind(None, x, y, 0, 0, 1, False, False, False) for kind in (events.MouseDown, events.MouseUp)]


async def arrive_together(dash: DashboardPilot, *given: events.Event) -> None:
    """Have input arrive all at once, as over a slow line."""
    for event in given:
        dash.app.post_message(event)
    await dash.pilot.pause()


async def test_keys_that_arrive_together_act_in_order() -> None:
    async with running_dashboard(jobs=known_jobs(JOBS, start=0)) as dash:
        await dash.connected()
        await arrive_together(dash, *keys("/dDpx"))
        await dash.until(lambda: dash.app.focused is dash.filter_field)
        assert len(dash.watched) == JOBS, "what follows the slash is for the filter"
        assert dash.main.is_current
        assert "PAUSED" not in dash.text
        await arrive_together(dash, *keys("\x1b"))
        await arrive_together(dash, *keys("jjdkk"))
        await dash.until(lambda: len(dash.watched) == JOBS - 1)
        assert job_id(2) not in dash.watched, "the one that was under the cursor at the time"
        await arrive_together(dash, *keys("xdj"))
        await dash.until(lambda: isinstance(dash.app.screen, CancelDialog))
        dialog = dash.app.screen
        assert isinstance(dialog, CancelDialog)
        assert [line.id for line in dialog.question.lines] == [job_id(0)]
        await dash.press("escape")
        for opening in ("a", "L"):
            await arrive_together(dash, *keys(f"{opening}dDpd"))
            await dash.until(lambda: dash.app.screen is not dash.main)
            await dash.press("escape")
        assert len(dash.watched) == JOBS - 1
        assert "PAUSED" not in dash.text
        await arrive_together(dash, *keys("/book 3\rj"))
        await dash.until(lambda: dash.main.board.view.filter == "book 3")
        await dash.until(lambda: dash.cursor == dash.shown[1])
        await arrive_together(dash, *keys("?\x1bjj"))  # the dialog that was to take Escape is gone
        await dash.until(lambda: dash.cursor == dash.shown[3])


async def test_a_paste_and_a_click_go_to_the_dialog_opened_by_the_key_before_them() -> None:
    async with running_dashboard(jobs=known_jobs(JOBS, start=0)) as dash:
        await dash.connected()
        before = dash.cursor
        await arrive_together(dash, *keys("x"), *click(20, 3), events.Paste(job_id(999)), *keys("\x1bj"))
        await dash.until(lambda: dash.cursor != before)
        # The click would have gone to the third row, and the paste to the dialog that adds.
        assert dash.cursor == dash.shown[1]
        assert len(dash.app.screen_stack) == 1


class SlowWidget(Widget, can_focus=True):
    """Handles `h` once the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[str] = []
        self.handled: list[str] = []
        self.released = asyncio.Event()

    async def on_key(self, event: events.Key) -> None:
        self.started.append(event.key)
        if event.key == "h":
            await self.released.wait()
        self.handled.append(event.key)


class SlowApp(input_order.OrderedInputApp):
    BINDINGS: ClassVar = [Binding("ctrl+c", "interrupt", priority=True)]

    def compose(self) -> ComposeResult:
        yield SlowWidget()

    def action_interrupt(self) -> None:
        self.query_one(SlowWidget).released.set()


async def test_keys_wait_for_one_that_takes_long_and_ctrl_c_not_forever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(input_order, "_MAX_INTERRUPT_WAIT_SECONDS", 0.05)
    app = SlowApp()
    async with app.run_test():
        widget = app.query_one(SlowWidget)
        widget.focus()
        for key in keys("jhk"):
            app.post_message(key)
        await eventually(lambda: "h" in widget.started)
        assert widget.handled == ["j"]
        app.post_message(events.Key("ctrl+c", None))
        await eventually(lambda: "h" in widget.handled)
        assert widget.started == ["j", "h"]  # what waits behind a key that hangs is dropped
