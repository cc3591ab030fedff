"""Which jobs are shown, in what order, and with which short IDs."""

from dataclasses import replace

import pytest

from app.job import Job
from app.presentation.columns import COLUMNS, SortFacts
from app.presentation.ordering import ShortIds, View
from app.watch.watched import Cancel, CancelStep, Outlook, Watched

PREFIX = "aaaaaaaa-0000-4000-8000-00000000000"


def entry(
    number: int,
    status: str = "in_progress",
    title: str | None = None,
    progress: float | None = 50.0,
    stage: str | None = None,
    misses: int = 0,
) -> Watched:
    job = Job(f"{PREFIX}{number}", "u", "p", status, float(number), 9.0, progress, stage, title)
    return Watched(job.id, float(number), job, misses=misses)


def arranged(view: View, entries: list[Watched]) -> list[str]:
    return [found.id for found in view.matching(view.in_order(entries, SortFacts()))]


def numbers(ids: list[str]) -> str:
    return "".join(job_id[-1] for job_id in ids)


def test_by_status_what_needs_a_look_comes_first_and_what_is_done_last() -> None:
    statuses = ("completed", "in_progress", "failed", "queued", "cancelled", "moderated", "unheard-of")
    entries = [entry(number, status) for number, status in enumerate(statuses)]
    assert numbers(arranged(View(), entries)) == "2513604"
    assert numbers(arranged(View(reverse=True), entries)) == "0463125", "equal jobs keep their order"


def test_by_status_the_newest_trouble_the_soonest_to_end_and_the_newest_done_come_first() -> None:
    def at(number: int, status: str, updated_at: float, finish: float | None = None) -> Watched:
        found = entry(number, status)
        assert found.job
        outlook = None if finish is None else Outlook(finish)
        return replace(found, job=replace(found.job, updated_at=updated_at), outlook=outlook)

    entries = [
        at(0, "completed", 10.0), at(1, "completed", 20.0), at(2, "draft", 5.0), at(3, "queued", 9.0),
        at(4, "queued", 8.0), at(5, "in_progress", 9.0), at(6, "in_progress", 9.0, 300.0),
        at(7, "in_progress", 9.0, 200.0), at(8, "failed", 10.0), at(9, "failed", 20.0),
    ]  # fmt: skip
    assert numbers(arranged(View(), entries)) == "9876543210"


def test_by_status_a_job_moves_only_when_it_changes_its_group() -> None:
    before = entry(0)
    for after, moves in (
        (replace(before, outlook=Outlook(99.0)), False),
        (entry(0, progress=60.0), False),
        (entry(0, "queued"), True),
        (entry(0, misses=2), True),
    ):
        assert View().moves(before, after, SortFacts()) is moves
    assert View("progress").moves(before, entry(0, progress=60.0), SortFacts())


def test_what_has_no_value_comes_last() -> None:
    entries = [
        entry(0, title=None, progress=None),
        entry(1, title="b", progress=10.0),
        entry(2, title="A", progress=90.0),
        Watched(f"{PREFIX}3", 3.0),
    ]
    assert numbers(arranged(View("title"), entries)) == "2103"
    assert numbers(arranged(View("progress"), entries)) == "2103"


def test_every_column_that_sorts_can_sort_every_kind_of_job() -> None:
    entries = [entry(0), entry(1, title="x", stage="y"), Watched(f"{PREFIX}2", 2.0), entry(3, misses=2)]
    for item in COLUMNS:
        assert sorted(numbers(arranged(View(item.key), entries))) == list("0123"), item.name


def test_all_words_of_a_filter_must_be_found_anywhere() -> None:
    entries = [
        entry(0, title="The BOOK of Sand", stage="Drafting"),
        entry(1, title="A book", status="queued"),
    ]
    for words, found in (
        ("book", "01"),
        ("sand book", "0"),
        ("draft", "0"),
        ("QUEUED", "1"),
        ("in progress", "0"),
        (PREFIX + "1", "1"),
        ("  ", "01"),
        ("nothing", ""),
    ):
        view = View(filter=words)
        assert numbers(arranged(view, entries)) == found, words
        assert numbers([one.id for one in entries if view.shows(one)]) == found, words


def test_a_few_characters_count_in_an_id_only_where_it_begins() -> None:
    entries = [entry(0, title="Report 4"), entry(1, title="Report 5")]
    assert all("4" in one.id or "0" in one.id for one in entries), "otherwise this test shows nothing"
    assert PREFIX.startswith("aaa")
    for words, found in (
        ("report 4", "0"),
        ("report 0", ""),
        ("aaa", "01"),
        ("000", ""),
        ("0000", "01"),
    ):
        assert numbers(arranged(View(filter=words), entries)) == found, words
        assert numbers([one.id for one in entries if View(filter=words).shows(one)]) == found, words


def test_a_filter_finds_jobs_nothing_is_known_of_by_their_id() -> None:
    unknown = Watched(f"{PREFIX}3", 3.0)
    assert View(filter="AAAAAAAA-0000").shows(unknown)
    assert arranged(View(filter="new"), [unknown]) == [unknown.id]
    assert not View(filter="other").shows(unknown)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("running", "01"),
        ("in_progress", "01"),
        ("in progress", "01"),
        ("stalled", "1"),
        ("waiting", "23"),
        ("queued", "2"),
        ("done", "46"),
        ("comp", "4"),
        ("needs a look", "5"),
        ("attention", "5"),
        ("failed", "5"),
        ("cancelling", "0"),
        ("one", ""),
        ("ailed", "5"),
    ],
)
def test_the_usual_names_of_groups_and_statuses_find_their_jobs(words: str, found: str) -> None:
    statuses = ("in_progress", "in_progress", "queued", "draft", "completed", "failed", "cancelled")
    entries = [entry(number, status) for number, status in enumerate(statuses)]
    entries[0] = replace(entries[0], cancel=Cancel(9.0, CancelStep.SENT))
    entries[1] = replace(entries[1], outlook=Outlook(stalled_since=5.0))
    view = View(filter=words)
    assert "".join(one.id[-1] for one in view.matching(entries)) == found
    assert "".join(one.id[-1] for one in entries if view.shows(one)) == found


def test_short_ids_are_as_long_as_it_takes_to_tell_jobs_apart() -> None:
    alone, first, second = "bbbbbbbb-1", "aaaaaaaa-01", "aaaaaaaa-02"
    short_ids = ShortIds([alone, first])
    assert short_ids.of(first) == "aaaaaaaa"
    short_ids.add(second)
    assert (short_ids.of(alone), short_ids.of(first)) == ("bbbbbbbb", first)
    short_ids.drop(first)
    assert short_ids.of(second) == "aaaaaaaa"


def test_short_ids_become_shorter_again_as_jobs_go() -> None:
    names = [f"aaaaaaaa-{number}" for number in range(3)]
    short_ids = ShortIds(names)
    assert short_ids.longest == 10
    short_ids.drop(names[0])
    assert [short_ids.of(name) for name in names[1:]] == names[1:]
    short_ids.drop(names[1])
    assert (short_ids.of(names[2]), short_ids.longest) == ("aaaaaaaa", 8)
    short_ids.drop(names[2])
    short_ids.add(names[0])
    assert (short_ids.of(names[0]), short_ids.longest) == ("aaaaaaaa", 8)
