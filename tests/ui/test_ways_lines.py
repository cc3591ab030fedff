"""What stands in place of rows: how to go on, in the middle of whatever room there is."""

import pytest

from tests.ui.pane_host import PaneHost, lines_on
from widgets.model import Column, KeyHelp, Row, WaysOn
from widgets.table.job_table import JobTable

_WAYS = (
    KeyHelp("a", "add job IDs"),
    KeyHelp("paste", "anywhere, any text with IDs in it"),
    KeyHelp("dwtop add ID", "from the shell [x]"),
)


def table(ways_on: WaysOn, *, bare: bool = True) -> JobTable:
    """A table without rows."""
    made = JobTable((Column("title", "TITLE", 10, grow=1),), Row)
    made.say_instead(ways_on, bare=bare)
    return made


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 10), (24, 12)])
async def test_every_way_is_told_in_every_pane(size: tuple[int, int]) -> None:
    ways_on = WaysOn("No jobs yet", _WAYS, "? shows all keys")
    async with PaneHost(table(ways_on)).run_test(size=size) as pilot:
        await pilot.pause()
        shown = " ".join(" ".join(lines_on(pilot.app)).split())
    for part in (
        "No jobs yet",
        "a",
        "add job IDs",
        "paste",
        "IDs in it",
        "dwtop add ID",
        "[x]",
        "? shows all keys",
    ):
        assert part in shown


async def test_it_stands_in_the_middle() -> None:
    async with PaneHost(table(WaysOn("No jobs yet", _WAYS))).run_test(size=(81, 25)) as pilot:
        await pilot.pause()
        lines = lines_on(pilot.app)
        used = [y for y, line in enumerate(lines) if line]
        assert abs(used[0] - (24 - used[-1])) <= 1
        heading = lines[used[0]]
        assert abs(len(heading) - len(heading.lstrip()) - (81 - len(heading))) <= 1


async def test_other_words_replace_the_first_and_the_header_comes_back() -> None:
    pane = table(WaysOn("No jobs yet", _WAYS))
    async with PaneHost(pane).run_test(size=(80, 24)) as pilot:
        pane.say_instead(WaysOn("No job matches the filter", (KeyHelp("Esc", "clears it"),)), bare=False)
        await pilot.pause()
        shown = [" ".join(line.split()) for line in lines_on(pilot.app) if line]
        assert shown == ["TITLE", "No job matches the filter", "Esc clears it"]


async def test_rows_take_its_place_and_give_it_back() -> None:
    pane = table(WaysOn("No jobs yet"))
    async with PaneHost(pane).run_test(size=(80, 24)) as pilot:
        for ids, first in ((("b", "a"), "TITLE"), ((), "")) * 2:
            pane.show(ids)
            await pilot.pause()
            lines = lines_on(pilot.app)
            assert lines[0].strip() == first
            assert any("No jobs yet" in line for line in lines) == (not ids)


async def test_it_is_told_anew_for_another_size() -> None:
    async with PaneHost(table(WaysOn("No jobs yet", _WAYS, "a note"))).run_test(size=(80, 24)) as pilot:
        for size in ((60, 1), (30, 8), (80, 24), (90, 30)):
            await pilot.resize_terminal(*size)
            lines = lines_on(pilot.app)
            assert len(lines) == size[1]
            used = [y for y, line in enumerate(lines) if line]
            assert abs(used[0] - (size[1] - 1 - used[-1])) <= 1
            assert "No jobs yet" in lines[used[0]]
