"""Shows short-lived messages on the main screen: a line in place of the keys, or a toast."""

import os
from collections.abc import Sequence

from rich.cells import cell_len
from textual.timer import Timer

from app.dashboard.shared import Part, Shared
from app.dashboard.status_display import StatusDisplay
from app.dashboard.transition_digest import Digest
from app.notify.desktop import notification
from app.presentation.event_lines import News, news_text, toasts
from widgets.model import Cell, EventLine, Tone
from widgets.table.job_table import JobTable
from widgets.toasts import Toasts

_STATUS_SECONDS = 4.0
"""How long a status message stays."""

_TRANSITION_SECONDS = 10.0
"""How long a toast about transitions, or with a long message, stays."""

_WARNING_SECONDS = 6.0
"""How long a warning stays."""

_MIN_TOAST_LINES = 4
"""In panes with fewer lines, messages appear in the header: a toast would cover every job."""


class Notifications(Part):
    """The messages of the main screen. There are no toasts about events while the list itself shows recent ones.

    Attributes:
        desktop: Whether the terminal shows desktop notifications; detected after the first frame.
    """

    def __init__(self, shared: Shared, status: StatusDisplay, table: JobTable, toasts: Toasts) -> None:
        super().__init__(shared)
        self._status = status
        self._table = table
        self._toasts = toasts
        self.desktop = False
        self._hide_status: Timer | None = None
        self._hide_toasts: Timer | None = None
        self._burst: tuple[News, ...] = ()
        self._pending: tuple[News, ...] = ()

    def show_status(self, text: str, seconds: float = _STATUS_SECONDS) -> None:
        """Show a message in place of the keys, so that it covers nothing."""
        self.make_room()
        self._status.show_message(" ".join(text.splitlines()))
        if self._hide_status:
            self._hide_status.stop()
        self._hide_status = self._toasts.set_timer(seconds, lambda: self._status.show_message(""))

    def show_in_full(self, text: str) -> None:
        """Show a message that must not be cut, as a toast if it does not fit on one line."""
        if cell_len(text) <= self._toasts.app.size.width - 2:
            self.show_status(text)
        else:
            self._show_toasts(Cell(text, Tone.ACCENT), text, _TRANSITION_SECONDS)

    def warn(self, text: str) -> None:
        """Show what went wrong, unless a banner already says so."""
        if not self._status.banners.shows(text):
            self._show_toasts(Cell(text, Tone.STALLED), text, _WARNING_SECONDS)

    def _show_toasts(self, content: Sequence[EventLine] | Cell, text: str, seconds: float) -> None:
        """Show toasts, or a text in place of the keys if there is no room for them."""
        if self._no_room_for_toasts:
            self.show_status(text, seconds)
            return
        edge = "top" if 2 * self._table.cursor_region.y > self._toasts.app.size.height else "bottom"
        # Assigning `align_vertical` would repaint the whole list.
        if self._toasts.screen.query_one("#main").styles.set_rule("align_vertical", edge):
            self._toasts.refresh(layout=True)
        self._toasts.show(content)
        if self._hide_toasts:
            self._hide_toasts.stop()
        self._hide_toasts = self._toasts.set_timer(seconds, self._toasts.hide)

    def announce(self, digest: Digest) -> None:
        """Announce what happened to jobs, by toast, bell and desktop notification.

        The toast appears as soon as no dialog covers the screen. Jobs that end together are polled one after the other,
        so a digest that closely follows another replaces its toast with one about both.
        """
        earlier = self._burst if self._pending or not digest.starts_burst else ()
        self._burst = self._pending = (*earlier, *digest.news)
        self.show_pending()
        if digest.starts_burst and self.settings.bell:
            self._toasts.app.bell()
        if digest.reports and self.desktop:  # another process notifies otherwise
            line = " | ".join(news_text(digest.news).splitlines())
            self.write(notification(line, tmux=bool(os.environ.get("TMUX"))))

    def show_pending(self) -> None:
        """Announce what was held back while a dialog covered the screen."""
        if not self._pending or not self._toasts.screen.is_active:
            return
        news, self._pending = self._pending, ()
        if not self._table.feed_shown:
            self._show_toasts(toasts(news), news_text(news, named=1), _TRANSITION_SECONDS)

    def make_room(self) -> None:
        """Hide toasts that cover the cursor or every job of a small pane, and events that the list shows itself."""
        about_events = not isinstance(self._toasts.value, Cell)
        covers_cursor = self._toasts.region.overlaps(self._table.cursor_region)
        if covers_cursor or self._no_room_for_toasts or (about_events and self._table.feed_shown):
            self._toasts.hide()

    @property
    def _no_room_for_toasts(self) -> bool:
        return self._toasts.app.size.height < _MIN_TOAST_LINES
