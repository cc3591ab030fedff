"""The door for requests."""

import asyncio

from app.watch.polling.budget import IN_FLIGHT, Traffic
from tests.virtual_time import VirtualLoop, run


def test_a_person_finds_room_beside_polls() -> None:
    async def main(loop: VirtualLoop) -> None:
        traffic = Traffic(6000, loop.time)
        while traffic.room_for_poll():
            assert traffic.begin_poll() == 0
        assert traffic.in_flight == IN_FLIGHT - 2
        async with traffic.urgent(), traffic.urgent():
            assert traffic.in_flight == IN_FLIGHT
        assert traffic.last_minute() == IN_FLIGHT

    run(main)


def test_those_who_wait_go_in_order_people_before_polls_and_nobody_is_left() -> None:
    async def main(loop: VirtualLoop) -> None:
        traffic, order, most = Traffic(60_000, loop.time), [], 0

        async def one(name: str, urgent: bool) -> None:
            nonlocal most
            async with traffic.urgent() if urgent else traffic.poll():
                order.append(name)
                most = max(most, traffic.in_flight)
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
        assert traffic.in_flight == 0

    run(main)


def test_giving_up_in_line_passes_the_place_on() -> None:
    async def main(loop: VirtualLoop) -> None:
        traffic = Traffic(6000, loop.time)

        async def hold() -> None:
            async with traffic.urgent():
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
        assert traffic.in_flight == 0
        assert traffic.room_for_poll()

    run(main)


def test_what_was_long_ago_is_not_remembered() -> None:
    async def main(loop: VirtualLoop) -> None:
        traffic = Traffic(60, loop.time)
        for _ in range(1000):
            async with traffic.poll():
                await asyncio.sleep(0.1)
        assert len(traffic._recent) <= 70

    run(main)
