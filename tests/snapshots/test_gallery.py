"""Every screen in panes of every kind, dark, light and in ASCII, as it looked when somebody last found it right.

One application for a screen is led through all panes: that is fast, and the screens have to bear it.
`make snapshots` takes the screens as they are now for the right ones; look at what changed before you commit it.
"""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import textual
from syrupy.assertion import SnapshotAssertion
from textual import geometry
from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import Resize
from textual.scrollbar import ScrollBar
from textual.widgets._toast import Toast

from app.dashboard.app import Dashboard
from tests.snapshots.gallery import EXHIBITS, Exhibit, Size
from tests.snapshots.pictures import DRAWN_WITH, Gallery, Picture
from tests.snapshots.scene import open_scene
from tests.ui.pane_host import text_on

pytestmark = pytest.mark.skipif(
    textual.__version__ != DRAWN_WITH, reason=f"the pictures were drawn with Textual {DRAWN_WITH}"
)

_PATIENCE = 3.0
"""Seconds that a picture has to become the right one: some things are shown a moment after they happen."""


@pytest.fixture(autouse=True)
def _pinned(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times of day are those of UTC, toasts stay, and what ASCII changes for a whole process is put back."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    monkeypatch.setattr(Toast, "_expire", lambda toast: None)
    monkeypatch.setattr(ScrollBar, "renderer", ScrollBar.renderer)
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def gallery(snapshot: SnapshotAssertion, request: pytest.FixtureRequest) -> Gallery:
    """Where the pictures hang."""
    return Gallery(snapshot, request)


EACH = pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda exhibit: exhibit.name)


@EACH
async def test_in_colours(exhibit: Exhibit, gallery: Gallery, tmp_path: Path) -> None:
    """Dark and light."""
    await _walk_through(exhibit, gallery, tmp_path, {"dark": "textual-dark", "light": "textual-light"})


@EACH
async def test_in_ascii(exhibit: Exhibit, gallery: Gallery, tmp_path: Path) -> None:
    """With nothing but ASCII characters on the screen, whatever the jobs are called."""
    await _walk_through(exhibit, gallery, tmp_path, {"ascii": "textual-dark"}, ascii=True)


async def _walk_through(
    exhibit: Exhibit, gallery: Gallery, path: Path, looks: dict[str, str], *, ascii: bool = False
) -> None:
    app = open_scene(path / "dwtop.db", ascii=ascii, **exhibit.scene)
    try:
        async with app.run_test(size=exhibit.sizes[0], notifications=True) as pilot:
            while app.session.watcher is None:
                await pilot.pause(0.01)
            app._jobs._tick()  # what comes about in the first seconds, however long they take here
            if exhibit.step:
                await exhibit.step(pilot)
            for look, theme in looks.items():
                app.theme = theme
                for size in exhibit.sizes:
                    _resize(app, size)
                    name = f"{look} {size[0]}x{size[1]}"
                    gallery.hang(name, await _look(app, gallery, name))
                    assert not ascii or text_on(cast("App[None]", app)).isascii()
    finally:
        app.session.close()
    assert not gallery.wrong, f"these look different, see snapshot_report.html: {', '.join(gallery.wrong)}"


def _resize(app: Dashboard, size: Size) -> None:
    """Give the terminal another size, as a pilot does, but without waiting: whoever looks does that."""
    assert isinstance(app._driver, HeadlessDriver)
    app._driver._size = size
    app.post_message(Resize(geometry.Size(*size), geometry.Size(*size)))


async def _look(app: Dashboard, gallery: Gallery, name: str) -> str:
    """A picture as soon as it is the right one; else when it has not changed for a while."""
    picture, kept = Picture(), None if gallery.renewing else gallery.kept(name)
    seen: list[str] = []
    give_up = time.monotonic() + _PATIENCE
    while True:
        await asyncio.sleep(0.04 if kept else 0.05)
        svg = picture.serialize(app.export_screenshot())
        if svg == kept:
            return svg
        seen.append(svg)
        if seen[-4:] == [svg] * 4 and (kept is None or time.monotonic() > give_up):
            return svg
