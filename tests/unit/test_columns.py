"""What each column sorts by, which columns are there, and how they give way in narrow panes."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.job import Job
from app.presentation.columns import CHOICES, FIXED, USUAL, chosen, fitted
from app.presentation.ordering import View
from app.watch.watched import Outlook, Watched

JOB = Job("0", "u", "p", "in_progress", 100.0, 100.0)


def watched(
    number: int, outlook: Outlook | None = None, fetched_at: float | None = 5.0, **facts: object
) -> Watched:
    name = f"{number}0000000-0000-4000-8000-000000000000"
    return Watched(name, 0.0, replace(JOB, id=name, **facts), fetched_at, outlook=outlook)  # type: ignore[arg-type]


def keys(columns: Sequence[object]) -> list[str]:
    return [getattr(column, "key", None) or column.column.key for column in columns]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("sort", "entries", "order"),
    [
        ("stage", [watched(0), watched(1, stage="b"), watched(2, stage="A")], "210"),
        ("eta", [watched(0), watched(1, Outlook(900.0)), watched(2, Outlook(300.0))], "210"),
        ("project", [watched(0, project_id="b"), watched(1, project_id="a")], "10"),
        ("models", [watched(0, writing_model="b"), watched(1, writing_model="a"), watched(2)], "210"),
        ("created", [watched(0, created_at=1.0), watched(1, created_at=3.0)], "10"),
        ("elapsed", [watched(0, created_at=3.0), watched(1, created_at=1.0)], "10"),
        ("byok", [watched(0), watched(1, is_byok=True), watched(2, is_byok=False)], "102"),
        ("starred", [watched(0, is_starred=False), watched(1, is_starred=True)], "10"),
        ("age", [watched(0, fetched_at=None), watched(1, fetched_at=9.0), watched(2, fetched_at=1.0)], "210"),
        ("id", [watched(2), watched(0), watched(1)], "012"),
    ],
)
def test_what_a_column_sorts_by(sort: str, entries: list[Watched], order: str) -> None:
    assert "".join(found.id[0] for found in View(sort).in_order(entries)) == order


def test_the_fixed_columns_are_always_there_and_the_others_as_wanted() -> None:
    assert keys(chosen(())) == list(FIXED)
    assert keys(chosen(("id", "stage"))) == [*FIXED, "stage", "id"], "in the table's order"
    assert keys(chosen(USUAL)) == [*FIXED, "stage", "eta", "age", "id"]
    assert set(keys(chosen(CHOICES))) == {*FIXED, *CHOICES}


def test_the_id_is_as_wide_as_the_longest_and_ages_take_no_room_for_nothing() -> None:
    usual = chosen(USUAL)
    assert {column.key: column.width for column in fitted(usual, 120, 11)}["id"] == 11
    assert "age" in keys(fitted(usual, 120, 8, aged=True))
    assert "age" not in keys(fitted(usual, 120, 8, aged=False))


def test_narrow_panes_have_words_in_place_of_bars_and_the_narrowest_signs_in_place_of_words() -> None:
    usual = chosen(USUAL)
    looks = {
        width: {column.key: column for column in fitted(usual, width, 8)}
        for width in (46, 45, 40, 39, 34, 33)
    }
    assert [looks[width]["progress"].label for width in (46, 45)] == ["PROGRESS", "DONE"]
    assert ["eta" in looks[width] for width in (40, 39)] == [True, False]
    assert [("status" in looks[width], "sign" in looks[width]) for width in (34, 33)] == [
        (True, False),
        (False, True),
    ]
    assert all("title" in look for look in looks.values())
