"""Adding and removing jobs in the dashboard, and undoing that."""

from dataclasses import replace
from pathlib import Path

from tests.scripted_api import job_id
from tests.ui.dashboard_host import fill, known, known_jobs, running_dashboard

NOT_WATCHED = job_id(77)


async def test_typed_ids_are_added_and_the_cursor_goes_there(tmp_path: Path) -> None:
    async with running_dashboard(tmp_path / "dwtop.db", jobs=[known(1)]) as dash:
        await dash.press("a", *NOT_WATCHED.upper())
        assert "1 new" in dash.text
        await dash.press("enter")
        await dash.until(lambda: dash.cursor == NOT_WATCHED)
        assert dash.watched == [job_id(1), NOT_WATCHED]
        await dash.until("Added 1 job")


async def test_a_paste_anywhere_shows_what_it_would_add(tmp_path: Path) -> None:
    path = tmp_path / "dwtop.db"
    fill(path, [known(1)])
    text = f"see {job_id(5)}, {job_id(1)}\n{job_id(5)}\nnothing here\n{{{job_id(6).replace('-', '')}}}\n"
    async with running_dashboard(path) as dash:
        await dash.paste(text)
        await dash.until("2 new")
        for fact in ("1 already on the list", "1 repeated", "1 line without a job ID", "nothing here"):
            assert fact in dash.text
        await dash.press("enter")
        await dash.until(lambda: dash.watched == [job_id(1), job_id(5), job_id(6)])
        assert dash.cursor == job_id(5)


async def test_text_without_ids_adds_nothing(tmp_path: Path) -> None:
    async with running_dashboard(tmp_path / "dwtop.db", jobs=[known(1)]) as dash:
        await dash.paste("\x1b[31mnot \u202ean ID\x07")
        await dash.until("1 line without a job ID")
        await dash.press("enter")
        assert "No job ID found yet." in dash.text
        await dash.press("escape")
        assert dash.watched == [job_id(1)]
        assert len(dash.app.screen_stack) == 1


async def test_a_paste_while_a_dialog_is_open_neither_acts_nor_adds(tmp_path: Path) -> None:
    async with running_dashboard(tmp_path / "dwtop.db", jobs=[known(1)]) as dash:
        for opening in ("question_mark", "e", "c", "x"):
            await dash.connected()
            await dash.press(opening)
            dialog = dash.app.screen
            assert dialog is not dash.main
            for text in ("y", "q", NOT_WATCHED, f"n\n{NOT_WATCHED}\n"):
                await dash.paste(text)
            await dash.pilot.pause()
            assert dash.app.screen is dialog
            await dash.press("escape")
            assert dash.app.screen is dash.main
        assert dash.watched == [job_id(1)]


async def test_an_empty_paste_opens_nothing(tmp_path: Path) -> None:
    async with running_dashboard(tmp_path / "dwtop.db") as dash:
        await dash.paste(" \n")
        await dash.pilot.pause()
        assert len(dash.app.screen_stack) == 1


async def test_a_removed_job_is_restored_to_its_place(tmp_path: Path) -> None:
    async with running_dashboard(tmp_path / "dwtop.db", jobs=[known(number) for number in (1, 2, 3)]) as dash:
        await dash.press("j", "d")
        await dash.until(lambda: dash.shown == [job_id(1), job_id(3)])
        assert dash.cursor == job_id(3), "the cursor goes to the next one"
        await dash.until("Removed Book 2. It keeps running; u brings it back")
        await dash.press("u")
        await dash.until(lambda: dash.shown == [job_id(1), job_id(2), job_id(3)])
        assert dash.cursor == job_id(2)
        assert "42%" in dash.line("Book 2"), "with all that was known of it"
        await dash.press("u")
        await dash.until("Nothing to undo")


async def test_a_removed_job_that_was_not_found_is_not_said_to_run(tmp_path: Path) -> None:
    async with running_dashboard(tmp_path / "dwtop.db", jobs=[replace(known(1), misses=2)]) as dash:
        await dash.press("d")
        await dash.until("Removed Book 1. u brings it back")


async def test_marked_jobs_are_removed_and_restored_in_one_step(tmp_path: Path) -> None:
    async with running_dashboard(tmp_path / "dwtop.db", jobs=known_jobs(6)) as dash:
        await dash.press("space", "j", "space", "delete")  # 1 and 3
        await dash.until(lambda: dash.watched == [job_id(number) for number in (2, 4, 5, 6)])
        await dash.until("Removed 2 jobs. Unfinished ones keep running; u brings them back")
        assert dash.marks == set()
        await dash.press("d")
        await dash.until(lambda: len(dash.watched) == 3)
        await dash.press("u")
        await dash.until(lambda: len(dash.watched) == 4)
        await dash.press("u")
        await dash.until(lambda: dash.watched == [job_id(number) for number in range(1, 7)])


async def test_all_finished_jobs_are_removed_and_restored(tmp_path: Path) -> None:
    path = tmp_path / "dwtop.db"
    statuses = ("in_progress", "completed", "failed", "queued", "cancelled", "moderated", "draft")
    fill(path, [known(number, status) for number, status in enumerate(statuses)])
    async with running_dashboard(path) as dash:
        await dash.press("D")
        await dash.until(lambda: dash.watched == [job_id(0), job_id(3), job_id(6)])
        await dash.until("Removed 4 jobs. ")
        assert "go on" not in dash.text, "none of them does"
        await dash.press("D")
        await dash.until("No finished jobs to remove")
        await dash.press("u")
        await dash.until(lambda: len(dash.watched) == len(statuses))


async def test_removing_the_last_job_shows_the_empty_list(tmp_path: Path) -> None:
    async with running_dashboard(tmp_path / "dwtop.db", jobs=[known(1)]) as dash:
        await dash.press("d")
        await dash.until("No jobs yet")
        for key in (
            "x",
            "d",
            "space",
            "V",
            "asterisk",
            "enter",
            "enter",
            "y",
            "Y",
            "m",
            "r",
            "R",
            "j",
            "s",
            "S",
        ):
            await dash.press(key)
        assert len(dash.app.screen_stack) == 1
        await dash.press("u")
        await dash.until("Book 1")


async def test_many_jobs_are_removed_and_restored(tmp_path: Path) -> None:
    async with running_dashboard(tmp_path / "dwtop.db", jobs=known_jobs(300, start=0)) as dash:
        before = dash.shown
        await dash.press("asterisk", "d")
        await dash.until(lambda: not dash.watched)
        await dash.press("u")
        await dash.until(lambda: len(dash.watched) == 300)
        await dash.until(lambda: dash.shown == before)
