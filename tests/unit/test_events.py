"""Which changes of a job become events, and their words in the log, in the feed, in toasts and in notifications."""

from dataclasses import replace

import pytest

from app.job import Group
from app.presentation.event_lines import (
    News,
    events_in_feed,
    feed,
    is_news,
    log_lines,
    news_text,
    toasts,
    while_closed,
)
from app.watch.events import NOT_FOUND, Event, EventKind, stall, status_change
from app.watch.watched import Outlook, Watched
from tests.jobs import become, watched
from tests.scripted_api import job_id
from widgets.model import Cell, EventLine, Tone

RUNNING = watched(1, "in_progress", 10.0, created_at=0.0, updated_at=0.0)
ONCE_MISSING = RUNNING.after_failure("404", 9.0, missing=True)
GONE = ONCE_MISSING.after_failure("404", 9.0, missing=True)
STALLED = replace(RUNNING, outlook=Outlook(stalled_since=100.0))


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (become(RUNNING, "queued"), RUNNING, "started after 1m in the queue"),
        (become(RUNNING, "failed"), RUNNING, "running again"),
        (become(RUNNING, "submitted"), become(RUNNING, "queued"), "queued"),
        (RUNNING, become(RUNNING, "cancelled"), "cancelled at 10%"),
        (RUNNING, become(RUNNING, "failed", error_message="No paper."), "failed at 10%: No paper."),
        (RUNNING, become(RUNNING, "failed"), "failed at 10%"),
        (RUNNING, become(RUNNING, "completed", error_message="Once it failed."), "completed in 0s"),
        (RUNNING, become(RUNNING, "in_progress", error_message="An old one.", misses=2), "not found"),
        (GONE, RUNNING, "running again"),
        (Watched(job_id(1), 0.0), RUNNING, None),
        (RUNNING, become(RUNNING, "in_progress", progress=80.0), None),
        (RUNNING, RUNNING.after_failure("500", 110.0), None),
        (RUNNING, ONCE_MISSING, None),
    ],
)
def test_a_change_of_status_says_what_it_means(before: Watched, after: Watched, text: str | None) -> None:
    event = status_change(before, after, 110.0)
    assert (event and event.text) == text


def test_a_change_of_status_is_an_event_with_both() -> None:
    event = status_change(RUNNING, become(RUNNING, "completed"), 110.0)
    assert event == Event(
        110.0, EventKind.STATUS, "completed in 0s", job_id(1), "in_progress", "completed", Group.DONE
    )
    gone = status_change(ONCE_MISSING, GONE, 9.0)
    assert gone
    assert (gone.text, gone.after, gone.group) == ("not found", NOT_FOUND, Group.ATTENTION)


def test_a_stall_is_one_event() -> None:
    text = "no change for 15m, longer than usual"
    event = Event(1000.0, EventKind.STALL, text, job_id(1), group=Group.RUNNING)
    assert stall(RUNNING, STALLED, 1000.0) == event
    assert stall(STALLED, STALLED, 1010.0) is None
    assert stall(STALLED, RUNNING, 1010.0) is None
    assert stall(replace(RUNNING, outlook=Outlook(finish=2000.0)), STALLED, 1000.0), "also after a forecast"


NOW = 1_000_000.0
ABOUT_ALL = Event(NOW, EventKind.CONNECTION, "The API is answering again after 2m")


def event(group: Group, text: str = "completed in 5m", kind: EventKind = EventKind.STATUS) -> Event:
    return Event(NOW, kind, text, job_id(1), group=group)


DONE, BAD = News("A [b]", event(Group.DONE)), News("B", event(Group.ATTENTION, "failed at 71%: why"))


