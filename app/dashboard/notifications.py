"""Shows short-lived messages on the main screen: a line in place of the keys, or a toast."""

from rich.cells import cell_len
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.timer import Timer

from app.dashboard.transition_digest import Digest, Transition
from app.presentation import notices
from app.presentation.glyphs import ASCII, Glyphs
from widgets.drawing import cut, wrap
from widgets.key_line import KeyLine

_STATUS_SECONDS = 4.0
"""How long a status message stays."""

_TRANSITION_SECONDS = 10.0
"""How long the toast about transitions stays."""

_WARNING_SECONDS = 6.0
"""How long a warning stays."""

_MIN_TOAST_LINES = 4
"""In panes with fewer lines transitions appear in the key line: a toast would cover every job."""

_MIN_NAMES_LINES = 12
"""In panes with fewer lines a toast names at most one job; more are counted."""

_MAX_TOAST_CELLS = 60  # as wide as Textual makes a toast
_TOAST_EDGE_CELLS = 4  # of which these hold no text


class Notifications:
    """The messages of one screen that has a key line with the ID `keys`."""

    def __init__(self, screen: Screen[None], glyphs: Glyphs) -> None:
        """Show nothing yet.

        Args:
            screen: The screen to show messages on.
            glyphs: The glyphs to write with.
        """
        self._screen = screen
        self._glyphs = glyphs
        self._hide_status: Timer | None = None
        self._burst: tuple[Transition, ...] = ()
        self._pending = ""

    def show_status(self, text: str, seconds: float = _STATUS_SECONDS) -> None:
        """Show a message in place of the keys, so that it covers nothing."""
        self.make_room()
        key_line = self._key_line
        key_line.say(" ".join(text.splitlines()))
        if not key_line.display:
            self._screen.add_class("-saying")  # without a key line, the message takes the place of the totals
        if self._hide_status:
            self._hide_status.stop()
        self._hide_status = self._screen.set_timer(seconds, self._clear_status)

    def show_in_full(self, text: str) -> None:
        """Show a message that is useless when cut: as a toast where it does not fit on the key line."""
        width = self._key_line.content_size.width or self._screen.app.size.width
        if cell_len(text) <= width or self._height < _MIN_TOAST_LINES:
            self.show_status(text)
        else:
            self._toast(text, "information", _TRANSITION_SECONDS)

    def warn(self, text: str) -> None:
        """Show what went wrong."""
        self._toast(text, "warning", _WARNING_SECONDS)

    def notify_transitions(self, digest: Digest) -> None:
        """Announce transitions; while a dialog is open, as soon as it closes.

        Jobs that end together are polled one after the other, so a digest that follows another closely replaces its
        toast with one about both.
        """
        transitions, text = digest.transitions, digest.text
        if self._pending or not digest.starts_burst:
            transitions = (*self._burst, *transitions)
            text = notices.told([(item.title, item.event) for item in transitions])
        if not digest.starts_burst:
            self.clear_toasts()
        self._burst, self._pending = transitions, text
        self.show_pending()

    def show_pending(self) -> None:
        """Announce what was held back while a dialog covered the screen."""
        if not self._pending or not self._screen.is_active:
            return
        text, self._pending = self._pending, ""
        if self._height < _MIN_NAMES_LINES:
            text = notices.told([(item.title, item.event) for item in self._burst], named=1)
        if self._height < _MIN_TOAST_LINES:
            self.show_status(self._glyphs.sentence(text), _TRANSITION_SECONDS)
        else:
            self._toast(self._glyphs.sentence(text), "information", _TRANSITION_SECONDS)

    def make_room(self) -> None:
        """Remove toasts from a pane that is so small that they cover every job."""
        if self._height < _MIN_TOAST_LINES:
            self.clear_toasts()

    def clear_toasts(self) -> None:
        """Remove all toasts, together with the empty holders that Textual leaves behind, which hide the next toast."""
        self._screen.app.clear_notifications()
        self._screen.query("ToastHolder").remove()

    @property
    def _key_line(self) -> KeyLine:
        return self._screen.query_one("#keys", KeyLine)

    @property
    def _height(self) -> int:
        return self._screen.app.size.height

    def _clear_status(self) -> None:
        self._key_line.say("")
        self._screen.remove_class("-saying")

    def _toast(self, text: str, severity: SeverityLevel, seconds: float) -> None:
        if self._height < _MIN_NAMES_LINES:
            self.clear_toasts()  # there is room for one, in half of the lines (styles/base.tcss)
            lines = self._height if self._height < _MIN_TOAST_LINES else max(self._height // 2 - 1, 1)
            width = min(self._screen.app.size.width, _MAX_TOAST_CELLS) - _TOAST_EDGE_CELLS
            text = _shortened(text, width, lines, ascii=self._glyphs is ASCII)
        self._screen.app.notify(text, severity=severity, markup=False, timeout=seconds)


def _shortened(text: str, width: int, max_lines: int, *, ascii: bool) -> str:
    """Cut a text to a number of lines of a width, with an ellipsis where it is cut."""
    lines = [line for part in text.splitlines() for line in wrap(part, width)]
    if len(lines) <= max_lines:
        return text
    end = "~" if ascii else "…"
    last = cut(lines[max_lines - 1], width - 1, ascii=ascii).rstrip(end) + end
    return "\n".join([*lines[: max_lines - 1], last])
