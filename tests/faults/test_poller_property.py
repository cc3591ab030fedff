"""The invariants of the poller under random sequences of faults, in virtual time."""

import asyncio
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from app.deepwriter.errors import (
    ApiError,
    BadAnswer,
    Forbidden,
    NotFound,
    RateLimited,
    Rejected,
    ServerError,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from app.job import Job, status_facts
from app.watch.polling.intervals import Intervals
from app.watch.polling.link import Link
from tests.scripted_api import CoreHarness, Reply, Request, job, job_id, running_core
from tests.virtual_time import VirtualLoop, in_virtual_time

KINDS: dict[str, tuple[float, ApiError]] = {
    "refused": (0.01, Unreachable("refused")),
    "hang": (10.0, TimedOut("no whole answer within 10 s")),
    "500": (0.4, ServerError("500")),
    "503 retry": (0.4, ServerError("503", retry_after=20)),
    "429": (0.1, RateLimited("429")),
    "429 retry": (0.1, RateLimited("429", retry_after=45)),
    "429 now": (0.1, RateLimited("429", retry_after=0)),
    "garbage": (0.2, BadAnswer("no JSON")),
    "404": (0.1, NotFound("404")),
    "403": (0.1, Forbidden("403")),
    "401": (0.1, Unauthorized("401")),
    "451": (0.1, Rejected("451", 451)),
}

ACTIONS = (
    *("none", "none", "ask", "ask each", "refresh", "cancel", "add", "remove", "pause", "interval", "token"),
    *("clock back", "clock forward", "sleep"),
)

phases = st.lists(
    st.tuples(
        st.sampled_from(["healthy", "slow", "finish", *KINDS]),
        st.sampled_from([1.0, 0.3]),  # the share of jobs that it affects
        st.floats(0.5, 70.0),
        st.sampled_from(ACTIONS),
    ),
    min_size=1,
    max_size=8,
)


class FaultPhase:
    """The replies of the API, phase by phase."""

    def __init__(self) -> None:
        self.kind, self.share = "healthy", 1.0
        self.finished: set[str] = set()

    def fetched(self, name: str) -> tuple[float, Reply]:
        """The script of GETs."""
        number = int(name[-12:], 16)
        struck = number % 10 < 10 * self.share
        if name in self.finished or (self.kind == "finish" and struck and number % 3 == 0):
            self.finished.add(name)
            return 0.1, job(name, "cancelled" if number % 2 else "completed")
        if struck and self.kind in KINDS:
            return KINDS[self.kind]
        status = ("in_progress", "queued", "draft", "in_progress")[number % 4]
        return (4.0 if self.kind == "slow" else 0.1), job(name, status)

    def cancelled(self, name: str) -> tuple[float, Reply]:
        """The script of POSTs."""
        return KINDS.get(self.kind, (0.1, "ok"))


class User:
    """What the user does at the end of each phase."""

    def __init__(self, at: CoreHarness) -> None:
        self.at = at
        self.tasks: list[asyncio.Task[object]] = []
        self.next_id = 1000
        self.cancels: list[str] = []

    async def do(self, action: str) -> None:
        """One action."""
        poller, names = self.at.watcher.poller, list(self.at.watch_list.entries)
        match action:
            case "ask":
                self.tasks += [asyncio.create_task(poller.fetch_now(name)) for name in names[:3] * 2]
            case "ask each":
                self.tasks.append(asyncio.create_task(poller.fetch_each(names[:15])))
            case "refresh":
                self.tasks.append(asyncio.create_task(poller.refresh()))
            case "cancel":
                for name in names[:2]:
                    if not self.at.watch_list.entries[name].finished and name not in self.cancels:
                        self.cancels.append(name)
                        self.tasks.append(asyncio.create_task(self.at.watcher.canceller.cancel(name)))
            case "add":
                self.next_id += 3
                await self.at.watch_list.add([job_id(self.next_id), job_id(self.next_id + 1)])
            case "remove":
                removed = await self.at.watch_list.remove(names[-2:])
                await self.at.watch_list.restore(removed[:1])
            case "pause":
                poller.paused.set(True)
                await asyncio.sleep(20)
                poller.paused.set(False)
            case "interval":
                poller.schedule.intervals.set(Intervals.every(7))
            case "token":
                self.at.watcher.sign_in("")
            case "clock back":
                self.at.loop.set_back += 7200.0
            case "clock forward":  # or a sleep of the machine, where the monotonic clock stops meanwhile
                self.at.loop.set_back -= 7200.0
            case "sleep":
                self.at.loop.jump(5000.0)


def crowding(requests: list[Request], seconds: float = 60.0) -> int:
    """The largest number of requests that started within a number of seconds."""
    highest = begin = 0
    for end, request in enumerate(requests):
        while requests[begin].at <= request.at - seconds:
            begin += 1
        highest = max(highest, end - begin + 1)
    return highest


@settings(max_examples=40, derandomize=True)
@given(phases, st.sampled_from([1, 2, 8, 40]), st.sampled_from([60, 300]), st.integers(0, 5))
@in_virtual_time
async def test_every_invariant_holds_under_every_sequence_of_faults(
    loop: VirtualLoop, story: list[tuple[str, float, float, str]], jobs: int, per_minute: int, seed: int
) -> None:
    phase = FaultPhase()
    async with running_core(loop, jobs, per_minute=per_minute, seed=seed) as at:
        at.api.fetched, at.api.cancelled = phase.fetched, phase.cancelled
        user = User(at)
        for kind, share, seconds, action in story:
            phase.kind, phase.share = kind, share
            await asyncio.sleep(seconds)
            await user.do(action)
        check_rules(at, per_minute, [action for *_, action in story])
        phase.kind = "healthy"
        if at.watcher.link.state.status is Link.SIGNED_OUT:
            wait = at.watcher.link.demanded_wait()
            await asyncio.sleep((wait.retry_after or 0.0) if wait else 0.0)
            await at.watcher.poller.refresh()
        resumed = loop.time()
        await asyncio.sleep(80)
        while waiting := unseen(at, resumed):
            assert loop.time() - resumed < 3600, f"due, and never asked for: {waiting}"
            await asyncio.sleep(20)
        assert not [entry for entry in at.watch_list.entries.values() if entry.failure and not entry.finished]
        for name in user.cancels:
            check_cancel(at, name)
        assert len(at.api.posts) <= len(user.cancels), "never a second POST"
        assert all(task.done() for task in user.tasks)


def unseen(at: CoreHarness, since: float) -> set[str]:
    """The unfinished jobs that had no answer since then."""
    seen = {one.job_id for one in at.api.fetches if one.at >= since and one.ended}
    return {name for name, entry in at.watch_list.entries.items() if not entry.finished} - seen


def check_rules(at: CoreHarness, per_minute: int, actions: list[str]) -> None:
    assert at.api.most_in_flight <= 10
    ended: set[str] = set()
    for one in at.api.fetches:
        assert one.job_id not in ended or {"ask", "ask each", "cancel"} & set(actions)
        if isinstance(one.reply, Job) and one.reply.facts.finished:
            ended.add(one.job_id)
    urgent = sum({"ask": 6, "refresh": 1, "cancel": 2 * 20}.get(action, 0) for action in actions)
    assert crowding(at.api.fetches) <= per_minute + 10 + urgent
    if {"ask", "ask each", "refresh", "cancel", "token"} & set(actions):
        return
    starts = [one.at for one in at.api.fetches]
    ends = [since for since, _ in at.links[1:]] + [at.loop.time()]
    for (since, state), till in zip(at.links, ends, strict=False):
        if state.status is Link.DOWN:
            inside = [start for start in starts if since < start < till]
            assert len(inside) <= 1, "each probe changes the time of the next, which is a new state"


def check_cancel(at: CoreHarness, name: str) -> None:
    posts = [one for one in at.api.posts if one.job_id == name]
    entry = at.watch_list.entries.get(name)
    assert len(posts) <= 1
    if entry is None:
        return
    if entry.job and entry.job.status == "cancelled":
        assert at.status_text(name) == "cancelled"
    elif entry.job and status_facts(entry.job.status).finished:
        assert at.status_text(name) in ("finished first", "completed")
    else:
        assert at.status_text(name).startswith(("accepted, still ", "refused: ", "no answer: still ")), (
            at.status_text(name)
        )


@in_virtual_time
async def test_hours_of_faults_leave_nothing_behind(loop: VirtualLoop) -> None:
    phase = FaultPhase()
    async with running_core(loop, 200, per_minute=60) as at:
        at.api.fetched = phase.fetched
        poller, numbers = at.watcher.poller, count(1000)
        for _ in range(3):
            for kind in ("healthy", "refused", "429 retry", "hang", "slow"):
                phase.kind = kind
                await asyncio.sleep(1800 if kind == "healthy" else 120)
                await at.watch_list.remove(list(at.watch_list.entries)[:40])
                await at.watch_list.add([job_id(next(numbers)) for _ in range(40)])
                at.api.requests.clear()
            at.links.clear()
            assert len(asyncio.all_tasks()) < 16
        assert len(poller.schedule.due) + len(poller._fetching) == len(poller.schedule) == 200
        assert len(at.watch_list._saved_at) <= 200
        assert len(at.watcher.gate._sent_at) <= 70
