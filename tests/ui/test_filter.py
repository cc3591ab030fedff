"""The filter and the cursor."""

from dataclasses import replace
from pathlib import Path

from tests.scripted_api import job_id
from tests.ui.dashboard_host import fill, known, known_jobs, running_dashboard


async def test_the_cursor_returns_after_a_filter_without_matches(
    tmp_path: Path,
) -> None:
    async with running_dashboard(tmp_path / "db", jobs=known_jobs(30, start=0), size=(40, 10)) as dash:
        await dash.press("G", "k", "k")
        assert dash.cursor == job_id(27)
        await dash.press("slash", *"book 2x")
        await dash.until('No job matches "')
        assert dash.shown == []
        await dash.press("escape")
        await dash.until(lambda: dash.cursor == job_id(27))
        assert len(dash.shown) == 30
        assert "No job matches" not in dash.text
        assert "Book 27" in dash.text


async def test_the_filter_line_shows_its_own_keys(tmp_path: Path) -> None:
    async with running_dashboard(tmp_path / "db", jobs=[known(1)], size=(80, 24)) as dash:
        await dash.press("slash", *"bo")
        await dash.until("Enter keep   Esc clear")
        assert dash.line("/ bo").strip() == "/ bo"
        await dash.press("escape")
        await dash.until(lambda: "/ filter" in dash.text and "? help" in dash.text)


async def test_a_paste_of_several_lines_filters_by_the_words_of_all(tmp_path: Path) -> None:
    async with running_dashboard(
        tmp_path / "db", jobs=[known(1, title="Red book"), known(2, title="Red chapter")], size=(80, 24)
    ) as dash:
        await dash.press("slash")
        await dash.paste("\nred\tbo\r\nok\x07\n")
        await dash.until("/ red bo ok")
        await dash.until(lambda: dash.shown == [job_id(1)])


async def test_the_cursor_stays_when_a_kept_filter_is_cleared(tmp_path: Path) -> None:
    async with running_dashboard(
        tmp_path / "db", jobs=known_jobs(30, "completed", start=0), size=(80, 12)
    ) as dash:
        for keys in ([], ["y"], ["r"], ["m"], ["enter", "escape"], ["x"], ["colon", "escape"]):
            await dash.press("g", "slash", *"book 27", "enter")
            await dash.until(lambda: dash.cursor == job_id(27))
            await dash.press(*keys)
            await dash.until(lambda: dash.app.screen is dash.main)
            await dash.press("escape")
            await dash.until(lambda: len(dash.shown) == 30)
            assert dash.cursor == job_id(27), keys
            assert "Book 27" in dash.text


async def test_the_cursor_stays_on_the_job_after_a_marked_one(tmp_path: Path) -> None:
    async with running_dashboard(
        tmp_path / "db", jobs=known_jobs(30, "completed", start=0), size=(80, 12)
    ) as dash:
        await dash.press("slash", *"book 2", "enter", "space")
        assert dash.marks == {job_id(2)}
        assert dash.cursor == job_id(12)
        await dash.press("escape")
        await dash.until(lambda: len(dash.shown) == 30)
        assert dash.cursor == job_id(12)


async def test_the_cursor_stays_when_the_filter_field_is_cleared(tmp_path: Path) -> None:
    async with running_dashboard(
        tmp_path / "db", jobs=known_jobs(30, "completed", start=0), size=(80, 12)
    ) as dash:
        await dash.press("slash", *"book 27")
        await dash.until(lambda: dash.cursor == job_id(27))
        await dash.press("escape")
        await dash.until(lambda: len(dash.shown) == 30)
        assert dash.cursor == job_id(27)


async def test_the_cursor_stays_when_a_saved_filter_is_cleared(tmp_path: Path) -> None:
    path = tmp_path / "db"
    fill(path, known_jobs(30, "completed", start=0))
    async with running_dashboard(path, size=(80, 12)) as dash:
        await dash.press("slash", *"book 27", "enter")
    async with running_dashboard(path, size=(80, 12)) as dash:
        assert dash.shown == [job_id(27)]
        await dash.press("escape")
        await dash.until(lambda: len(dash.shown) == 30)
        assert dash.cursor == job_id(27)


async def test_the_cursor_stays_on_the_job_chosen_in_the_palette(tmp_path: Path) -> None:
    async with running_dashboard(tmp_path / "db", jobs=known_jobs(30, start=0), size=(80, 24)) as dash:
        await dash.press("colon", *"book 27")
        await dash.until("Book 27")
        await dash.press("enter")
        await dash.until(lambda: dash.cursor == job_id(27))
        failed = dash.app.session.watch_list.entries[job_id(29)].job
        assert failed is not None
        dash.app.session.watch_list.record_answer(replace(failed, status="failed"))
        await dash.until(lambda: dash.shown[0] == job_id(29))
        assert dash.cursor == job_id(27)


async def test_messages_count_the_jobs_hidden_by_the_filter(tmp_path: Path) -> None:
    async with running_dashboard(tmp_path / "db", jobs=known_jobs(5, "completed")) as dash:
        await dash.press("asterisk", "slash", *"book 3", "enter", "d")
        await dash.until("Removed 5 jobs, 4 of them hidden by the filter. ")
        await dash.press("u")
        await dash.until("Restored 5 jobs, 4 of them hidden by the filter")
        assert len(dash.watched) == 5
        await dash.paste(job_id(99))
        await dash.press("enter")
        await dash.until("Added 1 job, hidden by the filter")
        await dash.press("D")
        await dash.until("Removed 5 jobs, 4 of them hidden by the filter. ")
