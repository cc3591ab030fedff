"""The link to a finished document in a hook's environment, and nowhere else: real sockets, a real command."""

import asyncio
import shlex
import sys
from pathlib import Path

import pytest

from app.dashboard.hook_runner import HookRunner
from app.settings.schema import HookSettings, Settings
from tests.faults.session_harness import session_on
from tests.simulated_api import simulated
from tests.timing import eventually

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
        hooks = HookSettings(on_finish=command, document=wanted)
        async with session_on(server, tmp_path, hooks=hooks) as session:
            store = session.watch_list.store
            runner = HookRunner(session, Settings(base_url=server.base_url, hooks=hooks))
            session.watch_list.subscribe(runner.run_for)
            await session.watch_list.add([job_id])
            await eventually(lambda: any("hook" in event.text for event in store.events(job_id)))
            (line,) = [event.text for event in store.events(job_id) if "hook" in event.text]
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
