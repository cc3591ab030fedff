"""A session: the watch list, the account, and everything that keeps the list up to date once connected."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import InitVar, dataclass, field
from typing import TYPE_CHECKING

from app.watch.account import Account, Connect
from app.watch.observable import Observable
from app.watch.polling.intervals import Intervals
from app.watch.storage import StoreError
from app.watch.watch_list import Change, WatchList
from app.watch.watched import Watched

if TYPE_CHECKING:  # imported while connecting, after the first frame
    from app.watch.forecast.forecaster import Forecaster
    from app.watch.watcher import Watcher


_DAY_SECONDS = 86_400.0

_HISTORY_TIMEOUT_SECONDS = 2.0
"""How long forecasts may delay the first request by reading the histories they learn from."""


@dataclass(slots=True)
class Session:
    """A watch list and everything that keeps it up to date. Used by the dashboard and by commands."""

    watch_list: WatchList
    connect: InitVar[Connect]
    base_url: str = ""  # of the API; distinguishes accounts of processes that share the database
    intervals: Observable[Intervals] = field(default_factory=lambda: Observable(Intervals()))
    requests_per_minute: float = 300.0  # the request budget, more than 0
    history_days: float = 30.0  # how long events and finished jobs' samples are kept
    follow: bool = False  # whether to add the user's new unfinished jobs automatically
    shared: bool = False  # whether other processes may have the list open, so that one polls for all
    now: Callable[[], float] = field(init=False)  # the clock of the watch list
    account: Account = field(init=False)
    watcher: "Watcher | None" = field(default=None, init=False)  # None until connected
    paused: Observable[bool] = field(default_factory=lambda: Observable(False), init=False)
    _connected: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def __post_init__(self, connect: Connect) -> None:
        self.now = self.watch_list.now
        self.account = Account(connect, self.watch_list, self.base_url)

    async def start(self) -> tuple[str, ...]:
        """Connect, and create the watcher; returns sentences to show the user once. Nothing is sent yet."""
        self.watch_list.forecaster = await asyncio.to_thread(self._connect)
        from app.watch.watcher import Watcher

        await self._share_progress_unit()
        self.watcher = Watcher(
            self.watch_list,
            self.account.api,
            intervals=self.intervals,
            paused=self.paused,
            requests_per_minute=self.requests_per_minute,
            account=self.account.id if self.shared else None,
        )
        self._connected.set()
        return self.account.attach(self.watcher)

    async def connected(self) -> "Watcher":
        """Wait for the connection; returns the watcher."""
        await self._connected.wait()
        assert self.watcher is not None
        return self.watcher

    async def run(self) -> None:
        """Poll, renew the token and trim the history, until cancelled."""
        watcher = await self.connected()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(watcher.run(), name="watcher")
            tasks.create_task(self._trim_history(), name="history")
            tasks.create_task(self.account.run(), name="token renewal")
            if self.follow:
                from app.watch.follow import AccountFollower

                follower = AccountFollower(watcher, self.account.api, base_url=self.base_url)
                tasks.create_task(follower.run(), name="follow")

    def reports(self, change: Change) -> bool:
        """Whether this process runs the hook and sends the notification for a change; exactly one does.

        That is the process that polls for all, even if another pane or a command observed the change. While none polls, it
        is the one that observed it.
        """
        reports = self.watcher.link.reports if self.watcher else None
        return change.ours if reports is None else reports

    def interval(self, entry: Watched) -> float | None:
        """The current seconds between two polls of a job; None if it is not polled."""
        if self.watcher:
            return self.watcher.interval(entry)
        return self.intervals.value.of(entry.cadence)

    def close(self) -> None:
        """Write what is pending and release the API client; takes at most 2 s."""
        self.account.close()
        self.watch_list.store.close()

    def _connect(self) -> "Forecaster":
        """Connect, and meanwhile let the forecaster learn from the histories of finished jobs."""
        import app.watch.watcher  # noqa: F401 because importing it takes a while, which must not block the screen
        from app.watch.forecast.forecaster import Forecaster

        forecaster = Forecaster(self.watch_list.store)
        learning = self.watch_list.store.read_soon(forecaster.train)
        self.account.connect()
        with suppress(TimeoutError):  # a slow disk delays requests no longer than that
            learning.result(_HISTORY_TIMEOUT_SECONDS)
        return forecaster

    async def _share_progress_unit(self) -> None:
        """Read and store the progress unit whenever any process learns it; discard histories read with the wrong one."""
        from app.watch.forecast.forecaster import Forecaster

        store, name = self.watch_list.store, f"progress unit of {self.base_url}"
        progress = self.account.api.progress

        async def read() -> None:
            with suppress(StoreError):  # the unit is learned again
                progress.restore(await asyncio.wrap_future(store.read_soon(store.preference, name)))

        def changed(wrong_before: bool) -> None:
            store.set_preference(name, progress.unit, unless=progress.unit.later)
            if wrong_before:
                store.discard_histories()
                if self.watch_list.forecaster:
                    self.watch_list.forecaster = Forecaster(store)  # which has learned from none of them

        await read()
        progress.on_change = changed
        self.watch_list.on_sync = read

    async def _trim_history(self) -> None:
        """Delete what is too old, now and once a day."""
        while True:
            with suppress(StoreError):  # the store has reported it; try again tomorrow
                before = self.now() - self.history_days * _DAY_SECONDS
                await asyncio.wrap_future(self.watch_list.store.prune(before))
            await asyncio.sleep(_DAY_SECONDS)
