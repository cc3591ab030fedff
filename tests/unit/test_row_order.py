"""The cursor belongs to a job, whatever happens to the rows around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.table.row_order import RowOrder


def order(ids: str, cursor: str) -> RowOrder:
    rows = RowOrder()
    rows.replace(list(ids))
    rows.move_to(ids.index(cursor))
    return rows


@pytest.mark.parametrize(
    ("before", "cursor", "after", "now"),
    [
        ("abcd", "b", "dcba", "b"),
        ("abcd", "b", "xabcd", "b"),
        ("abcd", "b", "acd", "c"),
        ("abcd", "b", "da", "d"),
        ("abcd", "d", "abc", "c"),
        ("abcd", "d", "ax", "a"),
        ("abcd", "c", "xyz", "x"),
        ("abcd", "c", "", None),
    ],
)
def test_the_cursor_stays_with_its_job_or_near(before: str, cursor: str, after: str, now: str | None) -> None:
    rows = order(before, cursor)
    rows.replace(list(after))
    assert rows.cursor == now


def test_without_rows_there_is_no_cursor() -> None:
    rows = RowOrder()
    rows.move_to(5)
    assert (rows.cursor, rows.at, rows.ids) == (None, 0, ())


@given(
    before=st.lists(st.integers(0, 30).map(str), unique=True),
    after=st.lists(st.integers(0, 30).map(str), unique=True),
    at=st.integers(-3, 40),
)
def test_the_cursor_is_on_a_row_and_stays_with_its_job(before: list[str], after: list[str], at: int) -> None:
    rows = RowOrder()
    rows.replace(before)
    rows.move_to(at)
    cursor = rows.cursor
    rows.replace(after)
    assert (rows.cursor is None) == (not after)
    assert rows.cursor is None or after[rows.at] == rows.cursor
    assert cursor not in after or rows.cursor == cursor
    assert all(rows.position(job_id) == number for number, job_id in enumerate(after))
