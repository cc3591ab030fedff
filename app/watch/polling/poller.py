"""Polls each job when it is due, in one long-lived loop that is woken when the schedule changes."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress

from app.deepwriter.errors import ApiError, NotFound
from app.watch.api import JobApi
from app.watch.observable import Observable
from app.watch.polling.budget import RequestGate
from app.watch.polling.link import LinkMonitor
from app.watch.polling.schedule import Schedule
from app.watch.watch_list import Change, WatchList

_FETCH_EACH_CONCURRENCY = 8
"""How many jobs `fetch_each` fetches at the same time."""

_MIN_SLEEP_SECONDS = 0.002
"""The shortest sleep of the loop, which would otherwise spin."""


class _NotFetched(Exception):
    """No answer about a job was recorded: its request was aborted, or not sent because it would be pointless."""


class Poller:
    """Keeps the watch list up to date.

    At most one request about each job is in flight, and a finished job is fetched only at the user's request. While
    `paused`, or while another process is the leader, only requests by the user are sent.
    """

    def __init__(
        self,
        watch_list: WatchList,
        api: JobApi,
        link: LinkMonitor,
        gate: RequestGate,
        schedule: Schedule,
        paused: Observable[bool],
    ) -> None:
        self._watch_list = watch_list
        self._api = api
        self._link = link
        self._gate = gate
        self._clock = asyncio.get_running_loop().time
        self.schedule = schedule
        self._fetching: dict[str, asyncio.Event] = {}  # set once the fetch has ended
        self._abortable: dict[str, asyncio.Timeout] = {}  # by the user's requests, oldest first
        self.paused = paused
        self._running = False
        self._wake = asyncio.Event()
        gate.on_finished = self._wake.set
        gate.on_full = lambda: self._abort(next(iter(self._abortable), ""))  # the oldest
        watch_list.subscribe(self._on_change)
        for trigger in (link.own, link.leader, schedule.intervals, paused):
            trigger.subscribe(lambda value: self._wake.set())

    @property
    def repeats_fetches(self) -> bool:
        """Whether a fetch that failed is repeated by a poll, of this process or of the leader."""
        return self._running and not self.paused.value

    async def run(self) -> None:
        """Poll until cancelled."""
        self._running = True
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._wake.clear()
                sleep = await self._start_due_polls(tasks)
                self._link.update()
                with suppress(TimeoutError):
                    async with asyncio.timeout(None if sleep is None else max(sleep, _MIN_SLEEP_SECONDS)):
                        await self._wake.wait()

    # Requests by the user

    async def fetch_now(self, job_id: str) -> ApiError | None:
        """Fetch one job now, ahead of all polls, even a finished one.

        The answer is never older than the call: a poll in flight, which may hang, is aborted, and a fetch by another
        caller is awaited first.

        Returns:
            The error, if any; `RateLimited` while the server asks clients to wait, when nothing is sent.
        """
        if wait := self._link.demanded_wait():
            return wait
        while other := self._fetching.get(job_id):
            self._abort(job_id)
            await other.wait()
        self._reserve(job_id)
        try:
            async with self._gate.urgent():
                return self._link.demanded_wait() or await self._fetch(job_id)
        finally:
            self._release(job_id)

    async def fetch_each(self, job_ids: Sequence[str]) -> dict[str, ApiError]:
        """Fetch each of these jobs once, as fast as the budget allows; returns why requests failed, by job ID.

        Stops when further requests are pointless: signed out, asked to wait, or while the API is down.
        """
        failures: dict[str, ApiError] = {}
        remaining = list(dict.fromkeys(reversed(job_ids)))

        async def worker() -> None:
            while remaining and not self._link.blocking_error():
                job_id = remaining.pop()
                try:
                    if error := await self._fetch_in_turn(job_id):
                        failures[job_id] = error
                except _NotFetched:
                    remaining.append(job_id)
                    await asyncio.sleep(0)  # the request that aborted this one goes first

        while remaining:
            if error := self._link.blocking_error():
                for job_id in remaining:
                    failures[job_id] = error
                    self._watch_list.record_failure(job_id, str(error))
                break
            async with asyncio.TaskGroup() as group:  # when it ends, its last answers may allow more requests
                for _ in range(_FETCH_EACH_CONCURRENCY):
                    group.create_task(worker())
        return {job_id: failures[job_id] for job_id in job_ids if job_id in failures}

    async def refresh(self) -> ApiError | None:
        """Fetch all unfinished jobs as fast as the budget allows, or just one while more requests are pointless.

        Returns:
            The error of that fetch, or the first error if this process does not poll; otherwise None.
        """
        if self._link.polls_stopped or self._link.demanded_wait():
            job_id = self.schedule.least_recently_polled()
            return await self.fetch_now(job_id) if job_id else None
        if self.paused.value or not self._link.is_leader:
            unfinished = [entry.id for entry in self._watch_list.entries.values() if not entry.finished]
            return next(iter((await self.fetch_each(unfinished)).values()), None)
        self.poll_all_now()
        return None

    def poll_all_now(self) -> None:
        """Make all unfinished jobs due."""
        self.schedule.make_due_now()
        self._wake.set()

    def set_viewport(self, cursor: str | None, visible: Iterable[str]) -> None:
        """Set which jobs are on the screen. They are polled first; the one under the cursor uses its plain interval."""
        self.schedule.set_viewport(cursor, visible)
        self._wake.set()

    # The loop

    async def _start_due_polls(self, tasks: asyncio.TaskGroup) -> float | None:
        """Start every poll that may be sent now; returns the seconds until the next, or None to wait for an event."""
        if self.schedule.should_replan:
            self.schedule.replan()
        delay = self._link.poll_delay()
        if self.paused.value or not self._link.is_leader:
            return delay or None  # wakes only to report that a wait has ended
        if delay != 0.0:
            return delay
        if self._link.down:
            await self._start_probe(tasks)
            return None
        now = self._clock()
        while self._gate.has_room_for_poll():
            due = min(self.schedule.due.values(), default=None)
            if due is None:
                return None
            if due > now:
                return due - now
            if wait := await self._gate.begin_poll():
                return wait
            self._start(tasks, self.schedule.take_next(now))
        return None

    async def _start_probe(self, tasks: asyncio.TaskGroup) -> None:
        """Send one poll to find out whether the API is up again, unless a request in flight will show that."""
        if self._fetching or not self._gate.has_room_for_poll():
            return
        if job_id := self.schedule.least_recently_polled():
            await self._gate.begin_poll(probe=True)
            self._start(tasks, job_id)

    def _start(self, tasks: asyncio.TaskGroup, job_id: str) -> None:
        self._reserve(job_id)
        tasks.create_task(self._poll(job_id), name=f"poll {job_id}")

    async def _poll(self, job_id: str) -> None:
        try:
            with suppress(_NotFetched):
                await self._fetch_abortably(job_id)
        finally:
            self._release(job_id)
            self._gate.finish_poll()

    async def _fetch_in_turn(self, job_id: str) -> ApiError | None:
        """Fetch a job as soon as the budget allows it; returns the error, if any. Raises `_NotFetched`."""
        while other := self._fetching.get(job_id):
            await other.wait()
        self._reserve(job_id)
        try:
            async with self._gate.poll():
                if self._link.blocking_error():
                    raise _NotFetched
                return await self._fetch_abortably(job_id)
        finally:
            self._release(job_id)

    async def _fetch_abortably(self, job_id: str) -> ApiError | None:
        """Fetch a job. Raises `_NotFetched` if a request by the user takes precedence."""
        limit = self._abortable[job_id] = asyncio.timeout(None)
        try:
            async with limit:
                return await self._fetch(job_id)
        except TimeoutError:
            raise _NotFetched from None
        finally:
            self._abortable.pop(job_id, None)

    def _abort(self, job_id: str) -> None:
        if limit := self._abortable.pop(job_id, None):
            limit.reschedule(self._clock())

    def _reserve(self, job_id: str) -> None:
        """Reserve a job for one request; it is out of the schedule until `_release`."""
        self.schedule.due.pop(job_id, None)
        self._fetching[job_id] = asyncio.Event()

    def _release(self, job_id: str) -> None:
        self._fetching.pop(job_id).set()
        if job_id not in self.schedule.due:  # its request was aborted before it could be planned again
            self.schedule.plan(job_id)

    async def _fetch(self, job_id: str) -> ApiError | None:
        """Send one request, and record its outcome in the link, the schedule and the watch list."""
        if self._watch_list.forecaster:
            await self._watch_list.forecaster.read_history(job_id)
        started = self._clock()
        self.schedule.started(job_id)
        self._link.started()
        failure: ApiError | None = None
        try:
            job = await self._api.fetch(job_id)
        except ApiError as error:
            failure = error
            recovered = self._link.failed(job_id, error, started, len(self.schedule))
            missing = isinstance(error, NotFound)
            self.schedule.ended(job_id, failed=not missing)
            self._watch_list.record_failure(job_id, str(error), missing=missing)
        else:
            recovered = self._link.succeeded(started)
            self.schedule.ended(job_id, failed=False)
            await self._watch_list.sync_before(job)
            self._watch_list.record_answer(job)
        self.schedule.plan(job_id)
        if recovered:
            self.schedule.make_due_now(only_failed=True)
        self._wake.set()
        return failure

    def _on_change(self, change: Change) -> None:
        if change.after and (change.job_id in self._fetching or (change.before and change.ours)):
            return  # it is planned once the request has ended
        if change.after and change.before:
            # Another process has just fetched the job. If this process becomes the leader, it goes on from there.
            self.schedule.started(change.job_id)
            self.schedule.ended(change.job_id, failed=False)
            if change.after.fetched_at and change.after.fetched_at != change.before.fetched_at:
                self._link.succeeded_elsewhere(change.after.fetched_at)
        self.schedule.plan(change.job_id)
        self._wake.set()
