"""The command palette: commands, jobs and themes."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.color import Color
from textual.widgets import Input, OptionList, TextArea

from app.cli.configuration import read_settings
from app.settings.schema import Settings
from app.watch.watched import Watched
from tests.scripted_api import job_id
from tests.ui.dashboard_host import DashboardPilot, known, no_token, running_dashboard

TITLES = ("Plain title", "[/foo] [red]x", "Über die Natur", "漢字の本")
BEST = "deadbeef-0000-4000-8000-000000000061"


def jobs() -> list[Watched]:
    return [known(number, title=title) for number, title in enumerate(TITLES, 1)]


@pytest.fixture
async def dash() -> AsyncIterator[DashboardPilot]:
    async with running_dashboard(jobs=jobs()) as dash:
        yield dash


async def _pick(dash: DashboardPilot, key: str, typed: str, offered: str) -> None:
    await dash.press(key, *typed)
    await dash.until(lambda: offered in dash.text and dash.text.count("Delete") == 0)
    await dash.press("enter")
    await dash.until(lambda: dash.app.screen is dash.main)


async def test_a_job_is_found_by_a_part_of_its_title(dash: DashboardPilot) -> None:
    for key, typed, number in (
        ("ctrl+p", "[/foo] [red]", 2),
        ("colon", "natur", 3),
        ("colon", "漢字", 4),
        ("colon", "plain", 1),
    ):
        await _pick(dash, key, typed, TITLES[number - 1])
        await dash.until(lambda number=number: dash.cursor == job_id(number))  # type: ignore[misc]


@pytest.mark.parametrize("typed", ["sand", BEST[:8]])
async def test_the_best_match_is_offered_first(typed: str) -> None:
    weaker = [known(number, title=f"Book {number} of sand: {typed}s") for number in range(1, 61)]
    best = known(61, title="Sand")
    assert best.job is not None
    async with running_dashboard(
        jobs=[*weaker, replace(best, id=BEST, job=replace(best.job, id=BEST))]
    ) as dash:
        await _pick(dash, "colon", typed, " Sand   ")
        await dash.until(lambda: dash.cursor == BEST)


async def test_commands_do_what_their_keys_do(dash: DashboardPilot) -> None:
    await _pick(dash, "colon", "mark all", "Mark all shown")
    await dash.until(lambda: len(dash.marks) == len(TITLES))
    await _pick(dash, "colon", "sort", "Sort by the next column")
    await dash.until("Sorted by progress")
    await dash.press("slash", *"plain", "ctrl+p")
    await dash.until("Commands and jobs")
    await dash.press("escape")
    assert dash.filter_field.value == "plain"


async def test_it_offers_commands_with_keys_then_jobs() -> None:
    async with running_dashboard(jobs=jobs(), size=(100, 70)) as dash:
        await dash.press("colon")
        await dash.until("[/foo] [red]x")
        commands, jobs_after = dash.text.split("Export the list as CSV")
        assert re.search(r"│ +Add jobs by ID \(or paste anywhere\) +a +│", commands)
        assert re.search(r"│ +Cancel the marked jobs, or this one +x +│", commands)
        assert re.search(rf"│ +. Plain title +{dash.main.board.short_ids.of(job_id(1))} +│", jobs_after)
        await dash.press("escape")
        assert dash.app.screen is dash.main


async def test_the_demo_is_offered_only_if_its_key_works(dash: DashboardPilot) -> None:
    await dash.press("colon", *"demo")
    await dash.until("Undo the last removal")
    assert "Open the demo" not in dash.text
    async with running_dashboard(no_token, base_url="https://elsewhere.invalid/api") as empty:
        await empty.connected()
        await empty.until(lambda: "not signed in" in empty.text.splitlines()[0])
        await empty.press("colon", *"demo")
        await empty.until("Open the demo")
        await empty.press("escape", "L")
        await empty.until("paste your token here")
        assert "run dwtop login, or" not in empty.text, "it was said once"


async def test_no_cursor_blinks(dash: DashboardPilot) -> None:
    await dash.connected()
    for key in ("colon", "t", "slash", "a", "A", "L"):
        await dash.press(key)
        await dash.until(lambda: isinstance(dash.app.focused, Input | TextArea))
        assert isinstance(dash.app.focused, Input | TextArea)
        assert not dash.app.focused.cursor_blink, key
        await dash.press("escape")
        await dash.until(lambda: not isinstance(dash.app.focused, Input | TextArea))


async def test_the_theme_in_use_and_ours_come_first(dash: DashboardPilot) -> None:
    dash.app.theme = "nord"
    await dash.press("t")
    await dash.until("ansi-dark")
    assert re.findall(r"│ +([a-z-]+) ", dash.text)[:4] == ["nord", "dwtop-dark", "dwtop-light", "ansi-dark"]
    await dash.press("enter")
    await dash.until(lambda: dash.app.screen is dash.main)
    assert dash.app.theme == "nord"


async def test_user_themes_are_offered_and_used(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        "theme = 'forest'\n[themes.forest]\nprimary = '#87af5f'\nbackground = '#1c261c'\n"
        "[themes.dracula]\nbackground = 'ivory'\n"
    )
    settings = read_settings({"config": str(config)}, {})
    async with running_dashboard(jobs=jobs(), settings=settings) as dash:
        roles = dash.app.theme_variables
        assert (roles["dw-ground"].lower(), roles["dw-running"].lower()) == ("#1c261c", "#87af5f")
        red, green, blue = Color.parse(roles["dw-attention"]).rgb
        assert red > max(green, blue)
        await _pick(dash, "t", "dracula", "dracula")
        assert dash.app.theme == "dracula"
        assert not dash.app.current_theme.dark


@pytest.mark.parametrize("key", ["colon", "t", "c"])
@pytest.mark.parametrize("no_color", [False, True])
async def test_the_cursor_in_a_list_is_seen_in_16_colours_and_without_any(
    key: str, no_color: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "")  # so that it is put back: the dashboard sets it
    async with running_dashboard(
        jobs=jobs(), settings=Settings(theme="ansi-dark", no_color=no_color)
    ) as dash:
        await dash.press(key)
        await dash.until(lambda: dash.app.screen.query(OptionList))
        options = dash.app.screen.query_one(OptionList)
        cursor, other = (
            options.get_visual_style(f"option-list--option{state}") for state in ("-highlighted", "")
        )
        assert cursor.underline if no_color else cursor.background != other.background
