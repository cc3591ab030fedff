"""The details of the job under the cursor, the event log, and hostile texts in both."""

import gc

from tests.scripted_api import job_id
from tests.simulated_api import RUNNING
from tests.simulator_faults.faults import Fault, FaultKind
from tests.simulator_faults.server import FaultySimulator
from tests.ui.dashboard_host import known, running_dashboard, served


async def test_they_follow_the_cursor() -> None:
    async with running_dashboard(jobs=[known(1), known(2)]) as dash:
        for key, opened in (
            ("left", False),
            ("right", True),
            ("right", True),
            ("left", False),
            ("enter", True),
        ):
            await dash.press(key)
            assert dash.main.details.open is opened
        assert dash.text.count("Book 1") == 2  # its row, and the heading
        await dash.press("j")
        assert dash.text.count("Book 2") == 2
        await dash.press("escape")
        assert dash.text.count("Book 2") == 1
        assert not dash.main.has_class("-detail-open")
        await dash.pilot.resize_terminal(40, 10)
        await dash.press("enter")
        assert "Book 2" in dash.text
        assert "Book 1" not in dash.text
        await dash.press("escape")
        await dash.until("Book 1")


async def test_closing_while_they_are_read_leaves_nothing_behind() -> None:
    async with running_dashboard(jobs=[known(1)]) as dash:
        await dash.press("enter")
        dash.main.details.show()
        dash.app.workers.cancel_all()
        await dash.pilot.pause()
        gc.collect()  # a coroutine that was never awaited would warn, which fails the test


async def test_they_are_kept_up_to_date(simulator: FaultySimulator) -> None:
    name = simulator.world.add(RUNNING, title="Book")
    async with served(simulator, [name]) as dash:
        await dash.press("enter")
        simulator.faults.add(
            Fault(kind=FaultKind.FIELDS, fields={"progress": 73.0, "progress_stage": "Polishing"})
        )
        await dash.until("Polishing")
        await dash.until(lambda: dash.text.count("73%") >= 2)


async def test_a_double_click_opens_them() -> None:
    async with running_dashboard(jobs=[known(1), known(2)]) as dash:
        await dash.pilot.click("#table", offset=(25, 3), times=2)  # below the labels, a heading and a row
        await dash.until("Progress ─")
        assert dash.cursor == job_id(2)


async def test_without_a_job_the_list_takes_their_place() -> None:
    async with running_dashboard(jobs=[known(1)], size=(60, 20)) as dash:
        await dash.press("enter")
        await dash.until("Facts")
        assert not dash.main.table.is_on_screen
        await dash.press("d")
        await dash.until("No jobs yet")


async def test_they_follow_the_size_of_the_pane_until_toggled() -> None:
    async with running_dashboard(jobs=[known(1)], size=(160, 40)) as dash:
        await dash.until("Facts ─")
        for size, is_open in (((159, 40), False), ((200, 60), True), ((160, 39), False), ((160, 40), True)):
            await dash.pilot.resize_terminal(*size)
            await dash.until(lambda is_open=is_open: dash.main.details.open is is_open)  # type: ignore[misc]
            await dash.until("Enter close details" if is_open else "Enter details")
        await dash.press("enter")
        await dash.until("Enter details")
        for size in ((120, 30), (200, 60)):
            await dash.pilot.resize_terminal(*size)
            await dash.pilot.pause()
            assert not dash.main.details.open


async def test_they_are_beside_the_list_from_128_cells() -> None:
    async with running_dashboard(jobs=[known(1)], size=(128, 36)) as dash:
        await dash.press("enter")
        for size, x, width in (
            ((128, 36), 77, 51),
            ((140, 36), 84, 56),
            ((240, 50), 150, 90),
            ((127, 36), 0, 127),
            ((79, 24), 0, 79),
        ):
            await dash.pilot.resize_terminal(*size)
            await dash.until(lambda width=width: dash.main.details.pane.region.width == width)  # type: ignore[misc]
            assert dash.main.details.pane.region.x == x
            assert dash.main.table.is_on_screen == (size[0] >= 80)
