"""Adding and removing jobs in the dashboard, and undoing that."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from app.watch.watched import CancelStep
from tests.scripted_api import job_id
from tests.ui.dashboard_host import DashboardPilot, known, known_jobs, running_dashboard

NOT_WATCHED = job_id(77)
STATUSES = ("in_progress", "completed", "failed", "queued", "cancelled", "moderated", "draft")


@pytest.fixture
async def dash() -> AsyncIterator[DashboardPilot]:
    async with running_dashboard(jobs=[known(1)]) as dash:
        yield dash


async def test_a_paste_anywhere_shows_what_it_would_add(dash: DashboardPilot) -> None:
    await dash.paste(" \n")
    assert dash.app.screen is dash.main, "an empty paste opens nothing"
    await dash.paste(f"see {job_id(5)}, {job_id(1)}\n{job_id(5)}\nnothing here\n{job_id(6).upper()}\n")
    await dash.until("2 new")
    for fact in ("1 already on the list", "1 repeated", "1 line without a job ID", "nothing here"):
        assert fact in dash.text
    await dash.press("enter")
    await dash.until("Added 2 jobs")
    assert dash.watched == [job_id(1), job_id(5), job_id(6)]
    assert dash.cursor == job_id(5)


async def test_a_paste_while_a_dialog_is_open_neither_acts_nor_adds(dash: DashboardPilot) -> None:
    await dash.connected()
    for opening in ("question_mark", "e", "c", "x"):
        await dash.press(opening)
        dialog = dash.app.screen
        assert dialog is not dash.main
        for text in ("y", "q", NOT_WATCHED, f"n\n{NOT_WATCHED}\n"):
            await dash.paste(text)
        assert dash.app.screen is dialog
        await dash.press("escape")
        assert dash.app.screen is dash.main
    assert dash.watched == [job_id(1)]


async def test_a_removed_job_is_restored_to_its_place() -> None:
    async with running_dashboard(jobs=[known(number) for number in (1, 2, 3)]) as dash:
        await dash.press("j", "d")
        await dash.until(lambda: dash.shown == [job_id(1), job_id(3)])
        assert dash.cursor == job_id(3), "the cursor goes to the next one"
        await dash.press("u")
        await dash.until(lambda: dash.shown == [job_id(1), job_id(2), job_id(3)])
        assert dash.cursor == job_id(2)
        assert "42%" in dash.line("Book 2"), "with all that was known of it"
        await dash.press("u")
        await dash.until("Nothing to undo")


async def test_only_a_removed_job_that_runs_is_said_to_keep_running() -> None:
    jobs = [known(1), known(2, "queued"), known(3), known(4, "draft"), replace(known(5), misses=2)]
    async with running_dashboard(jobs=jobs) as dash:
        dash.app.session.watch_list.record_cancel(job_id(3), CancelStep.SENT)
        for number in range(1, 6):
            dash.main.table.move_to(job_id(number))
            await dash.press("d")
            keeps_running = "It keeps running; " if number <= 2 else ""
            await dash.until(f"Removed Book {number}. {keeps_running}u brings it back")


async def test_a_cut_title_ends_a_sentence_without_a_full_stop() -> None:
    async with running_dashboard(jobs=[known(1, title="Book " * 30)]) as dash:
        await dash.press("d")
        await dash.until("Book… It keeps running")


async def test_a_row_shows_that_it_is_muted_as_soon_as_the_message_says_so(dash: DashboardPilot) -> None:
    for said, start in (("is muted", "▌m"), ("is no longer muted", "▌ ")):
        await dash.press("m")
        await dash.until(said)
        assert dash.line("▌").startswith(start)


async def test_marked_jobs_are_removed_and_restored_in_one_step() -> None:
    async with running_dashboard(jobs=known_jobs(300)) as dash:
        before = dash.shown
        await dash.press("space", "j", "space", "delete")  # 1 and 3
        await dash.until(
            lambda: [name for name in before if name not in dash.watched] == [job_id(1), job_id(3)]
        )
        await dash.until("Removed 2 jobs. Unfinished ones keep running; u brings them back")
        assert dash.marks == set()
        await dash.press("asterisk", "d")
        await dash.until(lambda: not dash.watched)
        await dash.press("u")
        await dash.until(lambda: len(dash.watched) == 298)
        await dash.press("u")
        await dash.until(lambda: len(dash.watched) == 300)
        await dash.until(lambda: dash.shown == before)


async def test_all_finished_jobs_are_removed_and_restored() -> None:
    jobs = [known(number, status) for number, status in enumerate(STATUSES)]
    async with running_dashboard(jobs=jobs) as dash:
        await dash.press("D")
        await dash.until(lambda: dash.watched == [job_id(0), job_id(3), job_id(6)])
        await dash.until("Removed 4 jobs. ")
        assert "running; u" not in dash.text, "none of them runs"
        await dash.press("D")
        await dash.until("No finished jobs to remove")
        await dash.press("u")
        await dash.until(lambda: len(dash.watched) == len(STATUSES))


async def test_removing_the_last_job_shows_the_empty_list(dash: DashboardPilot) -> None:
    await dash.press("d")
    await dash.until("No jobs yet")
    await dash.press(*"xd", "space", "V", "asterisk", "enter", "enter", *"yYmrRjsS")
    assert len(dash.app.screen_stack) == 1
    await dash.press("u")
    await dash.until("Book 1")
    assert "No jobs yet" not in dash.text
