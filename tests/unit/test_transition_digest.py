"""News: once per burst, and as one digest for what changed while dwtop was closed."""

import pytest

from app.dashboard.transition_digest import TransitionDigest
from app.watch.events import status_change
from app.watch.watch_list import Change
from app.watch.watched import Watched
from tests.jobs import become, watched

FIRST, SECOND, THIRD = (watched(number) for number in (1, 2, 3))


def change(before: Watched, status: str, at: float) -> Change:
    after = become(before, status, fetched_at=at)
    return Change(before, after, status_change(before, after, at))


def while_closed(digest: TransitionDigest, now: float) -> bool | None:
    """Whether what is announced happened while dwtop was closed; None if there is nothing to announce."""
    taken = digest.take(now)
    return taken and taken.while_closed


@pytest.mark.parametrize(
    ("entry", "status"),
    [(watched(1, "queued"), "in_progress"), (watched(1, muted=True), "completed")],
    ids=["no news", "of a muted job"],
)
def test_some_changes_are_not_reported(entry: Watched, status: str) -> None:
    digest = TransitionDigest([], 0.0)
    digest.add(change(entry, status, 20.0), "One")
    assert digest.take(20.0) is None


def test_what_changed_meanwhile_is_reported_once_and_together() -> None:
    digest = TransitionDigest([FIRST, SECOND], 100.0)
    digest.add(change(FIRST, "completed", 101.0), "One")
    assert digest.take(101.0) is None
    digest.add(change(SECOND, "failed", 102.0), "Two")
    taken = digest.take(102.0)
    assert taken
    assert taken.while_closed
    assert [item.title for item in taken.news] == ["One", "Two"]
    assert digest.take(103.0) is None


def test_the_digest_does_not_wait_for_a_failed_or_removed_job() -> None:
    digest = TransitionDigest([FIRST, SECOND, THIRD], 100.0)
    digest.add(change(FIRST, "completed", 101.0), "One")
    digest.add(Change(SECOND, SECOND.after_failure("cannot reach it", 101.5)), "Two")
    assert digest.take(102.0) is None
    digest.add(Change(THIRD, None), "Three")
    assert while_closed(digest, 102.0)


def test_a_job_that_cannot_be_fetched_delays_the_digest_only_briefly() -> None:
    digest = TransitionDigest([FIRST, SECOND], 100.0)
    digest.add(change(FIRST, "completed", 101.0), "One")
    assert digest.take(109.0) is None
    assert while_closed(digest, 110.0)


@pytest.mark.parametrize(("settled", "expected"), [(101.0, True), (111.0, False)])
def test_the_first_answers_are_waited_for_but_not_too_long(settled: float, expected: bool) -> None:
    digest = TransitionDigest([FIRST, SECOND], 100.0)
    assert digest.take(settled) is None
    digest.add(change(FIRST, "completed", 112.0), "One")
    assert while_closed(digest, 112.0) is expected


def test_transitions_shortly_after_others_belong_to_the_same_burst() -> None:
    digest = TransitionDigest([], 0.0)
    starts = []
    for at in (20.0, 22.9, 25.8, 28.9):
        digest.add(change(FIRST, "completed", at), "One")
        taken = digest.take(at)
        starts.append(taken and taken.starts_burst)
    assert starts == [True, False, False, True]
