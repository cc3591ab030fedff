"""The user's own jobs and finished documents in the dashboard."""

import asyncio

import pytest

from app.dashboard import output_actions
from app.dashboard.app import DEMO
from app.settings.schema import Settings
from app.watch.polling.link import Link
from tests.processes import database_contains
from tests.simulated_api import COMPLETED, RUNNING, simulated
from tests.simulator_faults.server import FaultySimulator
from tests.simulator_faults.variants import Variants
from tests.ui.dashboard_host import running_dashboard, served


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The links that are opened."""
    links: list[str] = []

    def open_link(link: str, environ: object) -> str:
        links.append(link)
        return "xdg-open"

    monkeypatch.setattr(output_actions, "open_link", open_link)
    return links


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


async def test_a_document_is_opened_and_its_link_neither_shown_nor_stored(
    simulator: FaultySimulator, opened: list[str]
) -> None:
    done = simulator.world.add(COMPLETED)
    async with served(simulator, [done]) as dash:
        await dash.press("o")
        await dash.until(lambda: opened)
        assert f"/documents/{done}.pdf?" in opened[0]
        await dash.press("e")
        await dash.until("Events")
        assert "signature=" not in dash.text
    assert not await asyncio.to_thread(database_contains, b"signature=")


async def test_where_nothing_opens_it_the_link_is_shown_and_copied_and_not_stored(
    simulator: FaultySimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "a 1 b 2")
    done = simulator.world.add(COMPLETED)
    async with served(simulator, [done]) as dash:
        await dash.press("o")
        await dash.until(lambda: f"/documents/{done}.pdf?" in dash.app.clipboard)
        await dash.until("signature=")
    assert not await asyncio.to_thread(database_contains, b"signature=")


async def test_a_job_without_a_document_says_so_or_opens_its_page(
    simulator: FaultySimulator, opened: list[str]
) -> None:
    running = simulator.world.add(RUNNING, project_id="p1")
    async with served(simulator, [running]) as dash:
        await dash.press("o")
        await dash.until("There is no document yet: the job is in progress.")
        assert not opened
    settings = Settings(web_url="https://example.org/p/{project_id}?job={job_id}")
    async with served(simulator, [running], settings=settings) as dash:
        await dash.press("o")
        await dash.until(lambda: opened == [f"https://example.org/p/p1?job={running}"])


async def test_on_an_empty_list_the_same_key_opens_the_demo() -> None:
    async with running_dashboard() as dash:
        await dash.until("look around in the demo")
        assert "o demo" in dash.text
        await dash.press("o")
    assert dash.app.return_value == DEMO
