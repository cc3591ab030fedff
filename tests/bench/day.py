"""A working day in a minute: `python -m tests.bench.day HOURS JOBS` runs the real core in virtual time.

Jobs that end are removed, and others replace them. Prints a line of JSON for every hour: the memory of the process, the
number of objects, and the requests so far.
"""

import asyncio
import gc
import itertools
import json
import os
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from app.cli.session import new_session
from app.dashboard.board import Board
from app.job import Job, Status
from app.settings.schema import Settings
from app.store.store import Store
from app.watch.account import Connected
from app.watch.watch_list import WatchList
from tests import virtual_time
from tests.bench.jobs import STAGES, job_id, title
from tests.no_account import NoAccount

_BASE_URL = "http://127.0.0.1:9/api"
_VISIBLE_ROWS = 40
_PAGES_PER_MIB = 2**20 / os.sysconf("SC_PAGE_SIZE")


class Api(NoAccount):
    """An `Api` whose jobs make progress with the clock, each at its own speed. Most jobs take half an hour or so."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._numbers = itertools.count()
        self._began: dict[str, tuple[int, float]] = {}
        self.requests = 0

    def new_job(self) -> str:
        number = next(self._numbers)
        self._began[job_id(number)] = number, self._now()
        return job_id(number)

    async def fetch(self, job_id: str) -> Job:
        """The state of a job now. A finished one is not requested again."""
        self.requests += 1
        await asyncio.sleep(0.05)
        number, began = self._began[job_id]
        now = self._now()
        share = min((now - began) / random.Random(number).uniform(1000.0, 3000.0), 1.0)
        status = Status.COMPLETED if share == 1.0 else Status.IN_PROGRESS
        if share == 1.0:
            del self._began[job_id]
        stage = STAGES[min(int(share * len(STAGES)), len(STAGES) - 1)]
        return Job(
            job_id, "user", "project", status, began, now, float(int(share * 100)), stage, title(number)
        )

    async def cancel(self, job_id: str) -> str:
        raise AssertionError(f"unexpected cancel of {job_id}")


async def work(loop: virtual_time.VirtualLoop, path: Path, hours: int, number: int) -> None:
    watch_list = WatchList(Store(path, _BASE_URL, now=loop.wall), loop.wall)
    api = Api(loop.wall)
    session = new_session(Settings(), watch_list, lambda: Connected(api))
    board = Board(session)
    watch_list.subscribe(lambda change: board.changed(change.job_id))
    await session.start()
    await watch_list.add([api.new_job() for _ in range(number)])
    running = asyncio.create_task(session.run())
    for hour in range(1, hours + 1):
        for _ in range(60):
            await asyncio.sleep(60)
            for name in board.arrange()[:_VISIBLE_ROWS]:
                board.row(name)
            ended = [name for name, entry in watch_list.entries.items() if entry.finished]
            await watch_list.remove(ended)
            await watch_list.add([api.new_job() for _ in ended])
        gc.collect()
        figures = {"rss": _memory_mib(), "objects": len(gc.get_objects()), "polls": api.requests}
        print(json.dumps({"hour": hour, **figures}), flush=True)
    running.cancel()
    await asyncio.wait([running])
    session.close()


def _memory_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) / _PAGES_PER_MIB


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        hours, number = map(int, sys.argv[1:])
        virtual_time.run(lambda loop: work(loop, Path(folder, "day.db"), hours, number))
