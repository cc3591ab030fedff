"""Banners, bursts, and the window title."""

from collections.abc import Mapping

from app.job import Group
from app.presentation import notices
from app.presentation.empty_state import ways_on
from app.presentation.glyphs import ASCII, UNICODE
from app.presentation.keymap import key_of
from app.presentation.totals import Tally
from app.watch.events import Event, EventKind
from app.watch.polling.link import Link, LinkState
from app.watch.watched import Watched
from tests.scripted_api import job, job_id

NOW = 1_000_000.0


def said(
    link: LinkState | None = None,
    *,
    paused: bool = False,
    read_only: bool = False,
    demo: bool = False,
    trouble: str = "",
    keys: Mapping[str, str] | None = None,
) -> list[str]:
    return [
        banner.text
        for banner in notices.banners(
            link=link or LinkState(),
            paused=paused,
            read_only=read_only,
            demo=demo,
            trouble=trouble,
            now=NOW,
            key=lambda action: key_of(action, keys or {}),
        )
    ]


def event(group: Group, text: str = "in progress → completed", kind: EventKind = EventKind.STATUS) -> Event:
    return Event(NOW, kind, text, job_id(1), group=group)


def test_all_well_says_nothing() -> None:
    assert said() == []


def test_each_trouble_has_its_line_the_worst_first() -> None:
    lines = said(
        LinkState(Link.SIGNED_OUT, "The token was refused."),
        paused=True,
        read_only=True,
        demo=True,
        trouble="The disk is full.",
    )
    assert [line.split()[0] for line in lines] == ["Signed", "PAUSED", "The", "DEMO:", "Read-only:"]
    assert "The token was refused." in lines[0]


def test_keys_are_called_what_the_settings_make_of_them() -> None:
    signed_out = LinkState(Link.SIGNED_OUT, "The token was refused.")
    assert said(signed_out, paused=True)[0].startswith("Signed out (L signs in)")
    keys = {"app.login": "ctrl+l,f4", "poll.pause": "f5"}
    banners = said(signed_out, paused=True, keys=keys)
    assert [line.partition(")")[0] for line in banners] == [
        "Signed out (Ctrl+l signs in",
        "PAUSED (F5 goes on",
    ]
    empty = ways_on(jobs=False, without_token=True, key=lambda action: key_of(action, {"app.demo": "f9"}))
    assert empty.note.startswith("F9 opens the demo")


def test_a_wait_and_an_outage_name_the_time_they_end() -> None:
    (limited,) = said(LinkState(Link.LIMITED, "Too many requests.", NOW + 30))
    (down,) = said(LinkState(Link.DOWN, "No answer.", NOW + 11))
    assert limited.startswith("Asked to wait until ")
    assert limited.count(":") == 3, "hours, minutes and seconds"
    assert down.startswith("Offline, next try ")
    assert down.endswith("No answer.")


def test_a_few_changes_are_named_and_many_are_counted() -> None:
    done, bad = event(Group.DONE), event(Group.ATTENTION, "in progress → failed: why")
    assert (
        notices.told([("A [b]", done), ("B", bad)])
        == "A [b]: in progress → completed\nB: in progress → failed: why"
    )
    assert notices.told([("A", done)] * 3).count("A: ") == 3
    assert notices.told([("A", done)] * 3 + [("B", bad)]) == "3 jobs done, 1 job needs a look"
    assert notices.told([("B", bad)] * 4) == "4 jobs need a look"
    assert notices.told([("A", done)] * 4) == "4 jobs done"


def test_what_is_worth_telling() -> None:
    assert notices.worth_telling(event(Group.DONE))
    assert notices.worth_telling(event(Group.ATTENTION))
    assert notices.worth_telling(event(Group.RUNNING, kind=EventKind.STALL))
    assert not notices.worth_telling(event(Group.RUNNING))
    assert not notices.worth_telling(event(Group.DONE, kind=EventKind.CANCEL))


def test_the_title_has_the_counts_first() -> None:
    statuses = ["in_progress"] * 2 + ["failed"] + ["completed"] * 5 + ["queued"]
    tally = Tally(Watched(job_id(n), 0.0, job(job_id(n), status)) for n, status in enumerate(statuses))
    assert notices.window_title(tally, UNICODE) == "2▶ 1✖ 5✔ dwtop"
    assert notices.window_title(tally, ASCII).isascii()
    assert notices.window_title(Tally(), UNICODE) == "dwtop"
