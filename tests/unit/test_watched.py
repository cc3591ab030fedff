"""How answers, and copies from other processes, change an entry of the watch list."""

from dataclasses import replace

import pytest

from app.job import Cadence, Group
from app.presentation.sentences import status_words
from app.watch.watched import Cancel, CancelStep, Failure, Outlook, Watched
from tests.jobs import become, watched
from tests.scripted_api import job, job_id

ONE = job_id(1)
NEW = Watched(ONE, 1.0)
KNOWN = NEW.after_answer(job(ONE), 5.0)


def test_a_job_never_seen() -> None:
    assert (NEW.label, NEW.group, NEW.cadence) == ("new", Group.WAITING, Cadence.FAST)
    assert not NEW.finished
    assert not NEW.cancellable


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
def test_the_meaning_of_a_status(
    status: str, label: str, cadence: Cadence, cancellable: bool, group: Group
) -> None:
    entry = NEW.after_answer(job(ONE, status), 5.0)
    assert (status_words(entry, 9), entry.cadence, entry.group) == (label, cadence, group)
    assert entry.cancellable is cancellable


def test_a_failed_request_keeps_the_last_good_answer() -> None:
    entry = KNOWN.after_failure("the API answered 500", 9.0)
    assert entry == replace(KNOWN, failure=Failure(9.0, "the API answered 500"))
    assert status_words(entry, 9) == "in progress"
    assert entry.after_answer(job(ONE), 12.0).failure is None


def test_not_found_needs_a_look_from_the_second_time_in_a_row() -> None:
    once = KNOWN.after_failure("no such job", 9.0, missing=True)
    twice = once.after_failure("no such job", 70.0, missing=True)
    assert (once.label, once.group, once.cadence) == ("not found", Group.RUNNING, Cadence.SLOW)
    assert not once.cancellable
    assert (twice.label, twice.group, twice.job) == ("not found", Group.ATTENTION, KNOWN.job)
    assert twice.after_answer(job(ONE), 90.0).misses == 0
    again = once.after_answer(job(ONE), 90.0).after_failure("no such job", 95.0, missing=True)
    assert again.group is Group.RUNNING, "not in a row"
    cancelled = replace(twice, cancel=Cancel(5.0, CancelStep.ACCEPTED))
    assert status_words(cancelled, 200.0) == "not found", "rather than what became of the cancel"


@pytest.mark.parametrize("step", [CancelStep.REFUSED, CancelStep.FINISHED_FIRST])
def test_the_outcome_of_a_cancel_stays_until_the_status_changes(step: CancelStep) -> None:
    entry = replace(KNOWN, cancel=Cancel(5.0, step, "why"))
    assert entry.after_answer(job(ONE, progress=99), 9.0).cancel == entry.cancel
    assert entry.after_answer(job(ONE, "failed"), 9.0).cancel is None


NOW = 140.0
MINE = watched(1, progress=10.0, fetched_at=100.0)
OLDER = become(MINE, "in_progress", progress=5.0, fetched_at=90.0)
LATER = become(MINE, "in_progress", progress=50.0, fetched_at=110.0, outlook=Outlook(200.0, 190.0, 220.0))
FAILED = replace(MINE, failure=Failure(120.0, "refused"))
OVER = become(MINE, "completed", fetched_at=130.0)
REFUSED = replace(MINE, cancel=Cancel(90.0, CancelStep.REFUSED, "too late"))
ACCEPTED = replace(MINE, cancel=Cancel(120.0, CancelStep.ACCEPTED))
SENT = Cancel(130.0, CancelStep.SENT)
FINISHED_FIRST = Cancel(120.0, CancelStep.FINISHED_FIRST)


@pytest.mark.parametrize(
    ("mine", "other", "merged"),
    [
        pytest.param(MINE, OLDER, MINE, id="an older answer"),
        pytest.param(MINE, MINE, MINE, id="the same answer"),
        pytest.param(replace(FAILED, failure=Failure(105.0, "refused")), LATER, LATER, id="a later answer"),
        pytest.param(MINE, FAILED, FAILED, id="a later failure, with the last good answer"),
        pytest.param(MINE, replace(MINE, muted=True), replace(MINE, muted=True), id="a mute"),
        pytest.param(MINE, replace(OLDER, cancel=SENT), replace(MINE, cancel=SENT), id="a cancel"),
        pytest.param(ACCEPTED, REFUSED, ACCEPTED, id="an older cancel"),
        pytest.param(ACCEPTED, replace(MINE, cancel=SENT), replace(MINE, cancel=SENT), id="a newer cancel"),
        pytest.param(OVER, replace(REFUSED, fetched_at=89.0), OVER, id="a cancel that is settled here"),
        pytest.param(REFUSED, OVER, OVER, id="a cancel that is settled there"),
        pytest.param(REFUSED, LATER, replace(LATER, cancel=REFUSED.cancel), id="an answer without a cancel"),
        pytest.param(ACCEPTED, OVER, replace(OVER, cancel=FINISHED_FIRST), id="an end without a cancel"),
        pytest.param(REFUSED, MINE, REFUSED, id="no cancel in a copy of the same age"),
        pytest.param(REFUSED, replace(MINE, fetched_at=80.0), REFUSED, id="no cancel in an older copy"),
    ],
)
def test_what_is_merged_from_another_process(mine: Watched, other: Watched, merged: Watched) -> None:
    assert mine.merged(other, NOW) == merged


def test_what_was_recorded_before_the_clock_was_set_back_gives_way() -> None:
    ahead = replace(MINE, fetched_at=7300.0, cancel=Cancel(7290.0, CancelStep.ACCEPTED))
    later = replace(LATER, fetched_at=130.0)
    assert ahead.merged(later, NOW).job == later.job
    assert later.merged(ahead, NOW).job == later.job, "and does not come back"
    sent = replace(later, cancel=Cancel(131.0, CancelStep.SENT))
    assert ahead.merged(sent, NOW).cancel == sent.cancel
    assert sent.merged(ahead, NOW).cancel == sent.cancel
