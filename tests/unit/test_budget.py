"""The request budget and the gate that keeps to it."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.watch.polling.budget import BURST, MAX_IN_FLIGHT, RequestGate
from tests.virtual_time import VirtualLoop, in_virtual_time


@in_virtual_time
async def test_requests_that_do_not_wait_for_the_budget_are_charged_to_it(loop: VirtualLoop) -> None:
    gate = RequestGate(60, loop.time)
    for _ in range(BURST):
        async with gate.urgent():
            pass
    assert gate.sent_last_minute() == BURST
    await gate.begin_poll(probe=True)
    gate.finish_poll()
    assert await gate.begin_poll() == pytest.approx(2.0), "one second for the debt and one for this poll"


@in_virtual_time
async def test_waiting_requests_go_in_order_urgent_ones_first(loop: VirtualLoop) -> None:
    gate, order = RequestGate(60_000, loop.time), []
    in_flight, highest = 0, 0

    async def one(name: str, urgent: bool) -> None:
        nonlocal in_flight, highest
        async with gate.urgent() if urgent else gate.poll():
            order.append(name)
            in_flight += 1
            highest = max(highest, in_flight)
            await asyncio.sleep(1)
            in_flight -= 1

    async with asyncio.TaskGroup() as group:
        for number in range(30):
            group.create_task(one(f"poll {number:02}", False))
        await asyncio.sleep(0)
        for number in range(30):
            group.create_task(one(f"person {number:02}", True))
    assert highest == MAX_IN_FLIGHT - 1
    people = [name for name in order if name.startswith("person")]
    polls = [name for name in order if name.startswith("poll")]
    assert people == sorted(people)
    assert polls == sorted(polls)
    assert order.index("person 29") < order.index("poll 10")


@in_virtual_time
async def test_a_request_cancelled_in_the_queue_lets_the_next_one_in(loop: VirtualLoop) -> None:
    gate = RequestGate(6000, loop.time)

    async def occupy() -> None:
        async with gate.urgent():
            await asyncio.sleep(1)

    running = [asyncio.create_task(occupy()) for _ in range(MAX_IN_FLIGHT)]
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(occupy()) for _ in range(MAX_IN_FLIGHT + 1)]
    await asyncio.sleep(0)
    for task in running:  # each end calls one of those who wait ...
        task.cancel()
    await asyncio.wait(running)
    for task in waiting[:MAX_IN_FLIGHT]:  # ... and all that were called give up, called or not
        task.cancel()
    await asyncio.wait(waiting)
    assert not waiting[-1].cancelled()
    assert gate.has_room_for_poll()


@given(st.floats(1, 6000), st.lists(st.floats(0, 30), min_size=1, max_size=200))
def test_no_more_than_the_budget_and_ten_in_any_time(per_minute: float, steps: list[float]) -> None:
    now, taken = 0.0, []

    async def poll() -> None:
        nonlocal now
        gate = RequestGate(per_minute, lambda: now)
        for step in steps:
            now += step
            while not await gate.begin_poll():
                gate.finish_poll()
                taken.append(now)

    asyncio.run(poll())
    for first, since in enumerate(taken):
        within = [at for at in taken[first:] if at - since <= 60]
        assert len(within) <= BURST + per_minute + 1e-6


@given(st.floats(1, 6000), st.integers(0, 40))
def test_a_poll_may_go_out_after_the_wait(per_minute: float, charged: int) -> None:
    now = 0.0

    async def poll() -> None:
        nonlocal now
        gate = RequestGate(per_minute, lambda: now)
        for _ in range(charged):
            async with gate.urgent():
                pass
        now = await gate.begin_poll()
        assert (now == 0) == (charged < BURST)
        assert now == 0 or await gate.begin_poll() == 0

    asyncio.run(poll())
