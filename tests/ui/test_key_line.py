"""The key line: which keys it shows, when it is repainted, and clicks on it."""

import pytest
from textual.app import App

from tests.ui.pane_host import PaneHost, frames, lines_on, on_screen
from widgets.key_line import KeyLine
from widgets.model import KeyHint, KeyHints

ADD, BACK = KeyHint("a", "a", "add", "Add one more"), KeyHint("b", "b", "back")
LAST = KeyHint("question_mark", "?", "help"), KeyHint("q", "q", "quit")
HINTS = KeyHints((ADD, BACK), LAST)


def first_line(app: App[None]) -> str:
    return lines_on(app)[app.query_one(KeyLine).region.y]


async def test_keys_are_repainted_only_when_they_change() -> None:
    async with on_screen(PaneHost(KeyLine(HINTS))) as (app, pilot):
        assert first_line(app).strip() == "a add   b back   ? help   q quit"
        with frames() as sent:
            for _ in range(5):
                app.query_one(KeyLine).show(KeyHints((ADD, BACK), LAST))
                await pilot.pause()
        assert sent == []
        app.query_one(KeyLine).show(KeyHints((ADD,), LAST))
        await pilot.pause()
        assert first_line(app).strip() == "a add   ? help   q quit"


@pytest.mark.parametrize(
    ("prefix", "width", "line"),
    [
        ("", 34, "a add   b back   ? help   q quit"),
        ("", 33, "a add   ? help   q quit"),
        ("", 16, "? help"),
        ("", 6, ""),
        ("j k", 45, "j k move   a add   b back   ? help   q quit"),
        ("j k", 44, "j k move   a add   ? help   q quit"),
        ("j k", 28, "j k move   ? help   q quit"),
        ("j k", 27, "a add   ? help   q quit"),
    ],
)
async def test_keys_that_do_not_fit_are_left_out_then_the_hint_then_quit(
    prefix: str, width: int, line: str
) -> None:
    async with on_screen(PaneHost(KeyLine(HINTS)), (width, 3)) as (app, pilot):
        app.query_one(KeyLine).show(HINTS._replace(prefix=prefix, prefix_word="move" if prefix else ""))
        await pilot.pause()
        assert first_line(app).strip() == line


async def test_a_click_presses_the_key_and_a_tooltip_explains_it(monkeypatch: pytest.MonkeyPatch) -> None:
    pressed: list[str] = []
    async with on_screen(PaneHost(KeyLine(HINTS))) as (app, pilot):
        monkeypatch.setattr(app, "simulate_key", pressed.append)
        await pilot.click(KeyLine, offset=(2, 0))
        assert pressed == ["a"]
        await pilot.hover(KeyLine, offset=(3, 0))
        assert app.query_one(KeyLine).tooltip == "Add one more"
        await pilot.click(KeyLine, offset=(70, 0))
        app.query_one(KeyLine).show(HINTS._replace(prefix="Simulated jobs: try anything."))
        await pilot.pause()
        await pilot.click(KeyLine, offset=(2, 0))
        assert pressed == ["a"], "a hint and a blank do nothing"
        await pilot.click(KeyLine, offset=(first_line(app).index("back"), 0))
        app.query_one(KeyLine).show_message("Copied")
        await pilot.pause()
        await pilot.click(KeyLine, offset=(2, 0))
        assert pressed == ["a", "b"]


async def test_a_message_replaces_the_keys() -> None:
    async with on_screen(PaneHost(KeyLine(HINTS))) as (app, pilot):
        line = app.query_one(KeyLine)
        line.show_message("Copied [b]it[/b]")
        await pilot.pause()
        assert first_line(app).strip() == "Copied [b]it[/b]"
        line.show_message("")
        await pilot.pause()
        assert "add" in first_line(app)


async def test_the_status_is_at_the_right_end_if_it_fits() -> None:
    async with on_screen(PaneHost(KeyLine(HINTS)), (60, 3)) as (app, pilot):
        line = app.query_one(KeyLine)
        line.show(KeyHints((BACK,), LAST, "3 marked:", status="30 of 300 requests/min"))
        await pilot.pause()
        await pilot.pause()
        assert first_line(app).strip() == "3 marked:   b back   ? help   q quit"
        await pilot.resize_terminal(80, 3)
        assert first_line(app).endswith(" 30 of 300 requests/min")
