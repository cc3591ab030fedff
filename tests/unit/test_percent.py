"""The same percent in a row, in the details, in the sums and in `status --tmux`."""

import pytest

from app.dashboard.board import Board
from app.percent import whole_percent
from app.presentation.detail import detail_of
from app.presentation.json_fields import job_object
from app.presentation.summary import summary
from app.presentation.tmux_line import status_line
from app.store.counts_query import JobCounts
from app.store.store import Store
from app.watch.session import Session
from app.watch.watch_list import WatchList
from tests.jobs import watched
from tests.scripted_api import job, job_id
from tests.ui.dashboard_host import silence

NOW = 1000.0


@pytest.mark.parametrize(
    ("progress", "whole"),
    [(-3.0, 0), (0.0, 0), (28.999999999999996, 29), (29.9, 29), (99.99, 99), (100.0, 100), (107.0, 100)],
)
def test_it_is_rounded_down_with_slack_for_binary_fractions(progress: float, whole: int) -> None:
    assert whole_percent(progress) == whole


def test_every_place_shows_the_same_percent_of_every_progress(store: Store) -> None:
    name = job_id(1)
    store.add([name]).result()
    watch_list = WatchList(store, lambda: NOW)
    board = Board(Session(watch_list, silence))
    watch_list.subscribe(lambda change: board.changed(change.job_id))
    differ = {}
    for whole in range(101):
        for progress in (float(whole), whole / 100 * 100, whole + 0.5):
            watch_list.record_answer(job(name, progress=progress))
            entry = board[name]
            assert entry.job is not None
            shown = {
                board.row(name).cells["progress"].text,
                detail_of(entry, (), (), now=NOW, stale=False, short_id="x").percent,
                summary(board.totals, now=NOW).percent,
                status_line(JobCounts(running=1, fraction=board.totals.fraction), "{percent}", NOW),
                f"{entry.job.percent}%",
            }
            if len(shown) > 1:
                differ[progress] = shown
    assert not differ


@pytest.mark.parametrize(
    ("progress", "said"), [(66.66666, 66.66666), (29.0, 29.0), (104.0, 100.0), (-1.0, 0.0)]
)
def test_json_gives_the_clamped_number_unrounded(progress: float, said: float) -> None:
    assert job_object(watched(1, progress=progress))["progress"] == said
