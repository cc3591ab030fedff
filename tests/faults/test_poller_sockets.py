"""The whole core, with the real client and database, against a faulty server on real sockets."""

import asyncio
import socket
import threading
from dataclasses import replace
from time import time
from typing import Any

import pytest

from app.deepwriter.errors import TimedOut, Unreachable
from app.presentation.sentences import status_words
from app.watch import cancel
from app.watch.polling import intervals
from app.watch.polling.link import Link
from tests.faults.conftest import ClientMaker
from tests.faults.session_harness import session_on
from tests.simulated_api import RUNNING
from tests.simulator_faults.faults import Endpoint, Fault, FaultKind
from tests.simulator_faults.server import FaultySimulator
from tests.timing import eventually

FAULTS = {
    "500": Fault(kind=FaultKind.HTTP, code=500),
    "hang": Fault(kind=FaultKind.HANG, seconds=3.0),
    "reset": Fault(kind=FaultKind.RESET),
}


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fetch jobs soon after a failure or a cancel."""
    monkeypatch.setattr(intervals, "_BACKOFF_SECONDS", 1.0)
    monkeypatch.setattr(intervals, "_MAX_BACKOFF_SECONDS", 1.0)
    monkeypatch.setattr(cancel, "_FETCH_DELAYS_SECONDS", (0.05, 0.05, 0.1, 0.5))


@pytest.mark.parametrize(
    ("name", "carried_out"), [("500", False), ("500", True), ("reset", False), ("hang", True)]
)
async def test_a_cancel_under_each_fault_is_one_post_and_shows_the_outcome(
    simulator: FaultySimulator, make_client: ClientMaker, name: str, carried_out: bool
) -> None:
    word = "cancelled" if carried_out else "no answer: still in progress"
    job_id = simulator.world.add(RUNNING, cancel_after=0.0)
    simulator.faults.add(replace(FAULTS[name], endpoint=Endpoint.CANCEL, carried_out=carried_out))
    async with session_on(simulator, make_client(simulator.base_url)) as session:
        entries = session.watch_list.entries
        await session.watch_list.add([job_id])
        await eventually(lambda: entries[job_id].job)
        assert session.watcher
        task = asyncio.create_task(session.watcher.canceller.cancel(job_id))
        await eventually(lambda: status_words(entries[job_id], time()) == word)
        if not carried_out:
            await eventually(lambda: len(simulator.asked) > 2)
            assert status_words(entries[job_id], time()) == word, "and it does not change"
        assert len(simulator.cancelled) == 1
        task.cancel()


@pytest.mark.parametrize("hanging", [False, True], ids=["unknown", "no answer"])
async def test_a_host_name_that_does_not_resolve_is_an_outage(
    simulator: FaultySimulator, make_client: ClientMaker, monkeypatch: pytest.MonkeyPatch, hanging: bool
) -> None:
    names = [simulator.world.add(RUNNING) for _ in range(3)]
    look_up, resolves = socket.getaddrinfo, threading.Event()
    asked = 0

    def no_name_server(host: str | None, *arguments: Any, **options: Any) -> Any:
        nonlocal asked
        asked += 1
        if hanging and not resolves.is_set():
            resolves.wait(20)  # blocks a thread, as the system's look-up does
        elif not resolves.is_set():
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return look_up(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", no_name_server)
    base_url = simulator.base_url.replace("127.0.0.1", "localhost")
    async with session_on(simulator, make_client(base_url)) as session:
        watcher, entries = session.watcher, session.watch_list.entries
        assert watcher
        await session.watch_list.add(names)
        try:
            await eventually(lambda: watcher.link.state.status is Link.DOWN)
            assert "localhost" in watcher.link.state.reason
            await eventually(lambda: not watcher.poller._fetching)
            assert asked <= len(names), "one look-up for each job at most"
            error = await watcher.canceller.cancel(names[0])
            assert isinstance(error, TimedOut if hanging else Unreachable)
        finally:
            resolves.set()
        assert await watcher.poller.refresh() is None
        await eventually(lambda: watcher.link.state.status is Link.UP)
        await eventually(lambda: all(entry.job and not entry.failure for entry in entries.values()), 10)
    assert not simulator.cancelled
