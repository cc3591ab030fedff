"""Follows the user's account: adds new unfinished jobs to the watch list automatically."""

import asyncio

from app.deepwriter.errors import ApiError, NotOffered
from app.job import status_facts
from app.watch.api import Api
from app.watch.events import EventKind
from app.watch.polling.link import Link
from app.watch.storage import StoreError
from app.watch.watcher import Watcher

INTERVAL_SECONDS = 60.0
"""The interval between two requests for the user's jobs."""

_RETRY_NOT_OFFERED_SECONDS = 86_400.0
"""How long to wait before asking an API again that does not list jobs."""


class AccountFollower:
    """Lists the user's jobs once a minute while this process polls, and adds the new unfinished ones.

    A job that the user removed from the watch list is never added again.
    """

    def __init__(self, watcher: Watcher, api: Api, *, base_url: str) -> None:
        self._watch_list = watcher.watch_list
        self._watcher = watcher
        self._api = api
        self._preference_name = f"no list of jobs since {base_url}"
        self._last_problem = ""

    async def run(self) -> None:
        """Follow until cancelled."""
        changed = asyncio.Event()
        watcher = self._watcher
        for trigger in (watcher.link.own, watcher.link.leader, watcher.poller.paused):
            trigger.subscribe(lambda value: changed.set())
        while True:
            while not self._may_ask():
                changed.clear()
                await changed.wait()
            try:
                if await self._is_offered():
                    await self._add_new()
            except StoreError as error:
                self._log_problem(str(error))
            await asyncio.sleep(INTERVAL_SECONDS)

    def _may_ask(self) -> bool:
        link, paused = self._watcher.link, self._watcher.poller.paused.value
        return link.is_leader and not paused and link.own.value.status is Link.UP

    async def _is_offered(self) -> bool:
        store = self._watch_list.store
        since_text = await asyncio.wrap_future(store.read_soon(store.preference, self._preference_name))
        try:
            since = float(since_text or "-inf")
        except ValueError:
            return True
        return not 0 <= self._watch_list.now() - since < _RETRY_NOT_OFFERED_SECONDS

    async def _add_new(self) -> None:
        try:
            async with self._watcher.gate.poll():
                jobs = await self._api.list_jobs()
            unfinished = [job.id for job in jobs if not status_facts(job.status).finished]
            added = await self._watch_list.add(unfinished, followed=True) if unfinished else []
        except NotOffered as error:
            await asyncio.wrap_future(
                self._watch_list.store.set_preference(self._preference_name, str(self._watch_list.now()))
            )
            self._log_problem(str(error))
        except ApiError as error:
            self._watcher.link.note_retry_after(error)
            self._log_problem(str(error))
        else:
            self._last_problem = ""
            for job_id in added:
                self._watch_list.log(EventKind.ADDED, "new in your account: added to the list", job_id)

    def _log_problem(self, problem: str) -> None:
        """Log why following fails, unless that was the last reason logged."""
        if problem != self._last_problem:
            self._last_problem = problem
            self._watch_list.log(EventKind.CONNECTION, f"cannot follow your account: {problem}")
