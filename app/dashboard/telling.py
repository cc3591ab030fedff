"""How a screen tells a person something: in the line for it, as a toast, with the bell."""

from math import inf

from rich.cells import cell_len
from textual.getters import query_one
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.timer import Timer

from app.dashboard.transition_digest import News
from app.presentation import notices
from app.presentation.glyphs import Glyphs
from widgets.drawing import cut, wrap
from widgets.key_line import KeyLine

_SAID_FOR = 4.0
"""Seconds for which something said in passing stands there."""

_TOAST_FOR = 10.0
"""Seconds for which news do."""

_BURST = 3.0
"""Seconds of silence that end a burst of news."""

_COMPLAINT_FOR = 6.0
"""Seconds for which complaints do."""

_ROOM_FOR_TOASTS = 4
"""In panes of fewer lines news stand in the line for what is said in passing: a toast would cover all jobs."""

_WIDEST_TOAST = 60  # cells, Textual's own
_EDGES = 4  # cells of it that hold no text

_ROOM_FOR_NAMES = 12
"""In panes of fewer lines a toast names one job at most; of more it says how many they are."""


class TellingScreen(Screen[None]):
    """A screen with a line of keys, `#keys`, in which it also says things in passing."""

    key_line = query_one("#keys", KeyLine)

    def __init__(self, *, signs: Glyphs, plain: bool, classes: str) -> None:
        """Nothing is said yet.

        Args:
            signs: The glyphs to write with.
            plain: Whether they are ASCII alone.
            classes: As of any widget.
        """
        super().__init__(classes=classes)
        self.signs = signs
        self.plain = plain
        self._silence: Timer | None = None
        self._untold = ""
        self._burst: tuple[News, ...] = ()
        self._told_at = -inf

    def say(self, text: str, seconds: float = _SAID_FOR) -> None:
        """Say something in passing, in place of the keys, so that nothing is covered."""
        self.make_way()
        self.key_line.say(" ".join(text.splitlines()))
        if not self.key_line.display:
            self.add_class("-saying")  # where there is no line for keys, it takes that of the sums
        if self._silence:
            self._silence.stop()
        self._silence = self.set_timer(seconds, self._fall_silent)

    def say_whole(self, text: str) -> None:
        """Say something in passing that is of use only in full: as a toast where it does not fit into one line."""
        room = self.key_line.content_size.width or self.app.size.width
        if cell_len(text) <= room or self.app.size.height < _ROOM_FOR_TOASTS:
            self.say(text)
        else:
            self._notify(text, "information", _TOAST_FOR)

    def _fall_silent(self) -> None:
        self.key_line.say("")
        self.remove_class("-saying")

    def complain(self, text: str) -> None:
        """Say what went wrong."""
        self._notify(text, "warning", _COMPLAINT_FOR)

    def make_way(self) -> None:
        """Take back complaints that cover all there is, where lines are that few."""
        if self.app.size.height < _ROOM_FOR_TOASTS:
            self._clear()

    def tell(self, text: str, news: tuple[News, ...], now: float) -> bool:
        """Show news, as soon as nothing lies over the screen: a toast would cover what a dialog asks.

        Jobs that end together are found out one after the other, as they are asked for. What follows so closely is
        one burst, and has one toast.

        Args:
            text: The news in words.
            news: One by one.
            now: Seconds since the epoch.

        Returns:
            Whether a burst begins with them.
        """
        begins = abs(now - self._told_at) >= _BURST  # a wall clock may be set back
        self._told_at = now
        if self._untold or not begins:
            news = (*self._burst, *news)
            text = notices.told([(item.title, item.event) for item in news])
        if not begins:
            self._clear()
        self._burst, self._untold = news, text
        self._toast()
        return begins

    def on_screen_resume(self) -> None:
        """Show what happened while something lay over the screen."""
        self._toast()

    def _toast(self) -> None:
        if not self._untold or not self.is_active:
            return
        text, self._untold = self._untold, ""
        height = self.app.size.height  # in lines
        if height < _ROOM_FOR_NAMES:
            text = notices.told([(item.title, item.event) for item in self._burst], named=1)
        if height < _ROOM_FOR_TOASTS:
            self.say(self.signs.sentence(text), _TOAST_FOR)
        else:
            self._notify(self.signs.sentence(text), "information", _TOAST_FOR)

    def _notify(self, text: str, severity: SeverityLevel, seconds: float) -> None:
        columns, height = self.app.size
        if height < _ROOM_FOR_NAMES:
            self._clear()  # there is room for one, in half of the lines (styles/base.tcss) with one above it
            room = height if height < _ROOM_FOR_TOASTS else max(height // 2 - 1, 1)
            text = _shortened(text, min(columns, _WIDEST_TOAST) - _EDGES, room, ascii=self.plain)
        self.app.notify(text, severity=severity, markup=False, timeout=seconds)

    def _clear(self) -> None:
        """Take back all toasts, and what Textual leaves of each: an empty holder that hides the next one."""
        self.app.clear_notifications()
        self.query("ToastHolder").remove()


def _shortened(text: str, width: int, most: int, *, ascii: bool) -> str:
    """A text in so many lines at most, of so many cells; one that is cut says so."""
    lines = [line for part in text.splitlines() for line in wrap(part, width)]
    if len(lines) <= most:
        return text
    end = "~" if ascii else "…"
    return "\n".join([*lines[: most - 1], cut(lines[most - 1], width - 1, ascii=ascii).rstrip(end) + end])
