"""The core after the wall clock is set by hours, or the machine sleeps; in virtual time."""

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest

from app.deepwriter.errors import RateLimited, TimedOut
from app.watch.forecast.forecaster import Forecaster
from app.watch.polling.intervals import Intervals
from app.watch.polling.link import Link
from tests.scripted_api import CoreHarness, in_core, job, job_id, running_core
from tests.virtual_time import VirtualLoop, in_virtual_time

ONE = job_id(1)
HOURS = 5 * 3600.0


@pytest.mark.parametrize("by", [HOURS, -HOURS])
@in_core(10, intervals=Intervals.every(10))
async def test_polls_and_a_demanded_wait_go_by_the_monotonic_clock(at: CoreHarness, by: float) -> None:
    await asyncio.sleep(35)
    at.loop.set_back += by
    at.api.requests.clear()
    await asyncio.sleep(100)
    assert 90 <= len(at.api.requests) <= 110
    at.api.fetched = lambda name: (0.1, RateLimited("429", retry_after=120))
    await asyncio.sleep(12)
    assert at.watcher.link.state.status is Link.LIMITED
    wait = at.watcher.link.demanded_wait()
    assert wait is not None
    ends = at.loop.time() + (wait.retry_after or 0.0)
    at.api.requests.clear()
    at.api.fetched = lambda name: (0.1, job(name))
    at.loop.set_back -= by
    await asyncio.sleep(ends - at.loop.time() - 0.5)
    assert not at.api.requests
    assert at.watcher.link.state.until == pytest.approx(at.loop.wall() + 0.5, abs=0.01), (
        "converted by the new clock"
    )
    await asyncio.sleep(5)
    assert at.api.requests


@in_core(200, per_minute=300)
async def test_after_a_sleep_overdue_polls_go_out_within_the_budget(at: CoreHarness) -> None:
    await asyncio.sleep(120)
    at.api.requests.clear()
    woken = at.loop.time() + HOURS
    at.loop.jump(HOURS)
    await asyncio.sleep(60)
    starts = [one.at for one in at.api.fetches]
    assert sum(start < woken + 1 for start in starts) <= 10 + 6
    assert len(starts) <= 300 + 10
    assert at.api.most_in_flight <= 10
    assert len({one.job_id for one in at.api.fetches}) == 200


@in_core(20)
async def test_sockets_that_died_in_a_sleep_cost_a_poll_each_and_no_outage(at: CoreHarness) -> None:
    await asyncio.sleep(60)
    at.api.fetched = lambda name: (10.0, TimedOut("no whole answer within 10 s"))
    await asyncio.sleep(3)  # the requests in flight, and some more
    at.loop.set_back -= HOURS
    at.api.fetched = lambda name: (0.1, job(name))
    woken = at.loop.time()
    await asyncio.sleep(25)
    assert at.watcher.link.state.status is Link.UP
    assert not [entry for entry in at.watch_list.entries.values() if entry.failure]
    gaps = [later - earlier for earlier, later in pairwise(at.api.starts(ONE))]
    assert max(gaps) <= 25
    assert all(one.at < woken + 25 for one in at.api.fetches)


@in_virtual_time
async def test_history_and_forecast_go_on_when_the_clock_is_set_back(
    loop: VirtualLoop, tmp_path: Path
) -> None:
    started_at = loop.time()
    async with running_core(loop, 1, intervals=Intervals.every(10), path=tmp_path / "db") as at:
        at.watch_list.forecaster = Forecaster(at.store)
        at.api.fetched = lambda name: (0.1, job(name, progress=(loop.time() - started_at) / 10))
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
