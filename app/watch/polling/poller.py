"""Asks for each job when it is due: one long-lived loop, woken by whatever changes what is due next."""

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from app.deepwriter.errors import ApiError, NotFound, RateLimited
from app.watch.api import JobApi
from app.watch.polling.budget import RequestGate
from app.watch.polling.link import LinkMonitor
from app.watch.polling.pacing import Intervals
from app.watch.polling.schedule import Schedule
from app.watch.watch_list import Change, WatchList
from app.watch.watched import Watched

_AT_ONCE = 8
"""How many jobs `fetch_each` asks for at the same time."""

_SHORTEST_NAP = 0.002  # seconds; a wait of nothing would spin


class _CalledOff(Exception):
    """A poll made way for a request that a person waits for."""


class Poller:
    """Keeps the watch list up to date.

    At most one request about a job is under way at any time, and a finished job is never asked for unless a
    person does. All of it runs in one event loop.
    """

    def __init__(
        self,
        watch_list: WatchList,
        api: JobApi,
        link: LinkMonitor,
        gate: RequestGate,
        intervals: Intervals,
        *,
        clock: Callable[[], float],
        rng: random.Random,
        pause_before: Callable[[Watched, bool], float | None] = lambda entry, watched: None,
    ) -> None:
        """Plan the first polls: every unfinished job is due.

        Args:
            watch_list: The jobs.
            api: Whom to ask.
            link: Decides from all outcomes whether polls may go out.
            gate: The door for requests.
            intervals: How often to ask.
            clock: The event loop's clock.
            rng: The source of randomness.
            pause_before: As in `Schedule`.
        """
        self._list = watch_list
        self._api = api
        self._link = link
        self._gate = gate
        self._clock = clock
        self._schedule = Schedule(intervals, gate.per_minute, clock=clock, rng=rng, pause_before=pause_before)
        self._asking: dict[str, asyncio.Future[None]] = {}
        self._polls: dict[str, asyncio.Timeout] = {}  # those under way that can be called off, oldest first
        self._paused = False
        self._standby = False
        self._held_back = False
        self._wake = asyncio.Event()
        self._gate.on_finished(self._wake.set)
        self._gate.on_full(self._call_off_oldest)
        self._unsubscribe = [
            watch_list.subscribe(self._on_change),
            link.own.subscribe(lambda state: self._wake.set()),
        ]
        for entry in watch_list.entries.values():
            self._schedule.plan_first(entry)

    async def run(self) -> None:
        """Poll until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                while True:
                    self._wake.clear()
                    nap = self._start_due_polls(tasks)
                    self._link.update()
                    try:
                        async with asyncio.timeout(None if nap is None else max(nap, _SHORTEST_NAP)):
                            await self._wake.wait()
                    except TimeoutError:
                        continue
        finally:
            for unsubscribe in self._unsubscribe:
                unsubscribe()

    # What a person asks for

    async def fetch_now(self, job_id: str) -> ApiError | None:
        """Ask for one job now, before all polls, even a finished one.

        Its answer is never older than the call: a poll of the job that is under way, and may hang, is called off;
        another request that a person waits for is waited for.

        Returns:
            None once the watch list has the answer, else what went wrong; a wait that the server demanded is
            not broken, but comes back as `RateLimited`.
        """
        while other := self._asking.get(job_id):
            if wait := self._demanded_wait():
                return wait
            self._call_off(job_id)
            await asyncio.shield(other)
        if wait := self._demanded_wait():
            return wait
        self._reserve(job_id)
        try:
            async with self._gate.urgent():
                return self._demanded_wait() or await self._request(job_id)
        finally:
            self._release(job_id)

    async def fetch_each(self, job_ids: Sequence[str]) -> list[ApiError | None]:
        """Ask once for each of these jobs, within the budget, as fast as it allows.

        Stops asking where it is no use: when signed out, asked to wait, or while the API is down.

        Returns:
            What `fetch_now` would say of each, in the same order.
        """
        results: dict[str, ApiError | None] = {}
        last: ApiError | None = None
        waiting = list(dict.fromkeys(reversed(job_ids)))

        def no_use() -> ApiError | None:
            return last if last and self._link.poll_delay() != 0.0 else self._demanded_wait()

        async def work() -> None:
            nonlocal last
            while waiting:
                job_id = waiting.pop()
                while other := self._asking.get(job_id):
                    await asyncio.shield(other)
                reason = no_use()
                if reason is None:
                    self._reserve(job_id)
                    try:
                        async with self._gate.poll():
                            if (reason := no_use()) is None:
                                results[job_id] = await self._request_as_poll(job_id)
                                last = results[job_id] or last
                    except _CalledOff:
                        waiting.append(job_id)
                    finally:
                        self._release(job_id)
                if reason:
                    results[job_id] = reason
                    self._list.record_failure(job_id, str(reason))

        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(work())
        return [results[job_id] for job_id in job_ids]

    async def refresh(self) -> ApiError | None:
        """Ask for all unfinished jobs within the budget; where none is let in, one request finds out.

        Returns:
            As `fetch_now`, where one request was sent to find out; else None.
        """
        if self._link.signed_out or self._link.down or self._link.retry_after_until():
            job_id = self._schedule.least_recently_polled()
            return await self.fetch_now(job_id) if job_id else None
        if self._standby:
            unfinished = [entry.id for entry in self._list.entries.values() if not entry.finished]
            return next((failure for failure in await self.fetch_each(unfinished) if failure), None)
        self.poll_all_now()
        return None

    def set_viewport(self, cursor: str | None, visible: Iterable[str]) -> None:
        """Say which jobs a person sees; they go first, and the one under the cursor at its plain interval."""
        if self._schedule.set_viewport(cursor, visible) and cursor is not None:
            self._plan(cursor)
            self._wake.set()

    @property
    def paused(self) -> bool:
        """Whether no poll goes out until further notice."""
        return self._paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        self._paused = paused
        self._wake.set()

    @property
    def standby(self) -> bool:
        """Whether another program polls for us; what a person asks for is asked all the same."""
        return self._standby

    @standby.setter
    def standby(self, standby: bool) -> None:
        self._standby = standby
        self._wake.set()

    @property
    def intervals(self) -> Intervals:
        """How often jobs are asked for when all is well and the budget allows it."""
        return self._schedule.intervals

    @intervals.setter
    def intervals(self, intervals: Intervals) -> None:
        self._schedule.intervals = intervals
        self._schedule.replan(self._list.entries)
        self._wake.set()

    def interval(self, entry: Watched) -> float | None:
        """Seconds between two polls of a job as things are, stretched to the budget; None for never."""
        return self._schedule.interval(entry)

    def poll_all_now(self) -> None:
        """Make all unfinished jobs due."""
        self._schedule.make_due_now(list(self._schedule))
        self._wake.set()

    # The loop

    def _start_due_polls(self, tasks: asyncio.TaskGroup) -> float | None:
        """Start every poll that may go out now.

        Returns:
            Seconds until the next one may, or None if only an event can bring that about.
        """
        if self._schedule.should_replan:
            self._schedule.replan(self._list.entries)
        delay = None if self._paused or self._standby else self._link.poll_delay()
        if delay is None:
            return None
        if delay > 0:
            self._held_back = True
            return delay
        if self._held_back:
            self._held_back = False
            self._gate.drop_saved()
        if self._link.down:
            return self._start_probe(tasks)
        now = self._clock()
        while self._gate.has_room_for_poll():
            due = self._schedule.next_due(now)
            if due is None:
                return None
            if due > now:
                return due - now
            if wait := self._gate.begin_poll():
                return wait
            job = self._schedule.take_next(now)
            assert job is not None
            self._start(tasks, *job)
        return None

    def _start_probe(self, tasks: asyncio.TaskGroup) -> float | None:
        if self._asking:
            return None
        job_id = self._schedule.least_recently_polled()
        if job_id is None:
            return None
        self._gate.begin_probe()
        self._start(tasks, job_id, self._clock())
        return None

    def _start(self, tasks: asyncio.TaskGroup, job_id: str, due: float) -> None:
        self._reserve(job_id)
        tasks.create_task(self._poll(job_id, due), name=f"poll {job_id}")

    async def _poll(self, job_id: str, due: float) -> None:
        try:
            with suppress(_CalledOff):
                await self._request_as_poll(job_id, due)
        finally:
            self._release(job_id)
            self._gate.finish()

    async def _request_as_poll(self, job_id: str, due: float | None = None) -> ApiError | None:
        """Send one request that makes way for what a person waits for.

        Raises:
            _CalledOff: It did; nothing is known.
        """
        limit = self._polls[job_id] = asyncio.timeout(None)
        try:
            async with limit:
                return await self._request(job_id, due)
        except TimeoutError:
            if not limit.expired():
                raise
            raise _CalledOff from None
        finally:
            self._polls.pop(job_id, None)

    def _call_off(self, job_id: str) -> None:
        if limit := self._polls.pop(job_id, None):
            limit.reschedule(self._clock())

    def _call_off_oldest(self) -> None:
        if oldest := next(iter(self._polls), None):
            self._call_off(oldest)

    def _reserve(self, job_id: str) -> None:
        """Keep a job to one request; it is out of the schedule until `_release`."""
        self._schedule.take(job_id)
        self._asking[job_id] = asyncio.get_running_loop().create_future()

    def _release(self, job_id: str) -> None:
        self._asking.pop(job_id).set_result(None)
        if job_id not in self._schedule:  # its request was called off before it could be planned anew
            self._plan(job_id)

    async def _request(self, job_id: str, due: float | None = None) -> ApiError | None:
        """Send one request, and draw every conclusion from what comes back."""
        await self._list.prepare(job_id)
        started = self._clock()
        self._schedule.started(job_id, started)
        self._link.started()
        failure: ApiError | None = None
        try:
            job = await self._api.fetch(job_id)
        except ApiError as error:
            failure = error
            recovered = self._link.failed(job_id, error, started, len(self._schedule))
            missing = isinstance(error, NotFound)
            if missing:
                self._schedule.succeeded(job_id)
            else:
                self._schedule.failed(job_id)
            self._list.record_failure(job_id, str(error), missing=missing)
        else:
            recovered = self._link.succeeded(started)
            self._schedule.succeeded(job_id)
            self._list.record_answer(job)
        self._plan(job_id, due)
        if recovered:
            entries = self._list.entries
            self._schedule.make_due_now([name for name in self._schedule if entries[name].failure])
        self._link.update()
        self._wake.set()
        return failure

    def _demanded_wait(self) -> RateLimited | None:
        """Set while the server wants everybody to wait."""
        now = self._clock()
        until = self._link.retry_after_until()
        if until is None:
            return None
        return RateLimited("the API asks everybody to wait", retry_after=until - now)

    def _plan(self, job_id: str, due: float | None = None) -> None:
        if entry := self._list.entries.get(job_id):
            self._schedule.plan(entry, due)
        else:
            self._schedule.forget(job_id)

    def _on_change(self, change: Change) -> None:
        if change.after is None:
            self._schedule.forget(change.job_id)
        elif change.before is None:
            self._schedule.plan_first(change.after, fetching=change.job_id in self._asking)
        elif not change.ours and change.job_id not in self._asking:
            # Another program asked for it a moment ago; when we take over it is due as if we had.
            self._schedule.started(change.job_id, self._clock())
            self._schedule.succeeded(change.job_id)
            self._plan(change.job_id)
        else:
            return
        self._wake.set()
