"""The door for requests."""

import asyncio

from app.watch.polling.budget import IN_FLIGHT, RequestGate
from tests.virtual_time import VirtualLoop, run


def test_a_person_finds_room_beside_polls() -> None:
    async def main(loop: VirtualLoop) -> None:
        gate = RequestGate(6000, loop.time)
        while gate.room_for_poll():
            assert gate.begin_poll() == 0
        assert gate.in_flight == IN_FLIGHT - 2
        async with gate.urgent(), gate.urgent():
            assert gate.in_flight == IN_FLIGHT
        assert gate.sent_last_minute() == IN_FLIGHT

    run(main)


def test_those_who_wait_go_in_order_people_before_polls_and_nobody_is_left() -> None:
    async def main(loop: VirtualLoop) -> None:
        gate, order, most = RequestGate(60_000, loop.time), [], 0

        async def one(name: str, urgent: bool) -> None:
            nonlocal most
            async with gate.urgent() if urgent else gate.poll():
                order.append(name)
                most = max(most, gate.in_flight)
                await asyncio.sleep(1)

        async with asyncio.TaskGroup() as group:
            for number in range(30):
                group.create_task(one(f"poll {number:02}", False))
            await asyncio.sleep(0)
            for number in range(30):
                group.create_task(one(f"person {number:02}", True))
        assert most == IN_FLIGHT
        people = [name for name in order if name.startswith("person")]
        polls = [name for name in order if name.startswith("poll")]
        assert people == sorted(people)
        assert polls == sorted(polls)
        assert order.index("person 29") < order.index("poll 10")
        assert gate.in_flight == 0

    run(main)


def test_giving_up_in_line_passes_the_place_on() -> None:
    async def main(loop: VirtualLoop) -> None:
        gate = RequestGate(6000, loop.time)

        async def hold() -> None:
            async with gate.urgent():
                await asyncio.sleep(1)

        running = [asyncio.create_task(hold()) for _ in range(IN_FLIGHT)]
        await asyncio.sleep(0)
        waiting = [asyncio.create_task(hold()) for _ in range(IN_FLIGHT + 1)]
        await asyncio.sleep(0)
        for task in running:  # each end calls one of those who wait ...
            task.cancel()
        await asyncio.wait(running)
        for task in waiting[:IN_FLIGHT]:  # ... and all that were called give up, called or not
            task.cancel()
        await asyncio.wait(waiting)
        assert not waiting[-1].cancelled()
        assert gate.in_flight == 0
        assert gate.room_for_poll()

    run(main)


def test_what_was_long_ago_is_not_remembered() -> None:
    async def main(loop: VirtualLoop) -> None:
        gate = RequestGate(60, loop.time)
        for _ in range(1000):
            async with gate.poll():
                await asyncio.sleep(0.1)
        assert len(gate._recent) <= 70

    run(main)
