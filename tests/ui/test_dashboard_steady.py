"""Nothing moves under the hand: jobs change fifty times a second while keys go in."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.events import Key

from app.settings.schema import Settings
from tests.scripted_api import job_id
from tests.ui.dashboard_host import Sitting, fill, known, sitting
from tests.ui.pane_host import text_on
from tests.ui.table_host import TableHost, names
from widgets.dialogs.cancel import CancelDialog

JOBS = 60
STATUSES = ("in_progress", "queued", "submitted", "completed", "failed")


@asynccontextmanager
async def commotion(desk: Sitting, *, keep_running: frozenset[str] = frozenset()) -> AsyncIterator[list[int]]:
    """Have jobs change, about fifty times a second, and jobs come and go; yields a counter of the changes."""
    watch_list = desk.app.session.watch_list
    chance = random.Random(7)
    changes = [0]

    async def stir() -> None:
        while True:
            name = chance.choice(list(watch_list.entries))
            job = watch_list.entries[name].job
            if job is not None:
                status = "in_progress" if name in keep_running else chance.choice(STATUSES)
                watch_list.record_answer(
                    replace(
                        job, status=status, progress=chance.uniform(0, 99), title=f"Now {chance.random()}"
                    )
                )
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
    fill(tmp_path / "dwtop.db", [known(number) for number in range(JOBS)])
    return tmp_path / "dwtop.db"


async def test_cursor_marks_and_order_stay_while_keys_go_in(path: Path) -> None:
    async with sitting(path) as desk, commotion(desk) as changes:
        await desk.press("j", "j", "j", "space", "k", "V")
        marked, cursor, order = set(desk.marks), desk.cursor, desk.shown
        place = desk.main.table.position(cursor or "")
        for key in ("down", "up") * 6:
            await desk.press(key)
            assert [name for name in desk.shown if name in order] == order
        assert desk.cursor == cursor
        assert desk.marks == marked
        assert desk.main.table.position(cursor or "") == place, "no row moved while keys went in"
        assert changes[0] > 20


async def test_the_order_is_made_good_3_seconds_after_the_last_key(path: Path) -> None:
    ahead = 0.0
    async with sitting(path, now=lambda: time.time() + ahead) as desk:
        await desk.press("j")
        cursor, order = desk.cursor, desk.shown
        job = desk.app.session.watch_list.entries[order[-1]].job
        assert job is not None
        desk.app.session.watch_list.record_answer(replace(job, status="failed"))
        await desk.until("1 needs a look")
        assert desk.shown == order, "held"
        ahead = 3.1
        other = desk.app.session.watch_list.entries[order[-2]].job
        assert other is not None
        desk.app.session.watch_list.record_answer(replace(other, progress=50.0))
        await desk.until(lambda: desk.shown[0] == order[-1])
        assert desk.cursor == cursor


async def test_a_line_on_the_screen_stays_where_the_cursor_is_when_rows_move(path: Path) -> None:
    async with sitting(path, size=(80, 24)) as desk, commotion(desk) as changes:
        await desk.press("ctrl+d", "ctrl+d", "j")
        cursor = desk.cursor
        assert cursor is not None
        stayed = 0
        for _ in range(3):
            line = desk.main.table.visible_ids.index(cursor)
            before = changes[0]
            await desk.until(lambda before=before: changes[0] > before + 30)  # type: ignore[misc]
            desk.main.refresh_list()
            await desk.pilot.pause()
            assert desk.cursor == cursor
            assert cursor in desk.main.table.visible_ids
            if 0 < desk.main.table.top < len(desk.shown) - desk.main.table.body_height:
                assert desk.main.table.visible_ids.index(cursor) == line
                stayed += 1
        assert stayed, "the list has to be long enough on both sides of the cursor to say anything"


async def test_a_dialog_stays_on_its_jobs(path: Path) -> None:
    pinned = [job_id(0), job_id(1), job_id(2)]
    async with sitting(path) as desk:
        await desk.connected()
        await desk.press("space", "space", "space")
        async with commotion(desk, keep_running=frozenset(pinned)) as changes:
            await desk.press("x")
            dialog = desk.app.screen
            assert isinstance(dialog, CancelDialog)
            assert sorted(line.id for line in dialog.question.lines) == pinned
            before = changes[0]
            await desk.until(lambda: changes[0] > before + 60)
            assert dialog.is_current
            assert sorted(line.id for line in dialog.question.lines) == pinned
            await desk.press("escape")
            assert desk.marks == set(pinned)


async def test_what_is_typed_into_the_filter_arrives_whole(path: Path) -> None:
    async with sitting(path) as desk, commotion(desk):
        await desk.press("slash", *"now 0.1")
        assert desk.filter_field.value == "now 0.1"
        await desk.press("enter")
        await desk.press("escape")
        await desk.until(lambda: len(desk.shown) == len(desk.watched))


async def typed_at_once(desk: Sitting, *keys: str) -> None:
    """Have keys arrive all together, as over a slow line."""
    for key in keys:
        desk.app.post_message(Key(key, key if len(key) == 1 else None))
    await desk.pilot.pause()


async def test_keys_that_arrive_together_do_nothing_they_were_not_meant_to(path: Path) -> None:
    async with sitting(path) as desk:
        await desk.connected()
        await typed_at_once(desk, "slash", *"dDpx")
        await desk.until(lambda: desk.app.focused is desk.filter_field)
        assert len(desk.watched) == JOBS, "what follows the slash is for the filter"
        assert desk.main.is_current
        assert "PAUSED" not in desk.text
        await typed_at_once(desk, "escape")
        await typed_at_once(desk, "j", "j", "d", "k", "k")
        await desk.until(lambda: len(desk.watched) == JOBS - 1)
        assert job_id(2) not in desk.watched, "the one that was under the cursor at the time"
        await typed_at_once(desk, "x", "d", "j")
        await desk.until(lambda: isinstance(desk.app.screen, CancelDialog))
        dialog = desk.app.screen
        assert isinstance(dialog, CancelDialog)
        assert [line.id for line in dialog.question.lines] == [job_id(0)]
        await desk.press("escape")
        for opening in ("a", "L"):
            await typed_at_once(desk, opening, *"dDpd")
            await desk.until(lambda: desk.app.screen is not desk.main)
            await desk.press("escape")
        assert len(desk.watched) == JOBS - 1
        assert "PAUSED" not in desk.text


async def test_a_row_drawn_before_the_styles_were_looked_up_again_is_still_renewed() -> None:
    host = TableHost(3)
    async with host.run_test(size=(100, 10)) as pilot:
        await pilot.pause()
        text_on(host)
        host.table.notify_style_update()  # as when a dialog opens; by itself it paints nothing
        host.put(names(3)[1], cells={"title": "Another title"})
        await pilot.pause()
        assert "Another title" in text_on(host)


async def test_sorted_by_age_rows_move_only_when_what_they_show_puts_them_out_of_order(
    tmp_path: Path,
) -> None:
    fill(tmp_path / "db", [known(number) for number in range(5)])
    ahead = 0.0
    settings = Settings(interval=5.0, sort="age", sources={"sort": "a test"})
    async with sitting(tmp_path / "db", settings=settings, now=lambda: time.time() + ahead) as desk:
        watch_list, added = desk.app.session.watch_list, list(desk.shown)
        for name in reversed(added):  # answers that come a moment apart, with no age to show
            job = watch_list.entries[name].job
            assert job is not None
            watch_list.record_answer(job)
            desk.main._tick()
            assert desk.shown == added
        ahead = 4.0
        for name in added[:3]:
            job = watch_list.entries[name].job
            assert job is not None
            watch_list.record_answer(job)
        ahead = 18.0  # the other two show 15s or more, as of now, and those three nothing yet
        desk.main._tick()
        assert [desk.cell(name, "age") for name in desk.shown] == ["15s", "15s", "", "", ""]
        assert desk.shown == [*added[3:], *added[:3]]
