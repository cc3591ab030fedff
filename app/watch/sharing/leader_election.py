"""Keeps several panes on one database together: one polls, the others follow what it writes.

Everything goes through the database, so that a pane can come, hang or die at any moment.
"""

import asyncio
import hashlib
import time
import uuid
from collections.abc import Callable

from app.deepwriter.errors import LONGEST_WAIT_SECONDS
from app.watch.polling.link import Link, LinkState
from app.watch.polling.pacing import Intervals
from app.watch.polling.poller import Poller
from app.watch.storage import LeaseState, Pane, StoreError
from app.watch.watch_list import WatchList

_FOLLOW_INTERVAL_SECONDS = 1.0
"""Seconds between two looks at whether another process wrote to the database; twice that for the one that leads,
which has only to see what others put on the list or take off it."""

HEARTBEAT_INTERVAL_SECONDS = 4.0
"""Seconds between two beats; three may be missed before a lease runs out."""


class LeaderElection:
    """Takes part in the election of the one pane that polls, and follows the others' changes."""

    def __init__(
        self,
        watch_list: WatchList,
        poller: Poller,
        intervals: Intervals,
        *,
        sign_in: str,
        link: Callable[[], LinkState],
        on_lead: Callable[[LeaseState], None],
        now: Callable[[], float] = time.time,
    ) -> None:
        """Nothing is written before `run`. Until then, and while it does not lead, the poller rests.

        Args:
            watch_list: The jobs.
            poller: Polls while we lead.
            intervals: What this pane wants.
            sign_in: What stands for its token; see `sign_in_id`.
            link: What this pane knows of the connection, `until` in seconds since the epoch.
            on_lead: Told whenever it is another than before who leads, or what the leader knows.
            now: The wall clock, in seconds since the epoch.
        """
        self._list = watch_list
        self._poller = poller
        self._wanted = intervals
        self._sign_in = sign_in
        self._link = link
        self._on_lead = on_lead
        self._now = now
        self._id = uuid.uuid4().hex
        self._wake = asyncio.Event()
        self._lead: LeaseState | None = None
        self._data_version = -1
        poller.standby = True

    async def run(self) -> None:
        """Take part until cancelled; then the lead is free at once."""
        loop = asyncio.get_running_loop()
        next_beat = loop.time()
        try:
            while True:
                if self._wake.is_set() or loop.time() >= next_beat:
                    self._wake.clear()
                    await self._heartbeat()
                    next_beat = loop.time() + HEARTBEAT_INTERVAL_SECONDS
                if await self._follow() and self._lead is not None and not self._lead.ours:
                    next_beat = min(next_beat, loop.time())  # perhaps the lead was given up
                try:
                    pause = (
                        2 * _FOLLOW_INTERVAL_SECONDS
                        if self._lead and self._lead.ours
                        else _FOLLOW_INTERVAL_SECONDS
                    )
                    async with asyncio.timeout(min(pause, max(0.0, next_beat - loop.time()))):
                        await self._wake.wait()
                except TimeoutError:
                    continue
        finally:
            self._list.store.leave(self._id)

    @property
    def lead(self) -> LeaseState | None:
        """How things stood at the last beat; None before the first."""
        return self._lead

    def request_intervals(self, intervals: Intervals) -> None:
        """This pane wants jobs to be asked for this often."""
        self._wanted = intervals
        self._wake.set()

    def reconsider(self) -> None:
        """Something changed that decides who may lead: it was paused, refused, or signed in."""
        self._wake.set()

    def sign_in_as(self, sign_in: str) -> None:
        """This pane has another token now."""
        self._sign_in = sign_in
        self._wake.set()

    async def _heartbeat(self) -> None:
        eligible = not self._poller.paused and not self._poller.signed_out
        pane = Pane(self._id, self._sign_in, self._wanted, eligible, self._link())
        try:
            lead = await asyncio.wrap_future(self._list.store.heartbeat(pane))
        except StoreError:
            # Nobody can be elected; better that each polls for itself than that none does.
            lead = LeaseState(eligible, self._wanted, LinkState(), 0)
        self._poller.standby = not lead.ours
        if lead.ours and lead.intervals != self._poller.intervals:
            self._poller.intervals = lead.intervals
        before, self._lead = self._lead, lead
        # The API asks everybody to wait, and not only the pane that it said so to.
        others = before if lead.ours else lead
        if others and not others.ours and others.link.link is Link.LIMITED and others.link.until:
            left = min(others.link.until - self._now(), LONGEST_WAIT_SECONDS)  # a wall clock may be set back
            self._poller.hold_for(left, others.link.reason if lead.ours else "")
        if before is None or before._replace(intervals=lead.intervals) != lead:
            self._on_lead(lead)

    async def _follow(self) -> bool:
        """Take over what other processes wrote. True if there was anything."""
        store = self._list.store
        try:
            version = await asyncio.wrap_future(store.read_soon(store.data_version))
            if version == self._data_version:
                return False
            self._data_version = version
            await self._list.follow()
        except StoreError:
            return False
        return True


def sign_in_id(whose: str, salt: str) -> str:
    """What stands for a sign-in: tells whether two are the same, and says nothing else of them.

    Args:
        whose: What the tokens of one account have in common, or an empty text for no token.
        salt: What makes it another one elsewhere, such as the API's base URL.
    """
    return hashlib.blake2b(
        whose.encode(), key=hashlib.sha256(salt.encode()).digest(), digest_size=8
    ).hexdigest()
