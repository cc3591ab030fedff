"""A job on the watch list, with all we know of it, and how each answer changes that."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from app.job import Cadence, Group, Job, Status

CANCEL_TIMEOUT_SECONDS = 60.0
"""Seconds after which a cancel that was accepted, and has not ended the job, is said to be so."""

_AHEAD = 60.0  # seconds by which what another process says may be ahead of our clock
_POST_PATIENCE = 30.0  # seconds: longer than any request lives, so a cancel still unanswered lost its process


class CancelStep(StrEnum):
    """How far a cancel has come."""

    SENT = "sent"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"
    FINISHED_FIRST = "finished first"
    REFUSED = "refused"
    NO_ANSWER = "no answer"


class Cancel(NamedTuple):
    """The latest cancel of a job.

    Attributes:
        at: When it was sent, in seconds since the epoch.
        step: What became of it.
        detail: Why it was refused, or what is known in spite of no answer; else empty.
    """

    at: float
    step: CancelStep
    detail: str = ""

    @property
    def open(self) -> bool:
        """Whether the job's next states still tell how it went."""
        return self.step in (CancelStep.SENT, CancelStep.ACCEPTED, CancelStep.NO_ANSWER)

    def pending(self, now: float) -> bool:
        """Whether it was sent, may well be working, and has not run out of patience.

        Args:
            now: Seconds since the epoch.
        """
        passed = abs(now - self.at)  # a wall clock may be set back
        if self.step is CancelStep.SENT:
            return passed < _POST_PATIENCE
        return self.step is CancelStep.ACCEPTED and passed < CANCEL_TIMEOUT_SECONDS


class Failure(NamedTuple):
    """Why the last request about a job brought nothing.

    Attributes:
        at: When it failed, in seconds since the epoch.
        reason: One sentence.
    """

    at: float
    reason: str


