"""Draws the pictures of the documentation, from the program itself: `python -m tests.screenshots [FOLDER]`.

The jobs are those of the simulated API, watched for a while of its time and then held still, so that every
run draws the same.
"""

import asyncio
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from app.dashboard.app import Dashboard
from app.deepwriter.payloads import read_job
from app.settings.load import Settings
from app.simulator.lifecycle import World
from app.store.store import Store
from app.watch.forecast.forecaster import Forecaster
from app.watch.watch_list import WatchList
from tests.ui.dashboard_host import BASE_URL, NOW, dashboard

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
SCREENS: dict[str, tuple[tuple[int, int], tuple[str, ...]]] = {
    "main": ((116, 23), ()),
    "detail": ((136, 45), ("enter",)),
    "cancel": ((80, 18), ("x",)),
    "small": ((40, 8), ()),
}
"""Each picture's name, with the terminal's size and the keys that lead there."""

_SEED = 7
_JOBS = 17
_MINUTES = 24
_STEP = 15.0
_LONG_JOB = 0  # the first of the simulated jobs is a book, with a past worth a picture


async def main(pictures: Path) -> None:
    """Draw them all into a folder."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dwtop.db"
        long_job = await _watch_a_while(path)
        for name, (size, keys) in SCREENS.items():
            picture = await _picture(path, name, size, long_job, *keys)
            (pictures / f"{name}.svg").write_text(picture, encoding="utf-8", newline="\n")
            print(f"{name}.svg")


async def _watch_a_while(path: Path) -> str:
    """Fill a database by watching simulated jobs; the ID of the one to look at."""
    now = NOW - 60 * _MINUTES
    world = World(_SEED, _JOBS, clock=lambda: now)
    store = Store(path, BASE_URL, now=lambda: now)
    watch_list = WatchList(store, lambda: now)
    watch_list.forecaster = Forecaster(store)
    await watch_list.add(world.ids)
    while now < NOW:
        now = min(now + _STEP, NOW)
        for job_id, entry in list(watch_list.entries.items()):
            answer = world.job(job_id)
            if answer and not entry.finished:
                watch_list.answered(read_job(json.dumps(answer).encode(), job_id))
    await asyncio.wrap_future(store.set_preference("watched", "yes"))  # which is written after all that
    store.close()
    return world.ids[_LONG_JOB]


async def _picture(path: Path, name: str, size: tuple[int, int], cursor: str, *keys: str) -> str:
    """One picture: the dashboard with the cursor on a job, after some keys."""
    app = dashboard(path, now=lambda: NOW, settings=Settings(theme="textual-dark"))
    try:
        async with app.run_test(size=size) as pilot:
            await _at_rest(pilot, app)
            app._jobs.table.move_to(cursor)
            await pilot.press(*keys)
            await _at_rest(pilot, app)
            picture = app.export_screenshot(title="dwtop")
    finally:
        app.session.close()
    # The renderer draws a number for each picture; one that is always the same keeps the file the same.
    return re.sub(r"terminal-\d+", f"dwtop-{name}", picture)


async def _at_rest(pilot: Pilot[Any], app: Dashboard) -> None:
    """Wait until it is connected and has looked the same for a while."""
    seen = [""]
    while app.session.watcher is None or seen[-3:] != [seen[-1]] * 3:
        await pilot.pause(0.1)
        seen.append(re.sub(r"terminal-\d+", "", app.export_screenshot()))


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if sys.argv[1:] else PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(folder))
