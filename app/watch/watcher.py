"""The core, put together: everything that runs for one watch list once there is an API to ask."""

import asyncio
import random
import time
from collections.abc import Callable

from app.watch.api import JobApi
from app.watch.cancel import Canceller
from app.watch.connection import Connection, Link, LinkState
from app.watch.events import Event, EventKind
from app.watch.pace import Intervals
from app.watch.poller import Poller
from app.watch.traffic import Traffic
from app.watch.watch_list import WatchList
from app.watch.watched import Watched


class Watcher:
    """Polls, cancels and keeps count for one watch list. Made and used in one running event loop."""

    def __init__(
        self,
        watch_list: WatchList,
        api: JobApi,
        *,
        intervals: Intervals,
        requests_per_minute: float,
        on_link: Callable[[LinkState], None] = lambda state: None,
        now: Callable[[], float] = time.time,
        seed: int | None = None,
    ) -> None:
        """Put it together; nothing is sent before `run`, `poller.ask` or `canceller.cancel`.

        Args:
            watch_list: The jobs.
            api: Whom to ask.
            intervals: How often.
            requests_per_minute: The request budget, more than 0.
            on_link: Told whenever the state of the connection changes.
            now: The wall clock, in seconds since the epoch.
            seed: Makes every random choice repeatable.
        """
        chance = random.Random(seed)  # noqa: S311 because it spreads requests, and keeps no secret
        clock = asyncio.get_running_loop().time
        self._chance = chance
        self.watch_list = watch_list
        self.connection = Connection(chance)
        self.traffic = Traffic(requests_per_minute, clock)
        self._now = now
        self._clock = clock
        self._link = Link.UP
        self._tell = on_link
        self.poller = Poller(
            watch_list,
            api,
            self.connection,
            self.traffic,
            intervals,
            clock=clock,
            chance=chance,
            on_link=self._on_link,
            pause_before=self._pause_before,
        )
        self.canceller = Canceller(watch_list, api, self.poller, self.traffic)

    async def run(self) -> None:
        """Keep the watch list up to date until cancelled."""
        await self.poller.run()

    @property
    def link(self) -> LinkState:
        """The state of the connection; `until` is in seconds since the epoch here."""
        return self._on_the_wall(self.connection.state(self._clock()))

    def _pause_before(self, entry: Watched, watched: bool) -> float | None:
        forecaster = self.watch_list.forecaster
        if forecaster is None:
            return None
        return forecaster.pause_before(
            entry, self._now(), self.poller.intervals, watched=watched, spread=self._chance.random()
        )

    def _on_link(self, state: LinkState) -> None:
        if state.link is not self._link:
            self._link = state.link
            text = f"{state.link.value}: {state.reason}" if state.reason else state.link.value
            self.watch_list.store.log(Event(self._now(), EventKind.CONNECTION, text))
        self._tell(self._on_the_wall(state))

    def _on_the_wall(self, state: LinkState) -> LinkState:
        if state.until is None:
            return state
        return LinkState(state.link, state.reason, self._now() + state.until - self._clock())
