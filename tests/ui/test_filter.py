"""The filter in a list that is longer than its pane."""

from pathlib import Path

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
        await desk.until("No job matches the filter")
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
        await desk.until("Enter Keep Esc Clear F1 Help")
        assert desk.line("/ bo").strip() == "/ bo"
        await desk.press("escape")
        await desk.until(lambda: "/ Filter" in desk.text and "? Help" in desk.text)


async def test_a_paste_of_several_lines_filters_by_the_words_of_all(tmp_path: Path) -> None:
    path = tmp_path / "db"
    fill(path, [known(1, title="Red book"), known(2, title="Red chapter")])
    async with sitting(path, size=(80, 24)) as desk:
        await desk.press("slash")
        await desk.paste("\nred\tbo\r\nok\x07\n")
        await desk.until("/ red bo ok")
        await desk.until(lambda: desk.shown == [job_id(1)])
