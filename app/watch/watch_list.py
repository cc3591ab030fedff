"""The watch list in memory, kept in sync with the database. Notifies subscribers of its changes."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Container, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from app.job import Group, Job
from app.watch.events import Event, EventKind, stall, status_change
from app.watch.history import Sample
from app.watch.storage import StoreError
from app.watch.watched import Cancel, CancelStep, Watched

if TYPE_CHECKING:
    from app.watch.forecast.forecaster import Forecaster
    from app.watch.storage import JobStore

_SAVE_UNCHANGED_SECONDS = 10.0
"""How often an entry is saved if only the time of its latest answer has changed."""

_SYNC_TIMEOUT_SECONDS = 1.0
"""How long a sync may delay recording an answer."""


class Change(NamedTuple):
    """A change of one entry."""

    before: Watched | None  # None if it was added
    after: Watched | None  # None if it was removed
    event: Event | None = None  # its entry in the event log, if any
    ours: bool = True  # whether this process observed it, and not another one

    @property
    def job_id(self) -> str:
        """The job's ID."""
        entry = self.after or self.before
        assert entry is not None
        return entry.id


class WatchList:
    """The watched jobs by ID, in the order in which they were added. Used in one thread.

    Every method that reads or writes the database raises `StoreError` if it cannot, and then has changed nothing.
    `entries` is a live read-only view. `forecaster` is None, and `is_complete` false, until they are loaded. `on_sync` is
    called after each `sync`. `now` is the wall clock, in seconds since the epoch.
    """

    def __init__(
        self,
        store: "JobStore",
        now: Callable[[], float] = time.time,
        *,
        only: Container[str] | None = None,
        limit: int | None = None,
    ) -> None:
        """Load the whole list, or `only` these jobs, or at most `limit` jobs by status, which `load_rest` completes."""
        self.store = store
        self.forecaster: Forecaster | None = None
        self.on_sync: Callable[[], Awaitable[None]] | None = None
        # Held from reading or writing the database until the entries here agree with it.
        self._lock = asyncio.Lock()
        self._is_shared = only is None  # otherwise, entries of other processes are never merged
        self.now = now
        if limit is None:
            self._revision, loaded, _ = store.changed_since(-1)
        else:  # the next `sync` reads the whole list
            self._revision, loaded = -1, store.load(limit)
        self.is_complete = limit is None or len(loaded) < limit
        self._entries = {entry.id: entry for entry in loaded if only is None or entry.id in only}
        self.entries: Mapping[str, Watched] = MappingProxyType(self._entries)
        self._saved_at: dict[str, float] = {}
        self._listeners: list[Callable[[Change], None]] = []
        if self._is_shared:
            store.restore_from(self._entries_for_new_file)

    def load_rest(self) -> None:
        """Load the entries beyond the `limit`. Blocks while it reads the database. `sync` loads them too."""
        if not self.is_complete:
            self._merge(*self.store.changed_since(-1))

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call a function with every change; returns a function that unsubscribes it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def watch_temporarily(self, job_ids: Sequence[str]) -> None:
        """Watch jobs for the lifetime of this object, without adding them to the stored list."""
        at = self.now()
        self._insert([Watched(job_id, at) for job_id in job_ids if job_id not in self._entries])

    # Changes by the user

    async def add(self, job_ids: Sequence[str], *, followed: bool = False) -> list[str]:
        """Add jobs, and wait until the change is on the disk; returns the IDs of the new entries, each once.

        With `followed`, skips jobs that the user removed.
        """
        async with self._lock:
            added = await asyncio.wrap_future(self.store.add(list(dict.fromkeys(job_ids)), followed=followed))
            self._insert(added)
        return [entry.id for entry in added]

    async def remove(self, job_ids: Sequence[str]) -> list[Watched]:
        """Remove jobs, and wait until the change is on the disk; returns their entries, for `restore`."""
        async with self._lock:
            removed = await asyncio.wrap_future(self.store.remove(job_ids))
            return [entry for job_id in removed if (entry := self._drop(job_id, ours=True))]

    async def restore(self, entries: Sequence[Watched]) -> None:
        """Put removed entries back where they were, and wait until the change is on the disk."""
        async with self._lock:
            await asyncio.wrap_future(self.store.restore(entries))
            self._insert(entries)

    async def set_muted(self, job_id: str, *, muted: bool) -> None:
        """Mute or unmute a job, and wait until the change is on the disk."""
        async with self._lock:
            await asyncio.wrap_future(self.store.set_muted(job_id, muted=muted))
            if before := self._entries.get(job_id):
                self._entries[job_id] = replace(before, muted=muted)
                self._notify(Change(before, self._entries[job_id]))

    # Changes by other processes

    async def sync(self) -> None:
        """Merge what other processes have written to the database since the last call."""
        async with self._lock:
            since = self._revision
            newest, entries, removed_ids = await asyncio.wrap_future(
                self.store.read_soon(self.store.changed_since, since)
            )
            # If the file was replaced in the meantime, the next call reads all of it.
            self._merge(newest if self._revision == since else self._revision, entries, removed_ids)
        if self.on_sync:
            await self.on_sync()

    async def sync_before(self, job: Job) -> None:
        """Sync before recording an answer with another status, so that only one of several processes reports the change."""
        entry = self._entries.get(job.id)
        if self._is_shared and entry and entry.job and entry.job.status != job.status:
            with suppress(StoreError, TimeoutError):  # better reported twice than late
                async with asyncio.timeout(_SYNC_TIMEOUT_SECONDS):
                    await self.sync()

    # Results of requests

    def record_answer(self, job: Job) -> None:
        """Record the answer to a fetch. Ignored if the job is no longer watched."""
        before = self._entries.get(job.id)
        if before is None:
            return
        at = self.now()
        after = before.after_answer(job, at)
        if self.forecaster:
            after = replace(after, outlook=self.forecaster.update(after, at))
        sample = Sample.of(job, at)
        is_new = before.job is None or sample != Sample.of(before.job, at)
        event = status_change(before, after, at) or stall(before, after, at)
        if after.cancel and before.cancel and after.cancel.step is not before.cancel.step:
            outcome = after.cancel.step.value
            if event is None:
                event = Event(at, EventKind.CANCEL, f"cancel {outcome}", job.id, group=after.group)
            elif event.text.startswith(outcome):  # as in `cancelled at 48%`
                event = event._replace(kind=EventKind.CANCEL)
            else:
                event = event._replace(kind=EventKind.CANCEL, text=f"{event.text} ({outcome})")
        # The difference is negative if the wall clock has been set back since.
        saved_recently = 0 <= at - self._saved_at.get(job.id, 0.0) < _SAVE_UNCHANGED_SECONDS
        if saved_recently and replace(before, fetched_at=at) == after:
            self._entries[job.id] = after
            self._notify(Change(before, after))
        else:
            self._save(before, after, event, sample if is_new else None)

    def record_failure(self, job_id: str, reason: str, *, missing: bool = False) -> None:
        """Record a failed request about a job, with a one-sentence reason. Ignored if the job is no longer watched."""
        if before := self._entries.get(job_id):
            at = self.now()
            after = before.after_failure(reason, at, missing=missing)
            self._save(before, after, status_change(before, after, at))

    def record_cancel(self, job_id: str, step: CancelStep, detail: str = "") -> None:
        """Record a step of a job's cancel; `SENT` begins a new one. Ignored if the job is no longer watched."""
        if before := self._entries.get(job_id):
            at = self.now()
            sent_at = at if step is CancelStep.SENT or before.cancel is None else before.cancel.at
            after = replace(before, cancel=Cancel(sent_at, step, detail))
            text = f"cancel {step.value}: {detail}" if detail else f"cancel {step.value}"
            event = Event(at, EventKind.CANCEL, text, job_id, group=after.group)
            self._save(before, after, event)

    def log(
        self, kind: EventKind, text: str, job_id: str | None = None, *, group: Group | None = None
    ) -> None:
        """Append to the event log, without changing an entry."""
        self.store.log_event(Event(self.now(), kind, text, job_id, group=group))

    def _merge(self, revision: int, entries: Sequence[Watched], removed_ids: Iterable[str]) -> None:
        """Merge changes up to a revision of the database, and notify subscribers of each difference."""
        self._revision, self.is_complete = revision, True
        self._insert([entry for entry in entries if entry.id not in self._entries])
        at = self.now()
        for entry in entries:
            before = self._entries[entry.id]
            after = before.merged(entry, at)
            if after != before:
                event = status_change(before, after, at) or stall(before, after, at)
                self._entries[entry.id] = after
                self._notify(Change(before, after, event, ours=False))
        for job_id in removed_ids:
            self._drop(job_id, ours=False)

    def _insert(self, entries: Sequence[Watched]) -> None:
        """Add or replace entries in memory, in the order in which jobs were added."""
        if not entries:
            return
        before = [self._entries.get(entry.id) for entry in entries]
        self._entries.update({entry.id: entry for entry in entries})
        in_order = sorted(self._entries.items(), key=lambda item: item[1].added_at)
        self._entries.clear()  # the dict itself stays, since others hold views of it
        self._entries.update(in_order)
        for old, entry in zip(before, entries, strict=True):
            self._notify(Change(old, entry))

    def _drop(self, job_id: str, *, ours: bool) -> Watched | None:
        """Drop a job from memory; returns its entry if it was there."""
        self._saved_at.pop(job_id, None)
        if self.forecaster:
            self.forecaster.forget(job_id)
        entry = self._entries.pop(job_id, None)
        if entry:
            self._notify(Change(entry, None, ours=ours))
        return entry

    def _entries_for_new_file(self) -> Sequence[Watched]:
        """The entries to write to a new database file. Called in the writer's thread."""
        self._revision = -1  # the new file may hold other entries, so read all of it
        return list(self._entries.values())

    def _save(
        self,
        before: Watched,
        after: Watched,
        event: Event | None,
        sample: Sample | None = None,
    ) -> None:
        """Replace an entry in memory and in the database."""
        self._entries[after.id] = after
        self._saved_at[after.id] = self.now()
        self.store.save(after, sample, event)
        self._notify(Change(before, after, event))

    def _notify(self, change: Change) -> None:
        for listener in tuple(self._listeners):
            listener(change)
