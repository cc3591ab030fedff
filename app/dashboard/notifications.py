"""Shows short-lived messages on the main screen: a line in place of the keys, or a toast."""

from collections.abc import Callable, Iterable

from rich.cells import cell_len
from textual.screen import Screen
from textual.timer import Timer

from app.dashboard.platform.terminal_output import TerminalOutput
from app.dashboard.transition_digest import Digest, TransitionDigest
from app.presentation import notices
from app.presentation.glyphs import Glyphs
from app.presentation.notices import News
from app.watch.watch_list import Change
from widgets.banners import Banners
from widgets.header_line import HeaderLine
from widgets.key_line import KeyLine
from widgets.model import Tone
from widgets.toasts import Toasts

_STATUS_SECONDS = 4.0
"""How long a status message stays."""

_TRANSITION_SECONDS = 10.0
"""How long the toast about transitions stays."""

_WARNING_SECONDS = 6.0
"""How long a warning stays."""

_MIN_TOAST_LINES = 4
"""In panes with fewer lines messages appear in the header: a toast would cover every job."""


class Notifications:
    """The messages of one screen that has a header, banners, a key line and toasts."""

    def __init__(
        self,
        screen: Screen[None],
        glyphs: Glyphs,
        terminal: TerminalOutput,
        digest: TransitionDigest,
        *,
        bell: bool,
        feed_shown: Callable[[], bool],
    ) -> None:
        """Show nothing yet.

        Args:
            screen: The screen to show messages on.
            glyphs: The glyphs to write with.
            terminal: Rings the bell and shows desktop notifications.
            digest: Collects the transitions to announce.
            bell: Whether to ring the bell.
            feed_shown: Returns whether the list shows recent events, so that no toast has to.
        """
        self._screen = screen
        self._glyphs = glyphs
        self._terminal = terminal
        self._digest = digest
        self._bell = bell
        self._feed_shown = feed_shown
        self._hide_status: Timer | None = None
        self._hide_toasts: Timer | None = None
        self._burst: tuple[News, ...] = ()
        self._pending: tuple[News, ...] = ()
        self._lead = ""

    def show_status(self, text: str, seconds: float = _STATUS_SECONDS) -> None:
        """Show a message in place of the keys, so that it covers nothing."""
        self.make_room()
        self._clear_status()
        line = self._key_line if self._key_line.display else self._header
        line.say(" ".join(text.splitlines()))
        if self._hide_status:
            self._hide_status.stop()
        self._hide_status = self._screen.set_timer(seconds, self._clear_status)

    def show_in_full(self, text: str) -> None:
        """Show a message that is useless when cut: as a toast where it does not fit on one line."""
        if cell_len(text) <= self._screen.app.size.width - 2 or self._height < _MIN_TOAST_LINES:
            self.show_status(text)
        else:
            self._toast(text, Tone.ACCENT, _TRANSITION_SECONDS)

    def warn(self, text: str) -> None:
        """Show what went wrong, unless a banner says it already."""
        if self._screen.query_one(Banners).shows(text):
            return
        if self._height < _MIN_TOAST_LINES:
            self.show_status(text, _WARNING_SECONDS)
        else:
            self._toast(text, Tone.STALE, _WARNING_SECONDS)

    def expect(self, job_ids: Iterable[str]) -> None:
        """Wait for the answers to these jobs before the first announcement."""
        self._digest.expect(job_ids)

    def add(self, change: Change, title: str) -> None:
        """Announce a change of a job with the next call of `announce`, if it deserves attention."""
        self._digest.add(change, title)

    def announce(self, now: float) -> None:
        """Announce what happened to jobs, by toast, bell and desktop notification.

        Args:
            now: Seconds since the epoch.
        """
        digest = self._digest.take(now)
        self._digest.end_startup(now)
        if digest is None:
            return
        self._show_transitions(digest)
        if digest.starts_burst and self._bell:
            self._terminal.ring_bell()
        if all(item.ours for item in digest.transitions):  # else the process that polls has notified already
            self._terminal.notify(digest.text)

    def _show_transitions(self, digest: Digest) -> None:
        """Show transitions; while a dialog is open, as soon as it closes.

        Jobs that end together are polled one after the other, so a digest that follows another closely replaces its
        toast with one about both.
        """
        news = tuple(News(item.title, item.event) for item in digest.transitions)
        if self._pending or not digest.starts_burst:
            news = (*self._burst, *news)
        else:
            self._lead = ""
        self._lead = digest.lead or self._lead
        self._burst = self._pending = news
        self.show_pending()

    def show_pending(self) -> None:
        """Announce what was held back while a dialog covered the screen."""
        if not self._pending or not self._screen.is_active:
            return
        news, self._pending = self._pending, ()
        if self._height < _MIN_TOAST_LINES:
            text = self._glyphs.sentence(notices.news_text(news, named=1))
            self.show_status(text, _TRANSITION_SECONDS)
        elif self._lead or not self._feed_shown():
            self._toasts.show_news(notices.toasts(news, self._glyphs), self._lead)
            self._hide_toasts_after(_TRANSITION_SECONDS)

    def make_room(self) -> None:
        """Remove toasts from a pane that is so small that they cover every job."""
        if self._height < _MIN_TOAST_LINES:
            self._toasts.hide()

    @property
    def _key_line(self) -> KeyLine:
        return self._screen.query_one("#keys", KeyLine)

    @property
    def _header(self) -> HeaderLine:
        return self._screen.query_one("#header", HeaderLine)

    @property
    def _toasts(self) -> Toasts:
        return self._screen.query_one("#toasts", Toasts)

    @property
    def _height(self) -> int:
        return self._screen.app.size.height

    def _clear_status(self) -> None:
        self._key_line.say("")
        self._header.say("")

    def _toast(self, text: str, tone: Tone, seconds: float) -> None:
        self._toasts.show_message(text, tone)
        self._hide_toasts_after(seconds)

    def _hide_toasts_after(self, seconds: float) -> None:
        if self._hide_toasts:
            self._hide_toasts.stop()
        self._hide_toasts = self._screen.set_timer(seconds, self._toasts.hide)
