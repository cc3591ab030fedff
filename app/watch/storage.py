"""What the core needs of the store it is handed."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:  # `status --tmux` needs StoreError alone, and is timed by the millisecond
    from concurrent.futures import Future

    from app.watch.events import Event
    from app.watch.history import Sample
    from app.watch.polling.link import LinkState
    from app.watch.polling.pacing import Intervals
    from app.watch.watched import Watched

P = ParamSpec("P")
T = TypeVar("T")


class StoreError(Exception):
    """The database cannot be used; the message is one sentence that says what to do."""


class Pane(NamedTuple):
    """One running program that can poll for all that share the database.

    Attributes:
        id: Unique among panes.
        sign_in: Stands for its token without revealing it; panes with equal values see the same jobs.
        intervals: How often it wants jobs to be polled.
        eligible: Whether it may lead: it is not paused, and its token was not rejected.
        link: What it knows of the connection; used while it leads.
    """

    id: str
    sign_in: str
    intervals: "Intervals"
    eligible: bool
    link: "LinkState"


class LeaseState(NamedTuple):
    """Who leads, as of the last heartbeat.

    Attributes:
        ours: Whether this pane leads.
        intervals: The shortest intervals that any open pane wants.
        link: What the leader knows of the connection.
        others: The number of other open panes.
    """

    ours: bool
    intervals: "Intervals"
    link: "LinkState"
    others: int


class JobStore(Protocol):
    """Keeps one base URL's watch list, histories and events. Safe to use from any thread.

    Methods that read block on the disk; on an event loop they are called by `read_soon`. They raise `StoreError`,
    but for histories and events, which are empty if they cannot be read. The future of a write that could not be
    committed holds a `StoreError`, and nothing was changed.
    """

    on_file_replaced: Callable[[], Sequence["Watched"]]
    """Called from another thread when a new file replaced the database; returns the entries to put on its list."""

    on_save_error: Callable[[str], None]
    """Called from another thread with a sentence when changes cannot be saved, and with "" when they can again."""

    @property
    def notice(self) -> str:
        """A sentence for people if the database was damaged, removed or replaced; else empty."""
        ...

    @property
    def busy_notice(self) -> str:
        """A sentence for people while the disk or another program's lock blocks the store; else empty."""
        ...

    def read_soon(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Call a method that reads in the store's own thread."""
        ...

    def load(self) -> "list[Watched]":
        """The whole watch list, in the order in which jobs were added."""
        ...

    def load_first(self, limit: int) -> "list[Watched]":
        """At most `limit` entries of the watch list: those that come first by status."""
        ...

    def newest_revision(self) -> int:
        """The revision of the latest change, for `changed_since`."""
        ...

    def changed_since(self, revision: int) -> "tuple[int, list[Watched], list[str]]":
        """What changed after a revision: the newest revision, changed entries, and IDs no longer on the list."""
        ...

    def data_version(self) -> int:
        """A number that differs after each commit to the database by any process."""
        ...

    def samples(self, job_id: str) -> "list[Sample]":
        """A job's history, oldest first."""
        ...

    def events(self, job_id: str | None = None, limit: int = 200) -> "list[Event]":
        """The latest events of one job or of all, newest first."""
        ...

    def completed_histories(self, limit: int) -> "list[tuple[list[Sample], str, str]]":
        """Histories of the latest completed jobs, oldest first, each with its writing and reasoning model."""
        ...

    def add(self, job_ids: Sequence[str], *, followed: bool = False) -> "Future[list[Watched]]":
        """Put jobs on the watch list; the future holds the entries that are new on it.

        With `followed`, jobs that a person removed stay off the list.
        """
        ...

    def remove(self, job_ids: Sequence[str]) -> "Future[list[str]]":
        """Take jobs off the watch list; the future holds the IDs that were on it."""
        ...

    def restore(self, entries: "Sequence[Watched]") -> "Future[None]":
        """Put removed entries back in their old places."""
        ...

    def discard_histories(self) -> "Future[None]":
        """Delete the histories of all jobs."""
        ...

    def set_muted(self, job_id: str, muted: bool) -> "Future[None]":
        """Mute a job, or unmute it."""
        ...

    def save(
        self,
        entry: "Watched",
        sample: "Sample | None" = None,
        events: "Iterable[Event]" = (),
        *,
        at_once: bool = False,
    ) -> None:
        """Save an entry, and append to its history and the event log, within about a second or `at_once`."""
        ...

    def log_event(self, event: "Event") -> None:
        """Append an event to the log within about a second."""
        ...

    def preference(self, name: str) -> str | None:
        """The text that was stored under a name, or None."""
        ...

    def set_preference(self, name: str, value: str) -> "Future[None]":
        """Store a text under a name for later runs."""
        ...

    def heartbeat(self, pane: Pane) -> "Future[LeaseState]":
        """Renew a pane's presence, and take, keep or give up the lead."""
        ...

    def leader(self) -> tuple[object, ...]:
        """What the lease says of the leader: who it is, and what it knows of the connection; equal while that is so."""
        ...

    def leave(self, pane_id: str) -> "Future[None]":
        """Remove a pane; if it led, the lead is free at once."""
        ...

    def prune(self, before: float, first: int = 0) -> "Future[int | None]":
        """Delete a portion of what is older than a moment; the future holds where to go on, or None at the end."""
        ...

    def check_integrity(self) -> None:
        """Check the database's integrity if that was put off when it was opened. Blocks."""
        ...

    def close(self) -> None:
        """Write what is pending and close the database; takes 2 s at most."""
        ...
