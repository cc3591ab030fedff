"""Applications around one widget or dialog, and functions that read the screen."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path, PurePath
from typing import Any, ClassVar, Generic, TypeVar

from textual._compositor import Compositor
from textual.app import App, ComposeResult
from textual.events import Paste
from textual.geometry import Region
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widget import Widget

from widgets.themes import DARK, LIGHT, role_defaults

_STYLES = Path(__file__).parents[2] / "styles"


class ThemedApp(App[None]):
    """An application with the program's themes."""

    def __init__(self) -> None:
        super().__init__()
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = DARK.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return role_defaults(self.current_theme)


class PaneHost(ThemedApp):
    """An application around some widgets, with the program's styles. It records pastes that bubble up to it."""

    CSS_PATH: ClassVar[list[str | PurePath]] = [_STYLES / "detail.tcss"]

    def __init__(self, *panes: Widget) -> None:
        super().__init__()
        self.panes = panes
        self.pasted: list[str] = []

    def compose(self) -> ComposeResult:
        yield from self.panes

    def on_paste(self, event: Paste) -> None:
        self.pasted.append(event.text)


DialogT = TypeVar("DialogT", bound=ModalScreen[Any])
AppT = TypeVar("AppT", bound=App[None])


class DialogHost(PaneHost, Generic[DialogT]):
    """An application that opens a dialog and records its results."""

    def __init__(self, dialog: DialogT) -> None:
        super().__init__()
        self.answers: list[Any] = []
        self.dialog = dialog

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.answers.append)


@asynccontextmanager
async def on_screen(app: AppT, size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[AppT, Pilot[None]]]:
    """A running application."""
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot
        await pilot.pause()


def lines_on(app: App[None]) -> list[str]:
    """The lines on the screen, without trailing blanks."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


def text_on(app: App[None]) -> str:
    """The text on the screen."""
    return "\n".join(lines_on(app))


@contextmanager
def painted() -> Iterator[list[Region]]:
    """The regions of the screen that are painted in the context."""
    regions: list[Region] = []
    partial, full = Compositor.render_partial_update, Compositor.render_full_update

    def record(paint: Callable[[Compositor], object]) -> Callable[..., object]:
        def painting(compositor: Compositor, *args: object, **options: object) -> object:
            regions.extend(compositor._dirty_regions or [compositor.size.region])
            return paint(compositor, *args, **options)

        return painting

    try:
        Compositor.render_partial_update = record(partial)  # type: ignore[method-assign, assignment]
        Compositor.render_full_update = record(full)  # type: ignore[method-assign, assignment]
        yield regions
    finally:
        Compositor.render_partial_update = partial  # type: ignore[method-assign]
        Compositor.render_full_update = full  # type: ignore[method-assign]
