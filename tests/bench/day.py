"""A working day in a minute: `python -m tests.bench.day HOURS JOBS` runs the real core in virtual time.

Jobs that end are removed, and others replace them. Prints a line of JSON for every hour: the memory of the process, the
number of objects, and the requests so far.
"""

import asyncio
import gc
import json
import os
import sys
import tempfile
from pathlib import Path

from app.cli.session import new_session
from app.dashboard.board import Board
from app.presentation.glyphs import UNICODE
from app.settings.schema import Settings
from app.store.store import Store
from app.watch.account import Connected
from app.watch.watch_list import WatchList
from tests import virtual_time
from tests.soak.unreliable_api import UnreliableApi

_BASE_URL = "http://127.0.0.1:9/api"
_VISIBLE_ROWS = 40
_PAGES_PER_MIB = 2**20 / os.sysconf("SC_PAGE_SIZE")


async def work(loop: virtual_time.VirtualLoop, path: Path, hours: int, number: int) -> None:
    """Watch a number of jobs for a number of hours."""
    watch_list = WatchList(Store(path, _BASE_URL, now=loop.wall), loop.wall)
    api = UnreliableApi(1, loop.wall, job_seconds=(1000.0, 3000.0), max_queue_seconds=0, fails=False)
    session = new_session(Settings(), watch_list, lambda: Connected(api), now=loop.wall)
    board = Board(session, UNICODE)
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
            for name in ended:
                api.forget(name)
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
