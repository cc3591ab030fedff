"""Keys pressed while dwtop is still connecting."""

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.settings.schema import Settings
from app.watch.account import Connected
from app.watch.polling.link import Link
from tests.scripted_api import job_id
from tests.simulated_api import COMPLETED, RUNNING, simulated
from tests.simulator_faults.server import FaultySimulator
from tests.ui.dashboard_host import (
    DashboardPilot,
    known,
    known_jobs,
    open_cancel_dialog,
    running_dashboard,
    to_server,
)

RARELY = Settings(interval=3600.0)
SLOWLY = Settings(interval=3600.0, requests_per_minute=60)


@asynccontextmanager
async def connecting(
    server: FaultySimulator, *, token: str = "a-token", **options: Any
) -> AsyncIterator[tuple[DashboardPilot, Callable[[], None]]]:
    """A dashboard that has not connected yet, and a function that lets it: with a real client, over real sockets."""
    connect, gate = to_server(server.base_url, token), threading.Event()
    options = {"settings": RARELY, "jobs": [known(1)]} | options

    def connect_later() -> Connected:
        assert gate.wait(30.0)
        return connect()

    try:
        async with running_dashboard(
            connect_later, size=(100, 12), base_url=server.base_url, **options
        ) as dash:
            yield dash, gate.set
    finally:
        gate.set()


async def test_the_job_under_the_cursor_is_polled_first_then_visible_ones(simulator: FaultySimulator) -> None:
    names = [simulator.world.add(RUNNING, job_id=job_id(number)) for number in range(1, 41)]
    jobs = known_jobs(40)
    async with connecting(simulator, settings=SLOWLY, added=names[-1:], jobs=jobs) as (dash, connect):
        assert dash.cursor == names[-1]
        visible = dash.main.table.visible_ids
        assert names[0] not in visible
        connect()
        await dash.until(lambda: len(simulator.asked) >= 4)
        assert simulator.asked[0] == names[-1]
        assert set(simulator.asked[:4]) <= set(visible)


async def test_a_pause_and_another_interval_hold_once_connected(simulator: FaultySimulator) -> None:
    simulator.world.add(RUNNING, job_id=job_id(1))
    async with connecting(simulator, settings=Settings(interval=5.0)) as (dash, connect):
        await dash.press("p", "plus")
        assert "PAUSED" in dash.text
        connect()
        await dash.connected()
        watcher = dash.app.session.watcher
        assert watcher is not None
        assert watcher.poller.paused.value
        assert watcher.poller.schedule.intervals.value.fast == 10.0
        await dash.press("r")  # sends this request and no other
        await dash.until(lambda: simulator.asked)
        assert simulator.asked == [job_id(1)]
        await dash.press("p")
        assert "PAUSED" not in dash.text
        assert not watcher.poller.paused.value


@pytest.mark.parametrize(("key", "status"), [("r", "completed"), ("R", "in_progress")])
async def test_a_refresh_follows_and_says_so(simulator: FaultySimulator, key: str, status: str) -> None:
    simulator.world.add(COMPLETED if key == "r" else RUNNING, job_id=job_id(1), title="Has another title")
    async with connecting(simulator, jobs=[known(1, status)]) as (dash, connect):
        await dash.press(key)
        assert "Still connecting; the refresh will follow" in dash.text
        connect()
        await dash.until("Has another title")


async def test_a_token_that_is_typed_is_used() -> None:
    with simulated(tokens={"the-right-one"}) as server:
        server.world.add(RUNNING, job_id=job_id(1), title="Has another title")
        async with connecting(server, token="the-wrong-one") as (dash, connect):
            await dash.press("L")
            await dash.press(*"the-right-one", "enter")
            await dash.until("Still connecting; the sign-in will follow")
            connect()
            await dash.until("Has another title")
            assert dash.main.status.link.status is Link.UP


async def test_a_cancel_follows_and_says_so(simulator: FaultySimulator) -> None:
    simulator.world.add(RUNNING, job_id=job_id(1), cancel_after=0.0)
    async with connecting(simulator) as (dash, connect):
        await open_cancel_dialog(dash)
        await dash.press("y")
        await dash.until("Still connecting; the cancel will follow")
        connect()
        await dash.until(lambda: dash.cell(job_id(1)) == "⊘ cancelled")
        assert len(simulator.cancelled) == 1
