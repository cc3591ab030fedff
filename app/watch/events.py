"""What happened, in words that last: the entries of the event log."""

from dataclasses import dataclass
from enum import StrEnum

from app.job import Group
from app.watch.watched import Watched


class EventKind(StrEnum):
    """What an event is about."""

    STATUS = "status"
    CANCEL = "cancel"
    LIST = "list"
    CONNECTION = "connection"


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the event log.

    Attributes:
        at: When, in seconds since the epoch.
        kind: What it is about.
        text: One line for people.
        job_id: Which job, or None.
        before: For a change of status, the status it had (`not found` for a job the API did not know).
        after: Likewise, the one it has now.
        group: What the job counts as now.
    """

    at: float
    kind: EventKind
    text: str
    job_id: str | None = None
    before: str | None = None
    after: str | None = None
    group: Group | None = None


def status_change(before: Watched, after: Watched, at: float) -> Event | None:
    """The event of a job whose status changed; None if it did not, or is seen for the first time.

    A job counts as not found from the second time in a row that the API does not know it.

    Args:
        before: The entry until now.
        after: The entry from now on.
        at: When, in seconds since the epoch.
    """
    old, new = _told_status(before), _told_status(after)
    if old is None or new is None or old == new:
        return None
    text = f"{_words(before)} → {_words(after)}"
    reason = (
        after.job.error_message if after.job and after.group is Group.ATTENTION and not after.misses else None
    )
    return Event(
        at,
        EventKind.STATUS,
        f"{text}: {reason}" if reason else text,
        job_id=after.id,
        before=old,
        after=new,
        group=after.group,
    )


def _told_status(watched: Watched) -> str | None:
    if watched.misses > 1:
        return "not found"
    return watched.job.status if watched.job else None


def _words(watched: Watched) -> str:
    if watched.misses > 1:
        return "not found"
    return watched.job.facts.label if watched.job else "new"
