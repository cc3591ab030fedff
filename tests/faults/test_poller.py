"""The poller in virtual time: how often it fetches jobs, and what it does during outages, waits and sign-outs."""

import asyncio
from itertools import pairwise

import pytest

from app.deepwriter.errors import (
    ApiError,
    BadAnswer,
    Forbidden,
    NotFound,
    NotSignedIn,
    RateLimited,
    ServerError,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from app.job import Group, Job
from app.watch.events import EventKind
from app.watch.forecast.forecaster import Forecaster
from app.watch.polling.intervals import Intervals
from app.watch.polling.link import Link, LinkState
from tests.scripted_api import CoreHarness, Reply, in_core, job, job_id, replies, running_core
from tests.timing import gaps
from tests.virtual_time import VirtualLoop, in_virtual_time

ONE, TWO = job_id(1), job_id(2)


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        *((job(ONE, "in_progress"), 5), (job(ONE, "queued"), 15), (job(ONE, "submitted"), 15)),
        *((job(ONE, "draft"), 60), (job(ONE, "on_the_moon"), 60), (NotFound("none"), 60)),
    ],
    ids=lambda value: value.status if isinstance(value, Job) else str(value),
)
@in_core()
async def test_each_status_has_an_interval_with_jitter(at: CoreHarness, reply: Reply, seconds: float) -> None:
    at.api.fetched = replies(reply)
    await asyncio.sleep(40 * seconds)
    found = gaps(at.api.starts(ONE))
    assert len(found) >= 35
    assert all(0.89 * seconds <= gap <= 1.11 * seconds for gap in found)
    assert len({round(gap, 3) for gap in found}) > 10, "spread at random"


@pytest.mark.parametrize(("status", "factor"), [("in_progress", 1), ("queued", 3), ("new_word", 12)])
@in_core(20, intervals=Intervals.every(5))
async def test_a_fixed_interval_does_not_drift(at: CoreHarness, status: str, factor: int) -> None:
    at.api.fetched = lambda name: (0.3, job(name, status))
    await asyncio.sleep(60 * factor * 5 - 1)
    for number in range(1, 21):
        starts = at.api.starts(job_id(number))[1:]
        assert gaps(starts) == pytest.approx([factor * 5.0] * 58, abs=0.01)
        assert starts[-1] - starts[0] == pytest.approx(58 * factor * 5, abs=0.01)


@in_core(intervals=Intervals.every(1))
async def test_a_poll_slower_than_the_interval_is_not_overtaken(at: CoreHarness) -> None:
    at.api.fetched = lambda name: (3.0, job(name))
    await asyncio.sleep(60)
    assert gaps(at.api.starts(ONE)) == pytest.approx([3.0] * 19, abs=0.01)


@in_core()
async def test_a_finished_job_is_fetched_again_only_on_request(at: CoreHarness) -> None:
    at.api.fetched = lambda name: (0.1, job(name, "failed"))
    await asyncio.sleep(3600)
    assert len(at.api.fetches) == 1
    assert await at.watcher.poller.fetch_now(ONE) is None
    await asyncio.sleep(3600)
    assert len(at.api.fetches) == 2


@in_core(500, per_minute=300)
async def test_many_jobs_stretch_evenly_to_the_budget(at: CoreHarness) -> None:
    at.api.fetched = lambda name: (0.05, job(name))
    began = at.loop.time()
    await asyncio.sleep(240)
    interval = at.watcher.poller.schedule.interval(at.watch_list.entries[ONE])
    assert interval == pytest.approx(100.0)
    starts = [at.api.starts(job_id(number)) for number in range(1, 501, 7)]
    assert all(one[0] - began < 105 for one in starts), "all are seen once before any is repeated"
    assert all(len(one) >= 2 for one in starts)
    assert at.api.most_in_flight <= 10
    assert len(at.api.fetches) <= 300 * 4 + 10


