"""The key line: which keys it shows, when it is repainted, and clicks on it."""

from typing import ClassVar

import pytest
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import AppBlur

from tests.ui.pane_host import ThemedApp, lines_on, on_screen, painted, text_on
from widgets.key_line import KeyLine
from widgets.model import KeyHint, KeyHints

HINTS = KeyHints((KeyHint("jobs.add"), KeyHint("view.back")))


class Host(ThemedApp):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add", tooltip="Add one more", id="jobs.add"),
        Binding("b", "back", "Back", id="view.back"),
        Binding("h", "hide", "Hidden", id="hide"),
        Binding("question_mark", "help", "Help", id="app.help"),
        Binding("f1", "help", "Help", id="app.help"),
        Binding("q", "leave", "Quit", id="app.quit"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.can_go_back = True
        self.added = 0

    def compose(self) -> ComposeResult:
        line = KeyLine(id="keys")
        line.show(HINTS)
        yield line

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.can_go_back if action == "back" else True

    def action_add(self) -> None:
        self.added += 1


def first_line(app: Host) -> str:
    return lines_on(app)[app.query_one(KeyLine).region.y]


async def test_the_keys_that_work_are_shown_and_repainted_only_when_they_change() -> None:
    async with on_screen(Host()) as (app, pilot):
        assert first_line(app).strip() == "a add   b back   ? help   q quit"
        assert "hidden" not in text_on(app)
        with painted() as regions:
            for _ in range(5):
                app.refresh_bindings()
                await pilot.pause()
        assert regions == []
        for app.can_go_back in (False, True):
            app.refresh_bindings()
            await pilot.pause()
            await pilot.pause()
            assert ("back" in text_on(app)) == app.can_go_back


async def test_new_keys_are_shown_while_the_terminal_has_no_focus() -> None:
    async with on_screen(Host()) as (app, pilot):
        app.post_message(AppBlur())
        await pilot.pause()
        app.query_one(KeyLine).show(KeyHints((KeyHint("hide"),)))
        await pilot.pause()
        assert first_line(app).strip() == "h hidden   ? help   q quit"


@pytest.mark.parametrize(
    ("lead", "width", "line"),
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
    lead: str, width: int, line: str
) -> None:
    async with on_screen(Host(), (width, 3)) as (app, pilot):
        app.query_one(KeyLine).show(HINTS._replace(lead=lead, lead_text="move" if lead else ""))
        await pilot.pause()
        assert first_line(app).strip() == line


async def test_a_click_presses_the_key_and_a_tooltip_explains_it() -> None:
    async with on_screen(Host()) as (app, pilot):
        await pilot.click(KeyLine, offset=(2, 0))
        await pilot.pause()
        assert app.added == 1
        await pilot.hover(KeyLine, offset=(3, 0))
        assert app.query_one(KeyLine).tooltip == "Add one more"
        await pilot.click(KeyLine, offset=(70, 0))
        await pilot.pause()
        assert app.added == 1
        app.query_one(KeyLine).show(HINTS._replace(lead="Simulated jobs: try anything."))
        await pilot.pause()
        await pilot.click(KeyLine, offset=(2, 0))
        assert app.added == 1, "a hint does nothing"
        await pilot.click(KeyLine, offset=(first_line(app).index("add"), 0))
        await pilot.pause()
        assert app.added == 2


async def test_a_message_replaces_the_keys() -> None:
    async with on_screen(Host()) as (app, pilot):
        line = app.query_one(KeyLine)
        line.say("Copied [b]it[/b]")
        await pilot.pause()
        assert first_line(app).strip() == "Copied [b]it[/b]"
        await pilot.click(KeyLine, offset=(2, 0))
        await pilot.pause()
        assert app.added == 0
        line.say("")
        await pilot.pause()
        assert "add" in first_line(app)


async def test_a_hint_may_rename_a_key_and_the_status_is_at_the_right_end_if_it_fits() -> None:
    async with on_screen(Host(), (60, 3)) as (app, pilot):
        line = app.query_one(KeyLine)
        line.show(KeyHints((KeyHint("view.back", "unmark"),), "3 marked:", status="30 of 300 requests/min"))
        await pilot.pause()
        await pilot.pause()
        assert first_line(app).strip() == "3 marked:   b unmark   ? help   q quit"
        await pilot.resize_terminal(80, 3)
        await pilot.pause()
        assert first_line(app).endswith(" 30 of 300 requests/min")
