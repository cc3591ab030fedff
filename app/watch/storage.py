"""The interface that the core expects of a store. `app.store.store.Store` implements it with SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:  # `status --tmux` needs only StoreError, and every millisecond of its start counts
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from app.watch.events import Event
    from app.watch.history import Sample
    from app.watch.observable import Observable
    from app.watch.sharing.pane import LeaseState, Pane
    from app.watch.watched import Watched

P = ParamSpec("P")
T = TypeVar("T")


class StoreError(Exception):
    """The database cannot be used; the message is one sentence that says what to do."""


class JobStore(Protocol):
    """Keeps one base URL's watch list, histories and events. Safe to use from any thread.

    Methods that read block on the disk; on an event loop, call them through `read_soon`. They raise `StoreError`,
    except for histories and events, which are empty if they cannot be read. The future of a write that could not be
    committed holds a `StoreError`, and nothing has changed.
    """

    problem: Observable[str]
    """A sentence to show while changes cannot be saved; else "". Set in any thread."""

    repair_notice: Observable[str]
    """A sentence to show once if the file was damaged, removed or replaced, and works again; else "".

    Set in another thread.
    """

    @property
    def busy_notice(self) -> str:
        """A sentence to show while the disk, or another program's lock, blocks a read or write; else ""."""

    def read_soon(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call a method that reads, in the reader's thread."""

    def restore_from(self, entries: Callable[[], Sequence[Watched]]) -> None:
        """Set the source of the entries for a new file that replaces the database. It is called in another thread."""

    def load(self, limit: int | None = None) -> list[Watched]:
        """The watch list, or at most `limit` entries by status, in the order in which jobs were added."""

    def changed_since(self, revision: int) -> tuple[int, list[Watched], list[str]]:
        """Changes after a revision, or with -1 all: the newest revision, the entries, and the IDs of removed jobs."""

    def data_version(self) -> int:
        """A number that changes with each commit to the database by any process."""

    def samples(self, job_id: str) -> list[Sample]:
        """A job's history, oldest first."""

    def events(self, job_id: str | None = None, limit: int = 200) -> list[Event]:
        """The latest events of one job or of all, newest first."""

    def completed_histories(self, limit: int) -> list[tuple[list[Sample], str, str]]:
        """Histories of the latest completed jobs, oldest first, each with its writing and its reasoning model."""

    def add(self, job_ids: Sequence[str], *, followed: bool = False) -> Future[list[Watched]]:
        """Put jobs on the list; the future holds the new entries. With `followed`, skips jobs that the user removed."""

    def remove(self, job_ids: Sequence[str]) -> Future[list[str]]:
        """Take jobs off the list; the future holds the IDs that were on it."""

    def restore(self, entries: Sequence[Watched]) -> Future[None]:
        """Put removed entries back where they were."""

    def set_muted(self, job_id: str, *, muted: bool) -> Future[None]:
        """Mute or unmute a job."""

    def save(self, entry: Watched, sample: Sample | None = None, event: Event | None = None) -> None:
        """Save the state of a job, and append to its history and the event log.

        This happens within about a second, or with an event at once, since other processes might repeat the event.
        """

    def log_event(self, event: Event) -> None:
        """Append an event to the log within about a second, without changing a job."""

    def preference(self, name: str) -> str | None:
        """The text stored under a name; None if there is none."""

    def set_preference(self, name: str, value: str, *, unless: Sequence[str] = ()) -> Future[None]:
        """Store a text under a name for later runs, unless one of the `unless` texts is already stored there."""

    def heartbeat(self, pane: Pane) -> Future[LeaseState]:
        """Record that a pane is alive, and acquire, renew or release the lease."""

    def state_of_others(self, pane_id: str) -> tuple[object, ...]:
        """What other panes wrote (the end of a wait, the leader and its link), to compare with an earlier result."""

    def leave(self, pane_id: str) -> Future[None]:
        """Remove a pane; if it was the leader, the lease is free at once."""

    def discard_histories(self) -> Future[None]:
        """Delete the histories of all jobs."""

    def prune(self, before: float) -> Future[None]:
        """Delete what is older than `before`, in seconds since the epoch, but not the state of watched jobs."""

    def close(self) -> None:
        """Write what is pending and close the file; takes at most 2 s."""
