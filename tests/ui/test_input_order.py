"""Input that arrives all at once is handled in order."""

import asyncio
from pathlib import Path
from typing import ClassVar

import pytest
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widget import Widget

from app.dashboard.platform import input_order
from tests.scripted_api import job_id
from tests.timing import eventually
from tests.ui.dashboard_host import known, running_dashboard


def typed(text: str) -> list[events.Key]:
    names = {"/": "slash", "\r": "enter", "\x1b": "escape", " ": "space"}
    return [events.Key(names.get(char, char), char if char.isprintable() else None) for char in text]


async def test_a_filter_that_arrives_in_one_piece(tmp_path: Path) -> None:
    async with running_dashboard(
        tmp_path / "db", jobs=[known(1, title="Apples"), known(2, title="Pears"), known(3, title="Pearls")]
    ) as at:
        for key in typed("/pear\rj"):
            at.app.post_message(key)
        await at.until(lambda: at.app.screen.board.view.filter == "pear")  # type: ignore[attr-defined]  # because it is ours
        await at.until(lambda: len(at.shown) == 2 and at.cursor == at.shown[1])


async def test_a_key_whose_target_is_removed_does_not_block_others(tmp_path: Path) -> None:
    async with running_dashboard(tmp_path / "db", jobs=[known(1), known(2), known(3)]) as at:
        for key in typed("?\x1bjj"):
            at.app.post_message(key)
        await at.until(lambda: at.cursor == at.shown[2])


def click(x: int, y: int) -> list[events.MouseEvent]:
    return [kind(None, x, y, 0, 0, 1, False, False, False) for kind in (events.MouseDown, events.MouseUp)]


async def test_a_paste_and_a_click_go_to_the_dialog_opened_by_the_key_before_them(tmp_path: Path) -> None:
    async with running_dashboard(tmp_path / "db", jobs=[known(1), known(2), known(3)]) as at:
        await at.connected()
        before = at.cursor
        for event in (*typed("x"), *click(20, 3), events.Paste(job_id(9)), *typed("\x1bj")):
            at.app.post_message(event)
        await at.until(lambda: at.cursor != before)
        # The click would have gone to the third row, and the paste to the dialog that adds.
        assert at.cursor == at.shown[1]
        assert len(at.app.screen_stack) == 1
        assert "Add" not in str(at.app.screen.focused)


class SlowWidget(Widget, can_focus=True):
    """Handles `s` slowly, and `h` once the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[str] = []
        self.handled: list[str] = []
        self.released = asyncio.Event()

    async def on_key(self, event: events.Key) -> None:
        self.started.append(event.key)
        if event.key == "s":
            await asyncio.sleep(0.5)
        elif event.key == "h":
            await self.released.wait()
        self.handled.append(event.key)


class SlowApp(input_order.OrderedInputApp):
    BINDINGS: ClassVar = [Binding("ctrl+c", "interrupt", priority=True)]

    def compose(self) -> ComposeResult:
        yield SlowWidget()

    def action_interrupt(self) -> None:
        self.query_one(SlowWidget).released.set()


async def test_keys_wait_for_one_that_takes_long_and_ctrl_c_not_forever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(input_order, "_MAX_INTERRUPT_WAIT_SECONDS", 0.05)
    app = SlowApp()
    async with app.run_test():
        widget = app.query_one(SlowWidget)
        widget.focus()
        for key in typed("sjhk"):
            app.post_message(key)
        await eventually(lambda: "h" in widget.started)
        assert widget.handled == ["s", "j"]
        app.post_message(events.Key("ctrl+c", None))
        await eventually(lambda: "h" in widget.handled)
        assert widget.started == ["s", "j", "h"]  # what waits behind a key that hangs is dropped
