"""The whole core, with the real client and database, against a faulty server on real sockets."""

import socket
import threading
from typing import Any

import pytest

from app.deepwriter.errors import TimedOut, Unreachable
from app.watch.polling import intervals
from app.watch.polling.link import Link
from tests.faults.conftest import ClientMaker
from tests.faults.session_harness import session_on
from tests.simulated_api import RUNNING
from tests.simulator_faults.server import FaultySimulator
from tests.timing import eventually


@pytest.mark.parametrize("hanging", [False, True], ids=["unknown", "no answer"])
async def test_a_host_name_that_does_not_resolve_is_an_outage(
    simulator: FaultySimulator, make_client: ClientMaker, monkeypatch: pytest.MonkeyPatch, hanging: bool
) -> None:
    for name in ("_BACKOFF_SECONDS", "_MAX_BACKOFF_SECONDS"):
        monkeypatch.setattr(intervals, name, 1.0)
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
        await eventually(lambda: all(entry.job and not entry.failure for entry in entries.values()))
    assert not simulator.cancelled
