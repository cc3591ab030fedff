"""Several panes on one database together send the requests of one, and lose nothing when one of them ends."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.deepwriter.auth.token_text import make_credential
from app.deepwriter.client import Client
from app.deepwriter.errors import RateLimited
from app.presentation.sentences import status_words
from app.store.store import Store
from app.watch.polling.intervals import Intervals
from app.watch.polling.link import Link
from app.watch.sharing import leader_election
from app.watch.sharing.leader_election import account_id
from app.watch.watch_list import Change, WatchList
from app.watch.watcher import Watcher
from tests.jwt import jwt
from tests.simulated_api import RUNNING, simulated
from tests.simulator_faults.faults import Fault, FaultKind
from tests.simulator_faults.server import FaultySimulator
from tests.timing import ManualClock, eventually

QUICK = Intervals(0.2, 0.2, 0.2, exact=True)


@pytest.fixture(autouse=True)
def _frequent_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each pane check the database ten times as often as usual."""
    monkeypatch.setattr(leader_election, "_SYNC_INTERVAL_SECONDS", 0.1)
    monkeypatch.setattr(leader_election, "_HEARTBEAT_INTERVAL_SECONDS", 0.4)


class Pane:
    """A program without a screen: its own store, client and core."""

    def __init__(self, server: FaultySimulator, path: Path, token: str, intervals: Intervals) -> None:
        self.store = Store(path, server.base_url)
        self.watch_list = WatchList(self.store)
        credential = make_credential(token, "bearer", "a test")
        self.client = Client(server.base_url, credential)
        self.watcher = Watcher(
            self.watch_list,
            self.client,
            intervals=intervals,
            requests_per_minute=6000,
            account=account_id(credential.account_key.reveal(), server.base_url),
        )
        self.changes: list[Change] = []
        self.watch_list.subscribe(self.changes.append)
        self.task = asyncio.create_task(self.watcher.run())

    async def close(self) -> None:
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task
        await self.client.aclose()
        await asyncio.to_thread(self.store.close)


@asynccontextmanager
async def panes(
    server: FaultySimulator,
    path: Path,
    number: int,
    *,
    tokens: tuple[str, ...] = (),
    intervals: Intervals = QUICK,
) -> AsyncIterator[list[Pane]]:
    opened: list[Pane] = []
    try:
        for index in range(number):
            opened.append(Pane(server, path, tokens[index] if tokens else "demo", intervals))
            await eventually(lambda: opened[-1].watcher._election._lead is not None)  # type: ignore[union-attr]  # because it takes part
        yield opened
    finally:
        for pane in opened:
            await pane.close()


def leaders(opened: list[Pane]) -> list[Pane]:
    return [pane for pane in opened if pane.watcher.is_leader]


async def watched(server: FaultySimulator, path: Path, number: int = 4) -> list[str]:
    ids = [server.world.add(RUNNING, cancel_after=0.0) for _ in range(number)]
    store = Store(path, server.base_url)
    await asyncio.wrap_future(store.add(ids))
    await asyncio.to_thread(store.close)
    return ids


async def test_three_panes_send_the_requests_of_one(tmp_path: Path) -> None:
    minted = tuple(jwt({"sub": "somebody", "exp": time.time() + 3600 + number}) for number in range(3))
    with simulated() as server:
        ids = await watched(server, tmp_path / "db")
        async with panes(server, tmp_path / "db", 3, tokens=minted) as opened:
            assert len(leaders(opened)) == 1
            await eventually(lambda: all(p.watch_list.entries[i].job for p in opened for i in ids))
            await eventually(lambda: len(server.requests) >= 10 * len(ids))
            assert {str(seen.credentials) for seen in server.requests} == {
                str({"authorization": f"Bearer {minted[0]}"})
            }


async def test_followers_see_what_the_leader_finds_out_as_not_theirs(tmp_path: Path) -> None:
    clock = ManualClock(time.time())
    with simulated(clock=clock) as server:
        job_id = server.world.add([("in_progress", "Drafting", 10, 90, 60), ("completed", None, 100, 100, 1)])
        store = Store(tmp_path / "db", server.base_url)
        await asyncio.wrap_future(store.add([job_id]))
        await asyncio.to_thread(store.close)
        async with panes(server, tmp_path / "db", 2) as opened:
            await eventually(lambda: all(p.watch_list.entries[job_id].job for p in opened))
            clock.now += 60
            await eventually(lambda: all(p.watch_list.entries[job_id].finished for p in opened))
            ours = [
                [c.ours for c in pane.changes if c.event and c.event.after == "completed"] for pane in opened
            ]
            assert sorted(ours) == [[False], [True]]


