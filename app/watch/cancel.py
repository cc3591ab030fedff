"""Cancels a job and finds out what really became of that."""

import asyncio
import time
from collections.abc import Callable

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
from app.watch.poller import Poller
from app.watch.traffic import Traffic
from app.watch.watch_list import WatchList
from app.watch.watched import ACCEPTED_PATIENCE, CancelStep

_LOOKS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
"""Seconds between two looks at a job whose cancel was accepted; the last repeats."""


class Canceller:
    """Sends each cancel once, and follows the job until the truth is known.

    Every step goes into the watch list, and from there to the row and the event log. The request is never
    sent again by itself, whatever came back.
    """

    def __init__(
        self,
        watch_list: WatchList,
        api: JobApi,
        poller: Poller,
        traffic: Traffic,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Nothing is being cancelled.

        Args:
            watch_list: The jobs.
            api: Whom to ask.
            poller: Asks for the truth.
            traffic: The door for requests.
            now: The wall clock, in seconds since the epoch.
        """
        self._list = watch_list
        self._api = api
        self._poller = poller
        self._traffic = traffic
        self._now = now

    async def cancel(self, job_id: str) -> ApiError | None:
        """Cancel one watched job and follow it for up to a minute. The watch list tells how it went.

        Returns:
            The error that the request itself met, or None if it was accepted.
        """
        sent_at = self._now()
        self._list.cancelling(job_id, CancelStep.SENT)
        try:
            async with self._traffic.urgent():
                await self._api.cancel(job_id)
        except Rejected as error:
            # The usual reason is that it ended a moment ago; then that is what the row has to say.
            if error.status_code == 400:
                await self._poller.ask(job_id)
            if not self._ended(job_id):
                self._list.cancelling(job_id, CancelStep.REFUSED, error.reason)
            return error
        except NotFound as error:
            self._list.cancelling(job_id, CancelStep.REFUSED, "not found")
            return error
        except Forbidden as error:
            self._list.cancelling(job_id, CancelStep.REFUSED, "sign in")
            return error
        except (Unauthorized, NotSignedIn) as error:
            self._list.cancelling(job_id, CancelStep.REFUSED, "sign in")
            self._poller.heard(job_id, error)
            return error
        except RateLimited as error:
            self._list.cancelling(job_id, CancelStep.REFUSED, "too many requests")
            self._poller.heard(job_id, error)
            return error
        except ApiError as error:
            self._poller.heard(job_id, error)
            await self._seek_truth(job_id, sent_at)
            return error
        self._list.cancelling(job_id, CancelStep.ACCEPTED)
        await self._follow(job_id, sent_at)
        return None

    async def _seek_truth(self, job_id: str, sent_at: float) -> None:
        """Nobody knows whether the cancel arrived: the job's own state is the only witness."""
        failure = await self._poller.ask(job_id)
        if self._ended(job_id):
            return
        self._list.cancelling(job_id, CancelStep.NO_ANSWER, "state unknown" if failure else "")
        if failure is None:
            await self._follow(job_id, sent_at)

    async def _follow(self, job_id: str, sent_at: float) -> None:
        """Look until the job has ended, a look fails (then the polls go on), or patience does."""
        for attempt in range(1000):
            pause = _LOOKS[min(attempt, len(_LOOKS) - 1)]
            if self._ended(job_id) or self._now() + pause - sent_at > ACCEPTED_PATIENCE:
                return
            await asyncio.sleep(pause)
            if self._ended(job_id) or await self._poller.ask(job_id) is not None:
                return

    def _ended(self, job_id: str) -> bool:
        entry = self._list.entries.get(job_id)
        return entry is None or entry.finished
