"""What a row knows, and what each answer changes."""

from dataclasses import replace

import pytest

from app.job import Cadence, Group
from app.watch.events import EventKind, status_change
from app.watch.watched import Cancel, CancelStep, Watched
from tests.scripted_api import job, job_id

ONE = job_id(1)
NEW = Watched(ONE, 1.0)
KNOWN = NEW.after_answer(job(ONE), 5.0)


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
    assert (entry.status_text(9), entry.cadence, entry.cancellable, entry.group) == (
        label,
        cadence,
        cancellable,
        group,
    )


def test_a_failed_request_keeps_the_last_good_answer() -> None:
    entry = KNOWN.after_failure("the API answered 500", 9.0)
    assert (entry.job, entry.fetched_at, entry.status_text(9)) == (KNOWN.job, 5.0, "in progress")
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
    assert entry.status_text(200.0) == "not found"


@pytest.mark.parametrize("step", [CancelStep.REFUSED, CancelStep.FINISHED_FIRST])
def test_words_stand_until_the_status_changes(step: CancelStep) -> None:
    entry = replace(KNOWN, cancel=Cancel(5.0, step, "why"))
    assert entry.after_answer(job(ONE, progress=99), 9.0).cancel == entry.cancel
    assert entry.after_answer(job(ONE, "failed"), 9.0).cancel is None


@pytest.mark.parametrize(
    ("minutes", "word"), [(1, "1m"), (1.9, "1m"), (2, "2m"), (59.9, "59m"), (60, "1h"), (600, "10h")]
)
def test_how_long_an_accepted_cancel_has_taken(minutes: float, word: str) -> None:
    entry = replace(KNOWN, cancel=Cancel(1000.0, CancelStep.ACCEPTED))
    assert entry.status_text(1000 + 60 * minutes) == f"accepted, still in progress {word}"


def test_events_tell_changes_of_status_alone() -> None:
    assert status_change(NEW, KNOWN, 5.0) is None, "the first sight is no transition"
    assert status_change(KNOWN, KNOWN.after_answer(job(ONE, progress=80), 9.0), 9.0) is None
    assert status_change(KNOWN, KNOWN.after_failure("500", 9.0), 9.0) is None
    failed = replace(job(ONE, "failed"), error_message="ran out of words")
    event = status_change(KNOWN, KNOWN.after_answer(failed, 9.0), 9.0)
    assert event is not None
    assert (event.kind, event.job_id, event.at) == (EventKind.STATUS, ONE, 9.0)
    assert event.text == "in progress → failed: ran out of words"
    assert (event.before, event.after, event.group) == ("in_progress", "failed", Group.ATTENTION)


def test_events_of_a_job_that_goes_missing_and_comes_back() -> None:
    once = KNOWN.after_failure("404", 9.0, missing=True)
    twice = once.after_failure("404", 9.0, missing=True)
    assert status_change(KNOWN, once, 9.0) is None
    gone = status_change(once, twice, 9.0)
    assert gone is not None
    assert (gone.text, gone.after, gone.group) == ("in progress → not found", "not found", Group.ATTENTION)
    back = status_change(twice, twice.after_answer(job(ONE), 99.0), 99.0)
    assert back is not None
    assert back.text == "not found → in progress"
