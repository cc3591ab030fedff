"""News: once a burst, and in one piece for what changed while nobody looked."""

from dataclasses import replace

from app.dashboard.transition_digest import Herald
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


def test_nothing_to_tell_is_silence() -> None:
    herald = Herald([], 0.0)
    herald.hear(change(entry(1, "queued"), "in_progress", 20.0), "One")
    assert herald.speak(20.0) == ("", ())


def test_what_changed_meanwhile_is_told_once_and_together() -> None:
    first, second = entry(1), entry(2)
    herald = Herald([first.id, second.id], 100.0)
    herald.hear(change(first, "completed", 101.0), "One")
    assert herald.speak(101.0) == ("", ())
    herald.hear(change(second, "failed", 102.0), "Two")
    text, news = herald.speak(102.0)
    assert text.splitlines() == [
        "While you were away:",
        "One: in progress → completed",
        "Two: in progress → failed",
    ]
    assert [item.title for item in news] == ["One", "Two"]
    assert herald.speak(103.0) == ("", ())


def test_a_job_that_could_not_be_asked_for_or_is_gone_is_waited_for_no_longer() -> None:
    first, second, third = entry(1), entry(2), entry(3)
    herald = Herald([first.id, second.id, third.id], 100.0)
    herald.hear(change(first, "completed", 101.0), "One")
    herald.hear(Change(second, second.failed("cannot reach it", 101.5)), "Two")
    assert herald.speak(102.0) == ("", ())
    herald.hear(Change(third, None), "Three")
    assert herald.speak(102.0)[0].startswith("While you were away")


def test_a_job_that_cannot_be_asked_for_does_not_hold_the_digest_for_long() -> None:
    first, second = entry(1), entry(2)
    herald = Herald([first.id, second.id], 100.0)
    herald.hear(change(first, "completed", 101.0), "One")
    assert herald.speak(109.0) == ("", ())
    assert herald.speak(110.0)[0].startswith("While you were away")


def test_after_the_first_answers_news_are_of_the_moment() -> None:
    first = entry(1)
    herald = Herald([first.id], 100.0)
    herald.hear(change(first, "in_progress", 101.0), "One")
    herald.settle(101.0)
    herald.hear(change(first, "completed", 120.0), "One")
    assert herald.speak(120.0)[0] == "One: in progress → completed"


def test_the_first_answers_are_waited_for_until_they_are_there_or_it_takes_too_long() -> None:
    first, second = entry(1), entry(2)
    for settled, told in ((101.0, "While you were away"), (111.0, "One: ")):
        herald = Herald([first.id, second.id], 100.0)
        herald.settle(settled)
        herald.hear(change(first, "completed", 112.0), "One")
        assert herald.speak(112.0)[0].startswith(told)
    herald = Herald([first.id], 100.0)
    herald.hear(change(first, "completed", 101.0), "One")
    herald.settle(101.0)
    assert herald.speak(101.0)[0].startswith("While you were away"), "what is there is told first"


def test_many_are_counted() -> None:
    herald = Herald([], 0.0)
    for number in range(5):
        herald.hear(change(entry(number), "failed" if number == 0 else "completed", 20.0), str(number))
    assert herald.speak(20.0)[0] == "4 jobs done, 1 job needs a look"


def test_a_muted_job_is_not_told() -> None:
    herald = Herald([], 0.0)
    herald.hear(change(replace(entry(1), muted=True), "completed", 20.0), "One")
    assert herald.speak(20.0) == ("", ())
