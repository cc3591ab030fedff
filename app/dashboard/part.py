"""The base of the objects that the main screen is made of."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.dashboard.main_screen import MainScreen


class Part:
    """A part of the main screen, through which it finds the others."""

    def __init__(self, screen: "MainScreen") -> None:
        self.screen = screen
        self.session = screen.session
        self.board = screen.board
