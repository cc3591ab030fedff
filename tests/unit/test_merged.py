"""Two programs know the same job: whoever asked last knows it better, and no cancel is lost."""

from dataclasses import replace

from app.job import Job
from app.watch.watched import Cancel, CancelStep, Failure, Outlook, Watched

JOB = Job("00000000-0000-4000-8000-000000000001", "u", "p", "in_progress", 0.0, 0.0, 10.0)
NOW = 140.0
MINE = Watched(JOB.id, 1.0, JOB, 100.0)


def test_an_older_copy_of_ones_own_changes_nothing() -> None:
    older = replace(MINE, job=replace(JOB, progress=5.0), fetched_at=90.0)
    assert MINE.merged(older, NOW) == MINE
    assert MINE.merged(MINE, NOW) == MINE


def test_a_later_answer_is_taken_over_whole() -> None:
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


def test_the_newest_cancel_stands() -> None:
    ours = replace(MINE, cancel=Cancel(120.0, CancelStep.ACCEPTED))
    assert (
        ours.merged(replace(MINE, cancel=Cancel(50.0, CancelStep.REFUSED, "too late")), NOW).cancel
        == ours.cancel
    )
    newer = Cancel(130.0, CancelStep.SENT)
    assert ours.merged(replace(MINE, cancel=newer), NOW).cancel == newer


def test_a_cancel_that_is_over_does_not_come_back() -> None:
    over = replace(MINE, job=replace(JOB, status="completed"), fetched_at=130.0)
    stale = replace(MINE, cancel=Cancel(99.0, CancelStep.REFUSED, "no"), fetched_at=98.0)
    assert over.merged(stale, NOW).cancel is None


def test_a_cancel_whose_words_are_over_elsewhere_is_over_here_too() -> None:
    refused = replace(MINE, cancel=Cancel(90.0, CancelStep.REFUSED, "too late"))
    assert refused.merged(replace(MINE, fetched_at=110.0), NOW).cancel is None
    assert refused.merged(MINE, NOW).cancel == refused.cancel, "but not by a copy that is no newer"
    assert refused.merged(replace(MINE, fetched_at=80.0), NOW).cancel == refused.cancel


def test_muting_is_for_the_last_who_wrote() -> None:
    assert MINE.merged(replace(MINE, muted=True), NOW).muted


def test_what_was_known_before_the_clock_was_set_back_gives_way() -> None:
    ahead = replace(MINE, fetched_at=7300.0, cancel=Cancel(7290.0, CancelStep.ACCEPTED))
    later = replace(MINE, job=replace(JOB, progress=50.0), fetched_at=130.0)
    assert ahead.merged(later, NOW).job == later.job
    assert later.merged(ahead, NOW).job == later.job, "and does not come back"
    sent = replace(later, cancel=Cancel(131.0, CancelStep.SENT))
    assert ahead.merged(sent, NOW).cancel == sent.cancel
    assert sent.merged(ahead, NOW).cancel == sent.cancel
