"""The poller while the API is down, demands a wait, or rejects the token; in virtual time."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from app.deepwriter.errors import (
    ApiError,
    BadAnswer,
    Forbidden,
    NotSignedIn,
    RateLimited,
    ServerError,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from app.job import Group
from app.watch.events import EventKind
from app.watch.polling.intervals import Intervals
from app.watch.polling.link import Link
from tests.scripted_api import CoreHarness, Reply, job, job_id, replies, running_core
from tests.timing import gaps
from tests.virtual_time import VirtualLoop, run

ONE, TWO = job_id(1), job_id(2)

OUTAGES: list[tuple[float, ApiError]] = [
    (0.01, Unreachable("cannot reach example.invalid: Connection refused")),
    (10.0, TimedOut("no whole answer within 10 s")),
    (0.3, ServerError("the API answered 502 Bad Gateway", 502)),
    (0.3, BadAnswer("the answer is no JSON")),
]


def well(name: str) -> tuple[float, Reply]:
    return 0.1, job(name)


@pytest.mark.parametrize("jobs", [1, 2, 3, 200])
@pytest.mark.parametrize(("seconds", "error"), OUTAGES, ids=lambda value: type(value).__name__)
def test_one_probe_at_a_time_while_the_api_is_down_and_recovery_is_seen(
    jobs: int, seconds: float, error: ApiError
) -> None:
    async def main(loop: VirtualLoop) -> tuple[CoreHarness, float, float]:
        async with running_core(loop, jobs) as at:
            at.api.fetched = well
            await asyncio.sleep(90)
            at.api.fetched = replies(error, seconds)
            await asyncio.sleep(600.37)
            at.api.fetched = well
            back = loop.time()
            await asyncio.sleep(60)
            at.store.add([]).result()
            up, down = [event for event in at.store.events() if event.kind is EventKind.CONNECTION]
            assert (down.text, down.group) == (f"The API stopped answering: {error}", Group.ATTENTION)
            assert (up.text[:-3].strip(), up.group) == ("The API is answering again after", None)
            return at, back - 600.37, back

    at, lost, back = run(main)
    down_at = next(when for when, state in at.links if state.status is Link.DOWN and when >= lost)
    before = [one.at for one in at.api.fetches if one.at <= down_at]
    starts = [one.at for one in at.api.fetches if down_at < one.at < back]
    assert len(starts) >= 40
    assert all(10 <= gap <= 13 for gap in gaps([before[-1], *starts]))
    probes = [one for one in at.api.fetches if down_at < one.at < back]
    assert all(earlier.ended is not None and earlier.ended <= later.at for earlier, later in pairwise(probes))
    if jobs == 200:
        assert len({one.job_id for one in probes}) == len(probes), "they take turns"
    up_at = next(when for when, state in at.links if state.status is Link.UP and when > back)
    assert up_at - back <= 13.1, (
        "even where a probe began the moment before, and hangs for its full ten seconds"
    )
    assert next(one.at for one in at.api.fetches if one.at >= back) - back <= 13
    assert not [entry for entry in at.watch_list.entries.values() if entry.failure]


def test_one_bad_job_does_not_bring_the_api_down() -> None:
    async def main(loop: VirtualLoop) -> CoreHarness:
        async with running_core(loop, 3) as at:
            at.api.fetched = lambda name: (0.1, ServerError("500", 500)) if name == ONE else well(name)
            await asyncio.sleep(600)
            return at

    at = run(main)
    assert not at.links
    assert gaps(at.api.starts(TWO))[-1] < 6
    assert all(5 <= gap < 13 for gap in gaps(at.api.starts(ONE)))
    assert gaps(at.api.starts(ONE))[-1] >= 10, "it is asked for less often"


def test_a_refresh_finds_out_at_once_that_the_api_is_back() -> None:
    async def main(loop: VirtualLoop) -> tuple[ApiError | None, ApiError | None, float, Link]:
        async with running_core(loop, 20) as at:
            at.api.fetched = replies(Unreachable("gone"))
            await asyncio.sleep(60)
            at.links.clear()
            before = len(at.api.fetches)
            still = await at.watcher.poller.refresh()
            assert len(at.api.fetches) == before + 1
            at.api.fetched = well
            asked = loop.time()
            result = await at.watcher.poller.refresh()
            return still, result, loop.time() - asked, at.watcher.link.state.status

    still, result, seconds, link = run(main)
    assert isinstance(still, Unreachable)
    assert (result, link) == (None, Link.UP)
    assert seconds < 0.2


@pytest.mark.parametrize(
    "error", [RateLimited("429", retry_after=120), ServerError("503", 503, retry_after=120)]
)
def test_a_demanded_wait_holds_everything_but_a_cancel(error: ApiError) -> None:
    async def main(loop: VirtualLoop) -> CoreHarness:
        async with running_core(loop, 30) as at:
            at.api.fetched = replies(error)
            await asyncio.sleep(5)
            at.api.fetched = well
            held_from = max(one.ended or 0 for one in at.api.fetches)
            count = len(at.api.fetches)
            for _ in range(50):
                await asyncio.sleep(2)
                for result in (await at.watcher.poller.fetch_now(ONE), await at.watcher.poller.refresh()):
                    assert isinstance(result, RateLimited)
                    assert result.retry_after == pytest.approx(held_from + 120 - loop.time())
            assert isinstance((await at.watcher.poller.fetch_each([ONE, TWO]))[0], RateLimited)
            assert len(at.api.fetches) == count
            assert at.watcher.link.state.status is Link.LIMITED
            assert at.watcher.link.state.until == pytest.approx(loop.wall() + held_from + 120 - loop.time())
            await asyncio.sleep(held_from + 120.3 - loop.time())
            assert len(at.api.fetches) > count, "and not a moment longer"
            await asyncio.sleep(30)
            return at

    at = run(main)
    assert at.watch_list.entries[ONE].failure is None
    assert at.links[-1][1].status is Link.UP


@pytest.mark.parametrize("mode", ["paused", "standby"])
def test_a_demanded_wait_ends_on_the_screen_even_if_this_program_does_not_poll(mode: str) -> None:
    async def main(loop: VirtualLoop) -> CoreHarness:
        async with running_core(loop, 2) as at:
            await asyncio.sleep(1)
            setattr(at.watcher.poller, mode, True)
            at.api.fetched = replies(RateLimited("429", retry_after=20))
            await at.watcher.poller.fetch_now(ONE)
            assert at.links[-1][1].status is Link.LIMITED
            count = len(at.api.fetches)
            await asyncio.sleep(20.1)
            assert len(at.api.fetches) == count
            return at

    assert run(main).links[-1][1].status is Link.UP


def test_a_fetch_queued_when_a_demanded_wait_begins_is_not_sent() -> None:
    async def main(loop: VirtualLoop) -> tuple[int, list[object]]:
        async with running_core(loop, 12, polling=False) as at:
            at.api.fetched = replies(RateLimited("429", retry_after=60), 1.0)
            asks = [asyncio.create_task(at.watcher.poller.fetch_now(job_id(n))) for n in range(1, 13)]
            results = await asyncio.gather(*asks)
            return len(at.api.fetches), list(results)

    count, results = run(main)
    assert count == 9
    assert all(isinstance(result, RateLimited) for result in results)


@pytest.mark.parametrize("error", [Unauthorized("401"), NotSignedIn("no token"), Forbidden("403")])
def test_a_rejected_token_stops_polling_until_a_fetch_succeeds(error: ApiError) -> None:
    async def main(loop: VirtualLoop) -> tuple[int, int, CoreHarness]:
        async with running_core(loop, 100) as at:
            at.api.fetched = replies(error, 0.5)
            await asyncio.sleep(600)
            turned_away = len(at.api.fetches)
            assert at.watcher.link.state.status is Link.SIGNED_OUT
            assert type(await at.watcher.poller.fetch_now(ONE)) is type(error)
            await asyncio.sleep(600)
            asked = len(at.api.fetches) - turned_away
            at.api.fetched = well
            assert await at.watcher.poller.refresh() is None
            await asyncio.sleep(60)
            return turned_away, asked, at

    turned_away, asked, at = run(main)
    assert turned_away <= 8
    assert asked == 1
    assert len({one.job_id for one in at.api.fetches}) == 100
    assert at.watcher.link.state.status is Link.UP


def test_a_403_is_an_error_of_its_row_once_any_job_brought_a_good_answer() -> None:
    async def main(loop: VirtualLoop) -> CoreHarness:
        async with running_core(loop, 20) as at:
            at.api.fetched = lambda name: (0.1, Forbidden("403")) if name == ONE else (0.3, job(name))
            await asyncio.sleep(300)
            return at

    at = run(main)
    assert at.watcher.link.state.status is Link.UP
    failure = at.watch_list.entries[ONE].failure
    assert failure is not None
    assert failure.reason == "403"
    assert len(at.api.starts(TWO)) > 50


def test_fetch_each_stops_when_more_requests_are_pointless() -> None:
    async def main(loop: VirtualLoop) -> tuple[list[ApiError | None], int, float]:
        async with running_core(loop, 1000, polling=False) as at:
            at.api.fetched = replies(Unauthorized("401"))
            began = loop.time()
            names = [job_id(n) for n in range(1, 1001)]
            results = await at.watcher.poller.fetch_each(names)
            assert all(at.watch_list.entries[name].failure for name in names)
            return results, len(at.api.fetches), loop.time() - began

    results, count, seconds = run(main)
    assert all(isinstance(result, Unauthorized) for result in results)
    assert count <= 8
    assert seconds < 1


def test_fetch_each_beside_polls_keeps_to_the_limits() -> None:
    async def main(loop: VirtualLoop) -> CoreHarness:
        async with running_core(loop, 40, intervals=Intervals.every(1)) as at:
            at.api.fetched = lambda name: (3.0, job(name))
            names = [job_id(n) for n in (*range(1, 41), 1, 2)]
            for _ in range(5):
                assert await at.watcher.poller.fetch_each(names) == [None] * 42
            return at

    at = run(main)
    assert at.api.most_in_flight <= 10
    minute = [one for one in at.api.fetches if one.at < at.api.fetches[0].at + 60]
    assert len(minute) <= 310


@pytest.mark.parametrize("intervals", [Intervals(), Intervals.every(5)], ids=["spread", "exact"])
def test_retry_after_with_a_good_answer_applies_to_that_job(intervals: Intervals) -> None:
    async def main(loop: VirtualLoop) -> None:
        async with running_core(loop, 2, intervals=intervals) as at:
            at.api.fetched = lambda name: (0.1, replace(job(name), retry_after=40.0 if name == ONE else None))
            await asyncio.sleep(200)
            assert len(at.api.starts(ONE)) == 5
            assert all(40 <= gap < 41 for gap in gaps(at.api.starts(ONE)))
            assert all(gap < 6 for gap in gaps(at.api.starts(TWO)))
            assert at.watcher.link.state.status is Link.UP

    run(main)
