"""The help dialog: its columns, and the keys that close it."""

import pytest

from tests.ui.pane_host import PaneHost, lines_on, text_on
from widgets.dialogs.model import HelpSection
from widgets.dialogs.reading import HelpDialog, balanced
from widgets.model import KeyHelp

_SECTIONS = tuple(
    HelpSection(
        title, tuple(KeyHelp(f"{title[0]}{n}", f"{title.lower()} number {n} [x]") for n in range(count))
    )
    for title, count in (("Move", 6), ("Jobs", 5), ("View", 7), ("Program", 3))
)


@pytest.mark.parametrize("key", ["escape", "q", "question_mark", "f1"])
async def test_every_usual_key_closes_it(key: str) -> None:
    app = PaneHost()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(HelpDialog(_SECTIONS))
        await pilot.pause()
        assert "Move" in text_on(app)
        await pilot.press(key)
        await pilot.pause()
        assert not isinstance(app.screen, HelpDialog)


@pytest.mark.parametrize(("width", "columns"), [(40, 1), (60, 2), (88, 3), (140, 3)])
async def test_as_many_columns_as_fit(width: int, columns: int) -> None:
    app = PaneHost()
    async with app.run_test(size=(width, 40)) as pilot:
        app.push_screen(HelpDialog(_SECTIONS))
        await pilot.pause()
        titles = {"Move", "Jobs", "View", "Program"}
        first = next(line for line in lines_on(app) if "Move" in line)
        assert len(titles & set(first.split())) == columns
        assert "[x]" in text_on(app)


async def test_a_small_pane_scrolls_and_always_shows_the_closing_key() -> None:
    app = PaneHost()
    async with app.run_test(size=(40, 10)) as pilot:
        app.push_screen(HelpDialog(_SECTIONS))
        await pilot.pause()
        assert "Program" not in text_on(app)
        assert "Esc close" in text_on(app)
        await pilot.press("G")
        await pilot.pause()
        assert "program number 2" in text_on(app)
        assert "Esc close" in text_on(app)
        await pilot.press("g")
        await pilot.pause()
        assert "move number 0" in text_on(app)


async def test_pastes_go_nowhere() -> None:
    app = PaneHost()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(HelpDialog(_SECTIONS))
        await pilot.pause()
        await _paste(app, "q")
        await pilot.pause()
        assert app.pasted == []
        assert isinstance(app.screen, HelpDialog)


async def _paste(app: PaneHost, text: str) -> None:
    from textual.events import Paste

    app.post_message(Paste(text))


@pytest.mark.parametrize(
    ("count", "columns"), [(1, [[0, 1, 2, 3]]), (2, [[0, 1], [2, 3]]), (4, [[0], [1], [2], [3]])]
)
def test_columns_keep_the_order_and_are_level(count: int, columns: list[list[int]]) -> None:
    assert balanced([6, 5, 7, 3], count) == columns
    assert balanced([], count) == [[]]
