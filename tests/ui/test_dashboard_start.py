"""From the first frame to the last: what is known is shown at once, what was arranged comes back, q ends it."""

import time
from pathlib import Path

import pytest

from app.settings.schema import Settings
from tests.scripted_api import job_id
from tests.simulated_api import RUNNING
from tests.simulator_faults.faults import Fault, FaultKind
from tests.simulator_faults.server import FaultySimulator
from tests.ui.dashboard_host import EVERY_SECOND, fill, known, served, sitting, to_server
from widgets.banners import Banners


async def test_the_first_frame_shows_the_last_known_state_while_the_api_hangs(
    tmp_path: Path, simulator: FaultySimulator
) -> None:
    path = tmp_path / "dwtop.db"
    fill(path, [known(1, age=540), known(2, "completed", age=7200)], base_url=simulator.base_url)
    simulator.faults.add(Fault(kind=FaultKind.HANG))
    async with sitting(
        path, to_server(simulator.base_url), base_url=simulator.base_url, settings=EVERY_SECOND
    ) as desk:
        assert "Book 1" in desk.text
        assert "42%" in desk.line("Book 1")
        assert "Drafting" in desk.line("Book 1")
        assert " at " in desk.line("Book 1"), "what is old says since when"
        assert "completed in" in desk.line("Book 2")
        assert " at " not in desk.line("Book 2"), "what is finished does not grow old"
        assert "1 running" in desk.text
        assert "1 done" in desk.text
        await desk.until(lambda: simulator.requests)
        await desk.pilot.pause()
        assert all(seen.status is None for seen in simulator.requests)
        assert " at " in desk.line("Book 1")


async def test_q_ends_it_within_2_seconds_though_requests_hang(
    tmp_path: Path, simulator: FaultySimulator
) -> None:
    path = tmp_path / "dwtop.db"
    fill(path, [known(number, age=60) for number in range(1, 12)], base_url=simulator.base_url)
    simulator.faults.add(Fault(kind=FaultKind.HANG))
    async with sitting(path, to_server(simulator.base_url), base_url=simulator.base_url) as desk:
        await desk.until(lambda: simulator.traffic.in_flight)
        start = time.monotonic()
        await desk.pilot.press("q")
    assert time.monotonic() - start < 2
    assert desk.app.return_code == 0


@pytest.mark.parametrize("opened", ["slash", "a", "colon", "x", "question_mark", "L", "e", "c", "t"])
async def test_ctrl_c_ends_it_from_within_any_field_or_dialog(
    tmp_path: Path, simulator: FaultySimulator, opened: str
) -> None:
    async with served(simulator, tmp_path / "dwtop.db", [simulator.world.add(RUNNING)]) as desk:
        await desk.press(opened)
        assert desk.app.is_running
        await desk.pilot.press("ctrl+c")
        await desk.until(lambda: not desk.app.is_running)
    assert desk.app.return_code == 0


async def test_q_in_the_filter_is_a_letter(tmp_path: Path) -> None:
    path = tmp_path / "dwtop.db"
    fill(path, [known(1)])
    async with sitting(path) as desk:
        await desk.press("slash", "q")
        assert desk.app.is_running
        assert desk.filter_field.value == "q"


async def test_how_it_was_left_is_how_it_starts(tmp_path: Path) -> None:
    path = tmp_path / "dwtop.db"
    fill(path, [known(1, title="alpha"), known(2, title="beta"), known(3, title="alphabet")])
    async with sitting(path) as desk:
        await desk.press("s", "s", "s", "s", "s", "S")  # the next column is the title, last first
        await desk.press("slash", *"alpha", "enter")
        await desk.press("z", "z")
        await desk.press("c", "space", "enter")
        desk.app.theme = "textual-light"
        await desk.pilot.pause()
        assert desk.shown == [job_id(3), job_id(1)]
        shown = [item.key for item in desk.main.list.columns]
        assert "stage" not in shown, "the first in the list of columns is the stage, and it was there"
    async with sitting(path) as desk:
        assert desk.shown == [job_id(3), job_id(1)]
        assert [item.key for item in desk.main.list.columns] == shown
        assert desk.app.theme == "textual-light"
        assert desk.main.view_actions._layout.value == "full"
        assert "TITLE ▾" in desk.text
        await desk.press("escape")
        assert desk.shown == [job_id(2), job_id(3), job_id(1)]
    async with sitting(path) as desk:
        assert len(desk.shown) == 3, "a filter that was cleared stays cleared"


async def test_jobs_named_on_the_command_line_are_under_the_cursor(tmp_path: Path) -> None:
    path = tmp_path / "dwtop.db"
    fill(path, [known(number) for number in range(1, 6)])
    async with sitting(path, added=[job_id(4)]) as desk:
        assert desk.cursor == job_id(4)


async def test_an_empty_list_says_how_to_fill_it_and_a_job_takes_its_place(tmp_path: Path) -> None:
    async with sitting(tmp_path / "dwtop.db") as desk:
        assert "No jobs yet" in desk.text
        await desk.press("a")
        await desk.paste(job_id(7))
        await desk.press("enter")
        await desk.until(lambda: desk.watched == [job_id(7)])
        await desk.pilot.pause()
        assert "No jobs yet" not in desk.text
        assert "new" in desk.line(job_id(7)[:8])


async def test_signed_out_the_list_stays_and_the_way_out_is_named(
    tmp_path: Path, simulator: FaultySimulator
) -> None:
    simulator.faults.add(Fault(kind=FaultKind.HTTP, code=401))
    name = simulator.world.add(RUNNING)
    async with served(simulator, tmp_path / "dwtop.db", [name]) as desk:
        await desk.until("Signed out")
        assert name[:8] in desk.text
        asked = len(simulator.requests)
        assert len(desk.app.screen_stack) == 1, "no dialog opens by itself"
        simulator.faults.clear()
        await desk.press("L", *"another", "enter")
        await desk.until(lambda: desk.cell(name).endswith("in progress"))
        assert not desk.main.query_one(Banners).display
        assert asked <= 2
        assert simulator.requests[-1].credentials == {"authorization": "Bearer another"}


async def test_offline_is_said_with_the_time_of_the_next_try(tmp_path: Path) -> None:
    path = tmp_path / "dwtop.db"
    fill(path, [known(1, age=60)], base_url="http://127.0.0.1:9/api")
    async with sitting(path, to_server("http://127.0.0.1:9/api"), base_url="http://127.0.0.1:9/api") as desk:
        await desk.until("Offline since ")
        assert "Book 1" in desk.text


async def test_a_read_only_sitting_says_so(tmp_path: Path) -> None:
    async with sitting(tmp_path / "dwtop.db", settings=Settings(read_only=True)) as desk:
        assert "READ-ONLY" in desk.text
