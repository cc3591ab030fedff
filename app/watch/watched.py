"""An entry of the watch list: everything known about a job, and how answers and failures change it."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from app.job import Cadence, Group, Job, Status

CANCEL_TIMEOUT_SECONDS = 60.0
"""How long an accepted cancel may take; after that, the row says that the job has not ended."""

_MAX_CLOCK_SKEW_SECONDS = 60.0
"""How far in the future a time recorded by another process may be."""

_MAX_REQUEST_SECONDS = 30.0
"""Longer than any request takes: if a cancel has had no answer for this long, the process that sent it has died."""


class CancelStep(StrEnum):
    """The progress of a cancel."""

    SENT = "sent"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"
    FINISHED_FIRST = "finished first"
    REFUSED = "refused"
    NO_ANSWER = "no answer"


class Cancel(NamedTuple):
    """The latest cancel of a job."""

    at: float  # when it was sent, in seconds since the epoch
    step: CancelStep  # its progress or outcome
    detail: str = ""  # why it was refused, or what is known if it was not answered

    @property
    def open(self) -> bool:
        """Whether its outcome is still unknown; the job's later states will show it."""
        return self.step in (CancelStep.SENT, CancelStep.ACCEPTED, CancelStep.NO_ANSWER)

    def pending(self, now: float) -> bool:
        """Whether it may still take effect; `now` is in seconds since the epoch."""
        elapsed = abs(now - self.at)  # the wall clock may have been set back
        if self.step is CancelStep.SENT:
            return elapsed < _MAX_REQUEST_SECONDS
        return self.step is CancelStep.ACCEPTED and elapsed < CANCEL_TIMEOUT_SECONDS

    def order(self, now: float) -> tuple[float, bool, bool]:
        """A key that sorts the cancels of a job, and the steps of one cancel."""
        return _comparable(self.at, now), self.step is not CancelStep.SENT, not self.open


class Failure(NamedTuple):
    """When the last request about a job failed, in seconds since the epoch, and why, in one sentence."""

    at: float
    reason: str


class Outlook(NamedTuple):
    """The forecast for a running job. Times are seconds since the epoch."""

    finish: float | None = None  # the median estimate of when it will be done; None if too little is known
    low: float | None = None  # the start of the 80 % prediction interval
    high: float | None = None  # the end of that interval
    stalled_since: float | None = None  # when it last made progress, if that is longer ago than usual


