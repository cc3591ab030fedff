"""The command palette: every command, and every job by its title, however it is spelled."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.scripted_api import job_id
from tests.ui.dashboard_host import Sitting, fill, known, no_token, sitting

TITLES = ("Plain title", "[/foo] [red]x", "Über die Natur", "漢字の本")
BEST = "deadbeef-0000-4000-8000-000000000061"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    fill(tmp_path / "dwtop.db", [known(number, title=title) for number, title in enumerate(TITLES, 1)])
    return tmp_path / "dwtop.db"


async def _pick(desk: Sitting, key: str, typed: str, offered: str) -> None:
    await desk.press(key, *typed)
    await desk.until(lambda: offered in desk.text and desk.text.count("Delete") == 0)
    await desk.press("enter")
    await desk.until(lambda: desk.app.screen is desk.main)


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_a_job_is_found_by_a_title_that_looks_like_markup(path: Path, key: str) -> None:
    async with sitting(path) as desk:
        await _pick(desk, key, "[/foo] [red]", "[/foo] [red]x")
        await desk.until(lambda: desk.cursor == job_id(2))


@pytest.mark.parametrize(("typed", "number"), [("natur", 3), ("漢字", 4), ("plain", 1)])
async def test_a_job_is_found_by_a_part_of_its_title(path: Path, typed: str, number: int) -> None:
    async with sitting(path) as desk:
        desk.main.table.move_to(job_id(2))
        await _pick(desk, "colon", typed, TITLES[number - 1])
        await desk.until(lambda: desk.cursor == job_id(number))


@pytest.mark.parametrize("typed", ["Sand", "sand", BEST[:8], BEST])
async def test_the_best_match_is_offered_however_many_weaker_ones_come_before_it(
    tmp_path: Path, typed: str
) -> None:
    weaker = [known(number, title=f"Book {number} of sand: {typed}s") for number in range(1, 61)]
    best = known(61, title="Sand")
    assert best.job is not None
    fill(tmp_path / "db", [*weaker, replace(best, id=BEST, job=replace(best.job, id=BEST))])
    async with sitting(tmp_path / "db") as desk:
        await _pick(desk, "colon", typed, " Sand   ")
        await desk.until(lambda: desk.cursor == BEST)


async def test_commands_do_what_their_keys_do(path: Path) -> None:
    async with sitting(path) as desk:
        await _pick(desk, "colon", "mark all", "Mark all shown")
        await desk.until(lambda: len(desk.marks) == len(TITLES))
        await _pick(desk, "colon", "sort", "Sort by the next column")
        await desk.until("Sorted by progress")


async def test_it_offers_commands_with_their_keys_and_then_jobs_a_line_each(path: Path) -> None:
    async with sitting(path, size=(100, 70)) as desk:
        await desk.press("colon")
        await desk.until("[/foo] [red]x")
        lines = [line.split("│")[1].split() for line in desk.text.splitlines() if line.count("│") > 1]
        entries = lines[lines.index(["Add", "jobs", "by", "ID", "(or", "paste", "anywhere)", "a"]) :]
        assert ["Cancel", "the", "marked", "jobs,", "or", "this", "one", "x"] in entries
        titles = [entry for entry in entries if entry[1:3] == ["Plain", "title"]]
        assert len(titles) == 1
        assert job_id(1).startswith(titles[0][-1])
        assert entries.index(titles[0]) > entries.index(["Export", "the", "list", "to", "a", "CSV", "file"])
        await desk.press("escape")
        assert desk.app.screen is desk.main


async def test_the_demo_is_offered_only_where_its_key_works(path: Path, tmp_path: Path) -> None:
    async with sitting(path) as desk:
        await desk.press("colon", *"demo")
        await desk.until("Undo the last removal")
        assert "Open the demo" not in desk.text
        await desk.press("escape")
    async with sitting(tmp_path / "empty.db", no_token) as desk:
        await desk.connected()
        await desk.press("colon", *"demo")
        await desk.until("Open the demo")


async def test_it_works_from_within_the_filter(path: Path) -> None:
    async with sitting(path) as desk:
        await desk.press("slash", *"plain")
        await desk.press("ctrl+p")
        await desk.until(lambda: desk.app.screen is not desk.main)
        await desk.press("escape")
        assert desk.filter_field.value == "plain"
