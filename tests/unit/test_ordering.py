"""Which jobs are shown, in what order, and with which short IDs."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.presentation.columns import COLUMNS, SortFacts
from app.presentation.ordering import ShortIds, View
from app.watch.watched import Cancel, CancelStep, Outlook, Watched
from tests.jobs import watched
from tests.scripted_api import job_id


def arranged(view: View, entries: list[Watched]) -> list[str]:
    return [found.id for found in view.matching(view.in_order(entries, SortFacts()))]


def numbers(ids: Iterable[str]) -> str:
    return "".join(job_id[-1] for job_id in ids)


def test_by_status_what_needs_a_look_comes_first_and_what_is_done_last() -> None:
    statuses = ("completed", "in_progress", "failed", "queued", "cancelled", "moderated", "unheard-of")
    entries = [watched(number, status, created_at=float(number)) for number, status in enumerate(statuses)]
    assert numbers(arranged(View(), entries)) == "2513604"
    assert numbers(arranged(View(reverse=True), entries)) == "0463125", "equal jobs keep their order"


def test_by_status_the_newest_trouble_the_soonest_to_end_and_the_newest_done_come_first() -> None:
    entries = [
        watched(0, "completed", updated_at=10.0),
        watched(1, "completed", updated_at=20.0),
        watched(2, "draft", updated_at=5.0),
        watched(3, "queued", updated_at=9.0),
        watched(4, "queued", updated_at=8.0),
        watched(5),
        watched(6, outlook=Outlook(300.0)),
        watched(7, outlook=Outlook(200.0)),
        watched(8, "failed", updated_at=10.0),
        watched(9, "failed", updated_at=20.0),
    ]
    assert numbers(arranged(View(), entries)) == "9876543210"


@pytest.mark.parametrize(
    ("view", "after", "moves"),
    [
        (View(), watched(0, outlook=Outlook(99.0)), False),
        (View(), watched(0, progress=60.0), False),
        (View(), watched(0, "queued"), True),
        (View(), watched(0, misses=2), True),
        (View("progress"), watched(0, progress=60.0), True),
    ],
)
def test_by_status_a_job_moves_only_to_another_group(view: View, after: Watched, moves: bool) -> None:
    assert view.moves(watched(0), after, SortFacts()) is moves


@pytest.mark.parametrize("column", ["title", "progress"])
def test_what_has_no_value_comes_last(column: str) -> None:
    entries = [
        watched(0, title=None, progress=None),
        watched(1, title="b", progress=10.0),
        watched(2, title="A", progress=90.0),
        Watched(job_id(3), 3.0),
    ]
    assert numbers(arranged(View(column), entries)) == "2103"


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_can_sort_every_kind_of_job(column: str) -> None:
    entries = [watched(0, title=None), watched(1, stage="y"), Watched(job_id(2), 2.0), watched(3, misses=2)]
    assert sorted(numbers(arranged(View(column), entries))) == list("0123")


ENTRIES = [
    watched(0, title="The BOOK of Sand", stage="Drafting", cancel=Cancel(9.0, CancelStep.SENT)),
    watched(1, title="A book, part 4", outlook=Outlook(stalled_since=5.0)),
    watched(2, "queued", title="A book, part 5"),
    watched(3, "draft", title="x"),
    watched(4, "completed", title="x"),
    watched(5, "failed", title="x"),
    watched(6, "cancelled", title="x"),
    Watched(job_id(7), 3.0),
]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("book", "012"),
        ("sand book", "0"),
        ("draft", "03"),
        ("QUEUED", "2"),
        ("  ", "01234567"),
        ("nothing", ""),
        ("running", "01"),
        ("in_progress", "01"),
        ("in progress", "01"),
        ("stalled", "1"),
        ("waiting", "237"),
        ("done", "46"),
        ("comp", "4"),
        ("needs a look", "5"),
        ("attention", "5"),
        ("failed", "5"),
        ("ailed", "5"),
        ("cancelling", "0"),
        ("one", ""),
        ("new", "7"),
        (job_id(1), "1"),
        (job_id(7).upper(), "7"),
        ("book 4", "1"),
        ("book 1", ""),  # a few characters count in an ID only where it begins
        ("000", "01234567"),
        ("0-0", ""),
        ("0-00", "01234567"),
    ],
)
def test_a_filter_finds_all_its_words_anywhere(words: str, found: str) -> None:
    view = View(filter=words)
    assert numbers(one.id for one in view.matching(ENTRIES)) == found
    assert numbers(one.id for one in ENTRIES if view.shows(one)) == found


IDS = st.builds(
    str.__add__, st.sampled_from(["aaaaaaaa-", "bbbbbbbb-"]), st.text("xy", min_size=4, max_size=4)
)


@given(st.sets(IDS), st.sets(IDS))
def test_a_short_id_is_the_shortest_that_no_other_job_has(left: set[str], gone: set[str]) -> None:
    short_ids = ShortIds(left)
    for name in gone - left:
        short_ids.add(name)
    for name in gone - left:
        short_ids.drop(name)
    for name in left:
        short, others = short_ids.of(name), "\n".join(left - {name})
        assert name.startswith(short)
        assert short not in others
        assert len(short) == 8 or short[:-1] in others
    assert short_ids.longest == max((len(short_ids.of(name)) for name in left), default=8)
