"""Cursor, marks and order stay in place while jobs change; input that arrives all at once is handled in order."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar

import pytest
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.events import Key
from textual.widget import Widget

from app.dashboard.platform import input_order
from app.settings.schema import Settings
from app.store.store import Store
from tests.scripted_api import job_id
from tests.timing import eventually
from tests.ui.dashboard_host import BASE_URL, DashboardPilot, fill, known, known_jobs, running_dashboard
from tests.ui.pane_host import text_on
from tests.ui.table_host import TableHost, names
from widgets.dialogs.cancel import CancelDialog

JOBS = 60
STATUSES = ("in_progress", "queued", "submitted", "completed", "failed")


@asynccontextmanager
async def commotion(dash: DashboardPilot) -> AsyncIterator[list[int]]:
    """Have jobs change, about fifty times a second, and jobs come and go; yields a counter of the changes."""
    watch_list = dash.app.session.watch_list
    chance = random.Random(7)
    changes = [0]

    async def stir() -> None:
        while True:
            name = chance.choice(list(watch_list.entries))
            if watch_list.entries[name].job is not None:
                progress, title = chance.uniform(0, 99), f"Now {chance.random()}"
                dash.answer(name, status=chance.choice(STATUSES), progress=progress, title=title)
            changes[0] += 1
            if changes[0] % 25 == 0:
                await watch_list.add([job_id(1000 + changes[0])])
            await asyncio.sleep(0.02)

    stirring = asyncio.create_task(stir())
    try:
        yield changes
        assert not stirring.done()
    finally:
        stirring.cancel()
        await asyncio.wait([stirring])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    fill(tmp_path / "dwtop.db", known_jobs(JOBS, start=0))
    return tmp_path / "dwtop.db"


async def test_cursor_marks_and_order_stay_while_keys_are_pressed(path: Path) -> None:
    async with running_dashboard(path) as dash, commotion(dash) as changes:
        await dash.press("j", "j", "j", "space", "k", "V")
        marked, cursor, order = set(dash.marks), dash.cursor, dash.shown
        place = dash.main.table.position(cursor or "")
        while changes[0] <= 20:
            for key in ("down", "up"):
                await dash.press(key)
                assert [name for name in dash.shown if name in order] == order
        assert dash.cursor == cursor
        assert dash.marks == marked
        assert dash.main.table.position(cursor or "") == place, "no row moved while keys went in"


async def test_the_list_is_reordered_3_seconds_after_the_last_key(path: Path) -> None:
    ahead = 0.0
    async with running_dashboard(path, now=lambda: time.time() + ahead) as dash:
        await dash.press("j")
        cursor, order = dash.cursor, dash.shown
        dash.answer(order[-1], status="failed")
        await dash.until("1 needs a look")
        assert dash.shown == order, "held"
        ahead = 3.1
        dash.answer(order[-2], progress=50.0)
        await dash.until(lambda: dash.shown[0] == order[-1])
        assert dash.cursor == cursor


async def test_a_line_on_the_screen_stays_where_the_cursor_is_when_rows_move(path: Path) -> None:
    async with running_dashboard(path, size=(80, 24)) as dash, commotion(dash) as changes:
        await dash.press("ctrl+d", "ctrl+d", "j")
        cursor = dash.cursor
        assert cursor is not None
        stayed = 0
        for _ in range(3):
            line = dash.main.table.visible_ids.index(cursor)
            before = changes[0]
            await dash.until(lambda before=before: changes[0] > before + 30)  # type: ignore[misc]
            dash.main.parts.refresh_list()
            await dash.pilot.pause()
            assert dash.cursor == cursor
            assert cursor in dash.main.table.visible_ids
            if 0 < dash.main.table.top < len(dash.shown) - dash.main.table.body_height:
                assert dash.main.table.visible_ids.index(cursor) == line
                stayed += 1
        assert stayed, "the list has to be long enough on both sides of the cursor to say anything"


async def test_the_filter_receives_every_character(path: Path) -> None:
    async with running_dashboard(path) as dash, commotion(dash):
        await dash.press("slash", *"now 0.1")
        assert dash.filter_field.value == "now 0.1"
        await dash.press("enter")
        await dash.press("escape")
        await dash.until(lambda: len(dash.shown) == len(dash.watched))


async def typed_at_once(dash: DashboardPilot, *keys: str) -> None:
    """Have keys arrive all together, as over a slow line."""
    for key in keys:
        dash.app.post_message(Key(key, key if len(key) == 1 else None))
    await dash.pilot.pause()


async def test_keys_that_arrive_together_act_in_order(path: Path) -> None:
    async with running_dashboard(path) as dash:
        await dash.connected()
        await typed_at_once(dash, "slash", *"dDpx")
        await dash.until(lambda: dash.app.focused is dash.filter_field)
        assert len(dash.watched) == JOBS, "what follows the slash is for the filter"
        assert dash.main.is_current
        assert "PAUSED" not in dash.text
        await typed_at_once(dash, "escape")
        await typed_at_once(dash, "j", "j", "d", "k", "k")
        await dash.until(lambda: len(dash.watched) == JOBS - 1)
        assert job_id(2) not in dash.watched, "the one that was under the cursor at the time"
        await typed_at_once(dash, "x", "d", "j")
        await dash.until(lambda: isinstance(dash.app.screen, CancelDialog))
        dialog = dash.app.screen
        assert isinstance(dialog, CancelDialog)
        assert [line.id for line in dialog.question.lines] == [job_id(0)]
        await dash.press("escape")
        for opening in ("a", "L"):
            await typed_at_once(dash, opening, *"dDpd")
            await dash.until(lambda: dash.app.screen is not dash.main)
            await dash.press("escape")
        assert len(dash.watched) == JOBS - 1
        assert "PAUSED" not in dash.text


async def test_a_row_changes_after_the_styles_were_reset() -> None:
    host = TableHost(3)
    async with host.run_test(size=(100, 10)) as pilot:
        await pilot.pause()
        text_on(host)
        host.table.notify_style_update()  # as when a dialog opens; by itself it paints nothing
        host.put(names(3)[1], cells={"title": "Another title"})
        await pilot.pause()
        assert "Another title" in text_on(host)


async def test_sorted_by_age_rows_move_only_when_their_shown_age_changes(
    tmp_path: Path,
) -> None:
    fill(tmp_path / "db", known_jobs(5, start=0))
    ahead = 0.0
    settings = Settings(interval=5.0, sort="age", sources={"sort": "a test"})
    async with running_dashboard(tmp_path / "db", settings=settings, now=lambda: time.time() + ahead) as dash:
        added = dash.shown
        for name in reversed(added):  # answers that come a moment apart, with no age to show
            dash.answer(name)
            dash.main._tick()
            assert dash.shown == added
        ahead = 4.0
        for name in added[:3]:
            dash.answer(name)
        ahead = 18.0  # the other two show 15s or more, as of now, and those three nothing yet
        dash.main._tick()
        assert [dash.cell(name, "age") for name in dash.shown] == ["15s", "15s", "", "", ""]
        assert dash.shown == [*added[3:], *added[:3]]


async def test_a_row_removed_by_another_process_can_be_drawn_while_the_order_is_held(tmp_path: Path) -> None:
    ahead = 0.0
    jobs = [known(1), known(2), known(3)]
    async with running_dashboard(tmp_path / "db", jobs=jobs, now=lambda: time.time() + ahead) as dash:
        await dash.connected()
        await dash.press("j", "enter")  # from now on nothing moves for a while
        other = Store(tmp_path / "db", BASE_URL)
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


def typed(text: str) -> list[events.Key]:
    names = {"/": "slash", "\r": "enter", "\x1b": "escape", " ": "space"}
    return [events.Key(names.get(char, char), char if char.isprintable() else None) for char in text]


async def test_a_filter_that_arrives_in_one_piece(tmp_path: Path) -> None:
    async with running_dashboard(
        tmp_path / "db", jobs=[known(1, title="Apples"), known(2, title="Pears"), known(3, title="Pearls")]
    ) as at:
        for key in typed("/pear\rj"):
            at.app.post_message(key)
        await at.until(lambda: at.app.screen.board.view.filter == "pear")  # type: ignore[attr-defined]  # because it is ours
        await at.until(lambda: len(at.shown) == 2 and at.cursor == at.shown[1])


async def test_a_key_whose_target_is_removed_does_not_block_others(tmp_path: Path) -> None:
    async with running_dashboard(tmp_path / "db", jobs=[known(1), known(2), known(3)]) as at:
        for key in typed("?\x1bjj"):
            at.app.post_message(key)
        await at.until(lambda: at.cursor == at.shown[2])


def click(x: int, y: int) -> list[events.MouseEvent]:
    return [kind(None, x, y, 0, 0, 1, False, False, False) for kind in (events.MouseDown, events.MouseUp)]


async def test_a_paste_and_a_click_go_to_the_dialog_opened_by_the_key_before_them(tmp_path: Path) -> None:
    async with running_dashboard(tmp_path / "db", jobs=[known(1), known(2), known(3)]) as at:
        await at.connected()
        before = at.cursor
        for event in (*typed("x"), *click(20, 3), events.Paste(job_id(9)), *typed("\x1bj")):
            at.app.post_message(event)
        await at.until(lambda: at.cursor != before)
        # The click would have gone to the third row, and the paste to the dialog that adds.
        assert at.cursor == at.shown[1]
        assert len(at.app.screen_stack) == 1
        assert "Add" not in str(at.app.screen.focused)


class SlowWidget(Widget, can_focus=True):
    """Handles `s` slowly, and `h` once the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[str] = []
        self.handled: list[str] = []
        self.released = asyncio.Event()

    async def on_key(self, event: events.Key) -> None:
        self.started.append(event.key)
        if event.key == "s":
            await asyncio.sleep(0.5)
        elif event.key == "h":
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
        for key in typed("sjhk"):
            app.post_message(key)
        await eventually(lambda: "h" in widget.started)
        assert widget.handled == ["s", "j"]
        app.post_message(events.Key("ctrl+c", None))
        await eventually(lambda: "h" in widget.handled)
        assert widget.started == ["s", "j", "h"]  # what waits behind a key that hangs is dropped