@in_core()
async def test_another_pane_may_wait_as_long_as_a_forecast_allows(at: CoreHarness) -> None:
    at.api.fetched = lambda name: (0.1, job(name))
    await asyncio.sleep(10)
    entry = at.watch_list.entries[ONE]
    assert (at.watcher.interval(entry) or 0.0) < 8
    at.watcher.link.leader.set(LinkState())  # from now on this pane makes no forecasts of its own
    assert at.watcher.interval(entry) == 45.0


@in_core(1000, known=[job(job_id(n)) for n in range(1, 1001)])
async def test_intervals_shrink_again_as_soon_as_the_budget_allows_it(at: CoreHarness) -> None:
    at.api.fetched = lambda name: (0.1, job(name, "in_progress" if name == ONE else "completed"))
    at.watcher.poller.set_viewport(None, [ONE])
    await asyncio.sleep(900)
    starts = at.api.starts(ONE)
    assert max(gaps(starts[-100:])) < 6, "the last running job gets the whole budget"
    assert max(gaps(starts)) < 120, "old plans are shortened"


@in_core(1000, known=[job(job_id(n)) for n in range(1, 1001)])
async def test_removing_other_jobs_shortens_the_interval_at_once(at: CoreHarness) -> None:
    await asyncio.sleep(250)
    await at.watch_list.remove([job_id(n) for n in range(2, 1001)])
    gone = at.loop.time()
    await asyncio.sleep(30)
    assert min(start for start in at.api.starts(ONE) if start > gone) - gone < 6


@in_core(200, intervals=Intervals.every(60), per_minute=60)
async def test_changing_the_interval_repeatedly_starves_no_job(at: CoreHarness) -> None:
    for presses in range(200):
        await asyncio.sleep(2)
        at.watcher.poller.schedule.intervals.set(Intervals.every(60 + presses % 5))
    assert len({request.job_id for request in at.api.fetches}) == 200


@in_core(intervals=Intervals.every(600))
async def test_a_shorter_interval_applies_at_once(at: CoreHarness) -> None:
    await asyncio.sleep(60)
    changed = at.loop.time()
    at.watcher.poller.schedule.intervals.set(Intervals.every(20))
    await asyncio.sleep(50)
    assert [start - changed for start in at.api.starts(ONE) if start >= changed] == pytest.approx(
        [0, 20, 40], abs=0.01
    )


@in_core(intervals=Intervals.every(10))
async def test_a_change_by_the_user_does_not_put_off_the_next_poll(at: CoreHarness) -> None:
    for number in range(20):
        await asyncio.sleep(7)
        await at.watch_list.set_muted(ONE, muted=number % 2 == 0)
    found = gaps(at.api.starts(ONE))
    assert len(found) >= 12
    assert found == pytest.approx([10.0] * len(found), abs=0.1)


