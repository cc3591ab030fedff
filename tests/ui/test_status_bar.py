"""The status bar and the banners: what they say in which room."""

import pytest

from tests.ui.pane_host import PaneHost, lines_on, painted
from widgets.model import Banner, Count, Summary, Tone
from widgets.status_bar import Banners, StatusBar, status_line, status_lines

_SUMMARY = Summary(
    counts=(
        Count("▶", 2, "running", Tone.RUNNING),
        Count("◷", 3, "waiting", Tone.WAITING),
        Count("✔", 5, "done", Tone.DONE),
        Count("✖", 0, "needs a look", Tone.ATTENTION),
    ),
    fraction=0.5,
    percent="50%",
    rate="~120/300 req/min",
    notes=("filter: sea",),
)


def test_everything_stands_on_one_wide_line() -> None:
    line = status_line(_SUMMARY, 120).plain
    assert len(line) == 120
    assert line.startswith("▶ 2 running  ◷ 3 waiting  ✔ 5 done  ✖ 0 needs a look  ")
    assert line.endswith("%  ~120/300 req/min  filter: sea")
    assert line.count("█") == 12


def test_words_go_first_then_the_rate_then_the_bar() -> None:
    seen = [status_line(_SUMMARY, width).plain for width in range(120, 10, -1)]
    words = [("running" in line) for line in seen]
    rates = [("req/min" in line) for line in seen]
    bars = [("█" in line) for line in seen]
    for shown in (words, rates, bars):
        assert shown == sorted(shown, reverse=True), "what has gone comes back in a narrower pane"
    assert sum(words) < sum(rates) < sum(bars)


@pytest.mark.parametrize("width", range(1, 130))
def test_it_never_runs_over(width: int) -> None:
    assert status_line(_SUMMARY, width).cell_length <= width
    assert all(line.cell_length <= width for line in status_lines(_SUMMARY, width))


@pytest.mark.parametrize("width", [20, 40])
def test_counts_stay_readable_in_small_panes(width: int) -> None:
    line = status_line(_SUMMARY, width).plain
    assert line.startswith("▶ 2  ◷ 3  ✔ 5  ✖ 0"[:width])
    assert ("50%" in line) == (width == 40)


def test_no_progress_is_no_bar() -> None:
    idle = Summary(counts=_SUMMARY.counts)
    assert status_line(idle, 80).plain.rstrip() == "▶ 2 running  ◷ 3 waiting  ✔ 5 done  ✖ 0 needs a look"
    assert status_lines(idle, 80)[1].plain.strip() == ""


@pytest.mark.parametrize(("size", "height"), [((120, 40), 1), ((80, 24), 2), ((40, 10), 1), ((40, 40), 2)])
async def test_its_height_depends_on_the_screen_alone(size: tuple[int, int], height: int) -> None:
    bar = StatusBar(id="status")
    async with PaneHost(bar).run_test(size=size) as pilot:
        for summary in (Summary(), _SUMMARY):
            bar.show(summary)
            await pilot.pause()
            assert bar.size.height == height


async def test_an_equal_summary_paints_nothing_and_a_resize_does() -> None:
    bar = StatusBar(id="status")
    bar.show(_SUMMARY)
    async with PaneHost(bar).run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        with painted() as regions:
            bar.show(Summary(_SUMMARY.counts, 0.5, "50%", "~120/300 req/min", ("filter: sea",)))
            await pilot.pause()
        assert regions == []
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "~120/300 req/min" in lines_on(pilot.app)[1]
        assert "running" in lines_on(pilot.app)[0]


async def test_banners_are_there_only_when_there_is_something_to_say() -> None:
    banners = Banners(id="banners")
    async with PaneHost(banners).run_test(size=(40, 24)) as pilot:
        assert not banners.display
        banners.show(
            (Banner("OFFLINE [red]since[/red] 14:02 and trying again"), Banner("PAUSED", Tone.STALE))
        )
        await pilot.pause()
        assert lines_on(pilot.app)[:2] == [" OFFLINE [red]since[/red] 14:02 and tr…", " PAUSED"]
        banners.show((Banner("PAUSED", Tone.STALE),))
        await pilot.pause()
        assert lines_on(pilot.app)[:2] == [" PAUSED", ""]
        banners.show(())
        await pilot.pause()
        assert lines_on(pilot.app)[0] == ""
        assert not banners.display


async def test_on_a_low_screen_the_first_banner_stands_for_all() -> None:
    banners = Banners(id="banners")
    banners.show((Banner("OFFLINE"), Banner("PAUSED"), Banner("DEMO")))
    async with PaneHost(banners).run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        assert lines_on(pilot.app)[:2] == [" OFFLINE (+2)", ""]
        await pilot.resize_terminal(40, 30)
        await pilot.pause()
        assert lines_on(pilot.app)[:3] == [" OFFLINE", " PAUSED", " DEMO"]
