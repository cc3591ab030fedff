"""News: once per burst, and as one digest for what changed while dwtop was closed."""

import pytest

from app.dashboard.transition_digest import TransitionDigest
from app.watch.events import status_change
from app.watch.watch_list import Change
from app.watch.watched import Watched
from tests.jobs import become, watched

FIRST, SECOND, THIRD = (watched(number) for number in (1, 2, 3))


class Jobs(dict[str, Watched]):
    """A watch list since a time, and the digest of its changes."""

    def __init__(self, *entries: Watched, since: float = 100.0) -> None:
        super().__init__({entry.id: entry for entry in entries})
        self.digest = TransitionDigest(self, since)

    def answer(self, before: Watched, status: str, at: float, title: str = "One") -> None:
        after = self[before.id] = become(before, status, fetched_at=at)
        self.digest.add(Change(before, after, status_change(before, after, at)), title)

    def while_closed(self, now: float) -> bool | None:
        """Whether what is announced happened while dwtop was closed; None if there is nothing to announce."""
        taken = self.digest.take(now)
        return taken and taken.while_closed


@pytest.mark.parametrize(
    ("entry", "status"),
    [(watched(1, "queued"), "in_progress"), (watched(1, muted=True), "completed")],
    ids=["no news", "of a muted job"],
)
def test_some_changes_are_not_reported(entry: Watched, status: str) -> None:
    jobs = Jobs()
    jobs.answer(entry, status, 120.0)
    assert jobs.digest.take(120.0) is None


def test_what_changed_meanwhile_is_reported_once_and_together() -> None:
    jobs = Jobs(FIRST, SECOND)
    jobs.answer(FIRST, "completed", 101.0)
    assert jobs.digest.take(101.0) is None
    jobs.answer(SECOND, "failed", 102.0, "Two")
    taken = jobs.digest.take(102.0)
    assert taken
    assert taken.while_closed
    assert [item.title for item in taken.news] == ["One", "Two"]
    assert jobs.digest.take(103.0) is None


def test_the_digest_does_not_wait_for_a_failed_or_removed_job() -> None:
    jobs = Jobs(FIRST, SECOND, THIRD)
    jobs.answer(FIRST, "completed", 101.0)
    jobs[SECOND.id] = SECOND.after_failure("cannot reach it", 101.5)
    assert jobs.digest.take(102.0) is None
    del jobs[THIRD.id]
    assert jobs.while_closed(102.0)


def test_a_job_that_cannot_be_fetched_delays_the_digest_only_briefly() -> None:
    jobs = Jobs(FIRST, SECOND)
    jobs.answer(FIRST, "completed", 101.0)
    assert jobs.digest.take(109.0) is None
    assert jobs.while_closed(110.0)


@pytest.mark.parametrize(("settled", "expected"), [(101.0, True), (111.0, False)])
def test_the_first_answers_are_waited_for_but_not_too_long(settled: float, expected: bool) -> None:
    jobs = Jobs(FIRST, SECOND)
    assert jobs.digest.take(settled) is None
    jobs.answer(FIRST, "completed", 112.0)
    assert jobs.while_closed(112.0) is expected


def test_transitions_shortly_after_others_belong_to_the_same_burst() -> None:
    jobs = Jobs(since=0.0)
    starts = []
    for at in (20.0, 22.9, 25.8, 28.9):
        jobs.answer(FIRST, "completed", at)
        taken = jobs.digest.take(at)
        starts.append(taken and taken.starts_burst)
    assert starts == [True, False, False, True]
