"""The empty list: how to go on, in the middle of whatever room there is."""

import pytest

from tests.ui.pane_host import PaneHost, lines_on
from widgets.empty_list import EmptyList
from widgets.model import KeyHelp

_WAYS = (
    KeyHelp("a", "add job IDs"),
    KeyHelp("paste", "anywhere, any text with IDs in it"),
    KeyHelp("dwtop add ID", "from the shell [x]"),
)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 10), (24, 12)])
async def test_every_way_is_told_in_every_pane(size: tuple[int, int]) -> None:
    async with PaneHost(EmptyList("No jobs yet", _WAYS, "? shows all keys")).run_test(size=size) as pilot:
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
    async with PaneHost(EmptyList("No jobs yet", _WAYS)).run_test(size=(81, 25)) as pilot:
        await pilot.pause()
        lines = lines_on(pilot.app)
        used = [y for y, line in enumerate(lines) if line]
        assert abs(used[0] - (24 - used[-1])) <= 1
        heading = lines[used[0]]
        assert abs(len(heading) - len(heading.lstrip()) - (81 - len(heading))) <= 1


async def test_other_words_replace_the_first() -> None:
    pane = EmptyList("No jobs yet", _WAYS)
    async with PaneHost(pane).run_test(size=(80, 24)) as pilot:
        pane.show("No job matches the filter", (KeyHelp("Esc", "clears it"),))
        await pilot.pause()
        shown = [" ".join(line.split()) for line in lines_on(pilot.app) if line]
        assert shown == ["No job matches the filter", "Esc clears it"]
