"""Which columns there are, how they sort, and how they share the width of the list."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from app.presentation.columns import COLUMNS, OPTIONAL, SortFacts, chosen, table_columns
from app.presentation.ordering import View
from app.watch.watched import Outlook, Watched
from tests.jobs import watched
from widgets.ascii import in_ascii
from widgets.fitting import cut, fill
from widgets.model import Column
from widgets.table.column_layout import ColumnLayout, lay_out

_DEFAULT = ("stage", "id")


def shown(width: int, *, id_cells: int = 8) -> dict[str, int]:
    """The widths of the usual columns in a list."""
    return widths(lay_out(table_columns(chosen(_DEFAULT), id_cells), width, width))


def widths(layout: ColumnLayout) -> dict[str, int]:
    return {column.key: width for column, width in layout.widths.items()}


@pytest.mark.parametrize(
    ("sort", "entries", "order"),
    [
        ("stage", [watched(0), watched(1, stage="b"), watched(2, stage="A")], "210"),
        ("eta", [watched(0), watched(1, outlook=Outlook(900.0)), watched(2, outlook=Outlook(300.0))], "210"),
        ("project", [watched(0, project_id="b"), watched(1, project_id="a")], "10"),
        ("models", [watched(0, writing_model="b"), watched(1, writing_model="a"), watched(2)], "210"),
        ("created", [watched(0, created_at=1.0), watched(1, created_at=3.0)], "10"),
        ("elapsed", [watched(0, created_at=99.0), watched(1, created_at=1.0)], "10"),
        ("byok", [watched(0), watched(1, is_byok=True), watched(2, is_byok=False)], "102"),
        ("starred", [watched(0, is_starred=False), watched(1, is_starred=True)], "10"),
        ("age", [watched(0, fetched_at=None), watched(1, fetched_at=99), watched(2, fetched_at=1)], "210"),
        ("id", [watched(2), watched(0), watched(1)], "012"),
    ],
)
def test_what_a_column_sorts_by(sort: str, entries: list[Watched], order: str) -> None:
    facts = SortFacts(101.0, is_stale=lambda entry: True)
    assert "".join(found.id[-1] for found in View(sort).in_order(entries, facts)) == order


def test_fixed_columns_are_always_shown_and_others_if_chosen() -> None:
    assert chosen(()) == ("title", "status", "progress", "eta")
    assert chosen(("id", "stage")) == ("title", "status", "progress", "stage", "eta", "id")
    assert chosen(OPTIONAL) == tuple(COLUMNS)


@pytest.mark.parametrize(
    ("width", "widths"),
    [
        (40, {"title": 24, "progress": 4, "eta": 7}),
        (60, {"title": 42, "progress": 4, "eta": 8}),
        (80, {"title": 31, "progress": 11, "stage": 19, "eta": 8}),
        (100, {"title": 37, "status": 11, "progress": 13, "stage": 18, "eta": 8}),
        (120, {"title": 39, "status": 11, "progress": 15, "stage": 24, "eta": 8, "id": 8}),
        (140, {"title": 55, "status": 11, "progress": 19, "stage": 24, "eta": 8, "id": 8}),
        (200, {"title": 78, "status": 11, "progress": 25, "stage": 55, "eta": 8, "id": 8}),
    ],
)
def test_the_widths_of_the_usual_columns(width: int, widths: dict[str, int]) -> None:
    assert shown(width) == widths


def test_beside_details_there_is_no_id_and_the_title_takes_its_room() -> None:
    assert shown(130, id_cells=0)["title"] == shown(130)["title"] + 10
    assert shown(120, id_cells=11)["id"] == 11, "as wide as the longest"


TITLE = Column("title", "Title", ((0, 12),), max_width=40)
STATUS = Column("status", "Status", ((0, 10),))
STAGE = Column("stage", "Stage", ((0, 10),), max_width=99, rank=1)
AGE = Column("age", "Age", ((0, 5),), rank=2)
FEW = (TITLE, STATUS, STAGE, AGE)


def test_what_is_left_goes_to_the_title_and_beyond_its_bound_to_the_stage() -> None:
    assert widths(lay_out(FEW, 60, 60)) == {"title": 28, "status": 10, "stage": 10, "age": 5}
    assert widths(lay_out(FEW, 120, 120)) == {"title": 40, "status": 10, "stage": 54, "age": 5}
    assert widths(lay_out((STATUS, AGE), 80, 80)) == {"status": 10, "age": 5}
    assert widths(lay_out(FEW, 60, 59))["title"] == 27, "a scroll bar takes a cell from the title"


@pytest.mark.parametrize(("width", "gutter", "gap", "end"), [(40, 1, 1, 40), (60, 2, 1, 60), (76, 2, 2, 75)])
def test_narrow_lists_have_less_air(width: int, gutter: int, gap: int, end: int) -> None:
    layout = lay_out(FEW, width, width)
    assert (layout.gutter, layout.gap, layout.end) == (gutter, gap, end)
    assert layout.start == gutter + 2
    assert layout.start + sum(cells + gap for cells in layout.widths.values()) - gap == end


@pytest.mark.parametrize(
    ("width", "kept"),
    [
        (43, ["title", "status", "stage", "age"]),
        (42, ["title", "status", "stage"]),
        (36, ["title", "status"]),
        (25, ["title"]),
        (14, []),
    ],
)
def test_columns_of_a_high_rank_go_first(width: int, kept: list[str]) -> None:
    assert list(widths(lay_out(FEW, width, width))) == kept


@pytest.mark.parametrize("keys", [_DEFAULT, OPTIONAL], ids=["default", "all"])
def test_columns_never_leave_the_list(keys: Sequence[str]) -> None:
    for width in range(1, 201):
        for end in (width, width - 1):  # without and with a scroll bar
            layout = lay_out(table_columns(chosen(keys), 8), width, end)
            cells = list(layout.widths.values())
            assert all(cells), width
            assert not cells or layout.start + sum(cells) + layout.gap * (len(cells) - 1) <= end
            assert bool(cells) == (end >= 7), "the title is always there"


@given(st.text(), st.integers(0, 40))
def test_a_text_fills_its_cells_exactly(text: str, width: int) -> None:
    text = "".join(char for char in text if char.isprintable())
    assert cell_len(fill(text, width)) == width
    assert cell_len(cut(text, width)) <= width


def test_a_text_that_is_cut_says_so() -> None:
    assert cut("Literature review", 10) == "Literatur…"
    assert cut("Literature review", 12) == "Literature…", "without the space before the dropped word"
    assert in_ascii(cut("Literature review", 10)) == "Literatur~"
    assert cut("no change since 10:49: Reading", 23) == "no change since 10:49…"
    assert cut("東京の水道", 6) == "東京…"
    assert fill("<1m", 8, right=True) == "     <1m"
    assert fill("東京の水道", 6) == "東京… "
