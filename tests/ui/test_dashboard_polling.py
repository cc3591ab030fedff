"""Refreshing, pausing, and the interval in the dashboard; notifications of what polls find."""

import pytest

from app.dashboard import polling_actions
from app.settings.schema import Settings
from app.simulator.scenarios import Step
from tests.simulated_api import COMPLETED, RUNNING
from tests.simulator_faults.faults import Fault, FaultKind
from tests.simulator_faults.server import FaultySimulator
from tests.ui.dashboard_host import served

RARELY = Settings(interval=3600.0)
FAILED = (Step("failed", None, 40.0, 40.0, 1.0),)


@pytest.fixture
def lasting_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages about a refresh stay, so that a slow machine sees them, too."""
    monkeypatch.setattr(polling_actions, "_REFRESHED_SECONDS", 3600.0)


@pytest.mark.usefixtures("lasting_messages")
async def test_r_fetches_a_job_even_if_finished_and_shift_r_all_unfinished_ones(
    simulator: FaultySimulator,
) -> None:
    done = simulator.world.add(COMPLETED, title="Was done")
    running = [simulator.world.add(RUNNING) for _ in range(4)]
    async with served(simulator, [done, *running], settings=RARELY) as dash:
        dash.main.table.move_to(done)
        simulator.world.remove(done)
        simulator.world.add(COMPLETED, job_id=done, title="Has another title")
        await dash.press("r")
        await dash.until("Has another title")
        await dash.until("Refreshed")
        assert [simulator.asked.count(name) for name in (done, *running)] == [2, 1, 1, 1, 1]
        await dash.press("R")
        await dash.until("Refreshing all unfinished jobs")
        await dash.until(lambda: all(simulator.asked.count(name) == 2 for name in running))
        assert simulator.asked.count(done) == 2


@pytest.mark.usefixtures("lasting_messages")
async def test_a_refresh_of_all_says_if_no_job_is_unfinished(simulator: FaultySimulator) -> None:
    async with served(simulator, [simulator.world.add(COMPLETED)], settings=RARELY) as dash:
        await dash.until("1 done")
        await dash.press("R")
        await dash.until("No unfinished jobs to refresh")


async def test_a_refresh_that_fails_says_why(simulator: FaultySimulator) -> None:
    name = simulator.world.add(RUNNING, title="Book")
    async with served(simulator, [name], settings=RARELY) as dash:
        simulator.faults.add(Fault(kind=FaultKind.HTTP, code=404))
        await dash.press("r")
        await dash.until("This account has no such job (Simulated answer 404).")
        await dash.until(lambda: dash.cell(name) == "? not found")
        await dash.until(lambda: "not found" in dash.line("Book"))
        assert "10%" in dash.line("Book"), "the last good data stays"


async def test_pausing_stops_polling_and_shows_a_banner(simulator: FaultySimulator) -> None:
    names = [simulator.world.add(RUNNING) for _ in range(3)]
    async with served(simulator, names, settings=Settings(interval=1.0)) as dash:
        await dash.press("p")
        assert "PAUSED" in dash.text
        await dash.until(lambda: not any(one.in_flight for one in simulator.requests))
        before = len(simulator.requests)
        await dash.press("r")
        await dash.until(lambda: len(simulator.requests) == before + 1)
        await dash.press("p")
        await dash.until(lambda: len(simulator.requests) > before + 1)
        assert "PAUSED" not in dash.text


async def test_plus_and_minus_change_the_interval(simulator: FaultySimulator) -> None:
    name = simulator.world.add(RUNNING)
    async with served(simulator, [name], settings=Settings(interval=5.0)) as dash:
        await dash.press("plus")
        assert "every 10 s" in dash.text
        await dash.press(*["minus"] * 6)
        assert "every 1 s" in dash.text
        asked = simulator.asked.count(name)
        await dash.until(lambda: simulator.asked.count(name) >= asked + 2)


async def test_a_finished_job_is_notified_unless_muted(simulator: FaultySimulator) -> None:
    loud, quiet = simulator.world.add(RUNNING, title="Loud"), simulator.world.add(RUNNING, title="Quiet")
    async with served(simulator, [loud, quiet], settings=Settings(interval=1.0)) as dash:
        dash.main.table.move_to(quiet)
        await dash.press("m")
        await dash.until("Quiet is muted")
        await dash.until("▌m▸ Quiet")
        for name, title in ((quiet, "Quiet"), (loud, "Loud")):
            simulator.world.remove(name)
            simulator.world.add(FAILED, job_id=name, title=title, error="[red]no[/red] \x1b[31mpaper")
            await dash.until(lambda name=name: dash.cell(name) == "✖ failed")  # type: ignore[misc]
        await dash.until(lambda: [news.title for news in dash.main.notifications._burst] == ["Loud"])
        await dash.until("[red]no[/red]")
        await dash.press("m")
        await dash.until("Quiet is no longer muted")
        await dash.until("▌ ✖ Quiet")
