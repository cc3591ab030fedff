"""What goes into the event log, in words."""

from dataclasses import replace

from app.job import Group, Job
from app.watch.events import NOT_FOUND, EventKind, reported_status, stall, status_change
from app.watch.watched import Outlook, Watched

JOB = Job("00000000-0000-4000-8000-000000000001", "u", "p", "in_progress", 0.0, 0.0, 10.0)
RUNNING = Watched(JOB.id, 0.0, JOB, 100.0)
STILL = replace(RUNNING, outlook=Outlook(stalled_since=100.0))


def become(status: str, reason: str | None = None) -> Watched:
    return replace(RUNNING, job=replace(JOB, status=status, error_message=reason))


def told(before: Watched, after: Watched) -> str | None:
    event = status_change(before, after, 110.0)
    return event.text if event else None


def test_a_change_of_status_is_told_with_both() -> None:
    assert told(RUNNING, become("completed")) == "in progress → completed"
    assert told(RUNNING, replace(RUNNING, fetched_at=110.0)) is None


def test_the_first_sight_of_a_job_is_no_change() -> None:
    assert told(Watched(JOB.id, 0.0), RUNNING) is None


def test_the_reason_is_told_of_jobs_that_need_a_look_alone() -> None:
    assert told(RUNNING, become("failed", "No paper.")) == "in progress → failed: No paper."
    assert told(RUNNING, become("failed")) == "in progress → failed"
    assert told(RUNNING, become("completed", "Once it failed.")) == "in progress → completed"
    gone = replace(become("in_progress", "An old one."), misses=2)
    assert told(RUNNING, gone) == "in progress → not found"


def test_a_job_is_not_found_from_the_second_time_on() -> None:
    assert reported_status(replace(RUNNING, misses=1)) == "in_progress"
    assert reported_status(replace(RUNNING, misses=2)) == NOT_FOUND
    assert reported_status(Watched(JOB.id, 0.0)) is None


def test_a_job_that_stands_still_is_told_once() -> None:
    event = stall(RUNNING, STILL, 1000.0)
    assert event
    assert (event.kind, event.text) == (EventKind.STALL, "no change for 15 min, longer than usual")
    assert (event.job_id, event.group) == (JOB.id, Group.RUNNING)
    assert stall(STILL, STILL, 1010.0) is None
    assert stall(STILL, RUNNING, 1010.0) is None
    assert stall(replace(RUNNING, outlook=Outlook(finish=2000.0)), STILL, 1000.0), "also after a forecast"
