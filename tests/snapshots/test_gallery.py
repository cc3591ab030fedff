"""Every screen in each of its layouts, and in light and ASCII where that matters, compared with approved pictures.

In our own themes all text on them has enough contrast, except what a dialog dims.

One application per screen is resized through all panes, which is fast, and which the screens have to survive.
`make snapshots` approves the screens as they are now; look at what changed before you commit it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest
import textual
from syrupy.assertion import SnapshotAssertion
from textual import geometry
from textual.app import App
from textual.color import Color
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import Resize

from app.dashboard.app import Dashboard
from tests.snapshots.gallery import SCREENS, Screen, Size
from tests.snapshots.pictures import DRAWN_WITH, Gallery, Picture
from tests.snapshots.scene import open_scene
from tests.ui.dashboard_host import running
from tests.ui.pane_host import text_on
from widgets.themes import MIN_CONTRAST, contrast
from widgets.toasts import Toasts

pytestmark = pytest.mark.skipif(
    textual.__version__ != DRAWN_WITH, reason=f"the pictures were drawn with Textual {DRAWN_WITH}"
)

_TIMEOUT_SECONDS = 3.0
"""How long a picture may differ: some things are shown a moment after they happen."""


@pytest.fixture(autouse=True)
def _pinned(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times of day are those of UTC, and toasts stay."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    monkeypatch.setattr(Toasts, "hide", lambda toasts: None)
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def gallery(snapshot: SnapshotAssertion, request: pytest.FixtureRequest) -> Iterator[Gallery]:
    """Compares all pictures of a test before the test fails."""
    gallery = Gallery(snapshot, request)
    yield gallery
    assert not gallery.different, (
        f"these look different, see snapshot_report.html: {', '.join(gallery.different)}"
    )


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
async def test_in_colours(screen: Screen, gallery: Gallery, tmp_path: Path) -> None:
    """Dark in every layout, and light where the colours are its own."""
    async with _opened(screen, tmp_path) as app:
        await _compare_all(app, gallery, "dark", "dwtop-dark", screen.sizes)
        await _compare_all(app, gallery, "light", "dwtop-light", screen.light)


@pytest.mark.parametrize("screen", [each for each in SCREENS if each.ascii], ids=lambda screen: screen.name)
async def test_in_ascii(screen: Screen, gallery: Gallery, tmp_path: Path) -> None:
    """With nothing but ASCII characters on the screen, whatever the titles of jobs are."""
    async with _opened(screen, tmp_path, ascii=True) as app:
        await _compare_all(app, gallery, "ascii", "dwtop-dark", screen.ascii)
        assert text_on(cast("App[None]", app)).isascii()


@pytest.mark.parametrize("theme", ["dwtop-dark", "dwtop-light"])
@pytest.mark.parametrize("key", ["slash", "a", "A", "L", "colon", "t"])
async def test_an_empty_field_says_legibly_what_it_is_for(key: str, theme: str, tmp_path: Path) -> None:
    app = open_scene(tmp_path / "dwtop.db")
    async with running(app, size=(80, 24)) as dash:
        app.theme = theme
        await dash.press(key)
        await dash.until(lambda: app.screen.query("Input, TextArea"))
        assert not list(_faint_texts(app))


@asynccontextmanager
async def _opened(screen: Screen, path: Path, *, ascii: bool = False) -> AsyncIterator[Dashboard]:
    """The dashboard with that screen open, in the first of its panes."""
    app = open_scene(path / "dwtop.db", ascii=ascii, **screen.scene)
    async with running(app, size=screen.ascii[0] if ascii else screen.sizes[0]) as dash:
        await dash.connected()
        app.session.watch_list.forecaster = None  # forecasts are those of the scene
        dash.main._tick()  # what comes about in the first seconds, however long they take here
        if screen.step:
            await screen.step(dash)
        yield app


async def _compare_all(
    app: Dashboard, gallery: Gallery, look: str, theme: str, sizes: tuple[Size, ...]
) -> None:
    app.theme = theme
    for size in sizes:
        _resize(app, size)
        name = f"{look} {size[0]}x{size[1]}"
        gallery.compare(name, await _picture(app, gallery, name))
        assert not list(_faint_texts(app)), name


def _faint_texts(app: Dashboard) -> Iterator[str]:
    """The texts with too little contrast, in the dialog that is open or on the whole screen."""
    dialogs = app.screen.query(".dialog-box, Palette #--container")
    shown = dialogs.first().region if app.screen.is_modal else app.screen.region
    strips = app.screen._compositor.render_strips()
    for y in shown.line_range:
        for segment in strips[y].crop(*shown.column_span):
            style = segment.style
            if style and style.color and style.bgcolor and any(char.isalnum() for char in segment.text):
                colors = map(Color.from_rich_color, (style.color, style.bgcolor))
                if contrast(*colors) < MIN_CONTRAST:
                    yield segment.text


def _resize(app: Dashboard, size: Size) -> None:
    """Give the terminal another size, as a pilot does, but without waiting for the result."""
    assert isinstance(app._driver, HeadlessDriver)
    app._driver._size = size
    app.post_message(Resize(geometry.Size(*size), geometry.Size(*size)))


async def _picture(app: Dashboard, gallery: Gallery, name: str) -> str:
    """The picture as soon as it equals the approved one; else once it has not changed for a while."""
    picture, approved = Picture(), None if gallery.updating else gallery.approved(name)
    seen: list[str] = []
    give_up = time.monotonic() + _TIMEOUT_SECONDS
    while True:
        await asyncio.sleep(0.04 if approved else 0.05)
        svg = picture.serialize(app.export_screenshot())
        if svg == approved:
            return svg
        seen.append(svg)
        if seen[-4:] == [svg] * 4 and (approved is None or time.monotonic() > give_up):
            return svg
