"""The detail pane: everything there is to say, at every width, repainting no more than changed."""

import pytest
from rich.cells import cell_len
from textual.scrollbar import ScrollBar

from tests.ui.pane_host import PaneHost, lines_on, painted, text_on
from widgets.detail.job_detail import JobDetail
from widgets.model import Detail, Field, LogLine, PlotPoint, StageSpan, Tone
from widgets.scroll_bars import PlainScrollBar

_ID = "3f2a9c1e-5b7d-4e8f-9a0b-1c2d3e4f5a6b"

_DETAIL = Detail(
    id=_ID,
    heading="A history of lighthouses [bold]in[/bold] twelve [/chapters]",
    status="▶ in progress",
    tone=Tone.RUNNING,
    fraction=0.42,
    percent="42%",
    forecast="done in 12-18 min, about 14:32",
    error="the last request failed: 502, trying again at 14:20",
    fields=(Field("ID", _ID), Field("Stage", "Writing"), Field("Data", "9 min old", Tone.STALE)),
    points=(PlotPoint(0, 0.0), PlotPoint(60, 0.2), PlotPoint(90, 0.42)),
    axis=("14:00", "14:14"),
    spans=(
        StageSpan("Outline", 0, 60, "10m", tone=Tone.DONE),
        StageSpan("Writing", 60, 90, "4m", running=True, tone=Tone.RUNNING),
    ),
    events=(LogLine("14:10", "stage: Writing"), LogLine("14:00", "added")),
)


def _pane(detail: Detail | None = _DETAIL, *, ascii: bool = False) -> JobDetail:
    pane = JobDetail(ascii=ascii)
    pane.show(detail)
    return pane


@pytest.mark.parametrize("width", [30, 40, 58, 80, 120])
async def test_all_of_it_is_there_at_every_width(width: int) -> None:
    async with PaneHost(_pane()).run_test(size=(width, 80)) as pilot:
        await pilot.pause()
        lines = lines_on(pilot.app)
        shown = " ".join(text_on(pilot.app).replace("┃", " ").split())
    for part in ("[bold]in[/bold]", "▶ in progress", "42%", "14:32", "502", "Stage", "Writing", "9 min old"):
        assert part in shown
    for part in ("Progress", "100%", "14:14", "Stages", "Outline", "10m", "Events", "added"):
        assert part in shown
    assert (_ID in shown) == (width >= 40)
    assert all(cell_len(line) <= width for line in lines)


async def test_facts_and_pictures_stand_side_by_side_where_there_is_room() -> None:
    async with PaneHost(_pane()).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert any("Stage " in line and "100%" in line for line in lines_on(pilot.app))
        await pilot.resize_terminal(80, 60)
        await pilot.pause()
        assert not any("Stage " in line and "100%" in line for line in lines_on(pilot.app))


async def test_a_value_that_would_break_goes_below_its_label() -> None:
    async with PaneHost(_pane()).run_test(size=(40, 80)) as pilot:
        await pilot.pause()
        lines = [line.strip() for line in lines_on(pilot.app)]
        assert lines[lines.index("ID") + 1] == _ID
        assert "Stage  Writing" in lines


async def test_nothing_new_paints_nothing_and_news_only_their_part() -> None:
    pane = _pane()
    async with PaneHost(pane).run_test(size=(120, 50)) as pilot:
        await pilot.pause()
        with painted() as regions:
            pane.show(_DETAIL._replace())
            await pilot.pause()
            assert regions == []
            pane.show(_DETAIL._replace(percent="43%", fraction=0.43))
            await pilot.pause()
        lines = lines_on(pilot.app)
        bar = next(y for y, line in enumerate(lines) if "43%" in line)
        assert {region.y for region in regions} == {bar}


async def test_what_is_not_there_takes_no_room() -> None:
    pane = _pane()
    async with PaneHost(pane).run_test(size=(60, 60)) as pilot:
        await pilot.pause()
        pane.show(_DETAIL._replace(error="", events=(), fields=()))
        await pilot.pause()
        assert "┃" not in text_on(pilot.app)
        assert "Events" not in text_on(pilot.app)
        pane.show(None)
        await pilot.pause()
        assert text_on(pilot.app).strip() == "no job under the cursor"
        pane.show(_DETAIL)
        await pilot.pause()
        assert "┃ the last request failed" in text_on(pilot.app)


async def test_news_leave_the_place_and_another_job_starts_at_the_top() -> None:
    pane = _pane()
    async with PaneHost(pane).run_test(size=(60, 12)) as pilot:
        pane.focus()
        await pilot.press("j", "j", "j")
        assert pane.scroll_offset.y == 3
        pane.show(_DETAIL._replace(percent="43%"))
        await pilot.pause()
        assert pane.scroll_offset.y == 3
        await pilot.press("G")
        assert pane.scroll_offset.y == pane.max_scroll_y > 3
        pane.show(_DETAIL._replace(id=_ID.replace("3", "4")))
        await pilot.pause()
        assert pane.scroll_offset.y == 0


async def test_ascii_is_ascii() -> None:
    plain = _DETAIL._replace(status="> in progress")
    async with PaneHost(_pane(plain, ascii=True)).run_test(size=(80, 60)) as pilot:
        await pilot.pause()
        assert text_on(pilot.app).isascii()
    async with PaneHost(_pane(plain)).run_test(size=(80, 60)) as pilot:
        await pilot.pause()
        assert "┃" in text_on(pilot.app)
        assert "━" in text_on(pilot.app)


async def test_ascii_scroll_bars_are_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ScrollBar, "renderer", PlainScrollBar)
    pane = _pane(_DETAIL._replace(status="> in progress"), ascii=True)
    async with PaneHost(pane).run_test(size=(40, 11)) as pilot:
        await pilot.pause()
        assert pane.show_vertical_scrollbar
        for _ in range(pane.max_scroll_y + 1):
            assert text_on(pilot.app).isascii()
            pane.action_scroll_by(1)
            await pilot.pause()
        assert pane.scroll_offset.y == pane.max_scroll_y


async def test_a_storm_of_sizes_does_no_harm() -> None:
    pane = _pane()
    async with PaneHost(pane).run_test(size=(120, 40)) as pilot:
        for size in ((200, 60), (5, 3), (1, 1), (30, 8), (20, 2), (80, 24)):
            await pilot.resize_terminal(*size)
        await pilot.pause()
        assert "in progress" in text_on(pilot.app)
