"""How answers, and copies from other processes, change an entry of the watch list."""

from dataclasses import replace

import pytest

from app.job import Cadence, Group, Job
from app.presentation.sentences import status_words
from app.watch.watched import Cancel, CancelStep, Failure, Outlook, Watched
from tests.scripted_api import job, job_id

ONE = job_id(1)
NEW = Watched(ONE, 1.0)
KNOWN = NEW.after_answer(job(ONE), 5.0)

JOB = Job("00000000-0000-4000-8000-000000000001", "u", "p", "in_progress", 0.0, 0.0, 10.0)
NOW = 140.0
MINE = Watched(JOB.id, 1.0, JOB, 100.0)


def test_a_job_never_seen() -> None:
    assert (NEW.label, NEW.group, NEW.cadence, NEW.finished, NEW.cancellable) == (
        "new",
        Group.WAITING,
        Cadence.FAST,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("status", "label", "cadence", "cancellable", "group"),
    [
        ("draft", "draft", Cadence.SLOW, False, Group.WAITING),
        ("submitted", "submitted", Cadence.MEDIUM, False, Group.WAITING),
        ("queued", "queued", Cadence.MEDIUM, True, Group.WAITING),
        ("in_progress", "in progress", Cadence.FAST, True, Group.RUNNING),
        ("completed", "completed", Cadence.NEVER, False, Group.DONE),
        ("failed", "failed", Cadence.NEVER, False, Group.ATTENTION),
        ("moderated", "moderated", Cadence.NEVER, False, Group.ATTENTION),
        ("cancelled", "cancelled", Cadence.NEVER, False, Group.DONE),
        ("on_the_moon", "on_the_moon", Cadence.SLOW, False, Group.WAITING),
    ],
)
def test_what_each_status_means(
    status: str, label: str, cadence: Cadence, cancellable: bool, group: Group
) -> None:
    entry = NEW.after_answer(job(ONE, status), 5.0)
    assert (status_words(entry, 9), entry.cadence, entry.cancellable, entry.group) == (
        label,
        cadence,
        cancellable,
        group,
    )


def test_a_failed_request_keeps_the_last_good_answer() -> None:
    entry = KNOWN.after_failure("the API answered 500", 9.0)
    assert (entry.job, entry.fetched_at, status_words(entry, 9)) == (KNOWN.job, 5.0, "in progress")
    assert entry.failure is not None
    assert (entry.failure.at, entry.failure.reason) == (9.0, "the API answered 500")
    assert entry.after_answer(job(ONE), 12.0).failure is None


def test_not_found_needs_a_look_from_the_second_time_in_a_row() -> None:
    once = KNOWN.after_failure("no such job", 9.0, missing=True)
    twice = once.after_failure("no such job", 70.0, missing=True)
    assert (once.label, once.group, once.cadence, once.cancellable) == (
        "not found",
        Group.RUNNING,
        Cadence.SLOW,
        False,
    )
    assert (twice.label, twice.group, twice.job) == ("not found", Group.ATTENTION, KNOWN.job)
    assert twice.after_answer(job(ONE), 90.0).misses == 0
    again = once.after_answer(job(ONE), 90.0).after_failure("no such job", 95.0, missing=True)
    assert again.group is Group.RUNNING, "not in a row"


def test_the_words_of_a_cancel_give_way_to_a_job_that_is_gone() -> None:
    entry = replace(KNOWN, cancel=Cancel(5.0, CancelStep.ACCEPTED))
    for at in (10.0, 70.0):
        entry = entry.after_failure("no such job", at, missing=True)
    assert status_words(entry, 200.0) == "not found"


@pytest.mark.parametrize("step", [CancelStep.REFUSED, CancelStep.FINISHED_FIRST])
def test_the_outcome_of_a_cancel_stays_until_the_status_changes(step: CancelStep) -> None:
    entry = replace(KNOWN, cancel=Cancel(5.0, step, "why"))
    assert entry.after_answer(job(ONE, progress=99), 9.0).cancel == entry.cancel
    assert entry.after_answer(job(ONE, "failed"), 9.0).cancel is None


def test_merging_an_older_copy_changes_nothing() -> None:
    older = replace(MINE, job=replace(JOB, progress=5.0), fetched_at=90.0)
    assert MINE.merged(older, NOW) == MINE
    assert MINE.merged(MINE, NOW) == MINE


def test_merging_takes_a_later_answer_whole() -> None:
    later = replace(
        MINE, job=replace(JOB, progress=50.0), fetched_at=110.0, outlook=Outlook(200.0, 190.0, 220.0)
    )
    assert replace(MINE, failure=Failure(105.0, "refused")).merged(later, NOW) == later


def test_a_later_failure_is_taken_over_with_the_last_good_answer() -> None:
    failed = replace(MINE, failure=Failure(120.0, "refused"))
    assert MINE.merged(failed, NOW) == failed


def test_a_cancel_from_elsewhere_is_taken_over_even_with_an_older_answer() -> None:
    theirs = replace(MINE, fetched_at=95.0, cancel=Cancel(111.0, CancelStep.SENT))
    assert MINE.merged(theirs, NOW).cancel == Cancel(111.0, CancelStep.SENT)
    assert MINE.merged(theirs, NOW).fetched_at == 100.0


def test_merging_keeps_the_newest_cancel() -> None:
    ours = replace(MINE, cancel=Cancel(120.0, CancelStep.ACCEPTED))
    assert (
        ours.merged(replace(MINE, cancel=Cancel(50.0, CancelStep.REFUSED, "too late")), NOW).cancel
        == ours.cancel
    )
    newer = Cancel(130.0, CancelStep.SENT)
    assert ours.merged(replace(MINE, cancel=newer), NOW).cancel == newer


def test_a_settled_cancel_does_not_come_back() -> None:
    over = replace(MINE, job=replace(JOB, status="completed"), fetched_at=130.0)
    stale = replace(MINE, cancel=Cancel(99.0, CancelStep.REFUSED, "no"), fetched_at=98.0)
    assert over.merged(stale, NOW).cancel is None


def test_a_cancel_that_is_over_elsewhere_is_over_here_too() -> None:
    refused = replace(MINE, cancel=Cancel(90.0, CancelStep.REFUSED, "too late"))
    assert refused.merged(replace(MINE, fetched_at=110.0), NOW).cancel is None
    assert refused.merged(MINE, NOW).cancel == refused.cancel, "but not by a copy of the same age"
    assert refused.merged(replace(MINE, fetched_at=80.0), NOW).cancel == refused.cancel


def test_merging_takes_the_others_mute() -> None:
    assert MINE.merged(replace(MINE, muted=True), NOW).muted


def test_what_was_recorded_before_the_clock_was_set_back_gives_way() -> None:
    ahead = replace(MINE, fetched_at=7300.0, cancel=Cancel(7290.0, CancelStep.ACCEPTED))
    later = replace(MINE, job=replace(JOB, progress=50.0), fetched_at=130.0)
    assert ahead.merged(later, NOW).job == later.job
    assert later.merged(ahead, NOW).job == later.job, "and does not come back"
    sent = replace(later, cancel=Cancel(131.0, CancelStep.SENT))
    assert ahead.merged(sent, NOW).cancel == sent.cancel
    assert sent.merged(ahead, NOW).cancel == sent.cancel
