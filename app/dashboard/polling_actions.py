"""Actions on polling: refresh, pause, change the interval, sign in."""

import asyncio
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.dashboard.action_host import ActionHost, Messages, Selection
from app.deepwriter.errors import ApiError, NotSignedIn, Unauthorized
from app.settings.schema import Settings
from app.watch.polling.intervals import Intervals, next_interval
from app.watch.polling.link import Link
from app.watch.session import Session

if TYPE_CHECKING:
    from app.watch.watcher import Watcher
    from widgets.dialogs.login import Login


class PollingActions:
    """Decides when the API is asked, and with which token."""

    def __init__(
        self,
        session: Session,
        settings: Settings,
        selection: Selection,
        messages: Messages,
        host: ActionHost,
        *,
        on_change: Callable[[], None],
        demo: bool,
    ) -> None:
        """Polling is not paused.

        Args:
            session: The session.
            settings: In force.
            selection: The job under the cursor.
            messages: Shows messages.
            host: The main screen.
            on_change: Called when polling was paused or resumed, or the sign-in changed.
            demo: Whether the API is simulated.
        """
        self._session = session
        self._selection = selection
        self._messages = messages
        self._host = host
        self._on_change = on_change
        self._settings = settings
        self._demo = demo
        self._connected = asyncio.Event()
        self.paused = False

    def connected(self) -> None:
        """Go on with what waits for the connection."""
        self._connected.set()

    async def connection(self, follow_up: str) -> "Watcher":
        """Wait for the connection.

        Args:
            follow_up: What follows then, to say so if it takes a while: `the refresh`; empty to say nothing.
        """
        if self._session.watcher is None:
            if follow_up:
                self._messages.show_status(f"Still connecting; {follow_up} follows.")
            await self._connected.wait()
        assert self._session.watcher is not None
        return self._session.watcher

    def refresh(self) -> None:
        """Fetch the job under the cursor now, even a finished one."""
        if (job_id := self._selection.choose()) is not None:
            self._host.start(self._refresh(job_id), "refresh")

    async def _refresh(self, job_id: str) -> None:
        watcher = await self.connection("the refresh")
        self._report(await watcher.poller.fetch_now(job_id))

    def refresh_all(self) -> None:
        """Fetch all unfinished jobs, within the request budget."""
        self._host.start(self._refresh_all(), "refresh")

    async def _refresh_all(self) -> None:
        watcher = await self.connection("the refresh")
        self._report(await watcher.poller.refresh())

    def _report(self, failure: ApiError | None) -> None:
        if failure:
            self._messages.warn(str(failure))
        if isinstance(failure, Unauthorized | NotSignedIn):
            self._session.request_rejected()

    def pause(self) -> None:
        """Pause polling, or resume it."""
        self.paused = not self.paused
        self._on_change()

    def change_interval(self, step: int) -> None:
        """Poll less often (1) or more often (-1)."""
        seconds = next_interval(self._session.intervals.fast, longer=step > 0)
        self._session.intervals = Intervals.every(seconds)
        if self._session.watcher:
            self._session.watcher.request_intervals(self._session.intervals)
        self._messages.show_status(f"Running jobs refresh every {seconds:g} s")

    async def sign_in(self) -> None:
        """Open the dialog that signs in with another token."""
        from app.deepwriter.auth.credential import token_problem
        from app.deepwriter.auth.sources import source_before_stored
        from widgets.dialogs.login import LoginDialog

        if self._demo:
            self._messages.warn("The demo needs no token.")
            return
        link = self._session.watcher.link.state if self._session.watcher else None
        rejected = link and link.status is Link.SIGNED_OUT and not self._session.without_token
        reason = link.reason if link and rejected else ""
        settings = self._settings
        stronger = source_before_stored(settings.token_file, os.environ, settings.token_command)
        dialog = LoginDialog(token_problem, reason, _precedence_note(stronger), ascii=settings.ascii)

        def sign_in_with(login: "Login | None") -> None:
            if login is not None:
                self._host.start(self._sign_in(login), "sign-in")

        await self._host.open_dialog(dialog, sign_in_with)

    async def _sign_in(self, login: "Login") -> None:
        await self.connection("the sign-in")
        problem = await self._session.sign_in(login.token, api_key=login.api_key, keep=login.keep)
        if problem:
            self._messages.warn(problem)
        else:
            self._on_change()
            self._messages.show_status("Signed in. Refreshing.")


def _precedence_note(source: str) -> str:
    """What the login dialog says of a token source that takes precedence over a remembered token; empty for none."""
    variable = source.removeprefix("The environment variable ")
    if variable != source:
        return f"{variable} is set in your shell: at the next start it is used instead of a remembered token."
    return f"{source} is used instead of a remembered token at the next start." if source else ""
