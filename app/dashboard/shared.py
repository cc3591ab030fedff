"""What the parts and the actions of the main screen share."""

from collections.abc import Callable
from typing import NamedTuple

from app.dashboard.board import Board
from app.presentation.keymap import Keymap
from app.settings.schema import Settings
from app.watch.session import Session


class Shared(NamedTuple):
    """What every part of the main screen may use."""

    session: Session
    settings: Settings
    keymap: Keymap
    write: Callable[[str], None]  # writes an escape sequence to the terminal
    board: Board
    demo: bool


class Part:
    """A part of the main screen, which has what all parts share as attributes."""

    def __init__(self, shared: Shared) -> None:
        self.session, self.settings, self.keymap, self.write, self.board, self.demo = shared
