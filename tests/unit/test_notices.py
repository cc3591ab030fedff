"""Banners, bursts, the window title, and desktop notifications."""

from collections.abc import Mapping
from typing import Any

import pytest

from app.job import Group
from app.notify.desktop import notification
from app.presentation.banners import banners
from app.presentation.event_lines import News, is_news, news_text, toasts, while_closed
from app.presentation.glyphs import ASCII, UNICODE
from app.presentation.keymap import Keymap
from app.presentation.summary import window_title
from app.presentation.totals import Totals
from app.watch.events import Event, EventKind
from app.watch.polling.link import Link, LinkState
from app.watch.watched import Watched
from tests.scripted_api import job, job_id
from widgets.model import Cell, EventLine, Tone

NOW = 1_000_000.0


def said(
    link: LinkState | None = None,
    *,
    paused: bool = False,
    trouble: str = "",
    keys: Mapping[str, str] | None = None,
    **more: Any,
) -> list[str]:
    return [
        f"{banner.text} ({banner.reason})" if banner.reason else banner.text
        for banner in banners(
            link=link or LinkState(),
            link_since=NOW - 60,
            paused=paused,
            trouble=trouble,
            now=NOW,
            key=Keymap(keys or {}).name_of,
            **more,
        )
    ]


def event(group: Group | None, text: str = "completed in 5m", kind: EventKind = EventKind.STATUS) -> Event:
    return Event(NOW, kind, text, job_id(1), group=group)


def test_all_well_says_nothing() -> None:
    assert said() == []


def test_each_trouble_has_its_line_the_worst_first() -> None:
    signed_out = LinkState(Link.SIGNED_OUT, "The token was refused.")
    lines = said(signed_out, paused=True, trouble="The disk is full.", token_ends_at=NOW + 60)
    assert [line.split()[0] for line in lines] == ["Signed", "Your", "PAUSED.", "The"]
    assert lines[0].endswith("(The token was refused.)")


def test_an_empty_list_that_says_how_to_sign_in_needs_no_banner_for_it() -> None:
    signed_out = LinkState(Link.SIGNED_OUT, "no token")
    assert said(signed_out, without_token=True, empty=True) == []
    assert said(signed_out, without_token=True) == [
        "Not signed in. Press L to sign in; nothing is refreshed until then."
    ]


def test_banners_name_the_keys_of_the_settings() -> None:
    signed_out = LinkState(Link.SIGNED_OUT, "The token was refused.")
    lines = said(signed_out, paused=True, keys={"app.login": "ctrl+l,f4", "poll.pause": "f5"})
    assert "Press Ctrl+l to sign in" in lines[0]
    assert lines[1] == "PAUSED. Press F5 to resume."


def test_a_wait_and_an_outage_name_the_time_they_end() -> None:
    (limited,) = said(LinkState(Link.LIMITED, "Too many requests.", NOW + 30))
    (down,) = said(LinkState(Link.DOWN, "No answer.", NOW + 11))
    assert limited.startswith("The API asks for a pause until ")
    assert limited.count(":") == 2, "hours, minutes and seconds"
    assert limited.endswith(". Refreshing goes on by itself.")
    assert down.startswith("Offline since ")
    assert down.endswith(", or press r. (No answer.)")


def test_toasts_are_a_line_a_job_the_worst_first() -> None:
    done, bad = event(Group.DONE), event(Group.ATTENTION, "failed at 71%: why")
    shown = toasts([News("A", done), News("B", bad)], UNICODE)
    assert shown == (
        EventLine("", Cell("✖", Tone.ATTENTION), "failed at 71%", "B"),
        EventLine("", Cell("✔", Tone.DONE), "completed in 5m", "A"),
    )


def test_a_few_changes_are_named_and_many_are_counted() -> None:
    done, bad = event(Group.DONE), event(Group.ATTENTION, "failed at 71%: why")
    assert news_text([News("A [b]", done), News("B", bad)]) == "A [b]: completed in 5m\nB: failed at 71%: why"
    assert news_text([News("A", done)] * 3).count("A: ") == 3
    assert news_text([News("A", done)] * 3 + [News("B", bad)]) == "3 jobs done, 1 job needs a look"
    assert news_text([News("B", bad)] * 4) == "4 jobs need a look"
    assert news_text([News("A", done)] * 4) == "4 jobs done"


def test_what_happened_while_dwtop_was_closed_is_one_event() -> None:
    done, bad = News("A", event(Group.DONE)), News("B", event(Group.ATTENTION))
    assert while_closed([done, done], NOW).text == "2 jobs finished while dwtop was closed"
    assert while_closed([done, bad], NOW).text == "1 job finished and 1 stopped while dwtop was closed"
    assert while_closed([bad], NOW).text == "1 job stopped while dwtop was closed"


def test_what_is_news() -> None:
    assert is_news(event(Group.DONE))
    assert is_news(event(Group.ATTENTION))
    assert is_news(event(Group.RUNNING, kind=EventKind.STALL))
    assert not is_news(event(Group.RUNNING))
    assert not is_news(event(Group.DONE, kind=EventKind.CANCEL))


def test_the_title_has_the_counts_first() -> None:
    statuses = ["in_progress"] * 2 + ["failed"] + ["completed"] * 5 + ["queued"]
    totals = Totals(Watched(job_id(n), 0.0, job(job_id(n), status)) for n, status in enumerate(statuses))
    assert window_title(totals, UNICODE) == "2▶ 1✖ 5✔ dwtop"
    assert window_title(totals, ASCII).isascii()
    assert window_title(Totals(), UNICODE) == "dwtop"


@pytest.mark.parametrize("title", ["4;1;50", "9;x", "2;text", "1;500", "4", "plain"])
def test_no_title_can_be_another_command(title: str) -> None:
    assert notification(title, tmux=False) == f"\x1b]9;dwtop: {title}\x1b\\"
    assert notification(title, tmux=True) == f"\x1bPtmux;\x1b\x1b]9;dwtop: {title}\x1b\x1b\\\x1b\\"


def test_a_long_one_is_cut() -> None:
    assert len(notification("x" * 5000, tmux=False)) < 256