def test_the_feed_says_when_to_which_job_and_what() -> None:
    first, second = feed([event(Group.DONE), ABOUT_ALL], NOW, {job_id(1): "A"}.__getitem__)
    assert (first.title, first.text, first.glyph) == ("A", "completed in 5m", Cell("✔", Tone.DONE))
    assert (second.title, second.text, second.glyph) == ("", ABOUT_ALL.text, Cell("·", Tone.SECONDARY))
    assert len(first.when) == 5
    lines = feed([ABOUT_ALL, ABOUT_ALL._replace(at=NOW - 20 * 86400)], NOW, str)
    assert len({len(line.when) for line in lines}) == 1, "all texts begin in the same column"


def test_jobs_that_wait_are_not_in_the_feed() -> None:
    events = [*map(event, Group), ABOUT_ALL]
    assert [*events_in_feed(events)] == [each for each in events if each.group is not Group.WAITING]


def test_only_the_latest_step_of_a_cancel_is_in_the_feed() -> None:
    ended = event(Group.DONE, "cancelled at 48%", EventKind.CANCEL)
    accepted = event(Group.RUNNING, "cancel accepted", EventKind.CANCEL)
    sent = event(Group.RUNNING, "cancel sent", EventKind.CANCEL)
    started = event(Group.RUNNING, "started after 2m in the queue")
    other = sent._replace(job_id=job_id(2))
    assert [*events_in_feed([ended, accepted, other, sent, started])] == [ended, other, started]
    assert [*events_in_feed([sent, started])] == [sent, started]


def test_in_the_log_each_line_names_its_job() -> None:
    ended = event(Group.ATTENTION, "failed")
    line, other = log_lines([ended, ABOUT_ALL], NOW, lambda job_id: "A book")
    assert (line.title, line.text, line.glyph) == ("A book", "failed", Cell("✖", Tone.ATTENTION))
    assert (other.title, other.text, other.glyph) == ("", ABOUT_ALL.text, Cell("·", Tone.SECONDARY))


@pytest.mark.parametrize(
    ("shown", "tone", "news"),
    [
        (event(Group.RUNNING), Tone.RUNNING, False),
        (event(Group.RUNNING, kind=EventKind.STALL), Tone.STALLED, True),
        (event(Group.ATTENTION), Tone.ATTENTION, True),
        (event(Group.DONE), Tone.DONE, True),
        (event(Group.DONE)._replace(after="cancelled"), Tone.SECONDARY, True),
        (event(Group.DONE, kind=EventKind.CANCEL), Tone.DONE, False),
        (ABOUT_ALL, Tone.SECONDARY, False),
    ],
)
def test_the_colour_of_a_glyph_and_whether_a_change_is_news(shown: Event, tone: Tone, news: bool) -> None:
    assert [line.glyph.tone for line in log_lines([shown], NOW, str)] == [tone]
    assert is_news(shown) is news


def test_toasts_are_a_line_a_job_the_worst_first() -> None:
    assert toasts([DONE, BAD]) == (
        EventLine("", Cell("✖", Tone.ATTENTION), "failed at 71%", "B"),
        EventLine("", Cell("✔", Tone.DONE), "completed in 5m", "A [b]"),
    )


@pytest.mark.parametrize(
    ("news", "text"),
    [
        ([DONE, BAD], "A [b]: completed in 5m\nB: failed at 71%: why"),
        ([DONE] * 3, "\n".join(["A [b]: completed in 5m"] * 3)),
        ([DONE] * 3 + [BAD], "3 jobs done, 1 job needs a look"),
        ([BAD] * 4, "4 jobs need a look"),
        ([DONE] * 4, "4 jobs done"),
    ],
)
def test_a_few_changes_are_named_and_many_are_counted(news: list[News], text: str) -> None:
    assert news_text(news) == text


def test_what_happened_while_dwtop_was_closed_is_one_event() -> None:
    assert while_closed([DONE, DONE], NOW).text == "2 jobs finished while dwtop was closed"
    assert while_closed([DONE, BAD], NOW).text == "1 job finished and 1 stopped while dwtop was closed"
    assert while_closed([BAD], NOW).text == "1 job stopped while dwtop was closed"
