"""Cancelling in the dashboard: the dialog, the requests, and the outcome in the row."""

import time

import pytest

from app.dashboard import cancel_action
from app.presentation.durations import clock_time
from app.settings.schema import Settings
from app.simulator.scenarios import Step
from app.watch.history import Sample
from tests.processes import database
from tests.scripted_api import job_id
from tests.simulated_api import COMPLETED, RUNNING
from tests.simulator_faults.faults import Endpoint, Fault, FaultKind
from tests.simulator_faults.server import FaultySimulator
from tests.ui.dashboard_host import fill, known, open_cancel_dialog, running_dashboard, served

RARELY = Settings(interval=3600.0)
QUEUED = (Step("queued", None, None, None, 3600.0),)


def running(server: FaultySimulator, count: int) -> list[str]:
    """Add jobs in progress that end as soon as they are cancelled."""
    return [server.world.add(RUNNING, title=f"Book {number}", cancel_after=0.0) for number in range(count)]


def end(server: FaultySimulator, job_id: str) -> None:
    server.world.remove(job_id)
    server.world.add(COMPLETED, job_id=job_id, title="Book that ended")


async def test_yes_sends_one_cancel_and_the_row_shows_the_outcome(simulator: FaultySimulator) -> None:
    first, second = running(simulator, 2)
    async with served(simulator, [first, second]) as dash:
        await open_cancel_dialog(dash)
        assert "Book 0" in dash.text
        assert first[:8] in dash.text
        await dash.press("y", "y", "y")
        await dash.until(lambda: dash.cell(first) == "⊘ cancelled")
        assert simulator.cancelled == [first]
        assert dash.cell(second) == "▸ in progress"
        await dash.until("1 running")
        store = dash.app.session.watch_list.store
        await dash.until(lambda: any(event.after == "cancelled" for event in store.events()))
        await dash.press("e")
        assert "cancel sent" in dash.text
        assert "cancelled at 10%" in dash.text
        await dash.press("e")
        assert dash.app.screen is dash.main


async def test_it_says_how_long_the_job_has_been_running() -> None:
    running_since = time.time() - 300
    samples = [
        (running_since - 60, "queued"),
        (running_since, "in_progress"),
        (running_since + 100, "in_progress"),
    ]
    fill(
        database(),
        [known(1), known(2, "queued")],
        [(job_id(1), Sample(at, status, 1.0, None)) for at, status in samples],
    )
    async with running_dashboard() as dash:
        await dash.connected()
        await open_cancel_dialog(dash)
        assert f"running since {clock_time(running_since, time.time())}" in dash.text
        await dash.press("escape", "j")
        await open_cancel_dialog(dash)
        assert "queued since" in dash.text


async def test_marked_jobs_are_cancelled_together_each_once(simulator: FaultySimulator) -> None:
    names = [*running(simulator, 3), simulator.world.add(QUEUED, cancel_after=0.0)]
    names.append(simulator.world.add(COMPLETED, title="Finished"))
    async with served(simulator, names) as dash:
        await dash.press("asterisk", "k", "space")  # all but the one under the cursor, which is the first
        left_out = (set(names) - dash.marks).pop()
        await open_cancel_dialog(dash)
        assert "Cancel 3 of 4 marked jobs?" in dash.text
        assert "Finished" not in "".join(line.title for line in dash.app.screen.question.lines)  # type: ignore[attr-defined]
        await dash.press("tab", "enter")
        wanted = set(names[:4]) - {left_out}
        await dash.until(lambda: all(dash.cell(name) == "⊘ cancelled" for name in wanted))
        assert sorted(simulator.cancelled) == sorted(wanted)
        assert not dash.marks & wanted
        assert dash.cell(left_out) == "▸ in progress"


