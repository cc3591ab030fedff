"""How the list is seen: filter, order, marks, columns, layout, theme, help. The cursor stays on its job."""

from pathlib import Path

import pytest

from app.presentation.keymap import ON_ONE_LINE
from tests.scripted_api import job_id
from tests.ui.dashboard_host import fill, known, sitting
from widgets.dialogs.reading import HelpDialog
from widgets.key_line import KeyLine

TITLES = ("Alpha review", "Beta study", "Gamma review", "Delta essay")
ALPHA, BETA, GAMMA, DELTA = (job_id(number) for number in range(1, 5))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Four jobs in progress, one of them in another stage."""
    entries = [known(number, title=title) for number, title in enumerate(TITLES, 1)]
    entries[3] = known(4, "queued", title="Delta essay", stage="Outlining")
    fill(tmp_path / "dwtop.db", entries)
    return tmp_path / "dwtop.db"


async def test_the_filter_works_while_it_is_typed_and_enter_keeps_it(path: Path) -> None:
    async with sitting(path) as desk:
        await desk.press("slash", *"rev")
        assert desk.shown == [ALPHA, GAMMA]
        assert "/rev: 2 of 4" in desk.text
        await desk.press("space", "z")
        assert desk.shown == []
        await desk.press("backspace", "backspace", "enter")
        assert desk.shown == [ALPHA, GAMMA]
        assert not desk.filter_line.display
        await desk.press("j")
        assert desk.cursor == GAMMA, "the keys are the list's again"
        assert "/rev: 2 of 4" in desk.text
        await desk.press("escape")
        assert len(desk.shown) == 4


@pytest.mark.parametrize(
    ("words", "found"),
    [("outlin", [DELTA]), ("queued", [DELTA]), ("STUDY beta", [BETA]), (GAMMA[-6:], [GAMMA])],
)
async def test_the_filter_looks_at_stage_status_title_and_id(
    path: Path, words: str, found: list[str]
) -> None:
    async with sitting(path) as desk:
        await desk.press("slash", *words)
        assert desk.shown == found


async def test_the_cursor_stays_on_its_job_through_a_filter_that_hides_it(path: Path) -> None:
    async with sitting(path) as desk:
        await desk.press("j")
        assert desk.cursor == BETA
        await desk.press("slash", *"rev")
        assert desk.cursor == GAMMA, "the nearest that is left"
        await desk.press("backspace", "backspace", "backspace")
        assert desk.cursor == BETA, "while the filter is typed, as soon as it is shown again"
        await desk.press(*"rev", "escape")
        assert desk.cursor == GAMMA, "what is under the cursor when the filter is cleared"
        assert not desk.main.board.view.filter


async def test_sorting_by_key_and_by_header(path: Path) -> None:
    async with sitting(path) as desk:
        await desk.press("j", "j")
        assert "STATUS " in desk.text
        await desk.press("s", "s", "s", "s", "s")
        assert desk.shown == [ALPHA, BETA, DELTA, GAMMA]
        assert desk.cursor == GAMMA
        assert "Sorted by title" in desk.text
        await desk.press("S")
        assert desk.shown == [GAMMA, DELTA, BETA, ALPHA]
        assert "TITLE ▾" in desk.text
        table = desk.main.table
        x = desk.text.splitlines()[table.region.y].index("STAGE")
        await desk.pilot.click("#table", offset=(x, 0))
        await desk.pilot.pause()
        assert desk.shown[-1] == DELTA
        assert "STAGE ▴" in desk.text
        await desk.pilot.click("#table", offset=(x, 0))
        await desk.pilot.pause()
        assert desk.shown[0] == DELTA
        assert desk.cursor == GAMMA


async def test_marks_ranges_and_all(path: Path) -> None:
    async with sitting(path) as desk:
        await desk.press("space")
        assert desk.marks == {ALPHA}
        assert desk.cursor == BETA
        await desk.press("j", "V")
        assert desk.marks == {ALPHA, BETA, GAMMA}
        assert "3 marked" in desk.text
        assert desk.line("Beta study").startswith(" ✱▸")
        await desk.press("asterisk")
        assert desk.marks == {ALPHA, BETA, GAMMA, DELTA}
        await desk.press("asterisk")
        assert desk.marks == set()
        await desk.press("asterisk", "k", "space")
        assert desk.marks == {ALPHA, GAMMA, DELTA}
        await desk.press("escape")
        assert desk.marks == set()


async def test_a_range_begins_with_the_mark_that_was_set_last_whichever_way(path: Path) -> None:
    async with sitting(path) as desk:
        await desk.press("V")
        assert desk.marks == {ALPHA}
        await desk.press("j", "j", "V")
        assert desk.marks == {ALPHA, BETA, GAMMA}
        await desk.press("escape", "j", "V")
        assert desk.marks == {DELTA}, "where no mark is left there is none to begin with"
        await desk.press("space", "g", "V")
        assert desk.marks == {ALPHA}


async def test_marks_that_the_filter_hides_are_counted(path: Path) -> None:
    async with sitting(path) as desk:
        await desk.press("asterisk", "slash", *"beta", "enter")
        assert "4 marked (3 hidden)" in desk.text
        await desk.press("asterisk")
        assert "3 marked (3 hidden)" in desk.text, "all that are shown, and those alone, are taken off"


async def test_escape_goes_back_one_layer_at_a_time(path: Path) -> None:
    async with sitting(path) as desk:
        await desk.press("space", "slash", *"a", "enter", "enter", "question_mark")
        await desk.press("escape")
        assert desk.app.screen is desk.main
        assert desk.main.details.open
        await desk.press("escape")
        assert not desk.main.has_class("-detail-open")
        assert desk.main.board.view.filter == "a"
        await desk.press("escape")
        assert not desk.main.board.view.filter
        assert desk.marks == {ALPHA}
        await desk.press("escape")
        assert not desk.marks
        await desk.press("escape", "escape")
        assert desk.app.is_running


async def test_columns_are_chosen_and_the_essential_ones_stay(path: Path) -> None:
    async with sitting(path, size=(150, 39)) as desk:  # one line fewer than opens the details
        assert "CREATED" not in desk.text
        await desk.press("c", "down", "down", "down", "space", "enter")
        assert "CREATED" in desk.text
        await desk.press("c")
        for _ in range(16):
            await desk.press("down")
        assert all(word in desk.text for word in ("stage", "models", "BYOK", "star"))
        await desk.press("escape")
        assert "CREATED" in desk.text
        for column in ("STATUS", "TITLE", "PROGRESS", "STAGE", "TIME"):
            assert column in desk.text


async def test_layouts_show_more_or_less_around_the_list(path: Path) -> None:
    async with sitting(path) as desk:
        assert "details" in desk.text
        await desk.press("z")
        assert "Layout: compact" in desk.text
        assert "details" not in desk.text
        await desk.until(lambda: not desk.main.query_one(KeyLine).display)
        await desk.press("z")
        assert "Layout: full" in desk.text
        await desk.press("z")
        assert "Layout: auto" in desk.text


async def test_the_theme_is_chosen_from_a_list(path: Path) -> None:
    async with sitting(path) as desk:
        await desk.press("t")
        await desk.until("nord")
        await desk.press(*"nord")
        await desk.until(lambda: "dracula" not in desk.text)
        await desk.press("enter")
        await desk.until(lambda: desk.app.theme == "nord")


async def test_the_help_names_every_key_that_works(path: Path) -> None:
    async with sitting(path, size=(200, 60)) as desk:
        works = {
            entry.binding.id: entry.binding.tooltip
            for entry in desk.main.active_bindings.values()
            if entry.binding.id  # what Textual brings along has none
        }
        await desk.press("question_mark")
        shown = " ".join(desk.text.split())
        together = {action for pair in ON_ONE_LINE.items() for action in (pair[0], pair[1][0])}
        for name, tooltip in works.items():
            assert name in together or " ".join(tooltip.split()[:3]) in shown, name
        for _, text in ON_ONE_LINE.values():
            assert " ".join(text.split()[:3]) in shown
        assert {"jobs.cancel", "view.filter", "mark.all", "poll.pause", "table.down", "app.leave"} <= set(
            works
        )
        for key in ("j", "↓", "PgDn", "Ctrl+d", "/", "space", "*", "F1", "?", "+", "-", "Ctrl+c", "Delete"):
            assert key in shown.split(), key
        await desk.press("escape")
        assert desk.app.screen is desk.main


@pytest.mark.parametrize("size", [(114, 30), (120, 30)])
async def test_the_help_is_on_one_screen_in_three_columns(path: Path, size: tuple[int, int]) -> None:
    async with sitting(path, size=size) as desk:
        await desk.press("question_mark")
        await desk.until("Suspend (fg")
        dialog = desk.app.screen
        assert isinstance(dialog, HelpDialog)
        assert dialog.body.max_scroll_y == 0
        assert len([word for word in desk.line("Jobs").split() if word.istitle()]) == 3


async def test_a_key_that_was_given_to_another_action_is_told_as_such(path: Path) -> None:
    async with sitting(path) as desk:
        desk.app.set_keymap({"view.log": "E"})
        await desk.press("question_mark")
        await desk.until("E")
        line = next(line for line in desk.text.splitlines() if "Show recent events" in line)
        assert line.split("Show recent events")[0].split()[-1] == "E"


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 10), (40, 8), (20, 2), (200, 60)])
async def test_every_size_shows_the_jobs_first(path: Path, size: tuple[int, int]) -> None:
    async with sitting(path, size=size) as desk:
        assert "▸" in desk.text
        assert "Al" in desk.text
        assert "42%" in desk.text
        await desk.press("enter", "enter", "j", "question_mark", "escape", "a", "escape", "e", "escape")
        assert desk.cursor == BETA


async def test_a_storm_of_resizes_leaves_everything_in_its_place(path: Path) -> None:
    async with sitting(path) as desk:
        await desk.press("j", "j", "space", "enter")
        for width, height in ((200, 60), (40, 8), (3, 1), (119, 2), (80, 24), (1, 50), (20, 2), (120, 40)):
            await desk.pilot.resize_terminal(width, height)
        await desk.pilot.pause()
        assert desk.cursor == DELTA
        assert desk.marks == {GAMMA}
        assert "Delta essay" in desk.text
