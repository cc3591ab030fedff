"""Cancels jobs, and finds out what actually happened to them."""

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
from app.watch.api import JobApi
from app.watch.polling.budget import RequestGate
from app.watch.polling.link import LinkMonitor
from app.watch.polling.poller import Poller
from app.watch.watch_list import WatchList
from app.watch.watched import CANCEL_TIMEOUT_SECONDS, CancelStep

_FETCH_DELAYS_SECONDS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
"""The delay before each fetch of a job whose cancel was accepted; the last one repeats."""

_NO_ANSWER_SECONDS = 8.0
"""How long a job is fetched after an unanswered cancel, or while its fetches go unanswered."""


class Canceller:
    """Sends each cancel once, whatever the answer, and follows the job until its outcome is known.

    Every step is recorded in the watch list, and so appears in the row and the event log.
    """

    def __init__(
        self, watch_list: WatchList, api: JobApi, poller: Poller, link: LinkMonitor, gate: RequestGate
    ) -> None:
        self._watch_list = watch_list
        self._api = api
        self._poller = poller
        self._link = link
        self._gate = gate
        self._unanswered: dict[str, asyncio.Task[ApiError | None]] = {}

    async def cancel(self, job_id: str, *, wait: bool = True) -> ApiError | None:
        """Cancel one watched job, and with `wait`, fetch it for up to a minute until it has ended.

        While a cancel of the job is waiting for its answer, a second call sends nothing and returns the same result.
        A job already known to have ended is not cancelled: it finished first.

        Returns:
            The error of the cancel request itself; None if it was accepted or not sent.
        """
        if unanswered := self._unanswered.get(job_id):
            return await asyncio.shield(unanswered)
        answer = self._unanswered[job_id] = asyncio.create_task(self._send(job_id))
        try:
            error = await answer
        finally:
            del self._unanswered[job_id]
        if self._ended(job_id):  # a poll was faster, and has recorded the outcome
            return error
        match error:
            case None:
                self._watch_list.record_cancel(job_id, CancelStep.ACCEPTED)
                if wait:
                    await self._wait_for_end(job_id, CANCEL_TIMEOUT_SECONDS)
            case Rejected():
                if error.status_code == 400:  # usually the job has just ended; the row should then say so
                    await self._poller.fetch_now(job_id)
                self._record_refusal(job_id, error.reason)
            case NotFound():
                self._record_refusal(job_id, "not found")
            case NotSignedIn():
                self._record_refusal(job_id, "sign in")
            case Unauthorized() | Forbidden():
                # The key may be allowed to read, but not to cancel.
                failure = await self._poller.fetch_now(job_id)
                token_accepted = failure is None or isinstance(failure, NotFound)
                self._record_refusal(job_id, "this key may not cancel" if token_accepted else "sign in")
            case RateLimited():
                self._record_refusal(job_id, "too many requests")
            case _:
                await self._check_unanswered(job_id, wait=wait)
        return error

    async def _send(self, job_id: str) -> ApiError | None:
        """Send the request as soon as the gate allows it, and delay polls if the answer asks for that."""
        async with self._gate.urgent(cancel=True):
            if (entry := self._watch_list.entries.get(job_id)) and entry.finished:
                if not entry.cancelled:
                    self._watch_list.record_cancel(job_id, CancelStep.FINISHED_FIRST)
                return None
            self._watch_list.record_cancel(job_id, CancelStep.SENT)
            try:
                await self._api.cancel(job_id)
            except ApiError as error:
                # Only fetches decide whether the API is up and the token accepted.
                self._link.note_retry_after(error)
                return error
        return None

    def _record_refusal(self, job_id: str, reason: str) -> None:
        if not self._ended(job_id):
            self._watch_list.record_cancel(job_id, CancelStep.REFUSED, reason)

    async def _check_unanswered(self, job_id: str, *, wait: bool) -> None:
        """Fetch the job to find out whether a cancel without an answer took effect."""
        failure = await self._poller.fetch_now(job_id)
        if self._ended(job_id):
            return
        self._watch_list.record_cancel(job_id, CancelStep.NO_ANSWER, "state unknown" if failure else "")
        if wait and not (failure and self._poller.repeats_fetches):
            await self._wait_for_end(job_id, _NO_ANSWER_SECONDS)

    async def _wait_for_end(self, job_id: str, seconds: float) -> None:
        """Fetch the job repeatedly until it has ended, the time is up, or fetches fail and the poller repeats them."""
        clock = asyncio.get_running_loop().time
        answered_at = clock()
        deadline = answered_at + seconds
        for delay in chain(_FETCH_DELAYS_SECONDS, repeat(_FETCH_DELAYS_SECONDS[-1])):
            left = deadline - clock()
            if self._ended(job_id) or left <= 0:
                return
            await asyncio.sleep(min(delay, left))  # the last fetch happens at the deadline
            if self._ended(job_id):
                return
            if await self._poller.fetch_now(job_id) is None:
                answered_at = clock()
            elif self._poller.repeats_fetches or clock() - answered_at >= _NO_ANSWER_SECONDS:
                return

    def _ended(self, job_id: str) -> bool:
        entry = self._watch_list.entries.get(job_id)
        return entry is None or entry.finished
