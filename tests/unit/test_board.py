"""The list as the user has arranged it: marks, targets, and rows out of order."""

import itertools
import random
from dataclasses import replace

import pytest

from app.dashboard.board import Board
from app.job import Group
from app.presentation.ordering import View
from app.presentation.sentences import time_text
from app.store.store import Store
from app.watch.observable import Observable
from app.watch.polling.intervals import Intervals
from app.watch.session import Session
from app.watch.watch_list import WatchList
from app.watch.watched import Outlook
from tests.scripted_api import job, job_id
from tests.timing import ManualClock
from tests.ui.dashboard_host import known, silence

A, B, C, D = (job_id(number) for number in range(1, 5))


@pytest.fixture
def watch_list(store: Store) -> WatchList:
    """Three running jobs and a failed one, which is the last of them and the first of the list."""
    store.restore([known(1), known(2), known(3), known(4, "failed")]).result(10)
    return WatchList(store)


@pytest.fixture
def board(watch_list: WatchList) -> Board:
    board = Board(Session(watch_list, silence))
    watch_list.subscribe(lambda change: board.changed(change.job_id))
    return board


def change(watch_list: WatchList, job_id: str, **facts: object) -> None:
    watch_list.record_answer(replace(job(job_id), **facts))  # type: ignore[arg-type]


def test_an_action_is_for_the_marked_jobs_else_for_the_one_under_the_cursor(board: Board) -> None:
    assert board.targets(B) == [B]
    assert board.targets(None) == []
    board.arrange()
    assert board.targets("gone") == []
    board.mark([A, D])
    assert board.targets(B) == [D, A], "in the order of the list"
    board.view = View(filter=A[-6:])
    assert board.targets(B) == [A, D], "those that the filter hides come last"
    assert board.hidden_count([A, D]) == 1


def test_marking_all_again_unmarks_them(board: Board) -> None:
    board.mark([A, B])
    board.mark([A, B, C])
    assert board.marks == {A, B, C}
    board.mark([A, B])
    assert board.marks == {C}
    board.mark([C])
    assert not board.marks


def test_it_notices_when_rows_are_out_of_order(board: Board, watch_list: WatchList) -> None:
    assert board.arrange() == [D, A, B, C]
    noticed = []
    for facts in ({"progress": 99.0}, {"status": "completed"}):  # by status the progress does not matter
        change(watch_list, A, **facts)
        noticed.append(board.misplaced)
    assert noticed == [False, True]
    assert (board.arrange(), board.misplaced) == ([D, B, C, A], False)


def test_a_job_that_the_filter_now_shows_or_hides_is_noticed(board: Board, watch_list: WatchList) -> None:
    board.view = View(filter="polishing")
    assert board.arrange() == []
    change(watch_list, B, stage="Polishing")
    assert board.misplaced
    assert board.arrange() == [B]
    change(watch_list, B, stage="Printing")
    assert board.misplaced


async def test_a_removed_job_leaves_no_mark_and_no_count(board: Board, watch_list: WatchList) -> None:
    board.mark([A])
    await watch_list.remove([A])
    assert not board.marks
    assert board.misplaced
    assert board.totals.number(Group.RUNNING) == 2


def test_long_titles_are_cut_and_removed_jobs_named_by_their_id(board: Board, watch_list: WatchList) -> None:
    title = "A very long title, " * 20
    change(watch_list, B, title=title)
    assert board.title(B) == title
    assert 59 <= len(board.name(B)) <= 60
    assert board.name(B).endswith("…")
    assert board.name(A) == "Book 1"
    assert board.name("12345678-aaaa") == "12345678"


async def test_a_row_shows_the_watch_list_after_any_change(board: Board, watch_list: WatchList) -> None:
    change(watch_list, A, status="completed")
    await watch_list.remove([B])
    for name in (A, B, C, D, A, "never-watched"):
        board.changed(name)
    assert [board.totals.number(group) for group in Group] == [0, 1, 1, 1]
    assert board.short_ids.longest == Board(board._session).short_ids.longest


@pytest.mark.parametrize(
    ("sort", "reverse"), itertools.product(("age", "eta", "progress", "elapsed"), (False, True))
)
def test_rows_that_look_the_same_in_the_column_that_sorts_keep_their_places(
    watch_list: WatchList, sort: str, reverse: bool
) -> None:
    watch_list.now = clock = ManualClock()
    board = Board(Session(watch_list, silence, intervals=Observable(Intervals.every(5.0))))
    board.view = View(sort, reverse)
    chance = random.Random(7)

    def shown() -> dict[str, str]:
        if sort == "eta":  # the time left, even where a stale row says `at 11:26`
            return {job_id: time_text(board[job_id], clock.now) for job_id in (A, B, C)}
        return {job_id: board.row(job_id).cells[sort].text for job_id in (A, B, C)}

    order = board.arrange()
    for _ in range(400):
        clock.now += chance.uniform(0.0, 6.0)
        name = chance.choice((A, B, C))
        entry = watch_list.entries[name]
        assert entry.job is not None
        answer = replace(entry.job, progress=chance.uniform(50.0, 52.0))
        outlook = Outlook(clock.now + chance.uniform(800.0, 900.0))
        watch_list._entries[name] = replace(entry.after_answer(answer, clock.now), outlook=outlook)
        if chance.random() < 0.3:
            watch_list._entries[name] = watch_list._entries[name].after_failure("offline", clock.now)
        board.changed(name)
        board.time_passed()
        texts, after = shown(), board.arrange()
        running = [job_id for job_id in order if job_id in texts]
        for first, second in itertools.combinations(running, 2):
            if texts[first] == texts[second]:
                assert after.index(first) < after.index(second)
        by_text = [texts[job_id] for job_id in after if job_id in texts]
        assert len(list(itertools.groupby(by_text))) == len(set(by_text)), "equal rows are adjacent"
        order = after
