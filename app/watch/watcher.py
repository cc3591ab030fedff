"""Builds and runs the parts that need an API client: the poller, the canceller and the leader election."""

import asyncio
import random

from app.job import Cadence, Group
from app.watch.api import JobApi
from app.watch.cancel import Canceller
from app.watch.events import EventKind, rough_duration
from app.watch.forecast.pacing import LONGEST_PAUSE_INTERVALS
from app.watch.observable import Observable
from app.watch.polling.budget import RequestGate
from app.watch.polling.intervals import Intervals
from app.watch.polling.link import Link, LinkMonitor, LinkState
from app.watch.polling.poller import Poller
from app.watch.polling.schedule import Schedule
from app.watch.sharing.leader_election import LeaderElection
from app.watch.watch_list import WatchList
from app.watch.watched import Watched


class Watcher:
    """Polls and cancels the jobs of one watch list. Create and use it in one running event loop."""

    def __init__(
        self,
        watch_list: WatchList,
        api: JobApi,
        *,
        intervals: Observable[Intervals],
        paused: Observable[bool],
        requests_per_minute: float,
        seed: int | None = None,
        account: str | None,
    ) -> None:
        """Nothing is sent before a call to `run`, `poller.fetch_now` or `canceller.cancel`.

        Args:
            watch_list: The jobs.
            api: The API client.
            intervals: How often jobs are polled. Among processes on the same database, the shortest intervals apply.
            paused: Whether polling is paused. Another process on the same database takes over in the meantime.
            requests_per_minute: The request budget, more than 0.
            seed: Makes every random choice repeatable.
            account: The `Account.id`; None to poll regardless of other processes.
        """
        rng = random.Random(seed)  # noqa: S311 because it spreads requests, and protects no secret
        clock, now = asyncio.get_running_loop().time, watch_list.now
        self.watch_list = watch_list
        self.intervals = intervals
        self.link = LinkMonitor(clock=clock, now=now, rng=rng)
        self._logged_status, self._logged_at = Link.UP, now()
        self.link.own.subscribe(self._log_link)
        api.on_pause = self.link.pause
        self.gate = RequestGate(requests_per_minute, clock)
        in_force = intervals if account is None else Observable(intervals.value)  # set by the election
        schedule = Schedule(watch_list, in_force, requests_per_minute, clock=clock, now=now, rng=rng)
        self.poller = Poller(watch_list, api, self.link, self.gate, schedule, paused)
        self.canceller = Canceller(watch_list, api, self.poller, self.link, self.gate)
        self._account = Observable(account or "")
        self._election = (
            None
            if account is None
            else LeaderElection(watch_list, self.poller, self.link, wanted=intervals, account=self._account)
        )

    async def run(self) -> None:
        """Poll and take part in the election until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.poller.run(), name="poller")
            if self._election:
                tasks.create_task(self._election.run(), name="leader election")

    def interval(self, entry: Watched) -> float | None:
        """The current seconds between two polls of a job; None if it is not polled."""
        seconds = self.poller.schedule.interval(entry)
        intervals = self.intervals.value
        if self.link.is_leader or entry.cadence is not Cadence.FAST or intervals.exact:
            return seconds
        # The leader may wait this long because of forecasts, which this process does not make.
        return LONGEST_PAUSE_INTERVALS * intervals.fast

    def sign_in(self, account: str) -> None:
        """Poll all jobs again after the API client has been given another token."""
        self.link.sign_in()
        self.poller.poll_all_now()
        self._account.set(account)

    def _log_link(self, state: LinkState) -> None:
        # The process that was asked to wait logs it.
        logged_by_another = state.status is Link.LIMITED and not state.reason
        if state.status is self._logged_status or logged_by_another:
            return
        now = self.watch_list.now()
        lasted = rough_duration(now - self._logged_at)
        trouble = state.status in (Link.DOWN, Link.SIGNED_OUT)
        again = "The API is answering again" if self._logged_status is Link.DOWN else "Refreshing again"
        text = {
            Link.UP: f"{again} after {lasted}",
            Link.DOWN: f"The API stopped answering: {state.reason}",
            Link.LIMITED: "The API asks for a pause",
            Link.SIGNED_OUT: f"Signed out: {state.reason}",
        }[state.status]
        self._logged_status, self._logged_at = state.status, now
        self.watch_list.log(EventKind.CONNECTION, text, group=Group.ATTENTION if trouble else None)
