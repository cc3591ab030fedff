"""What is around the list on the main screen: header, banners, empty state, key line and window title."""

from app.dashboard.details import Details
from app.dashboard.job_list import JobList
from app.dashboard.shared import Part, Shared
from app.notify.escape_sequences import set_title
from app.presentation.banners import banners
from app.presentation.empty_state import empty_state
from app.presentation.key_hints import demo_hint, empty_hints, filter_hints, key_hints
from app.presentation.summary import chips, rate_text, request_rate, summary, window_title
from app.watch.polling.link import Link, LinkState
from widgets.ascii import in_ascii
from widgets.banners import Banners
from widgets.header_line import HeaderLine
from widgets.key_line import KeyLine
from widgets.model import EmptyState, KeyHints, Summary


class StatusDisplay(Part):
    """Shows the totals, the banners and the keys.

    Attributes:
        link: The state of the connection that is shown.
        link_since: When the status of the connection last changed, in seconds since the epoch.
        title: The window title that was set last; empty to set it again.
        list_problem: Why the rest of the list cannot be read; empty if it can.
        typing: Whether a text field has the focus, or will have it when the terminal does.
    """

    def __init__(self, shared: Shared, job_list: JobList, details: Details) -> None:
        super().__init__(shared)
        self._list = job_list
        self._details = details
        self.header = HeaderLine(Summary(), id="header")
        self.banners = Banners((), id="banners")
        self.key_line = KeyLine(KeyHints(), id="keys")
        self.link = LinkState()
        self.link_since = self.session.now()
        self.title = ""
        self.typing = False
        self._tried: set[str] = set()  # the actions used so far in the demo
        self.list_problem = ""
        self._requests_per_minute = 0
        self._rate = ""

    def show_message(self, message: str) -> None:
        """Show a message in place of the keys, or of the totals where no keys are shown; an empty one restores both."""
        in_key_line = self.key_line.display
        self.key_line.show_message(message if in_key_line else "")
        self.header.show_message("" if in_key_line else message)

    def refresh(self) -> None:
        """Show everything as it is now. Call it after any change; widgets repaint only what differs."""
        self._show_banners()
        self._list.table.show_when_empty(self._empty_state, bare=not len(self.board))
        if self.session.watch_list.is_complete:
            self._show_totals()
        self.show_keys()

    def _show_totals(self) -> None:
        """Show the totals of all jobs, in the header and the window title."""
        board, session = self.board, self.session
        special = chips(
            demo=self.demo,
            read_only=self.settings.read_only,
            filtered_by=board.view.filter,
            shown=len(self._list.table.ids),
            total=len(board),
            marked=len(board.marks),
            hidden=board.hidden_count(board.marks),
        )
        totals = summary(
            board.totals,
            chips=special,
            base_url="" if self.demo else self.settings.base_url,
            without_token=session.account.without_token,
            refreshed=self.link.status is Link.UP and not session.paused.value,
            now=session.now(),
        )
        self.header.show(totals)
        title = window_title(board.totals)
        if title != self.title:
            self.title = title
            self.write(set_title(in_ascii(title) if self.settings.ascii else title))

    def _show_banners(self) -> None:
        """Show the banners; the screen has the class `-urgent` if there are any."""
        store = self.session.watch_list.store
        shown = banners(
            link=self.link,
            paused=self.session.paused.value,
            link_since=self.link_since,
            without_token=self.session.account.without_token,
            empty=len(self.board) == 0,
            trouble=store.busy_notice or self.list_problem or store.problem.value,
            now=self.session.now(),
            token_ends_at=self.session.account.token_expiry.value,
            key=self.keymap.name_of,
        )
        self.banners.show(shown)
        self.banners.screen.set_class(bool(shown), "-urgent")

    @property
    def _empty_state(self) -> EmptyState:
        """What to do while there are no rows: clear the filter, add jobs, or sign in."""
        return empty_state(
            jobs=len(self.board),
            filtered_by=self.board.view.filter,
            without_token=self.session.account.without_token,
            demo=self.demo,
            key=self.keymap.name_of,
        )

    def show_keys(self) -> None:
        """Show the keys for the job under the cursor, or for the filter while it is being typed."""
        entry = self.session.watch_list.entries.get(self._list.table.cursor or "")
        if self.typing:
            hints = filter_hints(self.keymap)
        elif entry is None:
            hints = empty_hints(self.keymap, self._empty_state.action_ids, self._rate)
        else:
            hint = None
            if self.demo:
                hint = demo_hint(self._tried, cancellable=entry.cancellable, details_open=self._details.open)
            hints = key_hints(
                self.keymap,
                entry,
                marked=len(self.board.marks),
                filtered=bool(self.board.view.filter),
                details_open=self._details.open,
                read_only=self.settings.read_only,
                hint=hint,
                rate=self._rate,
            )
        self.key_line.show(hints)

    def action_tried(self, action_id: str) -> None:
        """In the demo, go on to the next hint once its action has been tried."""
        if self.demo:
            self._tried.add(action_id)
            self.show_keys()

    def show_rate(self) -> None:
        """Show how many requests are sent. Call it rarely: a number that keeps changing distracts."""
        if watcher := self.session.watcher:
            self._requests_per_minute = request_rate(watcher.gate, self._requests_per_minute)
            self._rate = rate_text(self._requests_per_minute, watcher.gate)
        self.refresh()
