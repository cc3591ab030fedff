"""Elects one of several processes on the same database to poll; the others read what it writes.

They communicate only through the database, so a process can start, hang or die at any time.
"""

import asyncio
import uuid

from app.watch.observable import Observable
from app.watch.polling.intervals import Intervals
from app.watch.polling.link import LinkMonitor, LinkState
from app.watch.polling.poller import Poller
from app.watch.sharing.pane import LeaseState, Pane
from app.watch.storage import StoreError
from app.watch.watch_list import WatchList

_SYNC_INTERVAL_SECONDS = 1.0
"""The interval between checks for changes that another process has written. The leader checks half as often,
since other processes only add or remove jobs, or pass on a wait."""

_HEARTBEAT_INTERVAL_SECONDS = 4.0
"""The interval between heartbeats. One can be missed before a lease expires."""


class LeaderElection:
    """Takes part in the election, and merges the changes of the other processes."""

    def __init__(
        self,
        watch_list: WatchList,
        poller: Poller,
        link: LinkMonitor,
        *,
        wanted: Observable[Intervals],
        account: Observable[str],
    ) -> None:
        """Leave polling to the leader until this process is elected; `wanted` are the intervals this process wants.

        Nothing is written before `run`.
        """
        self._watch_list = watch_list
        self._poller = poller
        self._link = link
        self._wanted = wanted
        self._account = account
        self._id = uuid.uuid4().hex
        self._wake = asyncio.Event()
        self._data_version = -1
        self._others: tuple[object, ...] = ()
        link.leader.set(LinkState())
        for trigger in (link.own, poller.paused, wanted, account):
            trigger.subscribe(lambda value: self._wake.set())

    async def run(self) -> None:
        """Take part until cancelled, which frees the lease at once."""
        loop = asyncio.get_running_loop()
        next_heartbeat = loop.time()
        try:
            while True:
                if self._wake.is_set() or loop.time() >= next_heartbeat:
                    self._wake.clear()
                    await self._heartbeat()
                    next_heartbeat = loop.time() + _HEARTBEAT_INTERVAL_SECONDS
                if await self._sync():
                    next_heartbeat = loop.time()
                pause = 2 * _SYNC_INTERVAL_SECONDS if self._link.is_leader else _SYNC_INTERVAL_SECONDS
                try:
                    async with asyncio.timeout(min(pause, max(0.0, next_heartbeat - loop.time()))):
                        await self._wake.wait()
                except TimeoutError:
                    continue
        finally:
            self._watch_list.store.leave(self._id)

    async def _heartbeat(self) -> None:
        eligible = not self._poller.paused.value and not self._link.signed_out
        link, wait_until = self._link.own_state, self._link.wait_until
        pane = Pane(self._id, self._account.value, self._wanted.value, eligible, link, wait_until)
        try:
            lease = await asyncio.wrap_future(self._watch_list.store.heartbeat(pane))
        except StoreError:
            # Without a database there can be no election, so every process polls; otherwise none would.
            lease = LeaseState(eligible, self._wanted.value, None)
        else:
            if lease.ours and not self._link.is_leader and self._data_version != -1:
                await self._sync()  # what the last leader has reported is not reported again
            self._link.reports = lease.ours or (False if lease.link else None)
        if lease.ours:
            self._poller.schedule.intervals.set(lease.intervals)
        self._link.leader.set(None if lease.ours else lease.link or LinkState())
        if lease.wait_until is not None:
            self._link.hold_until(lease.wait_until)

    async def _sync(self) -> bool:
        """Merge what other processes wrote; returns whether a heartbeat is due: the leader, its link or a wait changed."""
        store = self._watch_list.store
        try:
            version = await asyncio.wrap_future(store.read_soon(store.data_version))
            if version == self._data_version:
                return False
            self._data_version = version
            await self._watch_list.sync()
            others = await asyncio.wrap_future(store.read_soon(store.state_of_others, self._id))
        except StoreError:
            return False
        before, self._others = self._others, others
        return others != before
