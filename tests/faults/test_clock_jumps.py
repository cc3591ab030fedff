"""The core after the wall clock is set by hours, or the machine sleeps; in virtual time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count, pairwise
from pathlib import Path

import pytest

from app.deepwriter.errors import RateLimited, TimedOut
from app.store.store import Store
from app.watch.forecast.forecaster import Forecaster
from app.watch.polling.intervals import Intervals
from app.watch.polling.link import Link
from app.watch.watch_list import WatchList
from app.watch.watcher import Watcher
from tests.scripted_api import BASE_URL, ScriptedApi, job, job_id, running_core
from tests.virtual_time import VirtualLoop, in_virtual_time

ONE = job_id(1)
HOURS = 5 * 3600.0


@dataclass
class Pane:
    """A running core on a shared database."""

    watch_list: WatchList
    watcher: Watcher
    api: ScriptedApi
    task: asyncio.Task[None]


@asynccontextmanager
async def panes(loop: VirtualLoop, path: Path, number: int, jobs: int) -> AsyncIterator[list[Pane]]:
    """Run several programs on one database; each polls its jobs every ten seconds."""
    stores = [Store(path, BASE_URL, now=loop.wall) for _ in range(number)]
    stores[0].add([job_id(n) for n in range(1, jobs + 1)]).result(10)
    opened: list[Pane] = []
    for store in stores:
        api = ScriptedApi(loop.time)
        watch_list = WatchList(store, loop.wall)
        watcher = Watcher(
            watch_list,
            api,
            intervals=Intervals.every(10),
            requests_per_minute=300,
            now=loop.wall,
            seed=len(opened),
            account="the same",
        )
        opened.append(Pane(watch_list, watcher, api, asyncio.create_task(watcher.run())))
        await asyncio.sleep(1)
    try:
        yield opened
    finally:
        for pane in opened:
            pane.task.cancel()
        await asyncio.wait([pane.task for pane in opened])
        for store in stores:
            store.close()


async def committed(pane: Pane) -> None:
    """Wait until everything so far is in the database, whose thread does not run in virtual time."""
    pane.watch_list.store.add([]).result(10)


@pytest.mark.parametrize("by", [HOURS, -HOURS])
@in_virtual_time
async def test_panes_keep_one_leader_and_follow_it_when_the_clock_jumps(
    loop: VirtualLoop, tmp_path: Path, by: float
) -> None:
    async with panes(loop, tmp_path / "db", 3, jobs=4) as opened:
        await asyncio.sleep(60)
        for pane in opened:
            pane.watch_list.record_answer(job(ONE, progress=1.0))  # each has just fetched it
        await committed(opened[0])
        loop.set_back += by
        await asyncio.sleep(15)
        leaders = [pane for pane in opened if pane.watcher.is_leader]
        assert len(leaders) == 1
        for pane in opened:
            pane.api.requests.clear()
            pane.api.fetched = lambda name: (0.1, job(name, progress=77.0))
        await asyncio.sleep(30)
        assert [bool(pane.api.requests) for pane in opened] == [pane is leaders[0] for pane in opened]
        assert len(leaders[0].api.requests) <= 4 * 4
        await committed(leaders[0])
        await asyncio.sleep(3)
        for pane in opened:
            entry = pane.watch_list.entries[ONE]
            assert entry.job is not None
            assert entry.job.progress == 77.0, "followers get the leader's answers"
            assert entry.fetched_at is not None
            assert abs(loop.wall() - entry.fetched_at) < 60


@in_virtual_time
async def test_a_leader_that_dies_loses_the_lead_within_fifteen_seconds(
    loop: VirtualLoop, tmp_path: Path
) -> None:
    async with panes(loop, tmp_path / "db", 2, jobs=4) as (first, second):
        await asyncio.sleep(60)
        assert (first.watcher.is_leader, second.watcher.is_leader) == (True, False)
        assert first.watcher._election is not None
        first.watcher._election._id = "another"  # so that it does not release the lease when it ends
        first.task.cancel()
        await asyncio.sleep(15)
        assert second.watcher.is_leader


@in_virtual_time
async def test_programs_that_share_a_database_send_no_more_heartbeats_than_the_lease_needs(
    loop: VirtualLoop, tmp_path: Path
) -> None:
    async with panes(loop, tmp_path / "db", 3, jobs=4) as opened:
        heartbeats = count()

        def now() -> float:
            """A clock that also moves between two sleeps, as the real one does."""
            number = next(heartbeats)
            assert number < 1000
            return loop.wall() + number / 1e6

        for pane in opened:
            store = pane.watch_list.store
            assert isinstance(store, Store)
            store._database.writer.now = now
        await asyncio.sleep(60)
        assert next(heartbeats) <= 3 * (60 / 4 + 4)


@pytest.mark.parametrize("by", [HOURS, -HOURS])
@in_virtual_time
async def test_polls_and_a_demanded_wait_go_by_the_monotonic_clock(loop: VirtualLoop, by: float) -> None:
    async with running_core(loop, 10, intervals=Intervals.every(10)) as at:
        await asyncio.sleep(35)
        loop.set_back += by
        at.api.requests.clear()
        await asyncio.sleep(100)
        assert 90 <= len(at.api.requests) <= 110
        at.api.fetched = lambda name: (0.1, RateLimited("429", retry_after=120))
        await asyncio.sleep(12)
        assert at.watcher.link.state.status is Link.LIMITED
        ends = at.watcher.link.retry_after_until()
        assert ends is not None
        at.api.requests.clear()
        at.api.fetched = lambda name: (0.1, job(name))
        loop.set_back -= by
        await asyncio.sleep(ends - loop.time() - 0.5)
        assert not at.api.requests
        assert at.watcher.link.state.until == pytest.approx(loop.wall() + 0.5, abs=0.01), (
            "converted by the new clock"
        )
        await asyncio.sleep(5)
        assert at.api.requests


@in_virtual_time
async def test_after_a_sleep_overdue_polls_go_out_within_the_budget(loop: VirtualLoop) -> None:
    async with running_core(loop, 200, per_minute=300) as at:
        await asyncio.sleep(120)
        at.api.requests.clear()
        woken = loop.time() + HOURS
        loop.jump(HOURS)
        await asyncio.sleep(60)
        starts = [one.at for one in at.api.fetches]
        assert sum(start < woken + 1 for start in starts) <= 10 + 6
        assert len(starts) <= 300 + 10
        assert at.api.most_in_flight <= 10
        assert len({one.job_id for one in at.api.fetches}) == 200


@in_virtual_time
async def test_sockets_that_died_in_a_sleep_cost_one_poll_each_and_no_lasting_outage(
    loop: VirtualLoop,
) -> None:
    async with running_core(loop, 20) as at:
        await asyncio.sleep(60)
        at.api.fetched = lambda name: (10.0, TimedOut("no whole answer within 10 s"))
        await asyncio.sleep(3)  # the requests in flight, and some more
        loop.set_back -= HOURS
        at.api.fetched = lambda name: (0.1, job(name))
        woken = loop.time()
        await asyncio.sleep(25)
        assert at.watcher.link.state.status is Link.UP
        assert not [entry for entry in at.watch_list.entries.values() if entry.failure]
        gaps = [later - earlier for earlier, later in pairwise(at.api.starts(ONE))]
        assert max(gaps) <= 25
        assert all(one.at < woken + 25 for one in at.api.fetches)


@in_virtual_time
async def test_the_history_and_the_forecast_go_on_when_the_clock_is_set_back(
    loop: VirtualLoop, tmp_path: Path
) -> None:
    begun = loop.time()
    async with running_core(loop, 1, intervals=Intervals.every(10), path=tmp_path / "db") as at:
        at.watch_list.forecaster = Forecaster(at.store)
        at.api.fetched = lambda name: (0.1, job(name, progress=(loop.time() - begun) / 10))
        await asyncio.sleep(400)
        before = at.watch_list.entries[ONE].outlook
        loop.set_back += HOURS
        await asyncio.sleep(100)
        after = at.watch_list.entries[ONE].outlook
        assert before is not None
        assert before.finish is not None
        assert after is not None
        assert after.finish is not None
        assert after.finish - loop.wall() == pytest.approx(500, rel=0.2)
        at.store.add([]).result(10)
        samples = at.store.samples(ONE)
        assert [one.progress for one in samples] == sorted(one.progress or 0 for one in samples)
        assert all(earlier.at < later.at for earlier, later in pairwise(samples))
