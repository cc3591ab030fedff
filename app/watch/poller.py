"""Asks for each job when it is due: one long-lived loop, woken by whatever changes what is due next."""

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence

from app.deepwriter.errors import ApiError, NotFound, RateLimited
from app.watch.api import JobApi
from app.watch.connection import Connection, LinkState
from app.watch.due import DueQueue
from app.watch.pace import Intervals, backoff, spread, stretch
from app.watch.traffic import Traffic
from app.watch.watch_list import Change, WatchList
from app.watch.watched import Watched

_AT_ONCE = 8
"""How many jobs `ask_each` asks for at the same time."""

_SHORTEST_NAP = 0.002  # seconds; a wait of nothing would spin


class Poller:
    """Keeps the watch list up to date.

    At most one request about a job is under way at any time, and a finished job is never asked for unless a
    person does. All of it runs in one event loop.
    """

    def __init__(
        self,
        watch_list: WatchList,
        api: JobApi,
        connection: Connection,
        traffic: Traffic,
        intervals: Intervals,
        *,
        clock: Callable[[], float],
        chance: random.Random,
        on_link: Callable[[LinkState], None] = lambda state: None,
    ) -> None:
        """Plan the first polls: every unfinished job is due.

        Args:
            watch_list: The jobs.
            api: Whom to ask.
            connection: What is known of the API as a whole.
            traffic: The door for requests.
            intervals: How often to ask.
            clock: The event loop's clock.
            chance: The source of randomness.
            on_link: Told whenever the state of the connection changes.
        """
        self._list = watch_list
        self._api = api
        self._connection = connection
        self._traffic = traffic
        self._intervals = intervals
        self._clock = clock
        self._chance = chance
        self._on_link = on_link
        self._told = LinkState()
        self._queue = DueQueue()
        self._asking: dict[str, asyncio.Future[None]] = {}
        self._started: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._wanted: dict[str, float] = {}  # requests a second that each job's interval asks for
        self._demand = 0.0
        self._paused = False
        self._held_back = False
        self._cursor: str | None = None
        self._visible: tuple[str, ...] = ()
        self._wake = asyncio.Event()
        self._traffic.when_freed(self._wake.set)
        self._unsubscribe = watch_list.subscribe(self._on_change)
        for entry in watch_list.entries.values():
            self._plan_first(entry)

    async def run(self) -> None:
        """Poll until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                while True:
                    self._wake.clear()
                    nap = self._start_what_may(tasks)
                    self._tell_link()
                    try:
                        async with asyncio.timeout(None if nap is None else max(nap, _SHORTEST_NAP)):
                            await self._wake.wait()
                    except TimeoutError:
                        continue
        finally:
            self._unsubscribe()

    # What a person asks for

    async def ask(self, job_id: str) -> ApiError | None:
        """Ask for one job now, before all polls, even a finished one.

        Waits for a request about it that is under way to end, and then sends its own, so that the answer is
        never older than the call.

        Returns:
            None once the watch list has the answer, else what went wrong; a wait that the server demanded is
            not broken, but comes back as `RateLimited`.
        """
        while True:
            if (until := self._connection.held(self._clock())) is not None:
                return RateLimited(
                    "The API asked everybody to wait.", retry_after=max(0.0, until - self._clock())
                )
            if (other := self._asking.get(job_id)) is None:
                break
            await asyncio.shield(other)
        self._reserve(job_id)
        try:
            async with self._traffic.urgent():
                return await self._request(job_id)
        finally:
            self._release(job_id)

    async def ask_each(self, job_ids: Sequence[str]) -> list[ApiError | None]:
        """Ask once for each of these jobs, within the budget, as fast as it allows.

        Stops asking where it is no use: when signed out, asked to wait, or while the API is down.

        Returns:
            What `ask` would say of each, in the same order.
        """
        results: dict[str, ApiError | None] = {}
        last: ApiError | None = None
        waiting = list(reversed(job_ids))

        async def work() -> None:
            nonlocal last
            while waiting:
                job_id = waiting.pop()
                now = self._clock()
                allowed = self._connection.poll_allowed_at(now)
                if last and (allowed is None or allowed > now):
                    results[job_id] = last
                    self._list.failed(job_id, str(last))
                    continue
                pause = self._traffic.begin_poll()
                while pause > 0:
                    await asyncio.sleep(pause)
                    pause = self._traffic.begin_poll()
                self._reserve(job_id)
                try:
                    results[job_id] = await self._request(job_id)
                finally:
                    self._release(job_id)
                    self._traffic.finish()
                last = results[job_id] or last

        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(work())
        return [results[job_id] for job_id in job_ids]

    async def refresh(self) -> ApiError | None:
        """Ask for all unfinished jobs within the budget; where none is let in, one request finds out.

        Returns:
            As `ask`, where one request was sent to find out; else None.
        """
        if self._connection.signed_out or self._connection.down or self._connection.held(self._clock()):
            job_id = self._probe()
            return await self.ask(job_id) if job_id else None
        self._queue.hurry(list(self._queue), self._clock())
        self._wake.set()
        return None

    def look_at(self, cursor: str | None, visible: Iterable[str]) -> None:
        """Say which jobs a person sees; they go first."""
        self._cursor, self._visible = cursor, tuple(visible)

    @property
    def paused(self) -> bool:
        """Whether no poll goes out until further notice."""
        return self._paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        self._paused = paused
        self._wake.set()

    @property
    def intervals(self) -> Intervals:
        """How often jobs are asked for when all is well and the budget allows it."""
        return self._intervals

    @intervals.setter
    def intervals(self, intervals: Intervals) -> None:
        self._intervals = intervals
        for job_id in list(self._queue):
            self._plan(job_id, self._started.get(job_id, self._clock()))
        self._wake.set()

    def interval(self, entry: Watched) -> float | None:
        """Seconds between two polls of a job as things are, stretched to the budget; None for never."""
        interval = self._intervals.of(entry.cadence)
        return None if interval is None else interval * stretch(self._demand, self._traffic.per_minute)

    def heard(self, job_id: str, error: ApiError) -> None:
        """Draw the conclusions about the API from an error that another request met.

        Args:
            job_id: The job it was about.
            error: What happened.
        """
        self._connection.failed(job_id, error, self._clock(), len(self._wanted))
        self._tell_link()
        self._wake.set()

    def signed_in(self) -> None:
        """There is another token: go on at once."""
        self._connection.signed_in()
        self._queue.hurry(list(self._queue), self._clock())
        self._wake.set()

    # The loop

    def _start_what_may(self, tasks: asyncio.TaskGroup) -> float | None:
        """Start every poll that may go out now; the seconds until one may, or None to wait for a wake-up."""
        now = self._clock()
        allowed = None if self._paused else self._connection.poll_allowed_at(now)
        if allowed is None:
            return None
        if allowed > now:
            self._held_back = True
            return allowed - now
        if self._held_back:
            self._held_back = False
            self._traffic.spread_out()
        if self._connection.down:
            return self._start_probe(tasks)
        while self._traffic.room_for_poll():
            due = self._queue.next_due(now)
            if due is None:
                return None
            if due > now:
                return due - now
            if wait := self._traffic.begin_poll():
                return wait
            job = self._queue.pop(now, self._cursor, self._visible)
            assert job is not None
            self._start(tasks, *job)
        return None

    def _start_probe(self, tasks: asyncio.TaskGroup) -> float | None:
        if self._traffic.in_flight:
            return None
        job_id = self._probe()
        if job_id is None:
            return None
        self._traffic.begin_probe()
        self._start(tasks, job_id, self._clock())
        return None

    def _probe(self) -> str | None:
        """The job asked for to find out about the API: the one that was not asked for longest, so that they take turns."""
        return min(self._queue, key=lambda job_id: self._started.get(job_id, 0.0), default=None)

    def _start(self, tasks: asyncio.TaskGroup, job_id: str, due: float) -> None:
        self._reserve(job_id)
        tasks.create_task(self._poll(job_id, due), name=f"poll {job_id}")

    async def _poll(self, job_id: str, due: float) -> None:
        try:
            await self._request(job_id, due)
        finally:
            self._release(job_id)
            self._traffic.finish()

    def _reserve(self, job_id: str) -> None:
        """Keep a job to one request; it is out of the queue until `_release`."""
        self._queue.drop(job_id)
        self._asking[job_id] = asyncio.get_running_loop().create_future()

    def _release(self, job_id: str) -> None:
        self._asking.pop(job_id).set_result(None)
        if job_id not in self._queue:  # its request was called off before it could be planned anew
            self._plan(job_id, self._started.get(job_id, self._clock()))

    async def _request(self, job_id: str, due: float | None = None) -> ApiError | None:
        """Send one request, and draw every conclusion from what comes back."""
        started = self._clock()
        self._started[job_id] = started
        self._connection.started(started)
        failure: ApiError | None = None
        try:
            job = await self._api.fetch(job_id)
        except ApiError as error:
            failure = error
            recovered = self._connection.failed(job_id, error, self._clock(), len(self._wanted))
            self._failures[job_id] = 0 if isinstance(error, NotFound) else self._failures.get(job_id, 0) + 1
            self._list.failed(job_id, str(error), missing=isinstance(error, NotFound))
        else:
            recovered = self._connection.answered()
            self._failures.pop(job_id, None)
            self._list.answered(job)
        self._plan(job_id, started, due)
        if recovered:
            entries = self._list.entries
            self._queue.hurry([name for name in self._queue if entries[name].failure], self._clock())
        self._tell_link()
        self._wake.set()
        return failure

    def _tell_link(self) -> None:
        state = self._connection.state(self._clock())
        if state != self._told:
            self._told = state
            self._on_link(state)

    # When to ask next

    def _on_change(self, change: Change) -> None:
        if change.after is None:
            self._forget(change.job_id)
        elif change.before is None:
            self._plan_first(change.after)
            self._wake.set()

    def _plan_first(self, entry: Watched) -> None:
        interval = self._intervals.of(entry.cadence)
        self._want(entry.id, interval)
        if interval is not None and entry.id not in self._asking:
            self._queue.put(entry.id, self._clock(), fresh=entry.job is None)

    def _plan(self, job_id: str, started: float, due: float | None = None) -> None:
        """Set when a job is asked for next.

        Args:
            job_id: Which job.
            started: When its latest request started.
            due: When that was due; an exact interval counts from there, so that it does not drift.
        """
        entry = self._list.entries.get(job_id)
        if entry is None:
            self._forget(job_id)
            return
        self._want(job_id, self._intervals.of(entry.cadence))
        interval = self.interval(entry)
        if interval is None:
            self._queue.drop(job_id)
            return
        if failures := self._failures.get(job_id):
            next_due = started + backoff(interval, failures, self._chance)
        elif self._intervals.exact:
            next_due = (due if due is not None else started) + interval
            if next_due <= self._clock():
                next_due = started + interval
        else:
            next_due = started + spread(interval, self._chance)
        self._queue.put(job_id, next_due, fresh=entry.job is None)

    def _want(self, job_id: str, interval: float | None) -> None:
        self._demand -= self._wanted.pop(job_id, 0.0)
        if interval is not None:
            self._wanted[job_id] = 1.0 / interval
            self._demand += 1.0 / interval

    def _forget(self, job_id: str) -> None:
        self._want(job_id, None)
        self._queue.drop(job_id)
        self._failures.pop(job_id, None)
        self._started.pop(job_id, None)
