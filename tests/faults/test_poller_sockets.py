"""The whole core, with the real client and database, against a faulty server on real sockets."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from time import time
from typing import Any

import pytest

from app.deepwriter.client import Client
from app.deepwriter.errors import TimedOut, Unreachable
from app.presentation.sentences import status_words
from app.store.store import Store
from app.watch import cancel
from app.watch.observable import Observable
from app.watch.polling import intervals
from app.watch.polling.intervals import Intervals
from app.watch.polling.link import Link
from app.watch.watch_list import WatchList
from app.watch.watcher import Watcher
from tests.faults.conftest import ClientMaker
from tests.faults.scripted_server import ScriptedServer
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


@asynccontextmanager
async def watching(
    server: FaultySimulator | ScriptedServer, client: Client, path: Path, *names: str, polling: bool = True
) -> AsyncIterator[Watcher]:
    """Run the core with a poll every second."""
    store = Store(path / "dwtop.db", server.base_url)
    store.add(names).result()
    watcher = Watcher(
        WatchList(store),
        client,
        intervals=Observable(Intervals.every(1)),
        paused=Observable(False),
        requests_per_minute=6000,
    )
    task = asyncio.create_task(watcher.run()) if polling else None
    try:
        yield watcher
    finally:
        if task:
            task.cancel()
            await asyncio.wait([task])
        await client.aclose()
        store.close()


@pytest.mark.parametrize(
    ("name", "carried_out"), [("500", False), ("500", True), ("reset", False), ("hang", True)]
)
async def test_a_cancel_under_each_fault_is_one_post_and_shows_the_outcome(
    simulator: FaultySimulator, make_client: ClientMaker, tmp_path: Path, name: str, carried_out: bool
) -> None:
    word = "cancelled" if carried_out else "no answer: still in progress"
    job_id = simulator.world.add(RUNNING, cancel_after=0.0)
    simulator.faults.add(replace(FAULTS[name], endpoint=Endpoint.CANCEL, carried_out=carried_out))
    async with watching(simulator, make_client(simulator.base_url), tmp_path, job_id) as watcher:
        entries = watcher.watch_list.entries
        await eventually(lambda: entries[job_id].job)
        task = asyncio.create_task(watcher.canceller.cancel(job_id))
        await eventually(lambda: status_words(entries[job_id], time()) == word)
        if not carried_out:
            await eventually(lambda: len(simulator.asked) > 2)
            assert status_words(entries[job_id], time()) == word, "and it does not change"
        assert len(simulator.cancelled) == 1
        task.cancel()


@pytest.mark.parametrize("hanging", [False, True], ids=["unknown", "no answer"])
async def test_a_host_name_that_does_not_resolve_is_an_outage(
    simulator: FaultySimulator,
    make_client: ClientMaker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    hanging: bool,
) -> None:
    names = [simulator.world.add(RUNNING) for _ in range(3)]
    look_up, well = socket.getaddrinfo, threading.Event()
    asked = 0

    def no_name_server(host: str | None, *arguments: Any, **options: Any) -> Any:
        nonlocal asked
        asked += 1
        if hanging and not well.is_set():
            well.wait(20)  # blocks a thread, as the system's look-up does
        elif not well.is_set():
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return look_up(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", no_name_server)
    base_url = simulator.base_url.replace("127.0.0.1", "localhost")
    async with watching(simulator, make_client(base_url), tmp_path, *names) as watcher:
        try:
            await eventually(lambda: watcher.link.state.status is Link.DOWN)
            assert "localhost" in watcher.link.state.reason
            await eventually(lambda: not watcher.poller._fetching)
            assert asked <= len(names), "one look-up for each job at most"
            error = await watcher.canceller.cancel(names[0])
            assert isinstance(error, TimedOut if hanging else Unreachable)
        finally:
            well.set()
        assert await watcher.poller.refresh() is None
        await eventually(lambda: watcher.link.state.status is Link.UP)
        entries = watcher.watch_list.entries
        await eventually(lambda: all(entry.job and not entry.failure for entry in entries.values()), 10)
    assert not simulator.cancelled
