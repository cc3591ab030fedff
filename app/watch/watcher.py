"""The core, put together: everything that runs for one watch list once there is an API to ask."""

import asyncio
import random
import time
from collections.abc import Callable

from app.watch.api import JobApi
from app.watch.cancel import Canceller
from app.watch.events import Event, EventKind
from app.watch.polling.budget import RequestGate
from app.watch.polling.link import Link, LinkMonitor, LinkState
from app.watch.polling.pacing import Intervals
from app.watch.polling.poller import Poller
from app.watch.sharing.leader_election import LeaderElection
from app.watch.watch_list import WatchList
from app.watch.watched import Watched

_SAID = {
    Link.UP: "polling goes on",
    Link.DOWN: "offline",
    Link.LIMITED: "asked to wait",
    Link.SIGNED_OUT: "signed out",
}
"""The words of the event log, as the banners have them."""


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
        sign_in: str | None = None,
    ) -> None:
        """Put it together; nothing is sent before `run`, `poller.fetch_now` or `canceller.cancel`.

        Args:
            watch_list: The jobs.
            api: Whom to ask.
            intervals: How often.
            requests_per_minute: The request budget, more than 0.
            on_link: Told whenever the state of the connection changes.
            now: The wall clock, in seconds since the epoch.
            seed: Makes every random choice repeatable.
            sign_in: What stands for the token among the programs that share the database; with it one of them
                polls for all, without it this one polls for itself.
        """
        rng = random.Random(seed)  # noqa: S311 because it spreads requests, and keeps no secret
        clock = asyncio.get_running_loop().time
        self._rng = rng
        self.watch_list = watch_list
        self.link_monitor = LinkMonitor(rng)
        self.gate = RequestGate(requests_per_minute, clock)
        self._now = now
        self._clock = clock
        self._link = Link.UP
        self._tell = on_link
        self.poller = Poller(
            watch_list,
            api,
            self.link_monitor,
            self.gate,
            intervals,
            clock=clock,
            rng=rng,
            on_link=self._on_link,
            pause_before=self._pause_before,
        )
        self.canceller = Canceller(watch_list, api, self.poller, self.gate)
        self._election: LeaderElection | None = None
        if sign_in is not None:
            self._election = LeaderElection(
                watch_list,
                self.poller,
                intervals,
                sign_in=sign_in,
                link=self._own_link,
                on_lead=lambda lead: self._tell(self.link),
                now=now,
            )

    async def run(self) -> None:
        """Keep the watch list up to date until cancelled."""
        if self._election is None:
            await self.poller.run()
            return
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.poller.run(), name="poller")
            tasks.create_task(self._election.run(), name="leadership")

    @property
    def link(self) -> LinkState:
        """The state of the connection, as whoever polls knows it; `until` is in seconds since the epoch here."""
        own, lead = self._own_link(), self._election.lead if self._election else None
        return own if lead is None or lead.ours or own.link is not Link.UP else lead.link

    @property
    def is_leader(self) -> bool:
        """Whether it is this program that polls, and does what follows from news."""
        lead = self._election.lead if self._election else None
        return self._election is None or (lead is not None and lead.ours)

    def request_intervals(self, intervals: Intervals) -> None:
        """Ask this often from now on; with other programs, the smallest interval of all holds."""
        if self._election:
            self._election.request_intervals(intervals)
        else:
            self.poller.intervals = intervals

    def pause(self, paused: bool) -> None:
        """Stop asking, or go on; another program takes over meanwhile."""
        self.poller.paused = paused
        if self._election:
            self._election.reconsider()

    def signed_in(self, sign_in: str) -> None:
        """There is another token: go on at once.

        Args:
            sign_in: What stands for it.
        """
        self.poller.signed_in()
        if self._election:
            self._election.sign_in_as(sign_in)

    def _own_link(self) -> LinkState:
        return self._on_the_wall(self.link_monitor.state(self._clock()))

    def _pause_before(self, entry: Watched, watched: bool) -> float | None:
        forecaster = self.watch_list.forecaster
        if forecaster is None:
            return None
        return forecaster.pause_before(
            entry, self._now(), self.poller.intervals, watched=watched, spread=self._rng.random()
        )

    def _on_link(self, state: LinkState) -> None:
        if state.link is not self._link:
            self._link = state.link
            text = _SAID[state.link]
            text = f"{text}: {state.reason}" if state.reason else text
            self.watch_list.store.log_event(Event(self._now(), EventKind.CONNECTION, text))
        if self._election:
            self._election.reconsider()
        self._tell(self.link)

    def _on_the_wall(self, state: LinkState) -> LinkState:
        if state.until is None:
            return state
        return LinkState(state.link, state.reason, self._now() + state.until - self._clock())
