"""A working day in a minute: `python -m tests.bench.day [HOURS] [JOBS]` runs the real core in time that jumps.

Jobs run for half an hour or so, end, are taken off the list, and others take their place. Prints a line of JSON
for every hour: what the process holds, and how many objects there are.
"""

import asyncio
import gc
import json
import os
import random
import sys
import tempfile
from pathlib import Path

from app.dashboard.board import Board
from app.job import Job, Status
from app.presentation.glyphs import glyphs
from app.store.store import Store
from app.watch.account import Connected
from app.watch.forecast.forecaster import Forecaster
from app.watch.session import Session
from app.watch.watch_list import WatchList
from app.watch.watcher import Watcher
from tests import virtual_time
from tests.bench.jobs import job_id, title
from tests.no_account import NoAccount

_STAGES = ("Outlining", "Researching", "Writing sections", "Reviewing")
_HOUR = 3600.0
_MIB = 2**20


class Unfolding(NoAccount):
    """An `Api` whose jobs make progress with the clock, each at its own speed."""

    def __init__(self, loop: virtual_time.VirtualLoop) -> None:
        self._loop = loop
        self._began: dict[str, tuple[int, float, float]] = {}
        self.requests = 0

    def begin(self, number: int) -> str:
        """Start a job; returns its ID."""
        lasts = random.Random(number).uniform(0.3, 0.9) * _HOUR
        self._began[job_id(number)] = number, self._loop.wall(), lasts
        return job_id(number)

    def end(self, name: str) -> None:
        """Remove a job that will not be requested again."""
        del self._began[name]

    async def fetch(self, job_id: str) -> Job:
        """The state of a job now."""
        self.requests += 1
        await asyncio.sleep(0.05)
        number, began, lasts = self._began[job_id]
        now = self._loop.wall()
        share = min((now - began) / lasts, 1.0)
        done = share >= 1.0
        return Job(
            job_id,
            "user",
            "project",
            Status.COMPLETED if done else Status.IN_PROGRESS,
            began,
            now,
            float(int(share * 100)),
            _STAGES[min(int(share * len(_STAGES)), len(_STAGES) - 1)],
            title(number),
        )

    async def cancel(self, job_id: str) -> str:
        """Never called."""
        raise AssertionError(f"unexpected cancel of {job_id}")


async def work(loop: virtual_time.VirtualLoop, path: Path, hours: int, number: int) -> None:
    """Watch a number of jobs for a number of hours."""
    store = Store(path, "http://127.0.0.1:9/api", now=loop.wall)
    watch_list = WatchList(store, loop.wall)
    watch_list.forecaster = Forecaster(store)
    api = Unfolding(loop)
    board = Board(
        Session(watch_list, lambda: Connected(api), now=loop.wall),
        glyphs(plain=False),
    )
    watch_list.subscribe(lambda change: board.changed(change.job_id))
    watcher = Watcher(
        watch_list,
        api,
        intervals=board._session.intervals,
        requests_per_minute=300,
        now=loop.wall,
        seed=1,
    )
    await watch_list.add([api.begin(place) for place in range(number)])
    polling = asyncio.create_task(watcher.run())
    begun = number
    for hour in range(1, hours + 1):
        for _ in range(60):
            await asyncio.sleep(60)
            for name in board.arrange()[:40]:
                board.row(name)
            if ended := [name for name, entry in watch_list.entries.items() if entry.finished]:
                await watch_list.remove(ended)
                for name in ended:
                    api.end(name)
                await watch_list.add([api.begin(begun + place) for place in range(len(ended))])
                begun += len(ended)
        gc.collect()
        held = {"hour": hour, "rss": _resident(), "objects": len(gc.get_objects()), "polls": api.requests}
        print(json.dumps(held), flush=True)
    polling.cancel()
    await asyncio.wait([polling])
    store.close()


def _resident() -> float:
    """The memory of this process, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MIB


def main(hours: int, number: int) -> None:
    """Run the day on a temporary database."""
    with tempfile.TemporaryDirectory() as folder:
        virtual_time.run(lambda loop: work(loop, Path(folder) / "day.db", hours, number))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8, int(sys.argv[2]) if len(sys.argv) > 2 else 200)
