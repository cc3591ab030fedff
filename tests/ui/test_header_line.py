"""The header line and the banners at every width."""

import pytest

from tests.ui.pane_host import PaneHost, frames, lines_on, on_screen
from widgets.banners import Banners
from widgets.header_line import HeaderLine, header_line
from widgets.model import Banner, Count, Summary, Tone

SUMMARY = Summary(
    counts=(
        Count("✖", 3, "need a look", Tone.ATTENTION),
        Count("▸", 8, "running", Tone.RUNNING),
        Count("◦", 5, "waiting", Tone.WAITING),
        Count("✔", 0, "done", Tone.DONE),
    ),
    fraction=0.34,
    percent="34%",
    next="<1m",
    all_done="~15:05",
)


HOST = "staging.example.org"


@pytest.mark.parametrize(
    ("host", "width", "line"),
    [
        (HOST, 118, f"dwtop {HOST} ✖ 3 need a look ▸ 8 running ◦ 5 waiting next <1m all done ~15:05"),
        (HOST, 88, f"dwtop {HOST} ✖ 3 need a look ▸ 8 running ◦ 5 waiting next <1m"),
        (HOST, 78, "dwtop ✖ 3 need a look ▸ 8 running ◦ 5 waiting next <1m"),
        (
            *("", 118),
            "dwtop ✖ 3 need a look ▸ 8 running ◦ 5 waiting ━━━━━─────────── 34% next <1m all done ~15:05",
        ),
        ("", 98, "dwtop ✖ 3 need a look ▸ 8 running ◦ 5 waiting next <1m all done ~15:05"),
        ("", 72, "dwtop ✖ 3 ▸ 8 ◦ 5 next <1m all done ~15:05"),
        ("", 38, "✖ 3 ▸ 8 ◦ 5 next <1m"),
        ("", 18, "✖ 3 ▸ 8 ◦ 5"),
        ("", 12, "✖ 3 ▸ 8"),
    ],
)
def test_a_narrower_line_drops_the_bar_first_and_the_counts_last(host: str, width: int, line: str) -> None:
    shown = header_line(SUMMARY._replace(host=host), width).plain
    assert len(shown) == width
    assert " ".join(shown.split()) == line


def test_the_words_of_the_counts_go_before_the_time_left() -> None:
    summary = SUMMARY._replace(chips=("DEMO", "READ-ONLY"), all_done="")
    shown = [" ".join(header_line(each, 78).plain.split()) for each in (summary, summary._replace(next=""))]
    assert shown == [
        "dwtop DEMO READ-ONLY ✖ 3 ▸ 8 ◦ 5 next <1m",
        "dwtop DEMO READ-ONLY ✖ 3 need a look ▸ 8 running ◦ 5 waiting",
    ]


def test_the_bar_stays_or_stays_away_while_times_come_and_go() -> None:
    known = SUMMARY._replace(next="~10m")
    for width in range(20, 130):
        shown = {"34%" in header_line(each, width).plain for each in (known, known._replace(all_done=""))}
        assert len(shown) == 1, width


def test_another_host_is_named_while_there_are_no_times() -> None:
    draft = Summary(counts=SUMMARY.counts[2:3], host=HOST)
    for summary in (draft, draft._replace(fraction=0.0, percent="0%")):
        assert header_line(summary, 78).plain.strip() == f"dwtop   {HOST}   ◦ 5 waiting"


def test_it_fits_every_width() -> None:
    for width in range(1, 130):
        assert header_line(SUMMARY._replace(host=HOST), width).cell_length <= width
        assert header_line(SUMMARY, width).cell_length <= width


async def test_an_equal_summary_paints_nothing_and_another_one_line() -> None:
    header = HeaderLine(Summary(), id="header")
    header.show(SUMMARY)
    async with on_screen(PaneHost(header), (120, 24)) as (app, pilot):
        with frames() as sent:
            header.show(Summary(*SUMMARY))
            await pilot.pause()
        assert sent == []
        header.show(SUMMARY._replace(percent="35%"))
        await pilot.pause()
        assert "35%" in lines_on(app)[0]
        header.show_message("Copied")
        await pilot.pause()
        assert lines_on(app)[0].strip() == "Copied"


async def test_banners_appear_and_disappear() -> None:
    banners = Banners((), id="banners")
    async with on_screen(PaneHost(banners), (40, 24)) as (app, pilot):
        assert not banners.region.height
        banners.show((Banner("OFFLINE [red]since[/red] 14:02. Try again"), Banner("PAUSED", Tone.STALLED)))
        await pilot.pause()
        assert lines_on(app)[:2] == [" OFFLINE [red]since[/red] 14:02. Try a…", " PAUSED"]
        banners.show((Banner("PAUSED", Tone.STALLED),))
        await pilot.pause()
        assert lines_on(app)[:2] == [" PAUSED", ""]
        banners.show((Banner("OFFLINE"), Banner("PAUSED"), Banner("DISK FULL")))
        await pilot.pause()
        assert lines_on(app)[:3] == [" OFFLINE", " PAUSED", " DISK FULL"]
        await pilot.resize_terminal(40, 10)
        assert lines_on(app)[:2] == [" OFFLINE (+2)", ""], "a low screen shows the first one and a count"
        banners.show(())
        await pilot.pause()
        assert lines_on(app)[0] == ""
        assert not banners.region.height


async def test_a_narrow_banner_drops_the_reason_and_then_words() -> None:
    banners = Banners((), id="banners")
    banners.show(
        (Banner("Offline since 14:02, r retries", shorter=("Offline: r",), reason="the host is down"),)
    )
    async with on_screen(PaneHost(banners), (60, 10)) as (app, pilot):
        for width, text in (
            (60, "Offline since 14:02, r retries (the host is down)"),
            (40, "Offline since 14:02, r retries (the h…"),
            (32, "Offline since 14:02, r retries"),
            (31, "Offline: r"),
            (8, "Offli…"),
        ):
            await pilot.resize_terminal(width, 10)
            assert lines_on(app)[0].strip() == text
