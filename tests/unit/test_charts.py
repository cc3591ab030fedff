"""The charts of the details: a step where the data jumps, nothing where there is none, one scale for all stages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.ascii import in_ascii
from widgets.detail.charts import curve_lines, span_bar, stage_lines
from widgets.detail.model import PlotPoint, ProgressCurve, StageSpan
from widgets.model import Tone

_OUTLINE = StageSpan("Outline", 0, 40, "40s", tone=Tone.DONE)
_DRAFT = StageSpan("Draft", 40, 100, "1m", running=True, tone=Tone.RUNNING)
_HALF_WAY = ProgressCurve(
    (PlotPoint(0, 0.0), PlotPoint(50, 0.5), PlotPoint(60, 0.5)), None, "10:00", "", "10:01"
)
_AHEAD = _HALF_WAY._replace(finish=120, now_label="now 10:01", end_label="~10:02")


def curve(drawn: ProgressCurve, width: int = 40, rows: int = 5) -> list[str]:
    """The chart in ASCII."""
    lines = curve_lines(drawn, width, rows, Tone.RUNNING)
    assert all(line.cell_length <= width for line in lines)
    return [in_ascii(line.plain).rstrip() for line in lines]


def stages(*spans: StageSpan, width: int = 50) -> list[str]:
    lines = stage_lines(spans, width)
    assert all(line.cell_length <= width for line in lines)
    return [line.plain.rstrip() for line in lines]


def test_the_curve_rises_from_the_bottom_and_reaches_the_top_only_when_all_is_done() -> None:
    *rows, times = curve(_HALF_WAY)
    assert rows[0] == "100%"
    assert rows[2].startswith(" 50%")
    assert rows[2].endswith("*")
    assert rows[4].startswith("  0% ****")
    assert times.split() == ["10:00", "10:01"]
    done = ProgressCurve((PlotPoint(0, 0.0), PlotPoint(60, 1.0)))
    assert curve(done)[0].endswith("*")
    nearly = ProgressCurve((PlotPoint(0, 0.0), PlotPoint(60, 0.999)))
    for drawn, top in ((done, True), (nearly, False)):
        last = curve_lines(drawn, 40, 5, Tone.RUNNING)[0].plain[-1]
        assert bool(ord(last) & 0x09) is top, "the upper dots of a braille cell"


def test_the_forecast_is_dotted_from_now_to_the_top() -> None:
    *rows, times = curve(_AHEAD)
    assert rows[0].endswith(".")
    assert any(":" in row for row in rows)
    assert all("*" not in row[23:] for row in rows), "nothing is drawn as known beyond now"
    assert all("." not in row[:22] for row in rows)
    assert times.split() == ["10:00", "now", "10:01", "~10:02"]
    assert "." not in "".join(curve(_HALF_WAY))


def test_a_job_that_should_be_done_by_now_has_no_dots_ahead() -> None:
    overdue = ProgressCurve((PlotPoint(0, 0.1), PlotPoint(3600, 0.9)), finish=3600.0)
    assert all("." not in "".join(curve(overdue, width)) for width in range(20, 120))


def test_braille_has_four_levels_a_line() -> None:
    rows = [line.plain for line in curve_lines(_AHEAD, 40, 5, Tone.RUNNING)]
    drawn = "".join(rows)
    assert "⣀" in drawn
    assert "┊" in drawn
    assert any(0x2801 <= ord(char) <= 0x28FF for char in rows[0])


@pytest.mark.parametrize("count", [0, 1, 2, 2000])
@pytest.mark.parametrize("width", [1, 6, 20, 37, 120])
def test_every_number_of_readings_fits_every_width(count: int, width: int) -> None:
    points = tuple(PlotPoint(n, n / max(count - 1, 1)) for n in range(count))
    lines = curve(ProgressCurve(points, None, "10:00", "", "11:30"), width)
    assert lines
    said = {0: "No progress reported yet", 1: "One reading so far; the curve begins with the next change"}
    if count in said:
        assert said[count].startswith(lines[0].rstrip("~"))
    elif width >= 20:
        assert lines[0].startswith("100%")
        assert lines[-1].strip().startswith("10:00")
    assert all(line.isascii() for line in lines)


def test_bars_follow_each_other_on_one_scale_and_narrow_panes_keep_name_and_length() -> None:
    assert stages(_DRAFT, _OUTLINE, width=35) == [
        "Outline  ━━━━━━━━╸              40s",
        "Draft            ╺━━━━━━━━━━━━   1m",
    ]
    assert stages(StageSpan("Writing chapter 3", 0, 5, "12m 30s"), width=20) == ["Writing ch…  12m 30s"]
    assert stages() == ["No stage reported"]
    assert all(in_ascii(line).isascii() for line in stages(_OUTLINE, _DRAFT))


def test_of_many_stages_the_latest_are_shown_and_the_rest_is_counted() -> None:
    lines = stages(*(StageSpan(f"s{n:02}", n, n + 1, "1s") for n in range(20)))
    assert lines[0] == "… 9 earlier stages"
    assert [line.split()[0] for line in lines[1:]] == [f"s{n:02}" for n in range(9, 20)]


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e6), st.integers(1, 80))
def test_every_stage_is_drawn_within_the_scale(start: float, length: float, rest: float, width: int) -> None:
    span = StageSpan("x", start, start + length, "")
    cells = span_bar(span, 0.0, start + length + rest, width)
    assert len(cells) == width
    assert cells.strip()
    assert " " not in cells.strip()
