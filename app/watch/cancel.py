"""Cancels a job and finds out what really became of that."""

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

_LOOKS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
"""Seconds between two looks at a job whose cancel was accepted; the last repeats."""


class Canceller:
    """Sends each cancel once, and follows the job until the truth is known.

    Every step goes into the watch list, and from there to the row and the event log. The request is never
    sent again by itself, whatever came back.
    """

    def __init__(
        self, watch_list: WatchList, api: JobApi, poller: Poller, link: LinkMonitor, gate: RequestGate
    ) -> None:
        """Nothing is being cancelled.

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
        """Cancel one watched job and follow it for up to a minute. The watch list tells how it went.

        While one cancel of a job waits for its answer, another sends nothing and returns the same. A job that
        is known to have ended is not cancelled: it finished first.

        Returns:
            The error that the request itself met, or None if it was accepted, or there was nothing to send.
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
        if self._ended(job_id):  # a poll was quicker, and has told
            return error
        match error:
            case None:
                self._list.record_cancel(job_id, CancelStep.ACCEPTED)
                await self._follow(job_id)
            case Rejected(status_code=400):
                # The usual reason is that it ended a moment ago; then that is what the row has to say.
                await self._poller.fetch_now(job_id)
                self._refused(job_id, error.reason)
            case Rejected():
                self._refused(job_id, error.reason)
            case NotFound():
                self._refused(job_id, "not found")
            case NotSignedIn():
                self._refused(job_id, "sign in")
            case Unauthorized() | Forbidden():
                # The key may be good for everything but this.
                failure = await self._poller.fetch_now(job_id)
                let_in = failure is None or isinstance(failure, NotFound)
                self._refused(job_id, "this key may not cancel" if let_in else "sign in")
            case RateLimited():
                self._refused(job_id, "too many requests")
            case _:
                await self._seek_truth(job_id)
        return error

    async def _send(self, job_id: str) -> ApiError | None:
        """Send the request, once there is room for it, and hold the polls if the answer asks for that."""
        async with self._gate.urgent():
            if (entry := self._list.entries.get(job_id)) and entry.finished:
                if entry.job and entry.job.status != Status.CANCELLED:
                    self._list.record_cancel(job_id, CancelStep.FINISHED_FIRST)
                return None
            self._list.record_cancel(job_id, CancelStep.SENT)
            try:
                await self._api.cancel(job_id)
            except ApiError as error:
                # Whether polls are let in, and whether the API is up, only their own answers tell.
                self._link.note_retry_after(error)
                return error
        return None

    def _refused(self, job_id: str, reason: str) -> None:
        if not self._ended(job_id):
            self._list.record_cancel(job_id, CancelStep.REFUSED, reason)

    async def _seek_truth(self, job_id: str) -> None:
        """Nobody knows whether the cancel arrived: the job's own state is the only witness."""
        failure = await self._poller.fetch_now(job_id)
        if self._ended(job_id):
            return
        self._list.record_cancel(job_id, CancelStep.NO_ANSWER, "state unknown" if failure else "")
        if failure is None:
            await self._follow(job_id)

    async def _follow(self, job_id: str) -> None:
        """Look until the job has ended, a look fails (then the polls go on), or patience does."""
        clock = asyncio.get_running_loop().time
        give_up = clock() + CANCEL_TIMEOUT_SECONDS
        for pause in chain(_LOOKS, repeat(_LOOKS[-1])):
            left = give_up - clock()
            if self._ended(job_id) or left <= 0:
                return
            await asyncio.sleep(min(pause, left))  # the last look is the one that says it took too long
            if self._ended(job_id) or await self._poller.fetch_now(job_id) is not None:
                return

    def _ended(self, job_id: str) -> bool:
        entry = self._list.entries.get(job_id)
        return entry is None or entry.finished
