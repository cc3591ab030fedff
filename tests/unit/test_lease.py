"""Which pane gets the lease, heartbeat by heartbeat."""

from collections.abc import Callable

import pytest

from app.store.lease import LEASE_SECONDS
from app.store.store import Store
from app.watch.polling.intervals import Intervals
from app.watch.polling.link import Link, LinkState
from app.watch.sharing.pane import LeaseState, Pane
from tests.timing import ManualClock

UP, LIMITED, SIGNED_OUT = LinkState(), LinkState(Link.LIMITED, "busy", 9e9), LinkState(Link.SIGNED_OUT, "401")

Heartbeat = Callable[..., LeaseState]


@pytest.fixture
def heartbeat(store: Store) -> Heartbeat:
    def send(
        name: str, account: str = "one", link: LinkState = UP, *, eligible: bool = True, fast: float = 10
    ) -> LeaseState:
        pane = Pane(name, account, Intervals.every(fast), eligible and link is not SIGNED_OUT, link)
        return store.heartbeat(pane).result(10)

    return send


def test_a_lease_that_expires_too_late_has_expired(heartbeat: Heartbeat, clock: ManualClock) -> None:
    assert heartbeat("first").ours
    clock.now -= LEASE_SECONDS - 1
    assert not heartbeat("second").ours
    clock.now -= 2
    assert heartbeat("second").ours


def test_a_leader_that_leaves_takes_its_link_but_not_the_lease(store: Store, heartbeat: Heartbeat) -> None:
    assert heartbeat("first", link=LIMITED).ours
    assert heartbeat("second", eligible=False).link == LIMITED
    store.leave("first").result(10)
    assert heartbeat("second", link=SIGNED_OUT).link is None
    assert not heartbeat("third", "other").ours
    store.leave("second").result(10)
    assert heartbeat("third", "other").ours
