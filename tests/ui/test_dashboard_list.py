"""Putting jobs on the list and taking them off: typed, pasted, twice, by mistake, and back again."""

from pathlib import Path

from tests.scripted_api import job_id
from tests.ui.dashboard_host import fill, known, sitting

NOT_WATCHED = job_id(77)


async def test_typed_ids_are_added_and_the_cursor_goes_there(tmp_path: Path) -> None:
    path = tmp_path / "dwtop.db"
    fill(path, [known(1)])
    async with sitting(path) as desk:
        await desk.press("a", *NOT_WATCHED.upper())
        assert "1 new" in desk.text
        await desk.press("enter")
        await desk.until(lambda: desk.cursor == NOT_WATCHED)
        assert desk.watched == [job_id(1), NOT_WATCHED]
        await desk.until("Added 1 job")


async def test_a_paste_anywhere_shows_what_it_would_add(tmp_path: Path) -> None:
    path = tmp_path / "dwtop.db"
    fill(path, [known(1)])
    text = f"see {job_id(5)}, {job_id(1)}\n{job_id(5)}\nnothing here\n{{{job_id(6).replace('-', '')}}}\n"
    async with sitting(path) as desk:
        await desk.paste(text)
        await desk.until("2 new")
        for fact in ("1 already on the list", "1 repeated", "1 line without a job ID", "nothing here"):
            assert fact in desk.text
        await desk.press("enter")
        await desk.until(lambda: desk.watched == [job_id(1), job_id(5), job_id(6)])
        assert desk.cursor == job_id(5)


async def test_garbage_adds_nothing_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "dwtop.db"
    fill(path, [known(1)])
    async with sitting(path) as desk:
        await desk.paste("\x1b[31mnot \u202ean ID\x07")
        await desk.until("1 line without a job ID")
        await desk.press("enter")
        assert "No job ID found yet." in desk.text
        await desk.press("escape")
        assert desk.watched == [job_id(1)]
        assert len(desk.app.screen_stack) == 1


async def test_a_paste_while_a_dialog_is_open_neither_acts_nor_adds(tmp_path: Path) -> None:
    path = tmp_path / "dwtop.db"
    fill(path, [known(1)])
    async with sitting(path) as desk:
        for opening in ("question_mark", "e", "c", "x"):
            await desk.connected()
            await desk.press(opening)
            dialog = desk.app.screen
            assert dialog is not desk.main
            for text in ("y", "q", NOT_WATCHED, f"n\n{NOT_WATCHED}\n"):
                await desk.paste(text)
            await desk.pilot.pause()
            assert desk.app.screen is dialog
            await desk.press("escape")
            assert desk.app.screen is desk.main
        assert desk.watched == [job_id(1)]


async def test_an_empty_paste_opens_nothing(tmp_path: Path) -> None:
    async with sitting(tmp_path / "dwtop.db") as desk:
        await desk.paste(" \n")
        await desk.pilot.pause()
        assert len(desk.app.screen_stack) == 1


async def test_a_job_is_removed_and_undone_where_it_stood(tmp_path: Path) -> None:
    path = tmp_path / "dwtop.db"
    fill(path, [known(number) for number in (1, 2, 3)])
    async with sitting(path) as desk:
        await desk.press("j", "d")
        await desk.until(lambda: desk.shown == [job_id(1), job_id(3)])
        assert desk.cursor == job_id(3), "the cursor goes to the next one"
        await desk.until("Removed Book 2. It keeps running; u brings it back")
        await desk.press("u")
        await desk.until(lambda: desk.shown == [job_id(1), job_id(2), job_id(3)])
        assert desk.cursor == job_id(2)
        assert "42%" in desk.line("Book 2"), "with all that was known of it"
        await desk.press("u")
        await desk.until("Nothing to undo")


async def test_marked_jobs_go_and_come_back_as_one_step(tmp_path: Path) -> None:
    path = tmp_path / "dwtop.db"
    fill(path, [known(number) for number in range(1, 7)])
    async with sitting(path) as desk:
        await desk.press("space", "j", "space", "delete")  # 1 and 3
        await desk.until(lambda: desk.watched == [job_id(number) for number in (2, 4, 5, 6)])
        await desk.until("Removed 2 jobs. Unfinished ones keep running; u brings them back")
        assert desk.marks == set()
        await desk.press("d")
        await desk.until(lambda: len(desk.watched) == 3)
        await desk.press("u")
        await desk.until(lambda: len(desk.watched) == 4)
        await desk.press("u")
        await desk.until(lambda: desk.watched == [job_id(number) for number in range(1, 7)])


async def test_all_finished_jobs_go_at_once_and_come_back(tmp_path: Path) -> None:
    path = tmp_path / "dwtop.db"
    statuses = ("in_progress", "completed", "failed", "queued", "cancelled", "moderated", "draft")
    fill(path, [known(number, status) for number, status in enumerate(statuses)])
    async with sitting(path) as desk:
        await desk.press("D")
        await desk.until(lambda: desk.watched == [job_id(0), job_id(3), job_id(6)])
        await desk.until("Removed 4 jobs. ")
        assert "go on" not in desk.text, "none of them does"
        await desk.press("D")
        await desk.until("No finished jobs to remove")
        await desk.press("u")
        await desk.until(lambda: len(desk.watched) == len(statuses))


async def test_the_last_job_gone_leaves_the_empty_list(tmp_path: Path) -> None:
    path = tmp_path / "dwtop.db"
    fill(path, [known(1)])
    async with sitting(path) as desk:
        await desk.press("d")
        await desk.until("No jobs yet")
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
            await desk.press(key)
        assert len(desk.app.screen_stack) == 1
        await desk.press("u")
        await desk.until("Book 1")


async def test_all_of_many_go_and_come_back(tmp_path: Path) -> None:
    path = tmp_path / "dwtop.db"
    fill(path, [known(number) for number in range(300)])
    async with sitting(path) as desk:
        before = desk.shown
        await desk.press("asterisk", "d")
        await desk.until(lambda: not desk.watched)
        await desk.press("u")
        await desk.until(lambda: len(desk.watched) == 300)
        await desk.until(lambda: desk.shown == before)
