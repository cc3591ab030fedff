"""Order, marks, columns, layout and help in the dashboard."""

from collections.abc import AsyncIterator

import pytest

from tests.ui.dashboard_host import ALPHA, BETA, DELTA, GAMMA, DashboardPilot, running_dashboard, titled_jobs
from widgets.key_line import KeyLine
from widgets.keys import key_name
from widgets.model import Tone


@pytest.fixture
async def dash() -> AsyncIterator[DashboardPilot]:
    async with running_dashboard(jobs=titled_jobs()) as dash:
        yield dash


async def test_sorting_by_key_and_by_header(dash: DashboardPilot) -> None:
    await dash.press("j", "j")
    assert "STATUS " in dash.text
    await dash.press("s", "s", "s", "s", "s")
    assert dash.shown == [ALPHA, BETA, DELTA, GAMMA]
    assert dash.cursor == GAMMA
    assert "Sorted by title" in dash.text
    await dash.press("S")
    assert dash.shown == [GAMMA, DELTA, BETA, ALPHA]
    assert "TITLE ▾" in dash.text
    x = dash.text.splitlines()[dash.main.table.region.y].index("STAGE")
    for place in (-1, 0):
        await dash.pilot.click("#table", offset=(x, 0))
        await dash.pilot.pause()
        assert dash.shown[place] == DELTA
        assert ("STAGE ▴" in dash.text) == (place == -1)
        assert dash.cursor == GAMMA


async def test_marks_ranges_and_all(dash: DashboardPilot) -> None:
    for keys, marks in (
        ("V", {ALPHA}),
        ("j j V", {ALPHA, BETA, GAMMA}),
        ("asterisk", {ALPHA, BETA, GAMMA, DELTA}),
        ("asterisk", set()),
        ("asterisk k space", {ALPHA, GAMMA, DELTA}),
        ("escape", set()),
        ("j V", {DELTA}),  # where no mark is left there is none to begin with
        ("space g V", {ALPHA}),
        ("escape space", {ALPHA}),
    ):
        await dash.press(*keys.split())
        assert dash.marks == marks, keys
    assert dash.cursor == BETA, "the one after the mark"
    await dash.press("V")
    assert "2 marked" in dash.text
    assert dash.line("Alpha review").startswith(" ✱▸")


async def test_escape_goes_back_one_layer_at_a_time(dash: DashboardPilot) -> None:
    await dash.press("space", "slash", *"a", "enter", "enter", "question_mark", "escape")
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


async def test_layouts(dash: DashboardPilot) -> None:
    assert "details" in dash.text
    await dash.press("z")
    assert "Layout: compact" in dash.text
    assert "details" not in dash.text
    await dash.until(lambda: not dash.main.query_one(KeyLine).display)
    for layout in ("full", "auto"):
        await dash.press("z")
        assert f"Layout: {layout}" in dash.text


async def test_the_help_names_every_key_that_works() -> None:
    async with running_dashboard(jobs=titled_jobs(), size=(200, 60)) as dash:
        works: dict[str, str] = {}
        for name, active in dash.main.active_bindings.items():
            if active.binding.id:  # what Textual brings along has none
                works.setdefault(active.binding.id, key_name(name))
        await dash.press("question_mark")
        keys = "j ↓ PgDn Ctrl+d / space * F1 ? + - Ctrl+c Ctrl+p Delete"
        assert {*works.values(), *keys.split()} - set(dash.text.split()) == set()
        ids = {"jobs.cancel", "view.filter", "mark.all", "poll.pause", "table.down", "app.leave"}
        assert ids <= set(works)


async def test_a_key_without_a_binding_says_so(dash: DashboardPilot) -> None:
    await dash.press("j", "down", "slash", "q", "h")
    assert dash.filter_field.value == "qh"
    await dash.press("escape", "right", "left", "space")
    assert "Nothing on" not in dash.text
    for key, name in (("h", "h"), ("f9", "F9")):
        await dash.press(key)
        assert f"Nothing on {name}. ? shows the keys" in dash.text
    for opens in ("e", "question_mark"):
        await dash.pilot.press(opens, "escape")
        assert "Nothing on e" not in dash.text
        assert "Nothing on ?" not in dash.text


async def test_a_key_that_needs_a_job_says_so_where_there_is_none() -> None:
    async with running_dashboard(jobs=titled_jobs(), size=(160, 40)) as dash:
        await dash.press("slash", *"zzz", "enter")
        for key in (*"xdmryYoV", "space", "asterisk", "enter"):
            dash.main.status.show_message("")
            await dash.press(key)
            assert "No job selected" in dash.text, key
        await dash.press("escape")
        assert "No job matches" not in dash.text, "details that show nothing are no layer to close"
        assert dash.main.has_class("-detail-open")


async def test_a_finished_job_is_highlighted_until_the_next_key(dash: DashboardPilot) -> None:
    dash.answer(BETA, status="completed")
    await dash.until(lambda: "completed in" in dash.line("Beta study"))
    assert dash.main.board.row(BETA).cells["title"].tone is Tone.PLAIN
    await dash.press("j")
    assert dash.main.board.row(BETA).cells["title"].tone is Tone.SECONDARY
