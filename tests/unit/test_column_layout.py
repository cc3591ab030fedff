"""Columns never take more than the pane, and the least important go first."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from widgets.model import Align, Column
from widgets.table.column_layout import GAP, Place, fit_text, lay_out

STATUS = Column("status", "Status", 10)
TITLE = Column("title", "Title", 12, grow=3, most=40)
STAGE = Column("stage", "Stage", 10, grow=1, rank=1)
AGE = Column("age", "Age", 5, rank=2)
COLUMNS = (STATUS, TITLE, STAGE, AGE)


def widths(places: tuple[Place, ...]) -> dict[str, int]:
    return {place.column.key: place.width for place in places}


def test_room_left_over_goes_to_the_columns_that_grow_by_their_shares() -> None:
    assert widths(lay_out(COLUMNS, 40 + 8)) == {"status": 10, "title": 18, "stage": 12, "age": 5}


def test_a_column_grows_to_its_bound_and_leaves_the_rest_to_others() -> None:
    assert widths(lay_out(COLUMNS, 120)) == {"status": 10, "title": 40, "stage": 62, "age": 5}


def test_without_growing_columns_the_rest_stays_empty() -> None:
    assert widths(lay_out((STATUS, AGE), 80)) == {"status": 10, "age": 5}


def test_columns_stand_beside_each_other_with_one_gap() -> None:
    assert [(place.x, place.width) for place in lay_out(COLUMNS, 40)] == [
        (0, 10),
        (11, 12),
        (24, 10),
        (35, 5),
    ]


@pytest.mark.parametrize(
    ("width", "kept"),
    [
        (40, ["status", "title", "stage", "age"]),
        (39, ["status", "title", "stage"]),
        (33, ["status", "title"]),
        (3, ["status", "title"]),
        (2, ["status"]),
        (0, []),
    ],
)
def test_the_highest_rank_goes_first(width: int, kept: list[str]) -> None:
    assert list(widths(lay_out(COLUMNS, width))) == kept


def test_of_one_rank_the_rightmost_goes_first() -> None:
    columns = (Column("a", "", 4), Column("b", "", 4, rank=1), Column("c", "", 4, rank=1))

    assert list(widths(lay_out(columns, 9))) == ["a", "b"]


def test_the_widest_of_the_last_columns_shrinks() -> None:
    assert widths(lay_out(COLUMNS, 17)) == {"status": 8, "title": 8}


column_sets = st.lists(
    st.builds(
        Column,
        key=st.uuids().map(str),
        label=st.just(""),
        width=st.integers(1, 30),
        grow=st.integers(0, 4),
        most=st.integers(0, 60),
        rank=st.integers(0, 4),
    ),
    max_size=9,
)


@given(columns=column_sets, width=st.integers(0, 250))
def test_a_layout_fits_and_keeps_order_ranks_and_bounds(columns: list[Column], width: int) -> None:
    places = lay_out(columns, width)
    shown = [place.column for place in places]
    hidden = [column for column in columns if column not in shown]

    assert sum(place.width for place in places) + GAP * max(len(places) - 1, 0) <= width
    assert shown == [column for column in columns if column in shown]
    assert all(column.rank <= min((left.rank for left in hidden), default=9) for column in shown)
    assert all(place.width >= 1 for place in places)
    for before, after in pairwise(places):
        assert after.x == before.x + before.width + GAP
    for place in places:
        column = place.column
        if place.width > column.width:
            assert column.grow
            assert not column.most or place.width <= column.most
        if place.width < column.width:
            assert all(other.rank == 0 for other in shown)


@given(columns=column_sets, width=st.integers(0, 250))
def test_no_room_is_wasted_while_a_column_can_grow(columns: list[Column], width: int) -> None:
    places = lay_out(columns, width)
    used = sum(place.width for place in places) + GAP * max(len(places) - 1, 0)

    if used < width:
        assert not any(
            place.column.grow and (not place.column.most or place.width < place.column.most)
            for place in places
        )


@pytest.mark.parametrize(
    ("text", "width", "align", "fitted"),
    [
        ("title", 8, Align.LEFT, "title   "),
        ("5s", 4, Align.RIGHT, "  5s"),
        ("exact", 5, Align.LEFT, "exact"),
        ("too long", 5, Align.LEFT, "too… "),
        ("too long", 6, Align.RIGHT, "too l…"),
        ("日本語", 5, Align.LEFT, "日本…"),
        ("日本語", 4, Align.LEFT, "日… "),
        ("日本語", 7, Align.LEFT, "日本語 "),
        ("x", 0, Align.LEFT, ""),
    ],
)
def test_a_text_fits_or_shows_that_it_is_cut(text: str, width: int, align: Align, fitted: str) -> None:
    assert fit_text(text, width, align) == fitted


@given(
    text=st.text(st.characters(categories=("L", "M", "N", "P", "S", "Zs")), max_size=30),
    width=st.integers(0, 40),
    align=st.sampled_from(Align),
)
def test_a_fitted_text_has_exactly_its_cells(text: str, width: int, align: Align) -> None:
    fitted = fit_text(text, width, align)

    assert cell_len(fitted) == width
    if cell_len(text) > width > 0:
        assert fitted.rstrip().endswith("…")
