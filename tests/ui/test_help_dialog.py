"""The help dialog: its columns, and the keys that close it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.events import Paste
from textual.pilot import Pilot

from tests.ui.pane_host import PaneHost, lines_on, on_screen, text_on
from widgets.dialogs.model import HelpSection
from widgets.dialogs.reading import HelpDialog, balanced, log_content
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


@pytest.mark.parametrize(("width", "columns"), [(40, 1), (60, 2), (140, 3)])
async def test_as_many_columns_as_fit(width: int, columns: int) -> None:
    async with opened(width, 40) as (app, _):
        first = next(line for line in lines_on(app) if "Move" in line)
        assert len({"Move", "Jobs", "View", "Program"} & set(first.split())) == columns
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


@pytest.mark.parametrize(
    ("count", "columns"), [(1, [[0, 1, 2, 3]]), (2, [[0, 1], [2, 3]]), (4, [[0], [1], [2], [3]])]
)
def test_columns_keep_the_order_and_are_level(count: int, columns: list[list[int]]) -> None:
    assert balanced([6, 5, 7, 3], count) == columns
    assert balanced([], count) == [[]]


def test_in_an_event_log_only_words_that_need_a_look_have_a_colour() -> None:
    failed = EventLine("11:21", Cell("✖", Tone.ATTENTION), "failed at 64%: no paper", "A book")
    done = EventLine("11:22", Cell("✔", Tone.DONE), "completed in 5m", "A book")
    coloured = [
        [line.plain[span.start : span.end] for span in line.spans if span.style == f"$dw-{tone}"]
        for line, tone in zip(log_content([failed, done], 60), ("attention", "done"), strict=True)
    ]
    assert coloured == [["✖ ", "failed at 64%"], ["✔ "]]
