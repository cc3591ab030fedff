"""The banners above the list: what is wrong, the worst first, and which key helps."""

from collections.abc import Mapping
from typing import Any

from app.presentation.banners import banners
from app.presentation.keymap import Keymap
from app.watch.polling.link import Link, LinkState

NOW = 1_000_000.0
REFUSED = LinkState(Link.SIGNED_OUT, "The token was refused.")
NO_TOKEN = LinkState(Link.SIGNED_OUT, "no token")


def said(
    link: LinkState | None = None,
    *,
    paused: bool = False,
    trouble: str = "",
    keys: Mapping[str, str] | None = None,
    **more: Any,
) -> list[str]:
    shown = banners(
        link=link or LinkState(),
        link_since=NOW - 60,
        paused=paused,
        trouble=trouble,
        now=NOW,
        key=Keymap(keys or {}).name_of,
        **more,
    )
    return [f"{banner.text} ({banner.reason})" if banner.reason else banner.text for banner in shown]


def test_each_trouble_has_its_line_the_worst_first() -> None:
    assert said() == []
    lines = said(REFUSED, paused=True, trouble="The disk is full.", token_ends_at=NOW + 60)
    assert [line.split()[0] for line in lines] == ["Signed", "Your", "PAUSED.", "The"]
    assert lines[0].endswith("(The token was refused.)")


def test_an_empty_list_that_says_how_to_sign_in_needs_no_banner_for_it() -> None:
    assert said(NO_TOKEN, without_token=True, empty=True) == []
    assert said(NO_TOKEN, without_token=True) == [
        "Not signed in. Press L to sign in; nothing is refreshed until then."
    ]


def test_banners_name_the_keys_of_the_settings() -> None:
    lines = said(REFUSED, paused=True, keys={"app.login": "ctrl+l,f4", "poll.pause": "f5"})
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


def test_while_paused_nothing_is_said_to_happen_by_itself() -> None:
    limited, *_ = said(LinkState(Link.LIMITED, "Too many requests.", NOW + 30), paused=True)
    down, *_ = said(LinkState(Link.DOWN, "No answer.", NOW + 11), paused=True)
    assert limited.startswith("The API asks for a pause until ")
    assert "by itself" not in limited
    assert down.endswith(", press r to retry. (No answer.)")
