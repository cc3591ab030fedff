"""News: once per burst, and as one digest for what changed while dwtop was closed."""

from dataclasses import replace

from app.dashboard.transition_digest import TransitionDigest
from app.job import Job
from app.watch.events import status_change
from app.watch.watch_list import Change
from app.watch.watched import Watched

ID = "00000000-0000-4000-8000-00000000000{}"


def entry(number: int, status: str = "in_progress", fetched_at: float = 10.0) -> Watched:
    job = Job(ID.format(number), "u", "p", status, 0.0, 0.0)
    return Watched(job.id, 0.0, job, fetched_at)


def change(before: Watched, status: str, at: float) -> Change:
    assert before.job is not None
    after = replace(before, job=replace(before.job, status=status), fetched_at=at)
    return Change(before, after, status_change(before, after, at))


def while_closed(digest: TransitionDigest, now: float) -> bool | None:
    """Whether what is announced happened while dwtop was closed; None if there is nothing to announce."""
    taken = digest.take(now)
    return taken and taken.while_closed


def test_without_news_nothing_is_said() -> None:
    digest = TransitionDigest([], 0.0)
    digest.add(change(entry(1, "queued"), "in_progress", 20.0), "One")
    assert digest.take(20.0) is None


def test_what_changed_meanwhile_is_reported_once_and_together() -> None:
    first, second = entry(1), entry(2)
    digest = TransitionDigest([first, second], 100.0)
    digest.add(change(first, "completed", 101.0), "One")
    assert digest.take(101.0) is None
    digest.add(change(second, "failed", 102.0), "Two")
    taken = digest.take(102.0)
    assert taken
    assert taken.while_closed
    assert [item.title for item in taken.news] == ["One", "Two"]
    assert digest.take(103.0) is None


def test_the_digest_does_not_wait_for_a_failed_or_removed_job() -> None:
    first, second, third = entry(1), entry(2), entry(3)
    digest = TransitionDigest([first, second, third], 100.0)
    digest.add(change(first, "completed", 101.0), "One")
    digest.add(Change(second, second.after_failure("cannot reach it", 101.5)), "Two")
    assert digest.take(102.0) is None
    digest.add(Change(third, None), "Three")
    assert while_closed(digest, 102.0)


def test_a_job_that_cannot_be_fetched_delays_the_digest_only_briefly() -> None:
    first, second = entry(1), entry(2)
    digest = TransitionDigest([first, second], 100.0)
    digest.add(change(first, "completed", 101.0), "One")
    assert digest.take(109.0) is None
    assert while_closed(digest, 110.0)


def test_after_the_first_answers_news_are_of_the_moment() -> None:
    first = entry(1)
    digest = TransitionDigest([first], 100.0)
    digest.add(change(first, "in_progress", 101.0), "One")
    assert digest.take(101.0) is None
    digest.add(change(first, "completed", 120.0), "One")
    assert while_closed(digest, 120.0) is False


def test_the_first_answers_are_waited_for_until_they_are_there_or_it_takes_too_long() -> None:
    first, second = entry(1), entry(2)
    for settled, expected in ((101.0, True), (111.0, False)):
        digest = TransitionDigest([first, second], 100.0)
        assert digest.take(settled) is None
        digest.add(change(first, "completed", 112.0), "One")
        assert while_closed(digest, 112.0) is expected
    digest = TransitionDigest([first], 100.0)
    digest.add(change(first, "completed", 101.0), "One")
    assert while_closed(digest, 101.0), "the digest comes first"


def test_a_muted_job_is_not_reported() -> None:
    digest = TransitionDigest([], 0.0)
    digest.add(change(replace(entry(1), muted=True), "completed", 20.0), "One")
    assert digest.take(20.0) is None


def test_transitions_shortly_after_others_belong_to_the_same_burst() -> None:
    digest = TransitionDigest([], 0.0)
    starts = []
    for at in (20.0, 22.9, 25.8, 28.9):
        digest.add(change(entry(1), "completed", at), "One")
        taken = digest.take(at)
        starts.append(taken and taken.starts_burst)
    assert starts == [True, False, False, True]
