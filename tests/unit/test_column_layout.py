"""Columns never take more than the list, the least important go first, and the title gets what is left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from widgets.fitting import cut, fill
from widgets.model import Align, Column
from widgets.table.column_layout import ColumnLayout, lay_out

TITLE = Column("title", "Title", 12, grow=1, max_width=40)
STATUS = Column("status", "Status", 10)
STAGE = Column("stage", "Stage", 10, grow=2, rank=1)
AGE = Column("age", "Age", 5, rank=2)
COLUMNS = (TITLE, STATUS, STAGE, AGE)


def widths(layout: ColumnLayout) -> dict[str, int]:
    return {place.column.key: place.width for place in layout.places}


def test_what_is_left_goes_to_the_title_and_beyond_its_bound_to_the_stage() -> None:
    assert widths(lay_out(COLUMNS, 60, 60)) == {"title": 28, "status": 10, "stage": 10, "age": 5}
    assert widths(lay_out(COLUMNS, 120, 120)) == {"title": 40, "status": 10, "stage": 54, "age": 5}
    assert widths(lay_out((STATUS, AGE), 80, 80)) == {"status": 10, "age": 5}


@pytest.mark.parametrize(("width", "gutter", "gap", "end"), [(40, 1, 1, 40), (60, 2, 1, 60), (76, 2, 2, 75)])
def test_narrow_lists_have_less_air(width: int, gutter: int, gap: int, end: int) -> None:
    layout = lay_out(COLUMNS, width, width)
    assert (layout.gutter, layout.gap, layout.end) == (gutter, gap, end)
    assert layout.places[0].x == gutter + 2
    assert layout.places[-1].x + layout.places[-1].width == end


def test_a_scroll_bar_takes_a_cell_from_the_title() -> None:
    assert widths(lay_out(COLUMNS, 60, 59))["title"] == widths(lay_out(COLUMNS, 60, 60))["title"] - 1


@pytest.mark.parametrize(
    ("width", "kept"),
    [
        (43, ["title", "status", "stage", "age"]),
        (42, ["title", "status", "stage"]),
        (36, ["title", "status"]),
        (6, ["title", "status"]),
        (5, ["title"]),
        (3, []),
    ],
)
def test_columns_of_a_high_rank_go_first(width: int, kept: list[str]) -> None:
    assert list(widths(lay_out(COLUMNS, width, width))) == kept


@given(
    st.lists(
        st.builds(
            lambda width, grow, rank: Column("key", "", width, grow=grow, rank=rank),
            st.integers(1, 30),
            st.integers(0, 2),
            st.integers(0, 3),
        ),
        max_size=8,
    ),
    st.integers(1, 200),
    st.integers(0, 1),
)
def test_columns_never_overlap_or_leave_the_list(columns: list[Column], width: int, bar: int) -> None:
    layout = lay_out(columns, width, width - bar)
    x = layout.gutter + 2
    for place in layout.places:
        assert place.x >= x
        assert place.width >= 1
        x = place.x + place.width
    assert not layout.places or x <= max(width - bar, 0)


@given(st.text(), st.integers(0, 40), st.booleans())
def test_a_text_fills_its_cells_exactly(text: str, width: int, ascii: bool) -> None:
    text = "".join(char for char in text if char.isprintable())
    assert cell_len(fill(text, width, ascii=ascii)) == width
    assert cell_len(cut(text, width, ascii=ascii)) <= width


def test_a_text_that_is_cut_says_so() -> None:
    assert cut("Literature review", 10) == "Literatur…"
    assert cut("Literature review", 12) == "Literature…", "without the space before the dropped word"
    assert cut("Literature review", 10, ascii=True) == "Literatur~"
    assert cut("no change since 10:49: Reading", 23) == "no change since 10:49…"
    assert cut("東京の水道", 6) == "東京…"
    assert fill("<1m", 8, align=Align.RIGHT) == "     <1m"
    assert fill("東京の水道", 6) == "東京… "