class Outlook(NamedTuple):
    """What is to be expected of a running job. Times are seconds since the epoch.

    Attributes:
        finish: When it is as likely as not to be done, or None if too little is known to say.
        low: In four cases of five it is done between this ...
        high: ... and this.
        stalled_since: Since when it has not moved, if that is longer than usual; it need not have failed.
    """

    finish: float | None = None
    low: float | None = None
    high: float | None = None
    stalled_since: float | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """One entry of the watch list. Immutable: each answer makes a new one.

    Attributes:
        id: The job's ID.
        added_at: When it was put on the list, in seconds since the epoch.
        job: The last good answer, or None before the first.
        fetched_at: When that came, in seconds since the epoch.
        failure: Set while the last request failed; a 404 is one too.
        misses: How many times in a row the API did not know the job.
        cancel: The latest cancel, for as long as its words stand in place of the status.
        muted: Whether it is to draw no attention.
        outlook: What is to be expected of it, as of the last good answer; None for a job that does not run.
        followed: Whether it was added by following the account, and not by a person.
    """

    id: str
    added_at: float
    job: Job | None = None
    fetched_at: float | None = None
    failure: Failure | None = None
    misses: int = 0
    cancel: Cancel | None = None
    muted: bool = False
    outlook: Outlook | None = None
    followed: bool = False

    @property
    def label(self) -> str:
        """The word for its status, leaving out any cancel."""
        if self.misses:
            return "not found"
        if self.job:
            return self.job.facts.label
        return "no data yet" if self.failure else "new"

    @property
    def group(self) -> Group:
        """What it counts as."""
        if self.misses > 1:
            return Group.ATTENTION
        return self.job.facts.group if self.job else Group.WAITING

    @property
    def cadence(self) -> Cadence:
        """How often it is asked for."""
        if self.finished:
            return Cadence.NEVER
        if self.misses:
            return Cadence.SLOW
        return self.job.facts.cadence if self.job else Cadence.FAST

    @property
    def finished(self) -> bool:
        """Whether its status is final."""
        return self.job is not None and self.job.facts.finished

    @property
    def cancellable(self) -> bool:
        """Whether, by what we know, the API would cancel it."""
        return self.job is not None and self.job.facts.cancellable and not self.misses

    def status_text(self, now: float) -> str:
        """What stands in the status column: the status, or what became of the latest cancel.

        Args:
            now: Seconds since the epoch.
        """
        cancel = self.cancel
        if cancel is None or cancel.step is CancelStep.CANCELLED or self.misses > 1:
            return self.label
        if cancel.pending(now):
            return "cancelling"
        match cancel.step:
            case CancelStep.FINISHED_FIRST:
                return "finished first"
            case CancelStep.REFUSED:
                return f"refused: {cancel.detail}"
            case CancelStep.ACCEPTED:
                return f"accepted, still {self.label} {_coarse(now - cancel.at)}"
            case _:
                return f"no answer: {cancel.detail or f'still {self.label}'}"

    def after_answer(self, job: Job, at: float) -> "Watched":
        """The entry after a good answer.

        An open cancel is settled by a final status, whoever asked. Otherwise its words stand until the
        status changes.

        Args:
            job: The answer.
            at: When it came, in seconds since the epoch.
        """
        cancel = self.cancel
        if cancel and cancel.open and job.facts.finished:
            ended = CancelStep.CANCELLED if job.status == Status.CANCELLED else CancelStep.FINISHED_FIRST
            cancel = cancel._replace(step=ended, detail="")
        elif cancel and cancel.step is CancelStep.NO_ANSWER:
            cancel = cancel._replace(detail="")  # now we do know: it is still what its status says
        elif cancel and not cancel.open and self.job and self.job.status != job.status:
            cancel = None
        return replace(self, job=job, fetched_at=at, failure=None, misses=0, cancel=cancel)

    def merged(self, other: "Watched", now: float) -> "Watched":
        """The entry with what another process knows better: a later answer, failure or cancel.

        What a person decided, to mute the job, is the other's to say. Merging an older copy of an entry into it
        changes nothing. A moment that lies ahead is from before the clock was set back, and later than nothing.

        Args:
            other: The same job's entry as another process wrote it.
            now: Seconds since the epoch.
        """

        def passed(moment: float) -> float:
            return moment if moment <= now + _AHEAD else 0.0

        asked, others = passed(self.asked_at), passed(other.asked_at)
        merged = replace(self, added_at=other.added_at, muted=other.muted)
        if others > asked:
            merged = replace(
                merged,
                job=other.job or self.job,
                fetched_at=other.fetched_at,
                failure=other.failure,
                misses=other.misses,
                outlook=other.outlook,
            )
        if other.cancel is not None and other.cancel != self.cancel:
            newer = others >= asked
            if self.cancel is None:
                same = self.job is None or other.job is None or self.job.status == other.job.status
                newer = newer or same or passed(other.cancel.at) > asked
            elif other.cancel.at != self.cancel.at:
                newer = passed(other.cancel.at) > passed(self.cancel.at)
            if newer:
                merged = replace(merged, cancel=other.cancel)
        elif other.cancel is None and self.cancel is not None and others > asked:
            merged = replace(merged, cancel=None)
        return merged

    @property
    def asked_at(self) -> float:
        """When the latest request about it ended, in seconds since the epoch; 0.0 before the first."""
        return max(self.fetched_at or 0.0, self.failure.at if self.failure else 0.0)

    def after_failure(self, reason: str, at: float, *, missing: bool = False) -> "Watched":
        """The entry after a request that brought nothing; the last good answer stays.

        Args:
            reason: One sentence.
            at: When it failed, in seconds since the epoch.
            missing: Whether the API said that there is no such job.
        """
        return replace(self, failure=Failure(at, reason), misses=self.misses + 1 if missing else self.misses)


def _coarse(seconds: float) -> str:
    minutes = max(1, int(seconds // 60))
    return f"{minutes}m" if minutes < 60 else f"{minutes // 60}h"
