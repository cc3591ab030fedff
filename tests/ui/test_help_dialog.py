"""The help dialog: its columns, and the keys that close it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.events import Paste
from textual.pilot import Pilot

from tests.ui.pane_host import PaneHost, lines_on, on_screen, text_on
from widgets.dialogs.model import HelpSection
from widgets.dialogs.reading import HelpDialog
from widgets.event_text import event_log_lines
from widgets.model import Cell, EventLine, KeyHelp, Tone

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


async def test_every_usual_key_closes_it_and_a_paste_does_not() -> None:
    async with opened(80, 24) as (app, pilot):
        for key in ("escape", "q", "question_mark", "f1"):
            app.post_message(Paste("q"))
            await pilot.pause()
            assert app.pasted == []
            assert len(app.screen_stack) == 2
            await pilot.press(key)
            await pilot.pause()
            assert len(app.screen_stack) == 1
            app.push_screen(HelpDialog(_SECTIONS))
            await pilot.pause()


@pytest.mark.parametrize(
    ("width", "titles"), [(40, ["Move"]), (60, ["Move", "View"]), (140, ["Move", "Jobs", "View"])]
)
async def test_as_many_columns_as_fit_in_order_and_about_equally_long(width: int, titles: list[str]) -> None:
    async with opened(width, 40) as (app, _):
        first = next(line for line in lines_on(app) if "Move" in line)
        assert [word for word in first.split() if word.isalpha()] == titles
        assert "[x]" in text_on(app)
        assert "scroll" not in text_on(app), "where there is no more to see"


async def test_a_small_pane_scrolls_and_always_shows_the_closing_key() -> None:
    async with opened(40, 10) as (app, pilot):
        assert "Program" not in text_on(app)
        assert "scroll" in text_on(app)
        assert "Esc close" in text_on(app)
        for key, text in (("G", "program number 2"), ("g", "move number 0")):
            await pilot.press(key)
            await pilot.pause()
            assert text in text_on(app)
            assert "Esc close" in text_on(app)


def test_in_an_event_log_only_words_that_need_a_look_have_a_colour() -> None:
    failed = EventLine("11:21", Cell("✖", Tone.ATTENTION), "failed at 64%: no paper", "A book")
    done = EventLine("11:22", Cell("✔", Tone.DONE), "completed in 5m", "A book")
    coloured = [
        [line.plain[span.start : span.end] for span in line.spans if span.style == f"$dw-{tone}"]
        for line, tone in zip(event_log_lines([failed, done], 60), ("attention", "done"), strict=True)
    ]
    assert coloured == [["✖ ", "failed at 64%"], ["✔ "]]
