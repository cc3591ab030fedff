"""The values that the core and the store share."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # `status --tmux` needs only StoreError, and every millisecond of its start counts
    from app.watch.polling.intervals import Intervals
    from app.watch.polling.link import LinkState


class StoreError(Exception):
    """The database cannot be used; the message is one sentence that says what to do."""


class Pane(NamedTuple):
    """A running process that can poll on behalf of all that share the database.

    Attributes:
        id: Unique among panes.
        account: Identifies its account without revealing the token; panes with equal values see the same jobs.
        intervals: How often it wants jobs to be polled.
        eligible: Whether it may become the leader: it is not paused, and its token was not rejected.
        link: Its link state; shared with the others while it is the leader.
    """

    id: str
    account: str
    intervals: "Intervals"
    eligible: bool
    link: "LinkState"


class LeaseState(NamedTuple):
    """The outcome of a heartbeat.

    Attributes:
        ours: Whether this pane is the leader.
        intervals: The shortest intervals that any open pane wants.
        link: The leader's link state.
    """

    ours: bool
    intervals: "Intervals"
    link: "LinkState"
