"""What became of a cancel, in the row: never more than is known."""

import time
from pathlib import Path

import pytest

from app.watch.watched import Watched
from tests.simulated_api import RUNNING
from tests.simulator_faults.faults import Endpoint, Fault, FaultKind
from tests.simulator_faults.server import FaultySimulator
from tests.ui.dashboard_host import (
    EVERY_SECOND,
    fill,
    message_of,
    open_cancel_dialog,
    posts,
    running_dashboard,
    served,
    to_server,
)
from tests.ui.test_dashboard_cancel import end


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        (Fault(kind=FaultKind.HTTP, code=400), "refused: "),
        (Fault(kind=FaultKind.HTTP, code=404), "refused: not found"),
        (Fault(kind=FaultKind.HTTP, code=401, endpoint=Endpoint.CANCEL), "refused: this key may not cancel"),
        (Fault(kind=FaultKind.HTTP, code=403, endpoint=Endpoint.CANCEL), "refused: this key may not cancel"),
        (Fault(kind=FaultKind.HTTP, code=429, retry_after=1.0), "refused: too many requests"),
        (Fault(kind=FaultKind.HTTP, code=500), "no answer: still in progress"),
        (Fault(kind=FaultKind.HTTP, code=503, body="html"), "no answer: still in progress"),
        (Fault(kind=FaultKind.HTTP, code=408), "no answer: still in progress"),
        (Fault(kind=FaultKind.RESET), "no answer: still in progress"),
        (Fault(kind=FaultKind.NOT_JSON), "no answer: still in progress"),
    ],
    ids=lambda value: value.kind.value if isinstance(value, Fault) else "",
)
async def test_the_row_says_why_it_was_not_cancelled(
    tmp_path: Path, simulator: FaultySimulator, fault: Fault, word: str
) -> None:
    name = simulator.world.add(RUNNING, title="Book", cancel_after=0.0)
    async with served(simulator, tmp_path / "dwtop.db", [name]) as dash:
        await open_cancel_dialog(dash)
        simulator.faults.add(_of_cancel(fault))
        await dash.press("y")
        await dash.until(lambda: word in dash.cell(name, "stage"))
        await dash.until(lambda: word in dash.line("Book"))
        assert word.partition(":")[0] in dash.cell(name)
        assert len(posts(simulator)) == 1
        assert dash.cell(name).startswith("▸ ")


def _of_cancel(fault: Fault) -> Fault:
    from dataclasses import replace

    return replace(fault, endpoint=Endpoint.CANCEL, count=1)


async def test_an_answer_that_was_lost_does_not_hide_that_it_was_cancelled(
    tmp_path: Path, simulator: FaultySimulator
) -> None:
    name = simulator.world.add(RUNNING, cancel_after=0.0)
    async with served(simulator, tmp_path / "dwtop.db", [name]) as dash:
        await open_cancel_dialog(dash)
        lost = Fault(kind=FaultKind.CLOSED, endpoint=Endpoint.CANCEL, carried_out=True)
        simulator.faults.add(lost)
        await dash.press("y")
        await dash.until(lambda: dash.cell(name) == "⊘ cancelled")
        assert len(posts(simulator)) == 1


async def test_a_job_that_was_quicker_finished_first(tmp_path: Path, simulator: FaultySimulator) -> None:
    name = simulator.world.add(RUNNING, cancel_after=3600.0)
    async with served(simulator, tmp_path / "dwtop.db", [name]) as dash:
        await open_cancel_dialog(dash)
        await dash.press("y")
        await dash.until(lambda: dash.cell(name) == "▸ cancelling")
        await dash.until(lambda: posts(simulator))
        end(simulator, name)
        await dash.until(lambda: "finished first: completed in" in dash.text)


async def test_a_cancel_that_was_accepted_and_does_nothing_is_told_after_a_minute(
    tmp_path: Path, simulator: FaultySimulator
) -> None:
    name = simulator.world.add(RUNNING, cancel_after=3600.0)
    path = tmp_path / "dwtop.db"
    ahead = 0.0
    fill(path, [Watched(name, 1.0)], base_url=simulator.base_url)
    async with running_dashboard(
        path,
        to_server(simulator.base_url),
        settings=EVERY_SECOND,
        base_url=simulator.base_url,
        now=lambda: time.time() + ahead,
    ) as dash:
        await dash.until(lambda: dash.cell(name) == "▸ in progress")
        await open_cancel_dialog(dash)
        await dash.press("y")
        await dash.until(lambda: dash.cell(name) == "▸ cancelling" and bool(posts(simulator)))
        ahead = 65.0
        await dash.until(lambda: dash.cell(name, "stage").startswith("accepted, still in progress since "))
        await open_cancel_dialog(dash)
        await dash.press("y")
        await dash.until(lambda: len(posts(simulator)) == 2)
        assert dash.cell(name) == "▸ cancelling", "another cancel is another matter"


async def test_nothing_is_sent_a_second_time_while_a_cancel_is_under_way(
    tmp_path: Path, simulator: FaultySimulator
) -> None:
    name = simulator.world.add(RUNNING, title="Book", cancel_after=3600.0)
    async with served(simulator, tmp_path / "dwtop.db", [name]) as dash:
        await open_cancel_dialog(dash)
        await dash.press("y")
        await dash.until(lambda: dash.cell(name) == "▸ cancelling")
        await dash.press("x")
        await dash.until(lambda: "being cancelled already" in message_of(dash))
        assert dash.app.screen is dash.main
        assert len(posts(simulator)) <= 1
