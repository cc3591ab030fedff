"""The help dialog: its columns, and the keys that close it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from tests.ui.pane_host import PaneHost, on_screen, text_on
from widgets.dialogs.model import HelpSection
from widgets.dialogs.reading import HelpDialog
from widgets.model import KeyHelp

_SECTIONS = tuple(
    HelpSection(
        title, tuple(KeyHelp(f"{title[0]}{n}", f"{title.lower()} number {n} [x]") for n in range(count))
    )
    for title, count in (("Move", 6), ("Jobs", 5), ("View", 7), ("Program", 3))
)


@asynccontextmanager
async def opened(width: int, height: int) -> AsyncIterator[tuple[PaneHost, Pilot[None]]]:
    async with on_screen(PaneHost(), (width, height)) as (app, pilot):
        app.push_screen(HelpDialog(_SECTIONS))
        await pilot.pause()
        yield app, pilot


async def test_every_usual_key_closes_it() -> None:
    async with opened(80, 24) as (app, pilot):
        for key in ("escape", "q", "question_mark", "f1"):
            await pilot.press(key)
            assert len(app.screen_stack) == 1
            app.push_screen(HelpDialog(_SECTIONS))
            await pilot.pause()


async def test_a_small_pane_scrolls_and_always_shows_the_closing_key() -> None:
    async with opened(40, 10) as (app, pilot):
        assert "Program" not in text_on(app)
        assert "scroll" in text_on(app)
        assert "Esc close" in text_on(app)
        for key, text in (("G", "program number 2"), ("g", "move number 0")):
            await pilot.press(key)
            assert text in text_on(app)
            assert "Esc close" in text_on(app)
