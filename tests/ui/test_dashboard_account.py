"""The user's own jobs and finished documents in the dashboard, and an API that differs from its documentation."""

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
from tests.ui.dashboard_host import (
    DashboardPilot,
    open_cancel_dialog,
    running_dashboard,
    served,
)


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
    """What a file holds; nothing if there is none."""
    return path.read_text() if path.exists() else ""


def is_up(dash: DashboardPilot) -> bool:
    watcher = dash.app.session.watcher
    return watcher is not None and watcher.link.state.status is Link.UP


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


@pytest.mark.parametrize(
    ("variants", "sentence"),
    [
        (
            Variants(fetch_documents=False, jobs=False, html_404=True),
            "This DeepWriter API offers no list of jobs; add IDs with a.",
        ),
        (Variants(list_error=401), "The token was not accepted (Unauthorized); sign in again."),
        (Variants(list_error=403), "The token is not allowed to do this"),
    ],
)
async def test_a_refused_list_of_jobs_is_explained_and_changes_nothing_else(
    variants: Variants, sentence: str
) -> None:
    with simulated(variants=variants) as server:
        watched = server.world.add(RUNNING)
        async with served(server, [watched]) as dash:
            await dash.press("A")
            await dash.until(sentence)
            before = len(server.requests)
            await dash.until(lambda: any(one.job_id == watched for one in server.requests[before:]))
            assert is_up(dash)
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
    running = simulator.world.add(RUNNING)
    async with served(simulator, [running]) as dash:
        await dash.press("o")
        await dash.until("There is no document yet: the job is in progress.")
        assert not content(opened)
    settings = Settings(web_url="https://example.org/p/{project_id}?job={job_id}")
    async with served(simulator, [running], settings=settings) as dash:
        job = dash.app.session.watch_list.entries[running].job
        assert job is not None
        await dash.press("o")
        page = f"https://example.org/p/{job.project_id}?job={running}"
        await dash.until(lambda: content(opened) == page)


async def test_on_an_empty_list_the_same_key_opens_the_demo() -> None:
    async with running_dashboard() as dash:
        await dash.until("look around in the demo")
        assert "o demo" in dash.text
        await dash.press("o")
    assert dash.app.return_value == DEMO


@pytest.mark.parametrize(
    ("variants", "reports"),
    [
        (Variants(percent_as_fraction=True, fetch_documents=False, cancel_error=403), "percent"),
        (Variants(snake_case_stages=True, paging="cursor", page_size=1, documents=False), "both"),
    ],
    ids=["fractions, observed list, no cancel", "snake case, pages, no documents"],
)
async def test_the_dashboard_works_with_another_api(
    monkeypatch: pytest.MonkeyPatch, variants: Variants, reports: str
) -> None:
    monkeypatch.setenv("SSH_TTY", "/dev/pts/0")
    with simulated(variants=variants) as server:
        add = server.world.add
        ids = first, second, done = (
            add([("in_progress", "Reading papers", 42.0, 42.0, 3600.0)], cancel_after=0.0, reports=reports),
            add([("in_progress", "Reading papers", 57.0, 57.0, 3600.0)], reports=reports),
            add([("completed", None, 100.0, 100.0, 0.0)], reports=reports),
        )
        add([("in_progress", "Reading papers", 1.0, 1.0, 3600.0)], title="Not on the list")
        async with served(server, ids) as dash:
            assert [dash.cell(name, "progress") for name in ids] == ["42%", "57%", "100%"]
            stage = "reading papers" if variants.snake_case_stages else "Reading papers"
            assert dash.cell(first, "stage") == stage

            dash.main.table.move_to(first)
            await open_cancel_dialog(dash)
            await dash.press("y")
            refused = variants.cancel_error is not None
            await dash.until(lambda: dash.cell(first) == ("▸ refused" if refused else "⊘ cancelled"))
            assert server.cancelled == [first]

            before = len(server.requests)
            await dash.until(lambda: any(one.job_id == second for one in server.requests[before:]))

            await dash.press("A")
            await dash.until("[x] Not on the list")
            assert "1 of 4 chosen   3 already on the list" in dash.text
            await dash.press("escape")

            dash.main.table.move_to(done)
            await dash.press("o")
            if variants.documents:
                await dash.until(lambda: f"/documents/{done}.pdf?" in dash.app.clipboard)
            else:
                await dash.until("This job has no document; its status is completed.")
            assert dash.watched == list(ids)
