"""Draws the pictures of the documentation, from the program itself: `python -m tests.screenshots [FOLDER]`.

The jobs are those of the demo at its start, held still, so that every run draws the same.
"""

import asyncio
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from app.cli.demo import fill_store
from app.dashboard.app import Dashboard
from app.settings.schema import Settings
from app.simulator.demo_story import demo_story
from app.simulator.lifecycle import World
from app.store.store import Store
from tests.ui.dashboard_host import BASE_URL, NOW, dashboard

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
SCREENS: dict[str, tuple[tuple[int, int], tuple[str, ...]]] = {
    "main": ((120, 30), ()),
    "detail": ((160, 40), ()),  # so large that the details open by themselves
    "cancel": ((80, 18), ("x",)),
    "small": ((40, 8), ()),
}
"""Each picture's name, with the terminal's size and the keys that lead there."""


def main(pictures: Path) -> None:
    # Not the colours and the time zone of the terminal that this runs in.
    os.environ |= {"TZ": "UTC", "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    os.environ.pop("NO_COLOR", None)
    time.tzset()
    story = demo_story()
    world = World(story.jobs, clock=lambda: NOW)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dwtop.db"
        store = Store(path, BASE_URL, now=lambda: NOW)
        fill_store(store, world, World(story.finished, clock=lambda: NOW))
        store.close()
        for name, (size, keys) in SCREENS.items():
            picture = asyncio.run(_picture(path, name, size, world.ids[0], *keys))
            (pictures / f"{name}.svg").write_text(picture, encoding="utf-8", newline="\n")
            print(f"{name}.svg")


async def _picture(path: Path, name: str, size: tuple[int, int], cursor: str, *keys: str) -> str:
    """One picture: the dashboard with the cursor on a job, after some keys."""
    app = dashboard(path, now=lambda: NOW, settings=Settings(theme="dwtop-dark"))
    try:
        async with app.run_test(size=size) as pilot:
            await _at_rest(pilot, app)
            app.main_screen.table.move_to(cursor)
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
    main(folder)
