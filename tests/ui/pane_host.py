"""Applications around one widget or dialog, and functions that read the screen."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path, PurePath
from typing import Any, ClassVar, Generic, TypeVar

import pytest
from textual._compositor import CompositorUpdate, LayoutUpdate
from textual.app import App, ComposeResult
from textual.events import Paste
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widget import Widget

from widgets.themes import DARK, LIGHT, role_defaults

_STYLES = Path(__file__).parents[2] / "styles"


class ThemedApp(App[None]):
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
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot
        await pilot.pause()


def lines_on(app: App[None]) -> list[str]:
    """The lines on the screen, without trailing blanks."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


def text_on(app: App[None]) -> str:
    return "\n".join(lines_on(app))


@contextmanager
def frames() -> Iterator[list[str]]:
    """What goes to the terminal meanwhile, a frame each; `LAYOUT` where the whole screen is painted."""
    sent: list[str] = []
    display = App._display

    def record(self: Any, screen: Any, renderable: Any) -> None:
        if isinstance(renderable, LayoutUpdate):
            sent.append("LAYOUT")
        elif isinstance(renderable, CompositorUpdate):
            sent.append(renderable.render_segments(self.console))
        display(self, screen, renderable)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(App, "_display", record)
        yield sent


def lines_in(sent: list[str]) -> list[int]:
    """The lines of the screen that some frames write to, from 0."""
    return sorted({int(line) - 1 for line in re.findall(r"\x1b\[(\d+);\d+H", "".join(sent))})
