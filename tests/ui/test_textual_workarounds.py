"""Workarounds for Textual: what they fix, and that they are still needed."""

import gc
import inspect
import weakref
from typing import ClassVar

import pytest
from rich.console import Console
from rich.segment import Segment
from textual import events
from textual._compositor import ChopsUpdate
from textual._styles_cache import StylesCache
from textual._xterm_parser import XTermParser
from textual.app import App, ComposeResult
from textual.drivers.linux_driver import LinuxDriver
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Button, Input

from app.dashboard.platform.textual_workarounds import clear_style_cache, send_only_changed_cells
from tests.ui.dashboard_host import known, running_dashboard
from tests.ui.pane_host import PaneHost, frames, on_screen
from tests.ui.table_host import running_table


async def test_closed_dialogs_are_freed_once_the_style_cache_is_cleared() -> None:
    async with running_dashboard(jobs=[known(1), known(2)]) as at:
        await at.connected()
        caches: list[weakref.ref[StylesCache]] = []
        for _ in range(4):
            await at.press("question_mark")
            caches.append(weakref.ref(at.app.screen._styles_cache))
            await at.press("escape")
        gc.collect()
        assert all(cache() for cache in caches), "Textual frees them itself: remove the workaround"
        clear_style_cache()
        gc.collect()
        assert not any(cache() for cache in caches[:-1]), "only the last may still be closing"


TEXTUALS_OWN = ChopsUpdate.render_segments


async def test_a_partial_repaint_begins_at_the_first_cell_that_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running_table(20, size=(100, 20)) as (host, pilot):
        sent = []
        monkeypatch.setattr(ChopsUpdate, "render_segments", TEXTUALS_OWN)
        for fixed in (False, True):
            if fixed:
                send_only_changed_cells()
            with frames() as seen:
                host.put("job-00004", cells={"progress": f"{30 + fixed}%"})
                while not seen:
                    await pilot.pause()
            sent.append("".join(seen))
        x = host.lines()[5].index("31%") - 1
    before, after = sent
    assert "Report job-00004" in before, "Textual crops at the left too: the workaround can go"
    assert "31%" in after
    assert "Report" not in after
    assert len(after.encode()) < 60
    assert after.startswith(f"\x1b[6;{x}H")


class FieldApp(App[None]):
    """Opens a field with a key, and hides it in a small pane."""

    BINDINGS: ClassVar = [("slash", "open", "Open")]

    def compose(self) -> ComposeResult:
        yield Button("first")
        yield Input()

    def on_mount(self) -> None:
        self.query_one(Input).display = False

    def action_open(self) -> None:
        field = self.query_one(Input)
        field.display = True
        field.focus()


@pytest.mark.parametrize(
    ("span", "sent"), [((0, 1, 3), "2H東"), ((0, 2, 4), "2H東京"), ((0, 3, 5), "4H京"), ((0, 4, 6), "4H京b")]
)
def test_a_partial_repaint_never_sends_half_a_wide_character(span: tuple[int, int, int], sent: str) -> None:
    send_only_changed_cells()
    update = ChopsUpdate([{0: Strip([Segment("a東京b")])}], [span], [[6]])
    assert update.render_segments(Console(color_system=None)) == f"\x1b[1;{sent}"


async def test_textual_by_itself_sends_keys_that_arrive_together_past_the_field_they_open() -> None:
    async with FieldApp().run_test() as pilot:
        for key in (events.Key("slash", "/"), events.Key("a", "a")):
            pilot.app.post_message(key)
        await pilot.pause()
        await pilot.pause()
        assert pilot.app.query_one(Input).value == "", "`OrderedInputApp` can go"


class SizedWidget(Widget):
    """Notes whether the screen has the class for its size when it is drawn first."""

    sized: bool | None = None

    def render(self) -> str:
        if self.sized is None:
            self.sized = self.screen.has_class("-any")
        return ""


async def test_textual_by_itself_draws_before_it_sets_the_classes_for_the_size() -> None:
    host = PaneHost(SizedWidget())
    host.HORIZONTAL_BREAKPOINTS = [(0, "-any")]
    async with on_screen(host):
        assert host.query_one(SizedWidget).sized is False, "`set_size_classes` can go"


async def test_textual_by_itself_focuses_a_widget_that_was_hidden_without_focus() -> None:
    async with FieldApp().run_test() as pilot:
        await pilot.press("slash")
        pilot.app.post_message(events.AppBlur())
        await pilot.pause()
        pilot.app.query_one(Input).display = False
        await pilot.pause()
        pilot.app.post_message(events.AppFocus())
        await pilot.pause()
        assert pilot.app.focused is None or not pilot.app.focused.display, "`focus_visible_widget` can go"


def test_textual_by_itself_takes_replies_for_keys() -> None:
    reply = "\x1b]4;1;rgb:dddd/0000/0000\x1b\\"  # to a question about a colour
    assert any(isinstance(event, events.Key) for event in XTermParser().feed(f"{reply}j")), (
        "`InputParser` can go"
    )


def test_textual_by_itself_wakes_up_without_input() -> None:
    source = inspect.getsource(LinuxDriver.run_input_thread)
    assert "selector.select(0.1)" in source, "the input thread of `TerminalDriver` can go"
