"""The entries of the event log, and the changes of a job that become entries."""

from enum import StrEnum
from typing import NamedTuple

from app.job import Group, Job, Status
from app.watch.watched import Watched

_MINUTE, _HOUR, _DAY = 60, 3600, 86400

NOT_FOUND = "not found"
"""Recorded as the status of a job that the API does not know."""


class EventKind(StrEnum):
    """What an event is about."""

    STATUS = "status"
    CANCEL = "cancel"
    STALL = "stall"
    CONNECTION = "connection"
    HOOK = "hook"
    ADDED = "added"
    DATABASE = "database"
    CLOSED = "closed"  # sums up what happened while dwtop was closed
    OTHER = "other"  # written by a newer version


class Event(NamedTuple):
    """One entry of the event log."""

    at: float  # in seconds since the epoch
    kind: EventKind
    text: str  # one line
    job_id: str | None = None
    before: str | None = None  # the status before a change of status; may be `NOT_FOUND`
    after: str | None = None  # the status after it
    group: Group | None = None  # the group that the job is counted in now


def status_change(before: Watched, after: Watched, at: float) -> Event | None:
    """The event for a change of status; None if the status is the same, or was unknown before."""
    old, new = reported_status(before), reported_status(after)
    if old is None or new is None or old == new:
        return None
    text = _change_text(before, after, at)
    return Event(at, EventKind.STATUS, text, after.id, before=old, after=new, group=after.group)


def stall(before: Watched, after: Watched, at: float) -> Event | None:
    """The event for a job that has just stalled; None if it has not."""
    since = after.stalled_since
    if since is None or before.stalled_since is not None:
        return None
    text = f"no change for {rough_duration(at - since)}, longer than usual"
    return Event(at, EventKind.STALL, text, job_id=after.id, group=after.group)


def reported_status(entry: Watched) -> str | None:
    """The job's status, `NOT_FOUND` if the API did not know the job twice in a row, or None while it is unknown."""
    if entry.misses > 1:
        return NOT_FOUND
    return entry.job.status if entry.job else None


def ending(job: Job, percent: int | None) -> str:
    """How a finished job ended, in a few words: `completed in 40m`, `failed at 64%: REASON`."""
    if job.status == Status.COMPLETED:
        return f"completed in {rough_duration(job.updated_at - job.created_at)}"
    at_percent = "" if percent is None else f" at {percent}%"
    reason = f": {job.error_message}" if job.error_message and job.status != Status.CANCELLED else ""
    return f"{job.facts.label}{at_percent}{reason}"


def rough_duration(seconds: float) -> str:
    """How long something took, to the minute: `40s`, `5m`, `1h 40m`, `2d 3h`."""
    whole = max(0, round(seconds))
    if whole < _MINUTE:
        return f"{whole}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}m"
    if whole < _DAY:
        hours, minutes = whole // _HOUR, whole % _HOUR // _MINUTE
        return f"{hours}h {minutes}m" if minutes else f"{hours}h"
    return f"{whole // _DAY}d {whole % _DAY // _HOUR}h"


def _change_text(before: Watched, after: Watched, at: float) -> str:
    """What a change of status means, in a few words."""
    if after.misses > 1:
        return NOT_FOUND
    job, last = after.job, before.job
    assert job is not None  # it has a status
    percent = job.percent if job.percent is not None else last.percent if last else None
    if job.facts.finished:
        return ending(job, percent)
    if job.status != Status.IN_PROGRESS:
        return job.facts.label
    if last is not None and last.facts.group is Group.WAITING:
        return f"started after {rough_duration(max(at - last.updated_at, 0.0))} in the queue"
    return "running again"
