"""Filter, order, marks, columns, layout, theme and help in the dashboard."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.settings.schema import Settings
from tests.scripted_api import job_id
from tests.ui.dashboard_host import fill, known, running_dashboard
from widgets.dialogs.reading import HelpDialog
from widgets.key_line import KeyLine
from widgets.keys import key_name
from widgets.model import Tone

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
    async with running_dashboard(path) as dash:
        await dash.press("slash", *"rev")
        assert dash.shown == [ALPHA, GAMMA]
        assert "/rev: 2 of 4" in dash.text
        await dash.press("space", "z")
        assert dash.shown == []
        await dash.press("backspace", "backspace", "enter")
        assert dash.shown == [ALPHA, GAMMA]
        assert not dash.filter_line.display
        await dash.press("j")
        assert dash.cursor == GAMMA, "the keys are the list's again"
        assert "/rev: 2 of 4" in dash.text
        await dash.press("escape")
        assert len(dash.shown) == 4


async def test_the_filter_looks_at_stage_status_title_and_id(path: Path) -> None:
    async with running_dashboard(path) as dash:
        for words, found in (("outlin", DELTA), ("queued", DELTA), ("STUDY beta", BETA), (GAMMA[-6:], GAMMA)):
            await dash.press("slash", *words)
            assert dash.shown == [found]
            await dash.press("escape")


async def test_the_cursor_returns_to_a_job_hidden_by_the_filter(path: Path) -> None:
    async with running_dashboard(path) as dash:
        await dash.press("j")
        assert dash.cursor == BETA
        await dash.press("slash", *"rev")
        assert dash.cursor == GAMMA, "the nearest that is left"
        await dash.press("backspace", "backspace", "backspace")
        assert dash.cursor == BETA, "while the filter is typed, as soon as it is shown again"
        await dash.press(*"rev", "escape")
        assert dash.cursor == GAMMA, "what is under the cursor when the filter is cleared"
        assert not dash.main.board.view.filter


async def test_the_cursor_returns_after_a_kept_filter_that_matched_nothing(path: Path) -> None:
    async with running_dashboard(path) as dash:
        await dash.press("j", "slash", *"zzz", "enter")
        assert dash.cursor is None
        await dash.press("escape")
        assert dash.cursor == BETA


async def test_sorting_by_key_and_by_header(path: Path) -> None:
    async with running_dashboard(path) as dash:
        await dash.press("j", "j")
        assert "STATUS " in dash.text
        await dash.press("s", "s", "s", "s", "s")
        assert dash.shown == [ALPHA, BETA, DELTA, GAMMA]
        assert dash.cursor == GAMMA
        assert "Sorted by title" in dash.text
        await dash.press("S")
        assert dash.shown == [GAMMA, DELTA, BETA, ALPHA]
        assert "TITLE ▾" in dash.text
        table = dash.main.table
        x = dash.text.splitlines()[table.region.y].index("STAGE")
        await dash.pilot.click("#table", offset=(x, 0))
        await dash.pilot.pause()
        assert dash.shown[-1] == DELTA
        assert "STAGE ▴" in dash.text
        await dash.pilot.click("#table", offset=(x, 0))
        await dash.pilot.pause()
        assert dash.shown[0] == DELTA
        assert dash.cursor == GAMMA


async def test_marks_ranges_and_all(path: Path) -> None:
    async with running_dashboard(path) as dash:
        await dash.press("space")
        assert dash.marks == {ALPHA}
        assert dash.cursor == BETA
        await dash.press("j", "V")
        assert dash.marks == {ALPHA, BETA, GAMMA}
        assert "3 marked" in dash.text
        assert dash.line("Beta study").startswith(" ✱▸")
        await dash.press("asterisk")
        assert dash.marks == {ALPHA, BETA, GAMMA, DELTA}
        await dash.press("asterisk")
        assert dash.marks == set()
        await dash.press("asterisk", "k", "space")
        assert dash.marks == {ALPHA, GAMMA, DELTA}
        await dash.press("escape")
        assert dash.marks == set()


async def test_a_range_begins_at_the_latest_mark(path: Path) -> None:
    async with running_dashboard(path) as dash:
        await dash.press("V")
        assert dash.marks == {ALPHA}
        await dash.press("j", "j", "V")
        assert dash.marks == {ALPHA, BETA, GAMMA}
        await dash.press("escape", "j", "V")
        assert dash.marks == {DELTA}, "where no mark is left there is none to begin with"
        await dash.press("space", "g", "V")
        assert dash.marks == {ALPHA}


async def test_marks_that_the_filter_hides_are_counted(path: Path) -> None:
    async with running_dashboard(path) as dash:
        await dash.press("asterisk", "slash", *"beta", "enter")
        assert "4 marked (3 hidden)" in dash.text
        await dash.press("asterisk")
        assert "3 marked (3 hidden)" in dash.text, "all that are shown, and those alone, are taken off"


async def test_escape_goes_back_one_layer_at_a_time(path: Path) -> None:
    async with running_dashboard(path) as dash:
        await dash.press("space", "slash", *"a", "enter", "enter", "question_mark")
        await dash.press("escape")
        assert dash.app.screen is dash.main
        assert dash.main.details.open
        await dash.press("escape")
        assert not dash.main.has_class("-detail-open")
        assert dash.main.board.view.filter == "a"
        await dash.press("escape")
        assert not dash.main.board.view.filter
        assert dash.marks == {ALPHA}
        await dash.press("escape")
        assert not dash.marks
        await dash.press("escape", "escape")
        assert dash.app.is_running


async def test_columns_can_be_chosen(path: Path) -> None:
    async with running_dashboard(path, size=(150, 39)) as dash:  # one line fewer than opens the details
        assert "CREATED" not in dash.text
        await dash.press("c", "down", "down", "down", "space", "enter")
        assert "CREATED" in dash.text
        await dash.press("c")
        for _ in range(16):
            await dash.press("down")
        assert all(word in dash.text for word in ("stage", "models", "BYOK", "star"))
        await dash.press("escape")
        assert "CREATED" in dash.text
        for column in ("STATUS", "TITLE", "PROGRESS", "STAGE", "TIME"):
            assert column in dash.text


async def test_layouts(path: Path) -> None:
    async with running_dashboard(path) as dash:
        assert "details" in dash.text
        await dash.press("z")
        assert "Layout: compact" in dash.text
        assert "details" not in dash.text
        await dash.until(lambda: not dash.main.query_one(KeyLine).display)
        await dash.press("z")
        assert "Layout: full" in dash.text
        await dash.press("z")
        assert "Layout: auto" in dash.text


async def test_the_theme_is_chosen_from_a_list(path: Path) -> None:
    async with running_dashboard(path) as dash:
        await dash.press("t")
        await dash.until("nord")
        await dash.press(*"nord")
        await dash.until(lambda: "dracula" not in dash.text)
        await dash.press("enter")
        await dash.until(lambda: dash.app.theme == "nord")


async def test_the_help_names_every_key_that_works(path: Path) -> None:
    async with running_dashboard(path, size=(200, 60)) as dash:
        works: dict[str, str] = {}
        for name, active in dash.main.active_bindings.items():
            if active.binding.id:  # what Textual brings along has none
                works.setdefault(active.binding.id, key_name(name))
        await dash.press("question_mark")
        shown = dash.text.split()
        for action_id, name in works.items():
            assert name in shown, action_id
        assert {"jobs.cancel", "view.filter", "mark.all", "poll.pause", "table.down", "app.leave"} <= set(
            works
        )
        for key in (
            "j",
            "↓",
            "PgDn",
            "Ctrl+d",
            "/",
            "space",
            "*",
            "F1",
            "?",
            "+",
            "-",
            "Ctrl+c",
            "Ctrl+p",
            "Delete",
        ):
            assert key in shown, key
        await dash.press("escape")
        assert dash.app.screen is dash.main


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize(("size", "columns"), [((80, 24), 2), ((100, 30), 2), ((120, 30), 3)])
async def test_the_help_is_on_one_screen(
    path: Path, size: tuple[int, int], columns: int, ascii: bool
) -> None:
    async with running_dashboard(path, size=size, settings=Settings(ascii=ascii)) as dash:
        await dash.press("question_mark")
        await dash.until("suspend")
        dialog = dash.app.screen
        assert isinstance(dialog, HelpDialog)
        assert dialog.body.max_scroll_y == 0
        titles = {"Jobs", "Select", "Refresh", "Look", "Move"}.intersection(dash.line("Jobs").split())
        assert len(titles) == (2 if ascii else columns)


async def test_the_help_shows_a_remapped_key(path: Path) -> None:
    async with running_dashboard(path) as dash:
        dash.app.set_keymap({"view.log": "E"})
        await dash.press("question_mark")
        await dash.until("E")
        line = next(line for line in dash.text.splitlines() if "events" in line)
        assert line.split("events")[0].split()[-1] == "E"


@pytest.mark.parametrize("size", [(80, 24), (40, 8), (20, 2), (200, 60)])
async def test_every_size_shows_the_jobs_first(path: Path, size: tuple[int, int]) -> None:
    async with running_dashboard(path, size=size) as dash:
        assert "▸" in dash.text
        assert "Al" in dash.text
        assert "42%" in dash.text
        await dash.press("enter", "enter", "j", "question_mark", "escape", "a", "escape", "e", "escape")
        assert dash.cursor == BETA


async def test_many_resizes_change_nothing(path: Path) -> None:
    async with running_dashboard(path) as dash:
        await dash.press("j", "j", "space", "enter")
        for width, height in ((200, 60), (40, 8), (3, 1), (119, 2), (80, 24), (1, 50), (20, 2), (120, 40)):
            await dash.pilot.resize_terminal(width, height)
        await dash.pilot.pause()
        assert dash.cursor == DELTA
        assert dash.marks == {GAMMA}
        assert "Delta essay" in dash.text


async def test_a_key_without_a_binding_says_so(path: Path) -> None:
    async with running_dashboard(path) as dash:
        await dash.press("j", "down", "slash", "h")
        assert dash.filter_field.value == "h"
        await dash.press("escape", "right", "left", "space")
        assert "Nothing on" not in dash.text
        await dash.press("h")
        assert "Nothing on h. ? shows the keys" in dash.text
        await dash.press("f9")
        assert "Nothing on F9. ? shows the keys" in dash.text
        for opens in ("e", "question_mark"):
            await dash.pilot.press(opens, "escape")
            assert "Nothing on e" not in dash.text
            assert "Nothing on ?" not in dash.text


async def test_arrows_open_and_close_the_details(path: Path) -> None:
    async with running_dashboard(path, size=(140, 30)) as dash:
        for key, opened in (("left", False), ("right", True), ("right", True), ("left", False)):
            await dash.press(key)
            assert dash.main.details.open is opened


async def test_a_finished_job_is_highlighted_until_the_next_key(path: Path) -> None:
    async with running_dashboard(path) as dash:
        job = dash.app.session.watch_list.entries[BETA].job
        assert job
        dash.app.session.watch_list.record_answer(replace(job, status="completed"))
        await dash.until(lambda: "completed in" in dash.line("Beta study"))
        assert dash.main.board.row(BETA).cells["title"].tone is Tone.PLAIN
        await dash.press("j")
        assert dash.main.board.row(BETA).cells["title"].tone is Tone.SECONDARY
