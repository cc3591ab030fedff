"""The help dialog: the keys that close it, and those that scroll it."""

import pytest

from tests.ui.pane_host import DialogHost, on_screen, text_on
from widgets.dialogs.model import HelpSection
from widgets.dialogs.reading import HelpDialog
from widgets.model import KeyHelp

SECTIONS = (HelpSection("Move", tuple(KeyHelp(f"F{n}", f"number {n} [x]") for n in range(20))),)


@pytest.mark.parametrize("key", ["escape", "q", "question_mark", "f1"])
async def test_every_usual_key_closes_it(key: str) -> None:
    async with on_screen(DialogHost(HelpDialog(SECTIONS))) as (host, pilot):
        assert "scroll" not in text_on(host), "there is no more to see"
        await pilot.press(key)
    assert host.answers == [None]


async def test_a_small_pane_scrolls_and_always_shows_the_closing_key() -> None:
    async with on_screen(DialogHost(HelpDialog(SECTIONS)), (40, 10)) as (host, pilot):
        assert "scroll" in text_on(host)
        for key, shown, hidden in (("G", "number 19 [x]", "number 0 "), ("g", "number 0 [x]", "number 19 ")):
            await pilot.press(key)
            assert shown in text_on(host)
            assert hidden not in text_on(host)
            assert "Esc close" in text_on(host)
