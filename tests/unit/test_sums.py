"""What the status bar says of all jobs together."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.dashboard.board import Board
from app.presentation.glyphs import UNICODE
from app.presentation.ordering import View
from app.presentation.summary import rate_text, request_rate, summary
from app.store.store import Store
from app.watch.polling.budget import RequestGate
from app.watch.session import Session
from app.watch.watch_list import WatchList
from app.watch.watched import Outlook, Watched
from tests.scripted_api import BASE_URL, job, job_id
from tests.ui.dashboard_host import silence

A, B, C = (job_id(number) for number in range(1, 4))
NOW = 1000.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "dwtop.db", BASE_URL)
    yield store
    store.close()


def board_of(store: Store, *entries: Watched) -> Board:
    store.restore(entries).result()
    return Board(Session(WatchList(store), silence), UNICODE)


def test_the_progress_of_unfinished_jobs_with_the_time_they_take(store: Store) -> None:
    board = board_of(
        store,
        Watched(A, 0.0, job(A, progress=40.0), NOW, outlook=Outlook(NOW + 840)),
        Watched(B, 1.0, job(B, progress=21.0), NOW),
        Watched(C, 2.0, job(C, "completed"), NOW),
    )
    said = summary(board, shown=3, rate="~60/300 req/min", now=NOW)
    assert said.fraction == pytest.approx(0.305)
    assert (said.percent, said.rate) == ("30% ~14m", "~60/300 req/min")
    assert said.notes == ()


def test_without_unfinished_jobs_there_is_no_progress(store: Store) -> None:
    said = summary(board_of(store, Watched(A, 0.0, job(A, "failed"), NOW)), shown=1, rate="", now=NOW)
    assert (said.fraction, said.percent, said.rate) == (None, "", "")


def test_marks_and_the_filter_are_noted(store: Store) -> None:
    board = board_of(store, Watched(A, 0.0, job(A), NOW), Watched(B, 1.0, job(B, "queued"), NOW))
    board.mark([A, B])
    assert summary(board, shown=2, rate="", now=NOW).notes == ("2 marked",)
    board.view = View(filter="queued")
    assert summary(board, shown=1, rate="", now=NOW).notes == ("2 marked (1 hidden)", "/queued: 1 of 2")


def test_the_request_rate_is_rounded_to_tens_and_stays_while_it_is_about_right() -> None:
    clock = [0.0]
    gate = RequestGate(300, lambda: clock[0])
    assert rate_text(request_rate(gate, 0), gate) == ""
    for _ in range(17):
        gate.begin_probe()
    assert rate_text(request_rate(gate, 0), gate) == "~20/300 req/min"
    for _ in range(12):
        gate.begin_probe()
    assert [request_rate(gate, shown) for shown in (10, 20, 30, 40)] == [30, 20, 30, 30]
    for _ in range(171):
        gate.begin_probe()
    assert [request_rate(gate, shown) for shown in (170, 190, 220, 230)] == [200, 190, 220, 200]
    clock[0] = 61.0
    assert request_rate(gate, 10) == 0
