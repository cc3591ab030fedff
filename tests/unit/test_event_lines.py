"""The lines about events in the log and in the feed."""

import pytest

from app.job import Group
from app.presentation.event_lines import belongs_in_feed, feed, log_lines
from app.presentation.glyphs import ASCII, UNICODE
from app.watch.events import Event, EventKind
from tests.scripted_api import job_id
from widgets.model import Cell, Tone

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
