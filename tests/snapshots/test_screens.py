"""Every screen in panes of every kind, as it looked when somebody last found it right.

`make snapshots` takes the screens as they are now for the right ones; look at what changed before you commit it.
"""

import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import textual
from textual.pilot import Pilot
from textual.scrollbar import ScrollBar
from textual.widgets._toggle_button import ToggleButton

from app.dashboard.app import Dashboard
from app.dashboard.jobs_screen import JobsScreen
from app.watch.connection import Link, LinkState
from tests.snapshots.scene import open_scene
from tests.ui.dashboard_host import NOW
from widgets.cancel_dialog import CancelDialog

DRAWN_WITH = "8.2.8"

pytestmark = pytest.mark.skipif(
    textual.__version__ != DRAWN_WITH, reason=f"the pictures were drawn with Textual {DRAWN_WITH}"
)

WIDE, NORMAL, SMALL = (120, 40), (80, 24), (40, 10)
SIZES = pytest.mark.parametrize("size", [WIDE, NORMAL, SMALL], ids=lambda size: f"{size[0]}x{size[1]}")

Shows = Callable[..., bool]
Step = Callable[[Pilot[Any]], Awaitable[None]]


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times of day are those of UTC, wherever this runs."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def shows(
    snap_compare: Callable[..., bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shows]:
    """Whether a screen looks as it should."""
    # What ASCII asks for holds for a whole process: this puts it back.
    monkeypatch.setattr(ScrollBar, "renderer", ScrollBar.renderer)
    monkeypatch.setattr(ToggleButton, "BUTTON_LEFT", ToggleButton.BUTTON_LEFT)
    monkeypatch.setattr(ToggleButton, "BUTTON_RIGHT", ToggleButton.BUTTON_RIGHT)
    opened: list[Dashboard] = []

    def compare(size: tuple[int, int], step: Step | None = None, **scene: bool) -> bool:
        app = open_scene(tmp_path / "dwtop.db", **scene)
        opened.append(app)

        async def before(pilot: Pilot[Any]) -> None:
            await _at_rest(pilot)
            if step:
                await step(pilot)
                await _at_rest(pilot)

        return snap_compare(app, terminal_size=size, run_before=before)

    yield compare
    for app in opened:
        app.session.close()


async def _at_rest(pilot: Pilot[Any]) -> None:
    """Wait until the screen has looked the same for a while: some things are shown a moment after they happen."""
    give_up, seen = time.monotonic() + 10, [""]
    while seen[-3:] != [seen[-1]] * 3:
        assert time.monotonic() < give_up
        await pilot.pause(0.06)
        seen.append(pilot.app.export_screenshot())


def _main(pilot: Pilot[Any]) -> JobsScreen:
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, JobsScreen)
    return screen


async def _ask_to_cancel(pilot: Pilot[Any]) -> None:
    give_up = time.monotonic() + 10
    while _main(pilot).session.watcher is None:
        assert time.monotonic() < give_up
        await pilot.pause(0.01)
    await pilot.press("x")
    while not isinstance(pilot.app.screen, CancelDialog):
        assert time.monotonic() < give_up
        await pilot.pause(0.01)


@SIZES
def test_main(shows: Shows, size: tuple[int, int]) -> None:
    assert shows(size)


@pytest.mark.parametrize("size", [(200, 60), (40, 8), (20, 2)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_main_in_other_panes(shows: Shows, size: tuple[int, int]) -> None:
    assert shows(size)


@SIZES
def test_detail(shows: Shows, size: tuple[int, int]) -> None:
    async def step(pilot: Pilot[Any]) -> None:
        await pilot.press("j", "enter")

    assert shows(size, step)


@SIZES
def test_cancel_dialog(shows: Shows, size: tuple[int, int]) -> None:
    async def step(pilot: Pilot[Any]) -> None:
        await pilot.press("j")
        await _ask_to_cancel(pilot)

    assert shows(size, step)


def test_cancel_dialog_for_several(shows: Shows) -> None:
    async def step(pilot: Pilot[Any]) -> None:
        await pilot.press("j", "space", "space", "space")
        await _ask_to_cancel(pilot)

    assert shows(NORMAL, step)


@SIZES
def test_empty_list(shows: Shows, size: tuple[int, int]) -> None:
    assert shows(size, empty=True)


@SIZES
def test_first_run(shows: Shows, size: tuple[int, int]) -> None:
    assert shows(size, empty=True, token=False)


@SIZES
def test_light_theme(shows: Shows, size: tuple[int, int]) -> None:
    async def step(pilot: Pilot[Any]) -> None:
        pilot.app.theme = "textual-light"

    assert shows(size, step)


def test_ascii(shows: Shows) -> None:
    async def step(pilot: Pilot[Any]) -> None:
        await pilot.press("j", "space", "enter")

    assert shows(WIDE, step, ascii=True)


@SIZES
def test_offline(shows: Shows, size: tuple[int, int]) -> None:
    async def step(pilot: Pilot[Any]) -> None:
        _main(pilot).show_link(
            LinkState(Link.DOWN, "The API cannot be reached: connection refused.", NOW + 12)
        )

    assert shows(size, step)


def test_signed_out(shows: Shows) -> None:
    async def step(pilot: Pilot[Any]) -> None:
        _main(pilot).show_link(LinkState(Link.SIGNED_OUT, "The API did not accept the token."))

    assert shows(NORMAL, step)


def test_filter(shows: Shows) -> None:
    async def step(pilot: Pilot[Any]) -> None:
        await pilot.press("slash", *"report")

    assert shows(NORMAL, step)


@SIZES
def test_help(shows: Shows, size: tuple[int, int]) -> None:
    async def step(pilot: Pilot[Any]) -> None:
        await pilot.press("question_mark")

    assert shows(size, step)


def test_event_log(shows: Shows) -> None:
    async def step(pilot: Pilot[Any]) -> None:
        await pilot.press("e")

    assert shows(NORMAL, step)