@in_core(2)
async def test_a_job_is_polled_when_it_is_worth_it_or_at_its_interval_under_the_cursor(
    at: CoreHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    poller = at.watcher.poller
    monkeypatch.setattr(Forecaster, "pause_before", lambda *_, watched, **__: None if watched else 600.0)
    at.watch_list.forecaster = Forecaster(at.watch_list.store)
    polls = []
    for cursor in (None, ONE, TWO):
        poller.set_viewport(cursor, [ONE, TWO])
        before = len(at.api.starts(ONE))
        await asyncio.sleep(100)
        polls.append(len(at.api.starts(ONE)) - before)
    first, selected, left = polls
    assert first == 1
    assert 17 <= selected <= 24
    assert left <= 1


@in_core(5)
async def test_while_paused_only_user_requests_are_sent_once_each(at: CoreHarness) -> None:
    await asyncio.sleep(60)
    at.watcher.poller.paused.set(True)
    await asyncio.sleep(1)
    at.api.requests.clear()
    await asyncio.sleep(600)
    assert not at.api.requests
    assert await at.watcher.poller.refresh() is None
    await asyncio.sleep(600)
    assert sorted(request.job_id for request in at.api.fetches) == [job_id(n) for n in range(1, 6)]
    await at.watcher.poller.fetch_now(ONE)
    at.watcher.poller.paused.set(False)
    await asyncio.sleep(2)
    _, *later = [request.job_id for request in at.api.fetches[5:]]
    assert set(later) == {job_id(n) for n in range(2, 6)}, "the job that was just fetched is not due"


@in_core(40, known=[job(job_id(n), "draft" if n > 1 else "completed") for n in range(1, 41)])
async def test_refresh_polls_all_unfinished_jobs_within_the_budget(at: CoreHarness) -> None:
    at.api.fetched = lambda name: (0.1, job(name, "draft"))
    await asyncio.sleep(30)
    at.api.requests.clear()
    began = at.loop.time()
    assert await at.watcher.poller.refresh() is None
    await asyncio.sleep(10)
    assert sorted(request.job_id for request in at.api.fetches) == [job_id(n) for n in range(2, 41)]
    assert 5 < at.api.fetches[-1].at - began < 7, "ten at once, the other 29 five a second"


@in_core(60, known=[job(job_id(n)) for n in range(1, 51)], per_minute=60)
async def test_the_cursor_goes_first_then_never_fetched_jobs_then_visible_ones(at: CoreHarness) -> None:
    seen = [job_id(n) for n in (30, 31, 55)]
    at.watcher.poller.set_viewport(job_id(40), seen)
    await asyncio.sleep(70)
    order = [request.job_id for request in at.api.fetches]
    assert order[0] == job_id(40)
    assert order[1] == job_id(55), "never fetched and on the screen"
    assert set(order[2:11]) == {job_id(n) for n in (51, 52, 53, 54, 56, 57, 58, 59, 60)}
    assert set(order[11:13]) == {job_id(30), job_id(31)}
    assert len(set(order)) == 60, "all others follow"


@in_core(1)
async def test_jobs_added_and_removed_while_they_are_fetched(at: CoreHarness) -> None:
    at.api.fetched = lambda name: (2.0, job(name))
    await asyncio.sleep(1)  # the first request is under way
    removed = await at.watch_list.remove([ONE])
    await at.watch_list.add([TWO])
    await asyncio.sleep(0.5)
    await at.watch_list.restore(removed)
    await asyncio.sleep(0.2)
    assert [request.job_id for request in at.api.fetches] == [ONE, TWO]
    await asyncio.sleep(60)
    await at.watch_list.remove([ONE])
    await asyncio.sleep(3)
    gone = len(at.api.starts(ONE))
    await asyncio.sleep(60)
    assert len(at.api.starts(ONE)) == gone
    assert len(at.api.starts(TWO)) > 15
    assert list(at.watch_list.entries) == [TWO]


def succeeds(name: str) -> tuple[float, Reply]:
    return 0.1, job(name)


@pytest.mark.parametrize(
    ("jobs", "seconds", "error"),
    [
        (1, 0.01, Unreachable("cannot reach example.invalid: Connection refused")),
        (2, 0.3, ServerError("the API answered 502 Bad Gateway")),
        (3, 0.3, BadAnswer("the answer is not JSON")),
        (3, 10.0, TimedOut("no whole answer within 10 s")),
        (200, 10.0, TimedOut("no whole answer within 10 s")),
    ],
    ids=["refused", "502", "not JSON", "no answer", "no answer, many jobs"],
)
@in_virtual_time
async def test_one_probe_at_a_time_while_the_api_is_down_and_recovery_is_seen(
    loop: VirtualLoop, jobs: int, seconds: float, error: ApiError
) -> None:
    async with running_core(loop, jobs) as at:
        at.api.fetched = succeeds
        await asyncio.sleep(90)
        at.api.fetched = replies(error, seconds)
        await asyncio.sleep(600.37)
        at.api.fetched = succeeds
        back = loop.time()
        await asyncio.sleep(60)
        at.store.add([]).result()
        up, down = [event for event in at.store.events() if event.kind is EventKind.CONNECTION]
        assert (down.text, down.group) == (f"The API stopped answering: {error}", Group.ATTENTION)
        assert (up.text[:-3].strip(), up.group) == ("The API is answering again after", None)
    down_at = next(when for when, state in at.links if state.status is Link.DOWN)
    before = [one.at for one in at.api.fetches if one.at <= down_at]
    probes = [one for one in at.api.fetches if down_at < one.at < back]
    assert len(probes) >= 40
    assert all(10 <= gap <= 13 for gap in gaps([before[-1], *(one.at for one in probes)]))
    assert all(earlier.ended is not None and earlier.ended <= later.at for earlier, later in pairwise(probes))
    if jobs == 200:
        assert len({one.job_id for one in probes}) == len(probes), "they take turns"
    up_at = next(when for when, state in at.links if state.status is Link.UP and when > back)
    assert up_at - back <= 13.1, "even if a probe started just before, and hangs for ten seconds"
    assert next(one.at for one in at.api.fetches if one.at >= back) - back <= 13
    assert not [entry for entry in at.watch_list.entries.values() if entry.failure]


@in_core(3)
async def test_one_bad_job_does_not_bring_the_api_down(at: CoreHarness) -> None:
    at.api.fetched = lambda name: (0.1, ServerError("500")) if name == ONE else succeeds(name)
    await asyncio.sleep(600)
    assert not at.links
    assert gaps(at.api.starts(TWO))[-1] < 6
    assert all(5 <= gap < 13 for gap in gaps(at.api.starts(ONE)))
    assert gaps(at.api.starts(ONE))[-1] >= 10, "it is polled less often"


@in_core(20)
async def test_a_refresh_finds_out_at_once_that_the_api_is_back(at: CoreHarness) -> None:
    at.api.fetched = replies(Unreachable("gone"))
    await asyncio.sleep(60)
    at.links.clear()
    before = len(at.api.fetches)
    still = await at.watcher.poller.refresh()
    assert len(at.api.fetches) == before + 1
    at.api.fetched = succeeds
    asked = at.loop.time()
    assert await at.watcher.poller.refresh() is None
    assert at.loop.time() - asked < 0.2
    assert at.watcher.link.state.status is Link.UP
    assert isinstance(still, Unreachable)


@pytest.mark.parametrize("error", [RateLimited("429", retry_after=120), ServerError("503", retry_after=120)])
@in_core(30)
async def test_a_demanded_wait_holds_everything_but_a_cancel(at: CoreHarness, error: ApiError) -> None:
    at.api.fetched = replies(error)
    await asyncio.sleep(5)
    at.api.fetched = succeeds
    held_from = max(one.ended or 0 for one in at.api.fetches)
    count = len(at.api.fetches)
    for _ in range(50):
        await asyncio.sleep(2)
        for result in (await at.watcher.poller.fetch_now(ONE), await at.watcher.poller.refresh()):
            assert isinstance(result, RateLimited)
            assert result.retry_after == pytest.approx(held_from + 120 - at.loop.time())
    assert isinstance((await at.watcher.poller.fetch_each([ONE, TWO]))[ONE], RateLimited)
    assert len(at.api.fetches) == count
    assert at.watcher.link.state.status is Link.LIMITED
    assert at.watcher.link.state.until == pytest.approx(at.loop.wall() + held_from + 120 - at.loop.time())
    await asyncio.sleep(held_from + 120.3 - at.loop.time())
    assert len(at.api.fetches) > count, "polling resumes at once"
    await asyncio.sleep(30)
    assert at.watch_list.entries[ONE].failure is None
    assert at.links[-1][1].status is Link.UP


@pytest.mark.parametrize("paused", [True, False])
@in_core(2)
async def test_a_demanded_wait_ends_on_the_screen_even_without_polls(at: CoreHarness, paused: bool) -> None:
    await asyncio.sleep(1)
    if paused:
        at.watcher.poller.paused.set(True)
    else:
        at.watcher.link.leader.set(LinkState())
    at.api.fetched = replies(RateLimited("429", retry_after=20))
    await at.watcher.poller.fetch_now(ONE)
    count = len(at.api.fetches)
    await asyncio.sleep(20.1)
    assert len(at.api.fetches) == count
    assert [state.status for _, state in at.links][-2:] == [Link.LIMITED, Link.UP]


@in_core(12, polling=False)
async def test_a_fetch_queued_when_a_demanded_wait_begins_is_not_sent(at: CoreHarness) -> None:
    at.api.fetched = replies(RateLimited("429", retry_after=60), 1.0)
    asks = [asyncio.create_task(at.watcher.poller.fetch_now(job_id(n))) for n in range(1, 13)]
    results = await asyncio.gather(*asks)
    assert len(at.api.fetches) == 9
    assert all(isinstance(result, RateLimited) for result in results)


@in_core(intervals=Intervals.every(600))
async def test_a_job_asked_for_with_the_old_token_is_asked_for_again_at_once(at: CoreHarness) -> None:
    at.api.fetched = replies(Unauthorized("401"), seconds=3.0)
    await asyncio.sleep(1)
    at.watcher.sign_in("another account")
    await asyncio.sleep(10)
    assert gaps(at.api.starts(ONE))[0] == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize("error", [Unauthorized("401"), NotSignedIn("no token"), Forbidden("403")])
@in_core(100)
async def test_a_rejected_token_stops_polls_until_a_fetch_succeeds(at: CoreHarness, error: ApiError) -> None:
    at.api.fetched = replies(error, 0.5)
    await asyncio.sleep(600)
    turned_away = len(at.api.fetches)
    assert at.watcher.link.state.status is Link.SIGNED_OUT
    assert type(await at.watcher.poller.fetch_now(ONE)) is type(error)
    await asyncio.sleep(600)
    asked = len(at.api.fetches) - turned_away
    at.api.fetched = succeeds
    assert await at.watcher.poller.refresh() is None
    await asyncio.sleep(60)
    assert turned_away <= 8
    assert asked == 1
    assert len({one.job_id for one in at.api.fetches}) == 100
    assert at.links[-1][1].status is Link.UP


@in_core(20)
async def test_a_403_is_an_error_of_its_row_once_any_job_brought_a_good_answer(at: CoreHarness) -> None:
    at.api.fetched = lambda name: (0.1, Forbidden("403")) if name == ONE else (0.3, job(name))
    await asyncio.sleep(300)
    assert at.watcher.link.state.status is Link.UP
    failure = at.watch_list.entries[ONE].failure
    assert failure is not None
    assert failure.reason == "403"
    assert len(at.api.starts(TWO)) > 50


@in_core(1000, polling=False)
async def test_fetch_each_stops_when_more_requests_are_pointless(at: CoreHarness) -> None:
    at.api.fetched = replies(Unauthorized("401"))
    began = at.loop.time()
    names = [job_id(n) for n in range(1, 1001)]
    results = await at.watcher.poller.fetch_each(names)
    assert at.loop.time() - began < 1
    assert all(at.watch_list.entries[name].failure for name in names)
    assert all(isinstance(results[name], Unauthorized) for name in names)
    assert len(at.api.fetches) <= 8


@in_core(30, polling=False)
async def test_fetch_each_asks_about_all_jobs_if_a_403_is_just_the_first_answer(at: CoreHarness) -> None:
    at.api.fetched = lambda name: (0.1, Forbidden("403")) if name == ONE else (0.3, job(name))
    assert list(await at.watcher.poller.fetch_each([job_id(n) for n in range(1, 31)])) == [ONE]
    assert len(at.api.fetches) == 30
    assert not at.watcher.link.signed_out


@in_core(8, polling=False)
async def test_fetch_each_asks_about_several_jobs_at_once_and_about_each_once(at: CoreHarness) -> None:
    at.api.fetched = lambda name: (1.0, job(name))
    began = at.loop.time()
    names = [job_id(n) for n in range(1, 9)]
    assert await at.watcher.poller.fetch_each([*names, *names]) == {}
    assert at.loop.time() - began < 2
    assert sorted(one.job_id for one in at.api.fetches) == sorted(names)


@in_core(100, per_minute=60)
async def test_fetch_each_beside_polls_keeps_to_the_budget(at: CoreHarness) -> None:
    names = [job_id(n) for n in (*range(1, 101), 1, 2)]
    assert await at.watcher.poller.fetch_each(names) == {}
    await asyncio.sleep(60)
    assert at.api.most_in_flight <= 10
    assert len([one for one in at.api.fetches if one.at < at.api.fetches[0].at + 60]) <= 70


@in_core(2)
async def test_a_pause_that_a_good_answer_asks_for_holds_all_jobs(at: CoreHarness) -> None:
    await asyncio.sleep(20)
    at.api.on_pause(40.0)
    at.api.requests.clear()
    assert isinstance(await at.watcher.poller.fetch_now(ONE), RateLimited)
    await asyncio.sleep(39)
    assert not at.api.requests
    assert at.watcher.link.state.status is Link.LIMITED
    await asyncio.sleep(8)
    assert {request.job_id for request in at.api.fetches} == {ONE, TWO}


HANG = replies(TimedOut("no whole answer within 120 s"), 120.0)


@pytest.mark.parametrize("polled", [True, False], ids=["its own poll hangs", "other polls hang"])
@in_core(20)
async def test_a_user_request_goes_out_at_once_while_all_polls_hang(at: CoreHarness, polled: bool) -> None:
    at.api.fetched = HANG
    await asyncio.sleep(2)
    hanging = [one.job_id for one in at.api.in_flight]
    assert len(hanging) == 8
    at.api.fetched = succeeds
    name = hanging[0] if polled else next(name for name in at.watch_list.entries if name not in hanging)
    asked = at.loop.time()
    assert await at.watcher.poller.fetch_now(name) is None
    assert at.loop.time() - asked < 0.2
    assert at.watch_list.entries[name].failure is None


@in_core(20)
async def test_many_user_requests_abort_polls_and_leave_room_for_a_cancel(at: CoreHarness) -> None:
    at.api.fetched = at.api.cancelled = HANG
    await asyncio.sleep(2)
    polled = {one.job_id for one in at.api.in_flight}
    names = [name for name in at.watch_list.entries if name not in polled]
    asks = [asyncio.create_task(at.watcher.poller.fetch_now(name)) for name in names]
    await asyncio.sleep(0.01)
    assert [one.job_id for one in at.api.in_flight] == names[:9]
    assert not any(entry.failure for entry in at.watch_list.entries.values()), "no poll has failed"
    asks.append(asyncio.create_task(at.watcher.canceller.cancel(names[0])))
    await asyncio.sleep(0.01)
    assert [one.job_id for one in at.api.posts] == names[:1]
    for task in asks:
        task.cancel()
    await asyncio.wait(asks)


@in_core(polling=False)
async def test_a_fetch_of_each_job_that_was_aborted_is_sent_again(at: CoreHarness) -> None:
    at.api.fetched = HANG
    refresh = asyncio.create_task(at.watcher.poller.fetch_each([ONE]))
    await asyncio.sleep(1)
    at.api.fetched = succeeds
    assert await at.watcher.poller.fetch_now(ONE) is None
    assert await refresh == {}
    assert len(at.api.fetches) == 3
