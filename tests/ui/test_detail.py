"""The details of a job at every width; only lines that differ are painted."""

from tests.ui.pane_host import PaneHost, frames, lines_in, lines_on, on_screen, text_on
from widgets.detail.job_detail import JobDetail, fact_lines
from widgets.detail.model import Detail, Field, PlotPoint, ProgressCurve, StageSpan
from widgets.model import Cell, EventLine, Tone

_ID = "3f2a9c1e-5b7d-4e8f-9a0b-1c2d3e4f5a6b"

_DETAIL = Detail(
    id=_ID,
    title="A history of lighthouses [bold]in[/bold] twelve [/chapters]",
    short_id="3f2a9c1e",
    status="▸ in progress",
    since=" since 14:00",
    tone=Tone.RUNNING,
    running=True,
    errors=(("Not refreshed since 14:10: the API answered 502.", Tone.STALLED),),
    fraction=0.42,
    percent="42%",
    stage="Writing",
    left="~15m left",
    done="done about 14:32, between 14:25 and 14:50",
    curve=ProgressCurve(
        (PlotPoint(0, 0.0), PlotPoint(60, 0.2), PlotPoint(90, 0.42)), 200, "14:00", "now 14:14", "~14:32"
    ),
    spans=(
        StageSpan("Outline", 0, 60, "10m", tone=Tone.DONE),
        StageSpan("Writing", 60, 90, "4m", running=True, tone=Tone.RUNNING),
    ),
    fields=(Field("Created", "13:59"), Field("Starred", "yes"), Field("ID", _ID)),
    events=(EventLine("14:10", Cell(">"), "began: Writing"), EventLine("14:00", Cell("-"), "added")),
)


def _pane(detail: Detail | None = _DETAIL) -> JobDetail:
    pane = JobDetail()
    pane.show(detail)
    return pane


async def test_in_a_narrow_pane_the_id_is_below_its_label_and_any_size_is_survived() -> None:
    async with on_screen(PaneHost(_pane()), (40, 80)) as (app, pilot):
        lines = [line.strip() for line in lines_on(app)]
        assert lines[lines.index("ID") + 1] == _ID, "below its label"
        for size in ((200, 60), (5, 3), (1, 1), (30, 8), (20, 2), (80, 24)):
            await pilot.resize_terminal(*size)
        assert "in progress" in text_on(app)


async def test_only_lines_that_differ_are_painted() -> None:
    pane = _pane()
    async with on_screen(PaneHost(pane), (120, 50)) as (app, pilot):
        with frames() as sent:
            pane.show(_DETAIL._replace())
            await pilot.pause()
            assert sent == []
            pane.show(_DETAIL._replace(percent="43%", fraction=0.43))
            await pilot.pause()
        lines = lines_on(app)
        bar = next(y for y, line in enumerate(lines) if "43%" in line)
        assert lines_in(sent) == [bar]


async def test_sections_without_content_are_left_out() -> None:
    pane = _pane()
    async with on_screen(PaneHost(pane), (60, 60)) as (app, pilot):
        pane.show(Detail(_ID, "Waiting", "3f2a9c1e", "◦ queued"))
        await pilot.pause()
        assert "◦ queued" in text_on(app)
        assert not any(head in text_on(app) for head in ("Progress", "Stages", "Facts", "Events"))
        pane.show(None)
        await pilot.pause()
        assert text_on(app).strip() == "No job selected"
        pane.show(_DETAIL)
        await pilot.pause()
        assert "Not refreshed since 14:10" in text_on(app)


async def test_the_scroll_position_stays_and_another_job_starts_at_the_top() -> None:
    pane = _pane()
    async with on_screen(PaneHost(pane), (60, 12)) as (app, pilot):
        pane.focus()
        await pilot.press("j", "j", "j")
        assert pane.scroll_offset.y == 3
        assert pane.show_vertical_scrollbar
        assert all(line.ljust(60)[-2] == " " for line in lines_on(app)), "a blank column before the bar"
        pane.show(_DETAIL._replace(percent="43%"))
        await pilot.pause()
        assert pane.scroll_offset.y == 3
        await pilot.press("G")
        assert pane.scroll_offset.y == pane.max_scroll_y > 3
        pane.show(_DETAIL._replace(id=_ID.replace("3", "4")))
        await pilot.pause()
        assert pane.scroll_offset.y == 0


async def test_a_job_that_ended_after_one_reading_has_no_curve() -> None:
    once = _DETAIL._replace(curve=ProgressCurve((PlotPoint(0, 0.3), PlotPoint(0, 0.3))))
    for running in (True, False):
        async with on_screen(PaneHost(_pane(once._replace(running=running))), (80, 40)) as (app, pilot):
            await pilot.pause()
            assert ("One reading so far" in text_on(app)) is running


def test_a_long_label_takes_no_room_from_the_values_of_the_others() -> None:
    fields = [Field("Project", _ID), Field("Last failed refresh", "18:46:48")]
    lines = [line.plain.rstrip() for line in fact_lines(fields, 55)]
    assert lines == [f"Project  {_ID}", "Last failed refresh  18:46:48"]
