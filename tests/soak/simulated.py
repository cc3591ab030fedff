"""Thirty days of the real core in minutes: 200 jobs on the list at any time, and faults throughout.

Every midnight it counts objects in memory, planned polls and database rows. None of them may grow after the days
for which the history is kept.
"""

import asyncio
import gc
import random
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from app.cli.session import new_session
from app.settings.schema import HistorySettings, IntervalSettings, Settings
from app.store.store import Store
from app.watch.account import Connected
from app.watch.polling.link import Link
from app.watch.session import Session
from app.watch.watch_list import WatchList
from tests.soak.table import table_row
from tests.soak.unreliable_api import DAY, HOUR, UnreliableApi
from tests.virtual_time import VirtualLoop, run

JOBS = 200
DAYS = 30
HISTORY_DAYS = 7
"""Days that the history is kept; the default of 30 would only be reached at the end."""

_INTERVALS = IntervalSettings(fast=300.0, medium=600.0, slow=1800.0)


class Counts(NamedTuple):
    """The counts at one midnight. Nothing from `objects` on may grow."""

    day: int
    requests: int
    failed: int
    objects: int
    tasks: int
    planned: int
    in_memory: int
    pages: int
    events: int


def soak(
    days: int = DAYS, jobs: int = JOBS, seed: int = 1, report: Callable[[str], None] = print
) -> list[Counts]:
    """Run the core for a number of simulated days, with a number of jobs on the list at any time.

    Returns:
        The counts at the end of each day, which are also reported as lines of a table.

    Raises:
        AssertionError: The core broke a rule.
    """
    with tempfile.TemporaryDirectory() as folder:
        return run(lambda loop: _run(loop, Path(folder, "dwtop.db"), days, jobs, seed, report))


def assert_steady(days_counted: list[Counts]) -> None:
    """Nothing grew once the history was as long as it may get.

    Raises:
        AssertionError: Something did; the message says what.
    """
    settled = [counts for counts in days_counted if counts.day > HISTORY_DAYS + 1]
    assert len(settled) >= 4, "too few days to compare"
    half = len(settled) // 2
    for name, slack in {
        "objects": 1.10,
        "tasks": 1.0,
        "planned": 1.10,
        "in_memory": 1.15,
        "pages": 1.15,
        "events": 1.25,
    }.items():
        first = max(getattr(counts, name) for counts in settled[:half])
        last = max(getattr(counts, name) for counts in settled[half:])
        assert last <= first * slack + 5, f"{name} grew from {first} to {last}"


async def _run(
    loop: VirtualLoop, path: Path, days: int, jobs: int, seed: int, report: Callable[[str], None]
) -> list[Counts]:
    api = UnreliableApi(seed, loop.wall)
    store = Store(path, "https://example.invalid/api", now=loop.wall)
    settings = Settings(history=HistorySettings(days=HISTORY_DAYS), intervals=_INTERVALS)
    session = new_session(settings, WatchList(store, loop.wall), lambda: Connected(api), now=loop.wall)
    await session.start()
    running = asyncio.create_task(session.run())
    acting = asyncio.create_task(_act_as_user(session, api, jobs, seed))
    days_counted = []
    report(table_row(Counts._fields))
    try:
        for day in range(1, days + 1):
            await asyncio.sleep(DAY)
            assert not running.done(), running
            assert not acting.done(), acting
            days_counted.append(_count(session, api, day, path))
            report(table_row(days_counted[-1]))
    finally:
        for task in (acting, running):
            task.cancel()
        await asyncio.wait([acting, running])
        session.close()
    for task in (acting, running):
        with suppress(asyncio.CancelledError):
            task.result()
    return days_counted


async def _act_as_user(session: Session, api: UnreliableApi, jobs: int, seed: int) -> None:
    """Do what users do: replace jobs that have ended, cancel some, move the cursor, sign in again."""
    chance = random.Random(seed)
    watch_list, watcher = session.watch_list, session.watcher
    assert watcher is not None
    cancelling: set[asyncio.Task[object]] = set()
    hours = 0
    while True:
        ended = [entry.id for entry in watch_list.entries.values() if entry.finished]
        gone = chance.sample(ended, min(len(ended), max(0, len(ended) - jobs // 4)))
        await watch_list.remove(gone)
        for job_id in gone:
            api.forget(job_id)
        await watch_list.add([api.new_job() for _ in range(jobs - len(watch_list.entries))])
        names = list(watch_list.entries)
        watcher.poller.set_viewport(chance.choice(names), chance.sample(names, 20))
        if hours % 6 == 0:
            for job_id in chance.sample(names, 2):
                task: asyncio.Task[object] = asyncio.create_task(watcher.canceller.cancel(job_id))
                cancelling.add(task)
                task.add_done_callback(cancelling.discard)
        api.locked = hours % 120 == 60
        if watcher.link.state.status is Link.SIGNED_OUT and not api.locked:
            watcher.sign_in("again")
        await asyncio.sleep(HOUR)
        hours += 1


def _count(session: Session, api: UnreliableApi, day: int, path: Path) -> Counts:
    watcher, store = session.watcher, session.watch_list.store
    assert watcher is not None
    schedule = watcher.poller.schedule
    gc.collect()
    return Counts(
        day,
        api.requests,
        api.failures,
        len(gc.get_objects()),
        len(asyncio.all_tasks()),
        len(schedule.queue._fresh) + len(schedule.queue._fetched) + len(schedule.queue) + len(schedule),
        len(session.watch_list._saved_at) + len(watcher.poller._fetching),
        sum(part.stat().st_size for part in (path, path.with_name(f"{path.name}-wal")) if part.exists())
        // 4096,
        len(store.events(limit=10**9)),
    )
