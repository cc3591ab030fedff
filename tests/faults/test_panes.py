"""Several panes on one database send the requests of one, and lose nothing when one of them ends; in virtual time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path

import pytest

from app.deepwriter.auth.token_text import make_credential
from app.deepwriter.errors import Forbidden, RateLimited, Rejected, ServerError, Unauthorized
from app.watch.account import account_id
from app.watch.polling.intervals import Intervals
from app.watch.polling.link import Link, LinkState
from app.watch.watch_list import Change
from tests.jwt import jwt
from tests.scripted_api import BASE_URL, CoreHarness, Reply, job, job_id, replies, running_core
from tests.timing import until
from tests.virtual_time import VirtualLoop, in_virtual_time

ONE, TWO = job_id(1), job_id(2)
JOBS = 4
HOURS = 5 * 3600.0


@asynccontextmanager
async def panes(loop: VirtualLoop, folder: Path, *accounts: str) -> AsyncIterator[list[CoreHarness]]:
    """Run a program for each account, all on one database. Each has fetched all jobs; the first one leads."""
    async with AsyncExitStack() as stack:
        opened: list[CoreHarness] = []
        for account in accounts:
            core = running_core(
                loop,
                JOBS,
                path=folder / "db",
                account=account,
                intervals=Intervals.every(10),
                seed=len(opened),
            )
            opened.append(await stack.enter_async_context(core))
            await asyncio.sleep(1)
        await asyncio.sleep(30)
        assert leaders(opened) == opened[:1]
        yield opened


def leaders(opened: list[CoreHarness]) -> list[CoreHarness]:
    return [pane for pane in opened if pane.watcher.link.is_leader]


def those_that_ask(opened: list[CoreHarness]) -> list[CoreHarness]:
    return [pane for pane in opened if pane.api.requests]


def written(folder: Path) -> bytes:
    """All that is in the database and its log."""
    return b"".join(path.read_bytes() for path in folder.iterdir())


@in_virtual_time
async def test_three_panes_send_the_requests_of_one_and_see_the_same(
    loop: VirtualLoop, tmp_path: Path
) -> None:
    async with panes(loop, tmp_path, "same", "same", "same") as opened:
        assert those_that_ask(opened) == opened[:1]
        seen: list[list[Change]] = [[], [], []]
        for pane, changes in zip(opened, seen, strict=True):
            assert all(entry.job for entry in pane.watch_list.entries.values())
            pane.watch_list.subscribe(changes.append)
        opened[0].api.requests.clear()
        await asyncio.sleep(60)
        assert len(opened[0].api.requests) == pytest.approx(JOBS * 6, abs=JOBS)
        opened[0].api.fetched = lambda name: (0.1, job(name, "completed"))
        await asyncio.sleep(20)
        ours = [{change.ours for change in changes if change.event} for changes in seen]
        assert ours == [{True}, {False}, {False}], "for followers it is not theirs"


@in_virtual_time
async def test_a_leader_that_pauses_or_quits_hands_over_at_once(loop: VirtualLoop, tmp_path: Path) -> None:
    async with panes(loop, tmp_path, "same", "same", "same") as opened:
        first = opened[0]
        first.watcher.poller.paused.set(True)
        await asyncio.sleep(2)
        (second,) = leaders(opened)
        assert second is not first
        await second.end()
        await asyncio.sleep(2)
        assert leaders([pane for pane in opened if pane not in (first, second)])


@in_virtual_time
async def test_a_leader_that_dies_loses_the_lead_within_fifteen_seconds(
    loop: VirtualLoop, tmp_path: Path
) -> None:
    async with panes(loop, tmp_path, "same", "same") as (first, second):
        for pane in (
            second,
            first,
        ):  # the worst moments: the other one has just asked, and the leader renewed
            pane.watcher.link.own.set(LinkState(reason="a change, which is written at once"))
            await asyncio.sleep(0.01)
        assert first.watcher._election is not None
        first.watcher._election._id = "another"  # so that it does not release the lease when it ends
        await first.end()
        await asyncio.sleep(15)
        assert second.watcher.link.is_leader


@in_virtual_time
async def test_a_wait_that_the_api_demands_holds_for_all_panes_and_for_the_next_leader(
    loop: VirtualLoop, tmp_path: Path
) -> None:
    async with panes(loop, tmp_path, "same", "same") as (first, second):
        first.api.fetched = replies(ServerError("503", retry_after=600))
        await asyncio.sleep(15)
        assert second.watcher.link.state.status is Link.LIMITED
        refused = await second.watcher.poller.fetch_now(ONE)
        assert isinstance(refused, RateLimited), "nor does a user's request in the other pane break it"
        await first.end()
        await asyncio.sleep(2)
        assert second.watcher.link.is_leader
        assert second.watcher.link.state.status is Link.LIMITED
        await second.watcher.poller.refresh()
        assert not second.api.requests


@in_virtual_time
async def test_a_wait_demanded_of_a_follower_holds_for_the_leader_and_the_next_one(
    loop: VirtualLoop, tmp_path: Path
) -> None:
    async with panes(loop, tmp_path, "same", "same", "same") as (first, second, third):
        second.api.fetched = replies(RateLimited("429", retry_after=600))
        await second.watcher.poller.fetch_now(ONE)
        await asyncio.sleep(2.1)
        assert first.watcher.link.state.status is Link.LIMITED
        assert third.watcher.link.state.status is Link.LIMITED
        first.api.requests.clear()
        await second.end()
        await first.end()
        await asyncio.sleep(500)
        assert third.watcher.link.is_leader
        assert third.watcher.link.state.status is Link.LIMITED
        assert not first.api.requests
        assert not third.api.requests
        await asyncio.sleep(120)
        assert third.api.requests
        logged = [event.text for event in third.store.events()]
        assert logged.count("The API asks for a pause") == 1, "by the pane that was asked"
        assert not [text for text in logged if text.startswith("Refreshing again")], "that pane has ended"


@in_virtual_time
async def test_a_refresh_in_another_pane_during_an_outage_is_one_request_and_ends_it_for_all(
    loop: VirtualLoop, tmp_path: Path
) -> None:
    async with panes(loop, tmp_path, "same", "same") as (leader, follower):
        leader.api.fetched = follower.api.fetched = replies(ServerError("503"))
        await asyncio.sleep(40)
        assert follower.watcher.link.state.status is Link.DOWN
        await follower.watcher.poller.refresh()
        assert len(follower.api.requests) == 1
        probed = asyncio.Event()

        def down(name: str) -> tuple[float, Reply]:
            probed.set()
            return 0.1, ServerError("503")

        leader.api.fetched = down
        await probed.wait()  # so that the next probe is more than ten seconds away
        await asyncio.sleep(0.5)
        leader.api.fetched = follower.api.fetched = lambda name: (0.1, job(name))
        await follower.watcher.poller.refresh()
        follower.store.add([]).result(10)
        await asyncio.sleep(4)
        assert {pane.watcher.link.state.status for pane in (leader, follower)} == {Link.UP}


@in_virtual_time
async def test_an_outage_that_another_pane_saw_is_over_when_the_leader_gets_answers(
    loop: VirtualLoop, tmp_path: Path
) -> None:
    async with panes(loop, tmp_path, "same", "same") as (_, follower):
        follower.api.fetched = replies(ServerError("503"))
        await follower.watcher.poller.refresh()
        during = follower.watcher.link.state.status
        await asyncio.sleep(20)
        assert (during, follower.watcher.link.state.status) == (Link.DOWN, Link.UP)


@in_virtual_time
async def test_a_wait_is_not_prolonged_when_the_clock_is_set_back(loop: VirtualLoop, tmp_path: Path) -> None:
    async with panes(loop, tmp_path, "same", "same") as (first, second):
        first.api.fetched = replies(RateLimited("429", retry_after=60))
        await asyncio.sleep(30)
        assert second.watcher.link.state.status is Link.LIMITED
        loop.set_back += HOURS
        first.api.fetched = lambda name: (0.1, job(name))
        await asyncio.sleep(60)
        assert {pane.watcher.link.state.status for pane in (first, second)} == {Link.UP}
        assert await second.watcher.poller.fetch_now(ONE) is None


@in_virtual_time
async def test_a_pane_with_another_token_leads_only_if_the_leader_is_refused(
    loop: VirtualLoop, tmp_path: Path
) -> None:
    async with panes(loop, tmp_path, "one", "other") as opened:
        first, second = opened
        first.watcher.poller.paused.set(True)
        await asyncio.sleep(30)
        assert leaders(opened) == [], "the first pane is still open, and was not rejected"
        first.watcher.poller.paused.set(False)
        first.api.fetched = replies(Unauthorized("401"))
        await asyncio.sleep(15)
        assert leaders(opened) == [second]
        assert first.watcher.link.state.status is Link.SIGNED_OUT


@in_virtual_time
async def test_a_403_in_another_pane_is_an_error_of_its_row_while_the_leader_gets_good_answers(
    loop: VirtualLoop, tmp_path: Path
) -> None:
    async with panes(loop, tmp_path, "same", "same") as (_, follower):
        follower.api.fetched = replies(Forbidden("403"))
        for name in (ONE, TWO, job_id(3)):
            assert isinstance(await follower.watcher.poller.fetch_now(name), Forbidden)
            assert follower.watcher.link.state.status is Link.UP
            await asyncio.sleep(20)


@in_virtual_time
async def test_two_tokens_of_one_account_share_one_leader(loop: VirtualLoop, tmp_path: Path) -> None:
    tokens = [jwt({"sub": "somebody", "exp": at}) for at in (1e10, 2e10)]
    keys = [make_credential(token).account_key.reveal() for token in tokens]
    async with panes(loop, tmp_path, *(account_id(key, BASE_URL) for key in keys)) as (first, second):
        first.watcher.poller.paused.set(True)
        await asyncio.sleep(2)
        assert second.watcher.link.is_leader
        assert not [secret for secret in (b"somebody", tokens[0].encode()) if secret in written(tmp_path)]


@in_virtual_time
async def test_the_shortest_interval_of_the_open_panes_applies(loop: VirtualLoop, tmp_path: Path) -> None:
    async with panes(loop, tmp_path, "same", "same") as (leader, follower):
        for interval in (5, 10):
            follower.watcher.intervals.set(Intervals.every(interval))
            await asyncio.sleep(5)
            assert leader.watcher.poller.schedule.intervals.value.fast == interval
        assert leader.watcher.link.is_leader


@in_virtual_time
async def test_adds_removes_and_cancels_in_one_pane_reach_the_other(
    loop: VirtualLoop, tmp_path: Path
) -> None:
    async with panes(loop, tmp_path, "same", "same") as (leader, follower):
        new = job_id(9)
        await follower.watch_list.add([new])
        await leader.watch_list.remove([ONE])
        await asyncio.sleep(5)
        assert leader.watch_list.entries[new].job
        assert ONE not in follower.watch_list.entries
        follower.api.fetched = leader.api.fetched = lambda name: (0.1, job(name, "cancelled"))
        await follower.watcher.canceller.cancel(TWO)
        await asyncio.sleep(5)
        assert leader.status_text(TWO) == "cancelled"
        assert (len(leader.api.posts), len(follower.api.posts)) == (0, 1)


@in_virtual_time
async def test_a_pane_that_takes_over_does_not_report_what_the_last_leader_has_reported(
    loop: VirtualLoop, tmp_path: Path
) -> None:
    async with panes(loop, tmp_path, "same", "same") as (leader, follower):
        link, election, leaders = follower.watcher.link, follower.watcher._election, leader.watcher._election
        assert election is not None
        assert leaders is not None
        leading: list[bool] = []
        follower.watch_list.subscribe(
            lambda change: leading.append(link.is_leader) if change.event and not change.ours else None
        )
        leader.watch_list.record_answer(job(ONE, "completed"))
        leader.store.leave(leaders._id).result(10)
        election._wake.set()  # its next heartbeat comes before its next sync
        await asyncio.sleep(5)
        assert link.is_leader
        assert leading == [False]


@in_virtual_time
async def test_a_change_that_two_panes_fetch_one_after_the_other_is_reported_once(
    loop: VirtualLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.writer.COMMIT_INTERVAL_SECONDS", 3600.0)
    async with panes(loop, tmp_path, "same", "same") as (leader, follower):
        reported: list[Change] = []
        for pane in (leader, follower):
            pane.api.fetched = lambda name: (0.1, job(name, "completed"))
            pane.watch_list.subscribe(reported.append)
        await follower.watcher.poller.fetch_now(ONE)
        until(lambda: follower.store.events(ONE))
        await leader.watcher.poller.fetch_now(ONE)
        assert [change.ours for change in reported if change.event] == [True, False]
        assert len(leader.store.events(ONE)) == 1


@pytest.mark.parametrize("seen", ["nothing", "the request"])
@in_virtual_time
async def test_an_answer_to_the_leader_does_not_undo_a_cancel_in_another_pane(
    loop: VirtualLoop, tmp_path: Path, seen: str
) -> None:
    async with panes(loop, tmp_path, "same", "same") as (leader, follower):
        follower.api.cancelled = replies(Rejected("locked", 409), 4.0 if seen == "the request" else 0.1)
        await follower.watcher.canceller.cancel(ONE)
        follower.store.add([]).result(10)
        leader.watch_list.record_answer(job(ONE, progress=50.0))
        leader.store.add([]).result(10)
        await asyncio.sleep(5)
        assert leader.status_text(ONE) == follower.status_text(ONE) == "refused: locked"


@in_virtual_time
async def test_panes_send_no_more_heartbeats_than_the_lease_needs(loop: VirtualLoop, tmp_path: Path) -> None:
    async with panes(loop, tmp_path, "same", "same", "same") as opened:
        heartbeats = count()

        def now() -> float:
            """A clock that also moves between two sleeps, as the real one does."""
            number = next(heartbeats)
            assert number < 1000
            return loop.wall() + number / 1e6

        for pane in opened:
            pane.store._database.writer.now = now
        await asyncio.sleep(60)
        assert next(heartbeats) <= 3 * (60 / 4 + 4)


@pytest.mark.parametrize("by", [HOURS, -HOURS])
@in_virtual_time
async def test_panes_keep_one_leader_and_follow_it_when_the_clock_jumps(
    loop: VirtualLoop, tmp_path: Path, by: float
) -> None:
    async with panes(loop, tmp_path, "same", "same", "same") as opened:
        for pane in opened:
            pane.watch_list.record_answer(job(ONE, progress=1.0))  # each has just fetched it
        opened[0].store.add([]).result(10)
        loop.set_back += by
        await asyncio.sleep(15)
        (leader,) = leaders(opened)
        for pane in opened:
            pane.api.requests.clear()
            pane.api.fetched = lambda name: (0.1, job(name, progress=77.0))
        await asyncio.sleep(30)
        assert those_that_ask(opened) == [leader]
        assert len(leader.api.requests) <= 4 * JOBS
        leader.store.add([]).result(10)
        await asyncio.sleep(3)
        for pane in opened:
            entry = pane.watch_list.entries[ONE]
            assert entry.job is not None
            assert entry.job.progress == 77.0, "followers get the leader's answers"
            assert entry.fetched_at is not None
            assert abs(loop.wall() - entry.fetched_at) < 60
