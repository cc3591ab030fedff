"""Which changes of a job become events, and their lines in the log and in the feed."""

from dataclasses import replace

import pytest

from app.job import Group, Job
from app.presentation.event_lines import belongs_in_feed, feed, log_lines
from app.presentation.glyphs import ASCII, UNICODE
from app.watch.events import NOT_FOUND, Event, EventKind, reported_status, stall, status_change
from app.watch.watched import Outlook, Watched
from tests.scripted_api import job_id
from widgets.model import Cell, Tone

JOB = Job("00000000-0000-4000-8000-000000000001", "u", "p", "in_progress", 0.0, 0.0, 10.0)
RUNNING = Watched(JOB.id, 0.0, JOB, 100.0)
STALLED = replace(RUNNING, outlook=Outlook(stalled_since=100.0))


def become(status: str, reason: str | None = None) -> Watched:
    return replace(RUNNING, job=replace(JOB, status=status, error_message=reason))


def event_text(before: Watched, after: Watched) -> str | None:
    event = status_change(before, after, 110.0)
    return event.text if event else None


def test_a_change_of_status_is_an_event_with_both() -> None:
    event = status_change(RUNNING, become("completed"), 110.0)
    assert event is not None
    assert (event.kind, event.job_id, event.at) == (EventKind.STATUS, JOB.id, 110.0)
    assert (event.text, event.before, event.after) == ("completed in 0s", "in_progress", "completed")
    assert event.group is Group.DONE


def test_a_change_of_status_says_what_it_means() -> None:
    assert event_text(become("queued"), RUNNING) == "started after 1m in the queue"
    assert event_text(become("failed"), RUNNING) == "running again"
    assert event_text(become("submitted"), become("queued")) == "queued"
    assert event_text(RUNNING, become("cancelled")) == "cancelled at 10%"


def test_an_answer_without_a_change_and_a_failed_request_are_no_events() -> None:
    assert event_text(RUNNING, RUNNING.after_answer(replace(JOB, progress=80.0), 110.0)) is None
    assert event_text(RUNNING, RUNNING.after_failure("500", 110.0)) is None


def test_the_first_answer_about_a_job_is_no_event() -> None:
    assert event_text(Watched(JOB.id, 0.0), RUNNING) is None


def test_only_jobs_that_need_attention_have_a_reason() -> None:
    assert event_text(RUNNING, become("failed", "No paper.")) == "failed at 10%: No paper."
    assert event_text(RUNNING, become("failed")) == "failed at 10%"
    assert event_text(RUNNING, become("completed", "Once it failed.")) == "completed in 0s"
    gone = replace(become("in_progress", "An old one."), misses=2)
    assert event_text(RUNNING, gone) == "not found"


def test_a_job_is_not_found_after_two_misses_in_a_row() -> None:
    assert reported_status(replace(RUNNING, misses=1)) == "in_progress"
    assert reported_status(replace(RUNNING, misses=2)) == NOT_FOUND
    assert reported_status(Watched(JOB.id, 0.0)) is None


def test_a_stall_is_one_event() -> None:
    event = stall(RUNNING, STALLED, 1000.0)
    assert event
    assert (event.kind, event.text) == (EventKind.STALL, "no change for 15m, longer than usual")
    assert (event.job_id, event.group) == (JOB.id, Group.RUNNING)
    assert stall(STALLED, STALLED, 1010.0) is None
    assert stall(STALLED, RUNNING, 1010.0) is None
    assert stall(replace(RUNNING, outlook=Outlook(finish=2000.0)), STALLED, 1000.0), "also after a forecast"


def test_a_job_that_goes_missing_and_comes_back() -> None:
    once = RUNNING.after_failure("404", 9.0, missing=True)
    twice = once.after_failure("404", 9.0, missing=True)
    assert event_text(RUNNING, once) is None
    gone = status_change(once, twice, 9.0)
    assert gone is not None
    assert (gone.text, gone.after, gone.group) == ("not found", NOT_FOUND, Group.ATTENTION)
    assert event_text(twice, twice.after_answer(JOB, 99.0)) == "running again"


NOW = 1_000_000.0
ABOUT_ALL = Event(NOW, EventKind.CONNECTION, "The API is answering again after 2m")


def event(group: Group, text: str = "completed in 5m", kind: EventKind = EventKind.STATUS) -> Event:
    return Event(NOW, kind, text, job_id(1), group=group)


def test_the_feed_says_when_to_which_job_and_what() -> None:
    first, second = feed([event(Group.DONE), ABOUT_ALL], NOW, UNICODE, {job_id(1): "A"}.__getitem__)
    assert (first.title, first.text, first.glyph) == ("A", "completed in 5m", Cell("✔", Tone.DONE))
    assert (second.title, second.text, second.glyph) == ("", ABOUT_ALL.text, Cell("·", Tone.SECONDARY))
    assert len(first.when) == 5
    lines = feed([ABOUT_ALL, ABOUT_ALL._replace(at=NOW - 20 * 86400)], NOW, UNICODE, str)
    assert len({len(line.when) for line in lines}) == 1, "all texts begin in the same column"


def test_jobs_that_wait_are_not_in_the_feed() -> None:
    assert [group for group in Group if not belongs_in_feed(event(group))] == [Group.WAITING]
    assert belongs_in_feed(ABOUT_ALL)


def test_in_the_log_each_line_names_its_job() -> None:
    ended = event(Group.ATTENTION, "queued → failed")
    line, other = log_lines([ended, ABOUT_ALL], NOW, ASCII, lambda job_id: "A book")
    assert (line.title, line.text, line.glyph) == ("A book", "queued -> failed", Cell("!", Tone.ATTENTION))
    assert (other.title, other.text, other.glyph) == ("", ABOUT_ALL.text, Cell("-", Tone.SECONDARY))


@pytest.mark.parametrize(
    ("shown", "tone"),
    [
        (event(Group.RUNNING), Tone.RUNNING),
        (event(Group.RUNNING, kind=EventKind.STALL), Tone.STALLED),
        (event(Group.ATTENTION), Tone.ATTENTION),
        (event(Group.DONE), Tone.DONE),
        (event(Group.DONE)._replace(after="cancelled"), Tone.SECONDARY),
        (ABOUT_ALL, Tone.SECONDARY),
    ],
)
def test_a_glyph_has_the_colour_of_what_the_job_is_now(shown: Event, tone: Tone) -> None:
    assert [line.glyph.tone for line in log_lines([shown], NOW, UNICODE, str)] == [tone]
