"""The progress plot: steps where the data jumps, nothing where there is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.pane_host import PaneHost, lines_on, painted
from widgets.detail.progress_plot import ProgressPlot, progress_columns, stepped_area
from widgets.model import PlotPoint


def test_progress_holds_until_the_next_point() -> None:
    points = [PlotPoint(0, 0.1), PlotPoint(5, 0.5), PlotPoint(10, 0.9)]
    assert progress_columns(points, 11) == [0.1] * 5 + [0.5] * 5 + [0.9]


def test_one_moment_is_one_column() -> None:
    assert progress_columns([PlotPoint(7, 0.3)], 4) == [0.3, None, None, None]
    assert progress_columns([PlotPoint(7, 0.3), PlotPoint(7, 0.4)], 3) == [0.4, None, None]


def test_a_clock_set_back_does_not_upset_it() -> None:
    assert progress_columns([PlotPoint(10, 0.8), PlotPoint(0, 0.2)], 3) == [0.2, 0.2, 0.8]


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1)), min_size=1, max_size=50),
    st.integers(1, 60),
)
def test_no_column_shows_anything_but_what_was_seen(seen: list[tuple[float, float]], columns: int) -> None:
    points = [PlotPoint(at, fraction) for at, fraction in sorted(seen)]
    drawn = progress_columns(points, columns)
    assert len(drawn) == columns
    assert {fraction for fraction in drawn if fraction is not None} <= {point.fraction for point in points}
    latest = points[-1].fraction
    assert drawn[-1] == latest or (drawn[0] == latest and set(drawn[1:]) <= {None})


def test_the_area_is_exact_to_an_eighth_and_honest_at_both_ends() -> None:
    assert stepped_area([0.0, 0.001, 0.5, 0.999, 1.0, None], 2) == ["   ▇█ ", " ▁███ "]
    assert stepped_area([0.0, 0.001, 0.5, 0.999, 1.0, None], 2, ascii=True) == ["   :# ", " .### "]


@pytest.mark.parametrize("count", [0, 1, 2, 2000])
@pytest.mark.parametrize("width", [1, 6, 20, 37, 120])
async def test_every_number_of_points_fits_every_width(count: int, width: int) -> None:
    plot = ProgressPlot()
    plot.show([PlotPoint(n, n / max(count - 1, 1)) for n in range(count)], ("10:00", "11:30"))
    lines = plot.draw(width)
    assert all(line.cell_length <= width for line in lines)
    if count == 0:
        assert "no progress seen".startswith(lines[0].plain.rstrip("…"))
    elif count == 1:
        assert "seen only once".startswith(lines[0].plain.rstrip("…"))
    elif width >= 20:
        assert lines[0].plain.startswith("100%┤")
        assert lines[-2].plain.startswith("  0%└──")
        assert lines[-1].plain.strip().startswith("10:00")
        assert ("█" in lines[-3].plain) == (count > 1)


async def test_ascii_is_ascii() -> None:
    plot = ProgressPlot(ascii=True)
    plot.show([PlotPoint(0, 0.1), PlotPoint(9, 0.7)], ("a", "b"))
    assert all(line.plain.isascii() for line in plot.draw(40))


async def test_equal_points_paint_nothing_and_a_new_one_only_the_rows_it_changes() -> None:
    plot = ProgressPlot()
    points = [PlotPoint(n, 0.3) for n in range(10)]
    plot.show(points, ("a", "b"))
    async with PaneHost(plot).run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        before = lines_on(pilot.app)
        with painted() as regions:
            plot.show(list(points), ("a", "b"))
            await pilot.pause()
            assert regions == []
            plot.show([*points[:-1], PlotPoint(9, 0.35)], ("a", "b"))
            await pilot.pause()
        changed = {
            y for y, pair in enumerate(zip(before, lines_on(pilot.app), strict=True)) if pair[0] != pair[1]
        }
        assert changed
        assert {region.y for region in regions} == changed
        assert all(region.height == 1 for region in regions)
