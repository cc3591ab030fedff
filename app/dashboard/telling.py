"""How a screen tells a person something: in the line for it, as a toast, with the bell."""

from textual.content import Content
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from app.dashboard import notices
from app.dashboard.glyphs import Glyphs
from app.dashboard.herald import News

_SAID_FOR = 4.0
"""Seconds for which something said in passing stands there."""

_TOAST_FOR = 10.0
"""Seconds for which news do."""

_COMPLAINT_FOR = 6.0
"""Seconds for which complaints do."""

_ROOM_FOR_TOASTS = 4
"""In panes of fewer lines news stand in the line for what is said in passing: a toast would cover all jobs."""

_ROOM_FOR_NAMES = 12
"""In panes of fewer lines a toast names one job at most; of more it says how many they are."""


class TellingScreen(Screen[None]):
    """A screen with a line for what is said in passing, `#message`."""

    def __init__(self, *, signs: Glyphs, classes: str) -> None:
        """Nothing is said yet.

        Args:
            signs: The glyphs to write with.
            classes: As of any widget.
        """
        super().__init__(classes=classes)
        self.signs = signs
        self._silence: Timer | None = None
        self._untold: list[tuple[str, tuple[News, ...]]] = []

    def say(self, text: str, seconds: float = _SAID_FOR) -> None:
        """Say something in passing, in place of the keys, so that nothing is covered."""
        self.make_way()
        self.query_one("#message", Static).update(Content(text))
        self.add_class("-saying")
        if self._silence:
            self._silence.stop()
        self._silence = self.set_timer(seconds, lambda: self.remove_class("-saying"))

    def complain(self, text: str) -> None:
        """Say what went wrong."""
        self._notify(text, "warning", _COMPLAINT_FOR)

    def make_way(self) -> None:
        """Take back complaints that cover all there is, where lines are that few."""
        if self.app.size.height < _ROOM_FOR_TOASTS:
            self._clear()

    def tell(self, text: str, news: tuple[News, ...]) -> None:
        """Show news, as soon as nothing lies over the screen: a toast would cover what a dialog asks.

        Args:
            text: The news in words.
            news: One by one.
        """
        self._untold.append((text, news))
        self._toast()

    def on_screen_resume(self) -> None:
        """Show what happened while something lay over the screen."""
        self._toast()

    def _toast(self) -> None:
        if not self._untold or not self.is_active:
            return
        told, self._untold = self._untold, []
        news = [(item.title, item.event) for _, some in told for item in some]
        height = self.app.size.height  # in lines
        if height < _ROOM_FOR_TOASTS:
            self.say(self.signs.sentence(notices.told(news, named=1)), _TOAST_FOR)
            return
        text = told[0][0] if len(told) == 1 else notices.told(news)
        if height < _ROOM_FOR_NAMES:
            text = notices.told(news, named=1)
        self._notify(self.signs.sentence(text), "information", _TOAST_FOR)

    def _notify(self, text: str, severity: SeverityLevel, seconds: float) -> None:
        if self.app.size.height < _ROOM_FOR_NAMES:
            self._clear()  # there is room for one
        self.app.notify(text, severity=severity, markup=False, timeout=seconds)

    def _clear(self) -> None:
        """Take back all toasts, and what Textual leaves of each: an empty holder that hides the next one."""
        self.app.clear_notifications()
        self.query("ToastHolder").remove()