async def test_a_leader_that_quits_or_pauses_hands_over_at_once(tmp_path: Path) -> None:
    with simulated() as server:
        await watched(server, tmp_path / "db")
        async with panes(server, tmp_path / "db", 3) as opened:
            first = leaders(opened)[0]
            first.watcher.pause(True)
            await eventually(lambda: len(leaders([p for p in opened if p is not first])) == 1)
            second = next(p for p in leaders(opened) if p is not first)
            await second.close()
            opened.remove(second)
            third = next(p for p in opened if p is not first)
            await eventually(lambda: third.watcher.is_leader)


async def test_a_wait_that_the_api_demands_holds_for_all_panes_and_for_the_next_leader(
    tmp_path: Path,
) -> None:
    with simulated() as server:
        ids = await watched(server, tmp_path / "db")
        async with panes(server, tmp_path / "db", 2) as opened:
            first, second = opened
            await eventually(lambda: all(p.watch_list.entries[i].job for p in opened for i in ids))
            server.faults.add(Fault(kind=FaultKind.HTTP, code=503, retry_after=600, count=1))
            await eventually(lambda: second.watcher.link.state.status is Link.LIMITED)
            await eventually(lambda: not first.watcher.gate.in_flight)
            before = len(server.requests)
            refused = await second.watcher.poller.fetch_now(ids[0])
            assert isinstance(refused, RateLimited), "nor does a user's request in the other pane break it"
            opened.remove(first)
            await first.close()
            await eventually(lambda: second.watcher.is_leader)
            assert second.watcher.link.state.status is Link.LIMITED
            await second.watcher.poller.refresh()
            assert len(server.requests) == before


async def test_a_pane_with_another_token_leads_only_if_the_leader_is_refused(tmp_path: Path) -> None:
    with simulated(tokens=frozenset({"good", "other"})) as server:
        await watched(server, tmp_path / "db")
        async with panes(server, tmp_path / "db", 2, tokens=("good", "other")) as opened:
            first, second = opened
            assert [p.watcher.is_leader for p in opened] == [True, False]
            first.watcher.pause(True)
            await asyncio.sleep(1.0)  # the second pane sends two heartbeats
            assert not second.watcher.is_leader  # the first pane is still open, and was not rejected
            first.watcher.pause(False)
            await eventually(lambda: first.watcher.is_leader)
            first.client.use(make_credential("expired", "bearer", "a test"))
            await eventually(lambda: second.watcher.is_leader)
            assert first.watcher.link.state.status is Link.SIGNED_OUT


async def test_two_tokens_of_one_account_share_one_leader(tmp_path: Path) -> None:
    minted = (
        jwt({"sub": "somebody", "exp": time.time() + 3600}),
        jwt({"sub": "somebody", "exp": time.time() + 3700}),
    )
    with simulated(tokens=frozenset(minted)) as server:
        await watched(server, tmp_path / "db")
        async with panes(server, tmp_path / "db", 2, tokens=minted) as (first, second):
            first.watcher.pause(True)
            await eventually(lambda: second.watcher.is_leader)
            await eventually(lambda: all(entry.job for entry in second.watch_list.entries.values()))
        found = (tmp_path / "db").read_bytes()
        assert b"somebody" not in found
        assert minted[0].encode() not in found


async def test_the_shortest_interval_of_the_open_panes_applies(tmp_path: Path) -> None:
    with simulated() as server:
        await watched(server, tmp_path / "db", 1)
        slow = Intervals(60.0, 60.0, 60.0)
        async with panes(server, tmp_path / "db", 1, intervals=slow) as opened:
            assert opened[0].watcher.poller.intervals == slow
            other = Pane(server, tmp_path / "db", "demo", QUICK)
            try:
                await eventually(lambda: opened[0].watcher.poller.intervals.fast == QUICK.fast)
                before = len(server.requests)
                await eventually(lambda: len(server.requests) >= before + 5)
                assert not other.watcher.is_leader
            finally:
                await other.close()


async def test_adds_removes_and_cancels_in_one_pane_reach_the_other(tmp_path: Path) -> None:
    with simulated() as server:
        ids = await watched(server, tmp_path / "db", 2)
        async with panes(server, tmp_path / "db", 2) as (leader, follower):
            new = server.world.add(RUNNING)
            await follower.watch_list.add([new])
            await eventually(
                lambda: new in leader.watch_list.entries and leader.watch_list.entries[new].job is not None
            )
            await leader.watch_list.remove([ids[0]])
            await eventually(lambda: ids[0] not in follower.watch_list.entries)
            await eventually(lambda: follower.watch_list.entries[ids[1]].job is not None)
            await follower.watcher.canceller.cancel(ids[1])
            await eventually(lambda: status_words(leader.watch_list.entries[ids[1]], 0.0) == "cancelled")
            assert sum(seen.method == "POST" for seen in server.requests) == 1