async def test_only_the_pinned_jobs_are_fetched_while_it_is_open(
    simulator: FaultySimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cancel_action.REFETCH_INTERVAL_SECONDS == 2.0
    monkeypatch.setattr(cancel_action, "REFETCH_INTERVAL_SECONDS", 0.05)
    names = running(simulator, 3)
    async with served(simulator, names, settings=RARELY) as dash:
        await dash.press("space", "space")
        simulator.requests.clear()
        await open_cancel_dialog(dash)
        await dash.until(lambda: sum(seen.job_id is not None for seen in simulator.requests) >= 6)
        fetched = [seen.job_id for seen in simulator.requests if seen.job_id is not None]
        assert {name: fetched.count(name) >= 2 for name in fetched} == dict.fromkeys(names[:2], True)


async def test_its_jobs_are_pinned_and_those_that_end_meanwhile_are_left_out(
    simulator: FaultySimulator,
) -> None:
    names = running(simulator, 3)
    async with served(simulator, names) as dash:
        dialog = await open_cancel_dialog(dash, "space", "space", "x")
        assert "Cancel 2 jobs?" in dash.text
        end(simulator, names[0])
        await dash.until("1 of these has ended.")
        assert "Cancel 1 job?" in dash.text
        assert [line.id for line in dialog.question.lines] == names[:2], "none is taken away"
        assert "completed" in dash.line("Book that ended")
        await dash.app.session.watch_list.remove([names[0]])
        await dash.app.session.watch_list.add([simulator.world.add(RUNNING)])
        dash.main.parts.refresh_list()
        dash.main.table.move_to(names[2])
        await dash.press("y")
        await dash.until(lambda: dash.cell(names[1]) == "⊘ cancelled")
        assert simulator.cancelled == [names[1]]


async def test_when_fetching_fails_it_shows_the_age_of_the_state_and_can_cancel(
    simulator: FaultySimulator,
) -> None:
    (name,) = running(simulator, 1)
    async with served(simulator, [name], settings=RARELY) as dash:
        simulator.faults.add(Fault(kind=FaultKind.HTTP, code=503, endpoint=Endpoint.STATUS))
        await open_cancel_dialog(dash)
        await dash.until("state last known ")
        simulator.faults.clear()
        await dash.press("y")
        await dash.until(lambda: dash.cell(name) == "⊘ cancelled")
        assert len(simulator.cancelled) == 1


async def test_while_the_api_asks_to_wait_it_shows_the_age_of_the_state(simulator: FaultySimulator) -> None:
    asked, other = running(simulator, 2)
    async with served(simulator, [asked, other], settings=RARELY) as dash:
        simulator.faults.add(Fault(kind=FaultKind.HTTP, code=429, retry_after=600, job_id=asked))
        dash.main.table.move_to(asked)
        await dash.press("r")
        await dash.until("The API asks for a pause")
        dash.main.table.move_to(other)
        await open_cancel_dialog(dash)
        await dash.until("state last known ")


async def test_read_only_says_so_and_opens_no_dialog() -> None:
    async with running_dashboard(jobs=[known(1)], settings=Settings(read_only=True)) as dash:
        await dash.press("x")
        assert "Read-only: start dwtop without --read-only" in dash.text
        assert dash.app.screen is dash.main
        await dash.press("space")
        await dash.until("1 marked:")
        assert "x cancel" not in dash.text


async def test_signed_out_says_so_and_opens_no_dialog(simulator: FaultySimulator) -> None:
    async with served(simulator, running(simulator, 1)) as dash:
        simulator.faults.add(Fault(kind=FaultKind.HTTP, code=401))
        await dash.until("Signed out")
        await dash.press("x")
        await dash.until("Signed out. Press L to sign in, then cancel.")
        assert dash.app.screen is dash.main


async def test_a_pane_too_small_for_the_dialog_is_reported() -> None:
    async with running_dashboard(jobs=[known(1)], size=(39, 8)) as dash:
        await dash.press("x")
        await dash.until("make the pane larger to cancel")
        assert dash.app.screen is dash.main
        await dash.pilot.resize_terminal(40, 8)
        dash.main.notifications.warn("Something else.")
        await open_cancel_dialog(dash)
        await dash.pilot.resize_terminal(40, 7)
        await dash.until(lambda: dash.app.screen is dash.main)
        await dash.until("make the pane larger to cancel")


async def test_the_row_says_why_a_job_was_not_cancelled(simulator: FaultySimulator) -> None:
    (name,) = running(simulator, 1)
    async with served(simulator, [name]) as dash:
        simulator.faults.add(Fault(kind=FaultKind.HTTP, endpoint=Endpoint.CANCEL, code=404))
        await open_cancel_dialog(dash)
        await dash.press("y")
        await dash.until(lambda: "refused: not found" in dash.cell(name, "stage"))
        assert dash.cell(name) == "▸ refused"


async def test_a_pending_cancel_is_not_sent_again_and_its_job_may_finish_first(
    simulator: FaultySimulator,
) -> None:
    name = simulator.world.add(RUNNING, cancel_after=3600.0)
    async with served(simulator, [name]) as dash:
        await open_cancel_dialog(dash)
        await dash.press("y")
        await dash.until(lambda: dash.cell(name) == "▸ cancelling")
        await dash.until(lambda: simulator.cancelled)
        await dash.press("x")
        await dash.until("already being cancelled")
        assert dash.app.screen is dash.main
        end(simulator, name)
        await dash.until(lambda: "finished first: completed in" in dash.text)
        assert len(simulator.cancelled) == 1
