"""The user's own jobs and finished documents in the dashboard."""

import asyncio
from pathlib import Path

import pytest

from app.dashboard.app import DEMO
from app.settings.schema import Settings
from app.watch.polling.link import Link
from tests.processes import database_contains
from tests.simulated_api import COMPLETED, RUNNING, simulated
from tests.simulator_faults.server import FaultySimulator
from tests.simulator_faults.variants import Variants
from tests.ui.dashboard_host import running_dashboard, served


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which this desktop's opener writes what it is given."""
    seen = tmp_path / "opened"
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "xdg-open").write_text(f'#!/bin/sh\nprintf %s "$1" >{seen}\n')
    (programs / "xdg-open").chmod(0o755)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setenv("DISPLAY", ":0")
    for name in ("SSH_CONNECTION", "SSH_TTY", "WSL_DISTRO_NAME", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    return seen


def content(path: Path) -> str:
    return path.read_text() if path.exists() else ""


async def test_my_jobs_are_offered_once_connected_and_only_enter_adds_them(
    simulator: FaultySimulator,
) -> None:
    watched = simulator.world.add(RUNNING, title="On the list")
    new = simulator.world.add(RUNNING, title="New and running")
    simulator.world.add(COMPLETED, title="Done long ago")
    async with served(simulator, [watched]) as dash:
        await dash.press("A")
        await dash.until("[x] New and running")
        assert "[ ] Done long ago" in dash.text
        assert "1 of 3 chosen   1 already on the list" in dash.text
        assert dash.watched == [watched]
        await dash.press("enter")
        await dash.until(lambda: dash.watched == [watched, new])
        await dash.until("Added 1 job")
        assert dash.cursor == new


async def test_a_refused_list_of_jobs_is_explained_and_changes_nothing_else() -> None:
    with simulated(variants=Variants(list_error=401)) as server:
        watched = server.world.add(RUNNING)
        async with served(server, [watched]) as dash:
            await dash.press("A")
            await dash.until("The token was not accepted (Unauthorized); sign in again.")
            before = len(server.asked)
            await dash.until(lambda: len(server.asked) > before)
            assert dash.main.status.link.status is Link.UP
            await dash.press("enter", "escape")
            assert dash.watched == [watched]
            assert dash.app.screen is dash.main


@pytest.mark.parametrize("over_ssh", [False, True])
async def test_the_document_is_opened_or_its_link_copied_and_not_stored(
    simulator: FaultySimulator, opened: Path, monkeypatch: pytest.MonkeyPatch, over_ssh: bool
) -> None:
    if over_ssh:
        monkeypatch.setenv("SSH_CONNECTION", "a 1 b 2")
    done = simulator.world.add(COMPLETED)
    async with served(simulator, [done]) as dash:
        await dash.press("o")
        link = f"/documents/{done}.pdf?"
        await dash.until(lambda: link in (dash.app.clipboard if over_ssh else content(opened)))
        if over_ssh:
            await dash.until("signature=")
            assert not content(opened)
        else:
            await dash.press("e")
            await dash.until("Events")
            assert "signature=" not in dash.text
    assert not await asyncio.to_thread(database_contains, b"signature=")


async def test_a_job_without_a_document_says_so_or_opens_its_page(
    simulator: FaultySimulator, opened: Path
) -> None:
    running = simulator.world.add(RUNNING, project_id="p1")
    async with served(simulator, [running]) as dash:
        await dash.press("o")
        await dash.until("There is no document yet: the job is in progress.")
        assert not content(opened)
    settings = Settings(web_url="https://example.org/p/{project_id}?job={job_id}")
    async with served(simulator, [running], settings=settings) as dash:
        await dash.press("o")
        await dash.until(lambda: content(opened) == f"https://example.org/p/p1?job={running}")


async def test_on_an_empty_list_the_same_key_opens_the_demo() -> None:
    async with running_dashboard() as dash:
        await dash.until("look around in the demo")
        assert "o demo" in dash.text
        await dash.press("o")
    assert dash.app.return_value == DEMO
