"""Cancels a job, and finds out what really became of it."""

import asyncio
from itertools import chain, repeat

from app.deepwriter.errors import (
    ApiError,
    Forbidden,
    NotFound,
    NotSignedIn,
    RateLimited,
    Rejected,
    Unauthorized,
)
from app.job import Status
from app.watch.api import JobApi
from app.watch.polling.budget import RequestGate
from app.watch.polling.link import LinkMonitor
from app.watch.polling.poller import Poller
from app.watch.watch_list import WatchList
from app.watch.watched import CANCEL_TIMEOUT_SECONDS, CancelStep

_FETCH_DELAYS_SECONDS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
"""The waits before each fetch of a job whose cancel was accepted; the last one repeats."""


class Canceller:
    """Sends each cancel once, and follows the job until its outcome is known.

    Every step is recorded in the watch list, and reaches the row and the event log from there. The request is never
    repeated automatically, whatever the answer.
    """

    def __init__(
        self, watch_list: WatchList, api: JobApi, poller: Poller, link: LinkMonitor, gate: RequestGate
    ) -> None:
        """Cancel nothing yet.

        Args:
            watch_list: The jobs.
            api: The API to ask.
            poller: Fetches jobs to see whether they ended.
            link: Learns how long the API wants everybody to wait.
            gate: Limits all requests.
        """
        self._list = watch_list
        self._api = api
        self._poller = poller
        self._link = link
        self._gate = gate
        self._unanswered: dict[str, asyncio.Future[ApiError | None]] = {}

    async def cancel(self, job_id: str) -> ApiError | None:
        """Cancel one watched job, and follow it for up to a minute.

        While a cancel of the job waits for its answer, a second call sends nothing and returns the same. A job that
        is known to have ended is not cancelled: it finished first.

        Returns:
            The error that the request itself met; None if it was accepted or there was nothing to send.
        """
        if (unanswered := self._unanswered.get(job_id)) is not None:
            return await asyncio.shield(unanswered)
        answer = self._unanswered[job_id] = asyncio.get_running_loop().create_future()
        try:
            error = await self._send(job_id)
            answer.set_result(error)
        finally:
            del self._unanswered[job_id]
            answer.cancel()
        if self._ended(job_id):  # a poll was quicker, and has recorded how
            return error
        match error:
            case None:
                self._list.record_cancel(job_id, CancelStep.ACCEPTED)
                await self._follow(job_id)
            case Rejected(status_code=400):
                # The usual reason is that the job has just ended; then the row must say that.
                await self._poller.fetch_now(job_id)
                self._refused(job_id, error.reason)
            case Rejected():
                self._refused(job_id, error.reason)
            case NotFound():
                self._refused(job_id, "not found")
            case NotSignedIn():
                self._refused(job_id, "sign in")
            case Unauthorized() | Forbidden():
                # The key may be allowed everything but this.
                failure = await self._poller.fetch_now(job_id)
                token_accepted = failure is None or isinstance(failure, NotFound)
                self._refused(job_id, "this key may not cancel" if token_accepted else "sign in")
            case RateLimited():
                self._refused(job_id, "too many requests")
            case _:
                await self._check_unanswered(job_id)
        return error

    async def _send(self, job_id: str) -> ApiError | None:
        """Send the request as soon as there is room, and hold polls if the answer demands that."""
        async with self._gate.urgent(cancel=True):
            if (entry := self._list.entries.get(job_id)) and entry.finished:
                if entry.job and entry.job.status != Status.CANCELLED:
                    self._list.record_cancel(job_id, CancelStep.FINISHED_FIRST)
                return None
            self._list.record_cancel(job_id, CancelStep.SENT)
            try:
                await self._api.cancel(job_id)
            except ApiError as error:
                # Whether the API is up, and lets us in, only fetches decide.
                self._link.note_retry_after(error)
                return error
        return None

    def _refused(self, job_id: str, reason: str) -> None:
        if not self._ended(job_id):
            self._list.record_cancel(job_id, CancelStep.REFUSED, reason)

    async def _check_unanswered(self, job_id: str) -> None:
        """Find out from the job's state whether a cancel without an answer arrived."""
        failure = await self._poller.fetch_now(job_id)
        if self._ended(job_id):
            return
        self._list.record_cancel(job_id, CancelStep.NO_ANSWER, "state unknown" if failure else "")
        if failure is None:
            await self._follow(job_id)

    async def _follow(self, job_id: str) -> None:
        """Fetch the job until it has ended, a fetch fails (then polls go on), or the time is up."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + CANCEL_TIMEOUT_SECONDS
        for delay in chain(_FETCH_DELAYS_SECONDS, repeat(_FETCH_DELAYS_SECONDS[-1])):
            left = deadline - clock()
            if self._ended(job_id) or left <= 0:
                return
            await asyncio.sleep(min(delay, left))  # the last fetch decides that it took too long
            if self._ended(job_id) or await self._poller.fetch_now(job_id) is not None:
                return

    def _ended(self, job_id: str) -> bool:
        entry = self._list.entries.get(job_id)
        return entry is None or entry.finished