@dataclass(frozen=True, slots=True)
class Watched:
    """One entry of the watch list. Immutable: each answer creates a new one. Times are seconds since the epoch."""

    id: str
    added_at: float
    job: Job | None = None  # the last good answer; None before the first
    fetched_at: float | None = None  # when that answer arrived
    failure: Failure | None = None  # why the last request failed, including a 404; None if it succeeded
    misses: int = 0  # how many times in a row the API answered that there is no such job
    cancel: Cancel | None = None  # the latest cancel, while the row shows it instead of the status
    muted: bool = False  # whether notifications about it are off
    outlook: Outlook | None = None  # the forecast as of the last good answer; None if it is not running
    followed: bool = False  # whether it was added automatically from the account

    @property
    def found(self) -> bool:
        """Whether the API knew the job when it was last asked."""
        return not self.misses

    @property
    def label(self) -> str:
        """The job's status in words, regardless of any cancel."""
        if self.misses:
            return "not found"
        if self.job:
            return self.job.facts.label
        return "no data yet" if self.failure else "new"

    @property
    def group(self) -> Group:
        """The group that the job is counted in."""
        if self.misses > 1:
            return Group.ATTENTION
        return self.job.facts.group if self.job else Group.WAITING

    @property
    def cadence(self) -> Cadence:
        """How often the job is polled."""
        cadence = self.job.facts.cadence if self.job else Cadence.FAST
        return Cadence.SLOW if self.misses and cadence is not Cadence.NEVER else cadence

    @property
    def finished(self) -> bool:
        """Whether the job's status is final."""
        return self.job is not None and self.job.facts.finished

    @property
    def running(self) -> bool:
        """Whether the job is in progress according to its last known status."""
        return self.group is Group.RUNNING

    @property
    def stalled_since(self) -> float | None:
        """When a stalled job last made progress, in seconds since the epoch; None unless it is stalled."""
        return self.outlook.stalled_since if self.outlook and self.running else None

    @property
    def expected_finish(self) -> float | None:
        """When the job is expected to be done, in seconds since the epoch; None if unknown, or while it is stalled."""
        outlook = self.outlook
        return outlook.finish if outlook and outlook.stalled_since is None and self.running else None

    def cancelling(self, now: float) -> bool:
        """Whether a cancel may still take effect; `now` is in seconds since the epoch."""
        return self.cancel is not None and self.cancel.pending(now)

    @property
    def cancelled(self) -> bool:
        """Whether the job's last known status is `cancelled`."""
        return self.job is not None and self.job.status == Status.CANCELLED

    @property
    def cancellable(self) -> bool:
        """Whether the job's last known status allows a cancel."""
        return self.job is not None and self.job.facts.cancellable and not self.misses

    def after_answer(self, job: Job, at: float) -> "Watched":
        """The entry after a good answer."""
        cancel = self.cancel
        if cancel and cancel.step is CancelStep.NO_ANSWER:
            cancel = cancel._replace(detail="")  # the job's status is known again
        cancel = _settled(cancel, self.job, job)
        return replace(self, job=job, fetched_at=at, failure=None, misses=0, cancel=cancel)

    def merged(self, other: "Watched", now: float) -> "Watched":
        """The entry updated with a later answer, failure or cancel that another process recorded.

        `muted` and `added_at` always come from the other entry. Otherwise, an older entry contributes only a later cancel.
        """
        merged = replace(self, added_at=other.added_at, muted=other.muted)
        mine, others = self.fetch_ended_at, other.fetch_ended_at
        if other.finished and not self.finished:  # which a failed fetch since does not change
            mine, others = self.fetched_at or 0.0, other.fetched_at or 0.0
        if _comparable(others, now) <= _comparable(mine, now):
            return merged.keeping_cancel(other, now)
        return replace(
            merged,
            job=other.job or self.job,
            fetched_at=other.fetched_at,
            failure=other.failure,
            misses=other.misses,
            outlook=other.outlook,
            cancel=other.cancel,
        ).keeping_cancel(self, now)

    def keeping_cancel(self, earlier: "Watched", now: float) -> "Watched":
        """The entry with the cancel of an earlier entry, if that cancel is later: another process may have recorded it."""
        mine, others = self.cancel, earlier.cancel
        if others is None or (mine and mine.order(now) >= others.order(now)):
            return self
        return replace(self, cancel=_settled(others, earlier.job, self.job))

    @property
    def fetch_ended_at(self) -> float:
        """When its latest fetch ended, in seconds since the epoch; 0.0 before the first."""
        return max(self.fetched_at or 0.0, self.failure.at if self.failure else 0.0)

    def after_failure(self, reason: str, at: float, *, missing: bool = False) -> "Watched":
        """The entry after a failed request; `missing` if the API answered that there is no such job."""
        return replace(self, failure=Failure(at, reason), misses=self.misses + 1 if missing else self.misses)


def _comparable(moment: float, now: float) -> float:
    """A time to compare with others. One in the future was recorded before the clock was set back, and comes first."""
    return moment if moment <= now + _MAX_CLOCK_SKEW_SECONDS else 0.0


def _settled(cancel: Cancel | None, before: Job | None, after: Job | None) -> Cancel | None:
    """A job's cancel after an answer. A final status settles an open one; an outcome stays until the status changes."""
    if cancel is None or after is None:
        return cancel
    if cancel.open and after.facts.finished:
        ended = CancelStep.CANCELLED if after.status == Status.CANCELLED else CancelStep.FINISHED_FIRST
        return cancel._replace(step=ended, detail="")
    if not cancel.open and before and before.status != after.status:
        return None
    return cancel
