"""The link to a finished document in a hook's environment, and nowhere else: real sockets, a real command."""

import asyncio
import shlex
import sys
from pathlib import Path
from time import monotonic, time

import pytest

from app.cli.session import connect_to_api, new_session
from app.dashboard.hook_runner import HookRunner
from app.settings.schema import Hooks, Settings
from app.store.store import Store
from app.watch.watch_list import WatchList
from tests.simulated_api import simulated

LIFE = [("in_progress", "Drafting", 10.0, 90.0, 1.0), ("completed", None, 100.0, 100.0, 0.0)]

PRINTS_AND_SAVES = """
import os, pathlib, sys
link = os.environ.get("DWTOP_DOCUMENT_URL", "not set")
print("GET", link, "?" + link.partition("?")[2])
pathlib.Path(sys.argv[1]).write_text(link)
"""


@pytest.mark.parametrize("wanted", [True, False])
async def test_only_a_hook_that_wants_the_document_gets_its_link(
    wanted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPWRITER_TOKEN", "any")
    saved = tmp_path / "saved"
    command = shlex.join([sys.executable, "-c", PRINTS_AND_SAVES, str(saved)])
    with simulated() as server:
        job_id = server.world.add(LIFE)
        settings = Settings(
            base_url=server.base_url, interval=1.0, hooks=Hooks(on_finish=command, document=wanted)
        )
        store = Store(tmp_path / "dwtop.db", server.base_url)
        session = new_session(
            settings, WatchList(store), lambda: connect_to_api(settings, session.ending.is_set), now=time
        )
        await session.watch_list.add([job_id])
        await session.start()
        hooks = HookRunner(session, settings)
        running = asyncio.create_task(session.run())
        give_up = monotonic() + 20
        while not any("hook" in event.text for event in store.events(job_id)):
            assert monotonic() < give_up, store.events(job_id)
            assert not running.done(), running
            await asyncio.sleep(0.02)
        (line,) = [event.text for event in store.events(job_id) if "hook" in event.text]
        running.cancel()
        await asyncio.wait([running])
        await session.disconnect()
        session.close()
        del hooks
    link = await asyncio.to_thread(saved.read_text)
    if wanted:
        assert f"/documents/{job_id}.pdf?" in link
        assert line.endswith("succeeded: GET [link] ?[link]")
    else:
        assert link == "not set"
    assert not await asyncio.to_thread(_kept, tmp_path)


def _kept(folder: Path) -> list[Path]:
    """The database files that hold a link."""
    return [path for path in folder.glob("dwtop.db*") if b"signature=" in path.read_bytes()]
