"""What the processes that share a database write about themselves, and read about each other."""

from typing import NamedTuple

from app.watch.polling.intervals import Intervals
from app.watch.polling.link import LinkState


class Pane(NamedTuple):
    """A running process that can poll on behalf of all that share the database."""

    id: str  # unique among panes
    account: str  # identifies its account, see `Account.id`; panes with equal values see the same jobs
    intervals: Intervals  # how often it wants jobs to be polled
    eligible: bool  # whether it may become the leader: it is not paused, and its token was not rejected
    link: LinkState  # shared with the others while it is the leader
    wait_until: float | None = None  # when the wait that the API asked for ends, in seconds since the epoch


class LeaseState(NamedTuple):
    """The outcome of a heartbeat."""

    ours: bool  # whether this pane is the leader
    intervals: Intervals  # the shortest that any open pane wants
    link: LinkState | None  # the leader's, if another pane is the leader; else None
    wait_until: float | None = None  # the latest `Pane.wait_until` of the other panes
