"""The filter in a list that is longer than its pane."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.scripted_api import job_id
from tests.ui.dashboard_host import fill, known, sitting


async def test_the_cursor_finds_back_to_its_job_from_a_filter_that_lets_nothing_through(
    tmp_path: Path,
) -> None:
    path = tmp_path / "db"
    fill(path, [known(number) for number in range(30)])
    async with sitting(path, size=(40, 10)) as desk:
        await desk.press("G", "k", "k")
        assert desk.cursor == job_id(27)
        await desk.press("slash", *"book 2x")
        await desk.until('No job matches "')
        assert desk.shown == []
        await desk.press("escape")
        await desk.until(lambda: desk.cursor == job_id(27))
        assert len(desk.shown) == 30
        assert "No job matches" not in desk.text
        assert "Book 27" in desk.text


async def test_the_line_in_which_it_is_typed_names_its_own_keys_and_no_others(tmp_path: Path) -> None:
    path = tmp_path / "db"
    fill(path, [known(1)])
    async with sitting(path, size=(80, 24)) as desk:
        await desk.press("slash", *"bo")
        await desk.until("Enter keep   Esc clear")
        assert desk.line("/ bo").strip() == "/ bo"
        await desk.press("escape")
        await desk.until(lambda: "/ filter" in desk.text and "? help" in desk.text)


async def test_a_paste_of_several_lines_filters_by_the_words_of_all(tmp_path: Path) -> None:
    path = tmp_path / "db"
    fill(path, [known(1, title="Red book"), known(2, title="Red chapter")])
    async with sitting(path, size=(80, 24)) as desk:
        await desk.press("slash")
        await desk.paste("\nred\tbo\r\nok\x07\n")
        await desk.until("/ red bo ok")
        await desk.until(lambda: desk.shown == [job_id(1)])


@pytest.mark.parametrize("keys", [[], ["y"], ["r"], ["m"], ["enter", "escape"], ["x"], ["colon", "escape"]])
async def test_a_job_that_was_found_stays_under_the_cursor_when_the_kept_filter_goes(
    tmp_path: Path, keys: list[str]
) -> None:
    path = tmp_path / "db"
    fill(path, [known(number, "completed") for number in range(30)])
    async with sitting(path, size=(80, 12)) as desk:
        await desk.press("slash", *"book 27", "enter")
        await desk.until(lambda: desk.cursor == job_id(27))
        await desk.press(*keys)
        await desk.until(lambda: desk.app.screen is desk.main)
        await desk.press("escape")
        await desk.until(lambda: len(desk.shown) == 30)
        assert desk.cursor == job_id(27)
        assert "Book 27" in desk.text


async def test_the_job_after_one_that_was_marked_stays_under_the_cursor_too(tmp_path: Path) -> None:
    path = tmp_path / "db"
    fill(path, [known(number, "completed") for number in range(30)])
    async with sitting(path, size=(80, 12)) as desk:
        await desk.press("slash", *"book 2", "enter", "space")
        assert desk.marks == {job_id(2)}
        assert desk.cursor == job_id(12)
        await desk.press("escape")
        await desk.until(lambda: len(desk.shown) == 30)
        assert desk.cursor == job_id(12)


async def test_a_job_that_was_found_stays_under_the_cursor_when_the_field_is_cleared(tmp_path: Path) -> None:
    path = tmp_path / "db"
    fill(path, [known(number, "completed") for number in range(30)])
    async with sitting(path, size=(80, 12)) as desk:
        await desk.press("slash", *"book 27")
        await desk.until(lambda: desk.cursor == job_id(27))
        await desk.press("escape")
        await desk.until(lambda: len(desk.shown) == 30)
        assert desk.cursor == job_id(27)


async def test_a_job_stays_under_the_cursor_when_a_filter_of_the_last_time_is_cleared(tmp_path: Path) -> None:
    path = tmp_path / "db"
    fill(path, [known(number, "completed") for number in range(30)])
    async with sitting(path, size=(80, 12)) as desk:
        await desk.press("slash", *"book 27", "enter")
    async with sitting(path, size=(80, 12)) as desk:
        assert desk.shown == [job_id(27)]
        await desk.press("escape")
        await desk.until(lambda: len(desk.shown) == 30)
        assert desk.cursor == job_id(27)


async def test_a_job_that_the_palette_found_stays_under_the_cursor(tmp_path: Path) -> None:
    path = tmp_path / "db"
    fill(path, [known(number) for number in range(30)])
    async with sitting(path, size=(80, 24)) as desk:
        await desk.press("colon", *"book 27")
        await desk.until("Book 27")
        await desk.press("enter")
        await desk.until(lambda: desk.cursor == job_id(27))
        failed = desk.app.session.watch_list.entries[job_id(29)].job
        assert failed is not None
        desk.app.session.watch_list.record_answer(replace(failed, status="failed"))
        await desk.until(lambda: desk.shown[0] == job_id(29))
        assert desk.cursor == job_id(27)


async def test_what_the_filter_hides_of_what_a_key_did_is_said(tmp_path: Path) -> None:
    path = tmp_path / "db"
    fill(path, [known(number, "completed") for number in range(1, 6)])
    async with sitting(path) as desk:
        await desk.press("asterisk", "slash", *"book 3", "enter", "d")
        await desk.until("Removed 5 jobs, 4 of them hidden by the filter. ")
        await desk.press("u")
        await desk.until("Restored 5 jobs, 4 of them hidden by the filter")
        assert len(desk.watched) == 5
        await desk.paste(job_id(99))
        await desk.press("enter")
        await desk.until("Added 1 job, hidden by the filter")
        await desk.press("D")
        await desk.until("Removed 5 jobs, 4 of them hidden by the filter. ")
