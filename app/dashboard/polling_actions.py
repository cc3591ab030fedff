"""Actions on polling: refresh, pause, change the interval, sign in."""

import os
from typing import TYPE_CHECKING

from app.dashboard.actions import Actions
from app.deepwriter.errors import NotSignedIn, Unauthorized
from app.presentation.sentences import capitalized
from app.watch.polling.intervals import Intervals, next_interval
from app.watch.polling.link import Link

if TYPE_CHECKING:
    from widgets.dialogs.login import Login


_REFRESHED_SECONDS = 1.5
"""How long the message about a successful refresh stays. Most refreshes change nothing else on the screen."""


class PollingActions(Actions):
    """Controls when requests are sent, and with which token."""

    def refresh(self) -> None:
        """Fetch the job under the cursor now, even a finished one."""
        if (job_id := self.selected()) is not None:
            self.screen.run_worker(self._refresh(job_id))

    def refresh_all(self) -> None:
        """Fetch all unfinished jobs, within the request budget."""
        self.screen.run_worker(self._refresh())

    async def _refresh(self, job_id: str | None = None) -> None:
        poller = (await self.connection("the refresh")).poller
        failure = await (poller.fetch_now(job_id) if job_id else poller.refresh())
        if failure:
            self.notifications.show_in_full(f"{capitalized(str(failure))}.")
        else:
            unfinished = any(not entry.finished for entry in self.session.watch_list.entries.values())
            for_all = "Refreshing all unfinished jobs" if unfinished else "No unfinished jobs to refresh"
            self.notifications.show_status("Refreshed" if job_id else for_all, _REFRESHED_SECONDS)
        if isinstance(failure, Unauthorized | NotSignedIn):
            self.session.account.request_rejected()

    def pause(self) -> None:
        """Pause polling, or resume it."""
        self.session.paused.set(not self.session.paused.value)
        self.parts.status.refresh()

    def change_interval(self, *, longer: bool) -> None:
        """Poll less often, or more often."""
        seconds = next_interval(self.session.intervals.value.fast, longer=longer)
        self.session.intervals.set(Intervals.every(seconds))
        self.notifications.show_status(f"Running jobs refresh every {seconds:g} s")

    async def sign_in(self) -> None:
        """Open the dialog that signs in with another token."""
        from app.deepwriter.auth.sources import overriding_source
        from app.deepwriter.auth.token_text import token_problem
        from widgets.dialogs.login import LoginDialog

        if self.demo:
            self.notifications.show_status("The demo needs no token.")
            return
        link = self.parts.status.link
        rejected = link.status is Link.SIGNED_OUT and not self.session.account.without_token
        reason = link.reason if rejected else ""
        settings = self.settings
        source = overriding_source(settings.token_file, os.environ, settings.token_command)
        note = f"{source} is used instead of the stored token at the next start." if source else ""
        await self.open_dialog(LoginDialog(token_problem, reason, note), self._sign_in)

    async def _sign_in(self, login: "Login") -> None:
        await self.connection("the sign-in")
        problem = await self.session.account.sign_in(login.token, api_key=login.api_key, keep=login.keep)
        if problem:
            self.notifications.warn(problem)
        else:
            self.parts.status.refresh()
            self.notifications.show_status("Signed in. Refreshing.")
