"""A scripted API in virtual time that records its requests, and the core running on it."""

import asyncio
import functools
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from app.deepwriter.errors import ApiError
from app.job import Job
from app.presentation.sentences import status_words
from app.store.store import Store
from app.watch.observable import Observable
from app.watch.polling.intervals import Intervals
from app.watch.polling.link import LinkState
from app.watch.watch_list import WatchList
from app.watch.watcher import Watcher
from tests.virtual_time import VirtualLoop, in_virtual_time

T = TypeVar("T")

BASE_URL = "https://example.invalid/api"

Reply = Job | str | ApiError
"""The result of a request: a job, the message of a cancel, or an error to raise."""


def replies(reply: Reply, seconds: float = 0.1) -> Callable[[str], tuple[float, Reply]]:
    """A script that gives every request the same reply."""
    return lambda name: (seconds, reply)


def job_id(number: int) -> str:
    return str(UUID(int=number))


def job(
    name: str, status: str = "in_progress", progress: float | None = 40.0, stage: str | None = None
) -> Job:
    """A job as the API might describe it."""
    return Job(name, "user", "project", status, 1.0, 2.0, progress, stage, f"Title {name[-4:]}")


@dataclass(eq=False)
class Request:
    """One request: when it started and ended on the loop's clock, and its reply."""

    at: float
    method: str
    job_id: str
    ended: float | None = None
    reply: Reply | None = None


@dataclass
class ScriptedApi:
    """A `JobApi`. `fetched` and `cancelled` return seconds and reply of a request; a test may replace them any time."""

    clock: Callable[[], float]
    fetched: Callable[[str], tuple[float, Reply]] = lambda name: (0.1, job(name))
    cancelled: Callable[[str], tuple[float, Reply]] = lambda name: (0.1, "ok")
    requests: list[Request] = field(default_factory=list)
    in_flight: list[Request] = field(default_factory=list)
    most_in_flight: int = 0
    on_pause: Any = None

    async def fetch(self, job_id: str) -> Job:
        assert not [one for one in self.in_flight if (one.method, one.job_id) == ("GET", job_id)], (
            "two at once"
        )
        reply = await self._exchange("GET", job_id, *self.fetched(job_id))
        assert isinstance(reply, Job)
        return reply

    async def cancel(self, job_id: str) -> str:
        reply = await self._exchange("POST", job_id, *self.cancelled(job_id))
        assert isinstance(reply, str)
        return reply

    async def _exchange(self, method: str, name: str, seconds: float, reply: Reply) -> Reply:
        request = Request(self.clock(), method, name)
        self.requests.append(request)
        self.in_flight.append(request)
        self.most_in_flight = max(self.most_in_flight, len(self.in_flight))
        try:
            await asyncio.sleep(seconds)
        finally:
            self.in_flight.remove(request)
            request.ended = self.clock()
        request.reply = reply
        if isinstance(reply, ApiError):
            raise reply
        return reply

    @property
    def fetches(self) -> list[Request]:
        return [request for request in self.requests if request.method == "GET"]

    @property
    def posts(self) -> list[Request]:
        return [request for request in self.requests if request.method == "POST"]

    def starts(self, name: str) -> list[float]:
        """When each GET for one job started."""
        return [request.at for request in self.fetches if request.job_id == name]


@dataclass
class CoreHarness:
    """The running core with a scripted API."""

    loop: VirtualLoop
    api: ScriptedApi
    store: Store
    watch_list: WatchList
    watcher: Watcher
    links: list[tuple[float, LinkState]]
    running: asyncio.Task[None] | None

    async def end(self) -> None:
        """Stop polling, as at the end of the program."""
        assert self.running is not None
        self.running.cancel()
        await asyncio.wait([self.running])

    def status_text(self, name: str) -> str:
        return status_words(self.watch_list.entries[name], self.loop.wall())


@asynccontextmanager
async def running_core(
    loop: VirtualLoop,
    jobs: int | Sequence[str] = 1,
    *,
    intervals: Intervals | None = None,
    per_minute: float = 300.0,
    polling: bool = True,
    known: Iterable[Job] = (),
    seed: int = 0,
    path: Path | None = None,
    account: str | None = None,
) -> AsyncIterator[CoreHarness]:
    """Run the core with jobs, numbered from 1 or of these IDs, on its own or a shared database; `known` ones were fetched before."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(path or Path(folder, "dwtop.db"), BASE_URL, now=loop.wall)
        names = [job_id(number) for number in range(1, jobs + 1)] if isinstance(jobs, int) else jobs
        store.add(names).result()
        watch_list = WatchList(store, loop.wall)
        for one in known:
            watch_list.record_answer(one)
        api = ScriptedApi(loop.time)
        links: list[tuple[float, LinkState]] = []
        watcher = Watcher(
            watch_list,
            api,
            intervals=Observable(intervals or Intervals()),
            paused=Observable(False),
            requests_per_minute=per_minute,
            seed=seed,
            account=account,
        )
        watcher.link.subscribe(lambda state: links.append((loop.time(), state)))
        running = asyncio.create_task(watcher.run()) if polling else None
        harness = CoreHarness(loop, api, store, watch_list, watcher, links, running)
        try:
            yield harness
            assert running is None or running.cancelled() or not running.done(), "the poller ended by itself"
        finally:
            if running:
                await harness.end()
            store.close()
        if running and not running.cancelled():
            running.result()


def in_core(
    jobs: int | Sequence[str] = 1, **options: Any
) -> Callable[[Callable[..., Coroutine[Any, Any, None]]], Callable[..., None]]:
    """Run an async test in virtual time, with a `running_core` of its own as its first argument."""

    def decorate(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
        @functools.wraps(test)
        async def run_test(loop: VirtualLoop, *args: Any, **fixtures: Any) -> None:
            async with running_core(loop, jobs, **options) as at:
                await test(at, *args, **fixtures)

        return in_virtual_time(run_test)

    return decorate
