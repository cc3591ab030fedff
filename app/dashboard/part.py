"""The base class of the parts of the main screen."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.dashboard.main_screen import MainScreen


class Part:
    """A part of the main screen. It reaches the other parts through `screen`."""

    def __init__(self, screen: "MainScreen") -> None:
        self.screen = screen
        self.session = screen.session
        self.board = screen.board
