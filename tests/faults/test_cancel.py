"""The status text of a row after a cancel, and the requests sent; in virtual time."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from app.deepwriter.errors import (
    ApiError,
    BadAnswer,
    Forbidden,
    NotFound,
    NotSignedIn,
    RateLimited,
    Rejected,
    ServerError,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from app.watch.polling.link import Link
from app.watch.watched import CancelStep
from tests.scripted_api import CoreHarness, Reply, in_core, job, job_id, replies, running_core
from tests.timing import until
from tests.virtual_time import VirtualLoop, in_virtual_time, run

ONE, TWO = job_id(1), job_id(2)

UNSURE: list[ApiError] = [
    ServerError("500"),
    TimedOut("no answer within 10 s"),
    Unreachable("reset"),
    BadAnswer("no JSON"),
]


def is_now(status: str) -> Callable[[str], tuple[float, Reply]]:
    return lambda name: (0.1, job(name, status))


async def cancel(at: CoreHarness) -> ApiError | None:
    await asyncio.sleep(1)
    return await at.watcher.canceller.cancel(ONE)


def cancelled_log(at: CoreHarness) -> list[str]:
    """The events about cancels, oldest first."""
    at.store.add([]).result()
    return [event.text for event in at.store.events(ONE) if event.kind == "cancel"][::-1]


@pytest.mark.parametrize(("before", "polling"), [("in_progress", True), ("queued", False)])
@in_virtual_time
async def test_accepted_then_cancelled(loop: VirtualLoop, before: str, polling: bool) -> None:
    async with running_core(loop, known=[job(ONE, before)], polling=polling) as at:
        at.api.fetched = is_now(before)
        task = asyncio.create_task(cancel(at))
        await asyncio.sleep(1.1)
        assert at.status_text(ONE) == "cancelling", "sent"
        await asyncio.sleep(5)
        assert at.status_text(ONE) == "cancelling", "accepted"
        at.api.fetched = is_now("cancelled")
        assert await task is None
        assert at.status_text(ONE) == "cancelled"
        await asyncio.sleep(3600)
        assert at.status_text(ONE) == "cancelled"
        assert len(at.api.posts) == 1
        assert at.watch_list.entries[ONE].label == "cancelled"
        assert cancelled_log(at)[:2] == ["cancel sent", "cancel accepted"]
        assert cancelled_log(at)[2].count("cancelled") == 1


@pytest.mark.parametrize("found_by", ["the canceller", "another process"])
@pytest.mark.parametrize("status", ["completed", "failed", "moderated"])
@in_core(known=[job(ONE)])
async def test_finished_first_however_it_is_found(at: CoreHarness, status: str, found_by: str) -> None:
    task = asyncio.create_task(cancel(at))
    await asyncio.sleep(1.3)
    at.api.fetched = is_now(status)
    if found_by == "another process":
        at.watch_list.record_answer(job(ONE, status))
    await asyncio.sleep(10)
    assert at.status_text(ONE) == "finished first"
    await task
    await asyncio.sleep(3600)
    assert at.status_text(ONE) == "finished first"
    assert len(at.api.posts) == 1
    assert cancelled_log(at)[-1].endswith("(finished first)")


@pytest.mark.parametrize(("status", "word"), [("cancelled", "cancelled"), ("completed", "finished first")])
@pytest.mark.parametrize(
    "reply",
    ["ok", NotFound("404"), Rejected("over", 400), Forbidden("403"), ServerError("500")],
    ids=lambda reply: reply if isinstance(reply, str) else type(reply).__name__,
)
@in_core(known=[job(ONE)], polling=False)
async def test_an_end_seen_before_the_answer_is_kept(
    at: CoreHarness, reply: Reply, status: str, word: str
) -> None:
    at.api.cancelled = replies(reply, 5.0)
    at.api.fetched = is_now(status)
    task = asyncio.create_task(cancel(at))
    await asyncio.sleep(2)
    await at.watcher.poller.fetch_now(ONE)
    assert at.status_text(ONE) == word
    await task
    await asyncio.sleep(100)
    assert at.status_text(ONE) == word


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (Rejected("Job cannot be cancelled", 400), "refused: Job cannot be cancelled"),
        (NotFound("this account has no such job"), "refused: not found"),
        (Unauthorized("401"), "refused: this key may not cancel"),
        (NotSignedIn("no token"), "refused: sign in"),
        (Forbidden("403"), "refused: this key may not cancel"),
        (RateLimited("429"), "refused: too many requests"),
        (RateLimited("429", retry_after=30), "refused: too many requests"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
@in_core(known=[job(ONE)])
async def test_refused_until_a_change_or_the_next_cancel(at: CoreHarness, error: ApiError, word: str) -> None:
    at.api.cancelled = replies(error)
    assert await cancel(at) is error
    assert at.status_text(ONE) == word
    await asyncio.sleep(120)
    assert at.status_text(ONE) == word
    assert len(at.api.posts) == 1
    assert cancelled_log(at) == ["cancel sent", f"cancel {word}"]
    at.api.cancelled = replies("ok")
    again = asyncio.create_task(at.watcher.canceller.cancel(ONE))
    await asyncio.sleep(0.1)
    assert at.status_text(ONE) == "cancelling", "the next cancel"
    at.api.cancelled = replies(error)
    await asyncio.sleep(0.5)
    again.cancel()
    assert await at.watcher.canceller.cancel(ONE) is error
    at.watch_list.record_answer(job(ONE, "completed"))
    assert at.status_text(ONE) == "completed"


@pytest.mark.parametrize("error", UNSURE, ids=str)
@in_virtual_time
async def test_a_cancel_without_an_answer_is_followed_by_a_fetch(loop: VirtualLoop, error: ApiError) -> None:
    async with running_core(loop, known=[job(ONE)], polling=False) as at:
        at.api.cancelled = replies(error, 10.0 if isinstance(error, TimedOut) else 0.2)
        assert await cancel(at) is error
        assert at.status_text(ONE) == "no answer: still in progress"
        at.api.fetched = is_now("completed")
        await at.watcher.poller.fetch_now(ONE)
        assert at.status_text(ONE) == "finished first"
        assert len(at.api.posts) == 1
    async with running_core(loop, known=[job(ONE)], polling=False) as at:
        at.api.cancelled = replies(error)
        at.api.fetched = is_now("cancelled")
        await cancel(at)
        assert at.status_text(ONE) == "cancelled", "the cancel had arrived"
    async with running_core(loop, known=[job(ONE)]) as at:
        at.api.cancelled, at.api.fetched = replies(error), replies(error)
        await cancel(at)
        assert at.status_text(ONE) == "no answer: state unknown"
        at.api.fetched = is_now("in_progress")
        await asyncio.sleep(20)
        assert at.status_text(ONE) == "no answer: still in progress", "once the job was fetched"
        assert len(at.api.posts) == 1


@in_core(known=[job(ONE)])
async def test_while_paused_a_cancel_is_followed_past_a_fetch_that_fails(at: CoreHarness) -> None:
    at.watcher.poller.paused.set(True)
    for reply, outcome in (("ok", "cancelling"), (ServerError("500"), "no answer: state unknown")):
        at.api.cancelled, at.api.fetched = replies(reply), replies(ServerError("503"))
        cancelling = asyncio.create_task(cancel(at))
        await asyncio.sleep(3)
        assert at.status_text(ONE) == outcome
        at.api.fetched = is_now("completed")
        await cancelling
        assert at.status_text(ONE) == "finished first"
        at.watch_list.record_answer(job(ONE))


@in_core(known=[job(ONE)])
async def test_accepted_but_not_ended_after_a_minute(at: CoreHarness) -> None:
    await asyncio.sleep(1)
    sent = at.loop.time()
    cancelling = asyncio.create_task(at.watcher.canceller.cancel(ONE))
    await asyncio.sleep(sent + 59.9 - at.loop.time())
    assert at.status_text(ONE) == "cancelling"
    await cancelling
    said = at.status_text(ONE)
    assert said.startswith("accepted, still in progress since "), "it is followed for a minute"
    await asyncio.sleep(240)
    assert at.status_text(ONE) == said
    at.api.fetched = is_now("cancelled")
    await asyncio.sleep(10)
    assert at.status_text(ONE) == "cancelled"
    assert len(at.api.posts) == 1


@pytest.mark.parametrize(
    ("reply", "seconds", "restart_at", "words"),
    [
        ("ok", 0.1, 150, ["accepted, still in progress since ", "accepted, still in ", "finished first"]),
        (NotFound("none"), 0.1, 150, ["refused: not found", "refused: not found", "completed"]),
        (ServerError("500"), 0.1, 150, ["no answer: still in progress", "no answer: ", "finished first"]),
        ("ok", 5.0, 5, ["cancelling", "no answer: still in progress", "finished first"]),
    ],
    ids=["accepted", "refused", "no answer", "ended before the answer"],
)
def test_a_restart_keeps_the_outcome(
    tmp_path: Path, reply: Reply, seconds: float, restart_at: float, words: list[str]
) -> None:
    path = tmp_path / "dwtop.db"

    async def first(loop: VirtualLoop) -> None:
        async with running_core(loop, known=[job(ONE)], path=path, polling=False) as at:
            at.api.cancelled = replies(reply, seconds)
            task = asyncio.create_task(cancel(at))
            await asyncio.sleep(restart_at - 3)
            task.cancel()

    async def second(loop: VirtualLoop) -> list[str]:
        await asyncio.sleep(restart_at)
        async with running_core(loop, path=path, polling=False) as at:
            said = [at.status_text(ONE)]
            await asyncio.sleep(30)
            said.append(at.status_text(ONE))
            at.watch_list.record_answer(job(ONE, "completed"))
            return [*said, at.status_text(ONE)]

    run(first)
    assert all(text.startswith(word) for text, word in zip(run(second), words, strict=True))


@in_virtual_time
async def test_every_step_is_on_the_disk_at_once(loop: VirtualLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.writer.COMMIT_INTERVAL_SECONDS", 3600.0)
    async with running_core(loop, known=[job(ONE)], polling=False) as at:
        at.store.add([]).result()  # the next commit of poll results is now an hour away
        at.watch_list.record_cancel(ONE, CancelStep.SENT)
        until(lambda: [event.text for event in at.store.events(ONE)] == ["cancel sent"])


@in_core(known=[job(ONE)])
async def test_two_cancels_of_one_job_at_once_are_one(at: CoreHarness) -> None:
    at.api.cancelled = replies(Rejected("no", 400), 3.0)
    both = await asyncio.gather(at.watcher.canceller.cancel(ONE), at.watcher.canceller.cancel(ONE))
    assert both[0] is both[1]
    assert len(at.api.posts) == 1


@in_core(2, known=[job(ONE, "completed"), job(TWO, "cancelled")])
async def test_a_job_that_has_ended_is_not_cancelled(at: CoreHarness) -> None:
    assert await at.watcher.canceller.cancel(ONE) is None
    assert await at.watcher.canceller.cancel(TWO) is None
    assert (at.status_text(ONE), at.status_text(TWO)) == ("finished first", "cancelled")
    assert not at.api.posts
    assert cancelled_log(at) == ["cancel finished first"]


@in_core(40, known=[job(job_id(n)) for n in range(1, 41)], polling=False)
async def test_many_cancels_that_hang_say_cancelling_only_when_sent(at: CoreHarness) -> None:
    names = list(at.watch_list.entries)
    at.api.cancelled = replies(TimedOut("no answer"), 10.0)
    at.api.fetched = lambda name: (0.1, job(name))
    tasks = [asyncio.create_task(at.watcher.canceller.cancel(name)) for name in names]
    await asyncio.sleep(1)
    assert [at.status_text(name) for name in names] == ["cancelling"] * 10 + ["in progress"] * 30
    await asyncio.gather(*tasks)
    assert at.api.most_in_flight == 10
    assert sorted(one.job_id for one in at.api.posts) == names
    assert {at.status_text(name) for name in names} == {"no answer: still in progress"}


@in_core(50, known=[job(job_id(n)) for n in range(1, 51)])
async def test_a_cancel_goes_out_at_once_beside_hanging_polls(at: CoreHarness) -> None:
    at.api.fetched = replies(TimedOut("no answer"), 10.0)
    await asyncio.sleep(2)
    asked = at.loop.time()
    task = asyncio.create_task(at.watcher.canceller.cancel(ONE))
    await asyncio.sleep(0.1)
    assert [one.at for one in at.api.posts] == [asked]
    task.cancel()


@in_core(5, known=[job(job_id(n)) for n in range(1, 6)])
async def test_a_cancel_goes_out_during_a_demanded_wait(at: CoreHarness) -> None:
    at.api.fetched = at.api.cancelled = replies(RateLimited("429", retry_after=60))
    await asyncio.sleep(2)
    count = len(at.api.fetches)
    await at.watcher.canceller.cancel(ONE)
    assert at.status_text(ONE) == "refused: too many requests"
    assert (len(at.api.posts), len(at.api.fetches)) == (1, count)


@pytest.mark.parametrize("error", [Unauthorized("401"), Forbidden("403")], ids=["401", "403"])
@in_core(3, known=[job(job_id(n)) for n in (1, 2, 3)])
async def test_a_rejected_cancel_changes_only_its_own_row(at: CoreHarness, error: ApiError) -> None:
    await asyncio.sleep(20)
    at.api.cancelled = replies(error)
    await cancel(at)
    assert at.status_text(ONE) == "refused: this key may not cancel"
    assert at.api.starts(ONE)[-1] > at.api.posts[0].at, "a GET follows"
    polls = len(at.api.fetches)
    await asyncio.sleep(30)
    assert len(at.api.fetches) > polls + 6, "polling continues"
    assert {state.status for _, state in at.links} <= {Link.UP}


NOT_CANCELLABLE = Rejected("Job is not cancellable", 400)


@pytest.mark.parametrize(
    ("refusal", "truth", "word", "link"),
    [
        (NOT_CANCELLABLE, job(ONE, "completed"), "finished first", Link.UP),
        (NOT_CANCELLABLE, job(ONE, "cancelled"), "cancelled", Link.UP),
        (NOT_CANCELLABLE, job(ONE, "in_progress"), "refused: Job is not cancellable", Link.UP),
        (Unauthorized("401"), Unauthorized("401"), "refused: sign in", Link.SIGNED_OUT),
        (Unauthorized("401"), NotFound("404"), "refused: this key may not cancel", Link.UP),
        (Unauthorized("401"), TimedOut("no answer"), "refused: sign in", Link.DOWN),
    ],
    ids=["completed", "cancelled", "in progress", "token rejected", "not found", "no answer"],
)
@in_core(known=[job(ONE)], polling=False)
async def test_a_get_decides_what_a_refused_cancel_means(
    at: CoreHarness, refusal: ApiError, truth: Reply, word: str, link: Link
) -> None:
    at.api.cancelled, at.api.fetched = replies(refusal), replies(truth)
    await cancel(at)
    assert at.status_text(ONE) == word
    assert at.watcher.link.state.status is link
    assert (len(at.api.posts), len(at.api.fetches)) == (1, 1)


@in_core(known=[job(ONE)])
async def test_a_wait_demanded_of_a_cancel_holds_the_polls(at: CoreHarness) -> None:
    await asyncio.sleep(20)
    at.api.cancelled = replies(Unauthorized("401", retry_after=60))
    await cancel(at)
    count, before = len(at.api.fetches), at.watcher.link.state
    await asyncio.sleep(55)
    assert len(at.api.fetches) == count
    await asyncio.sleep(10)
    assert len(at.api.fetches) > count
    assert (before.status, at.watcher.link.state.status) == (Link.LIMITED, Link.UP)


@in_core(known=[job(ONE)])
async def test_a_clock_set_back_does_not_keep_a_row_cancelling(at: CoreHarness) -> None:
    await asyncio.sleep(1)
    task = asyncio.create_task(at.watcher.canceller.cancel(ONE))
    await asyncio.sleep(2)
    at.loop.set_back = 7200.0
    await asyncio.sleep(120)
    assert task.done(), "it uses the monotonic clock"
    result = at.status_text(ONE)
    assert result.startswith("accepted, still in progress since ")
