"""Long lists, of which only the first jobs are loaded before the first frame."""

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from uuid import UUID

import pytest

from app.dashboard.app import Dashboard
from app.dashboard.view_state import PREFERENCE, ViewState
from app.job import Group, Job, Status
from app.presentation.columns import SortFacts
from app.presentation.ordering import View
from app.presentation.totals import Totals
from app.settings.schema import Settings
from app.store.store import Store
from app.watch.session import Session
from app.watch.storage import StoreError
from app.watch.watch_list import WatchList
from app.watch.watched import Watched
from tests.processes import database
from tests.ui.dashboard_host import BASE_URL, NOW, DashboardPilot, fill, running, silence

AT_FIRST = 50


def entries(number: int) -> list[Watched]:
    """Jobs in every state, and some that were never fetched, missed once, or missed twice."""
    chance = random.Random(7)
    found = []
    for place in range(number):
        job_id = str(UUID(int=chance.getrandbits(128)))
        status = chance.choice([*Status, "polishing"])
        job = Job(job_id, "user", "project", status, NOW - 99, NOW - 9, 40.0, "Writing", f"Report {place}")
        found.append(
            Watched(
                job_id,
                NOW - number + place,
                None if place % 10 == 3 else job,
                None if place % 10 == 3 else NOW - 5,
                misses=place % 3 if place % 7 == 1 else 0,
            )
        )
    return found


@pytest.fixture
def store() -> Iterator[Store]:
    fill(database(), entries(200))
    store = Store(database(), BASE_URL)
    yield store
    store.close()


def dashboard(watch_list: WatchList) -> Dashboard:
    return Dashboard(Session(watch_list, silence), Settings())


def counted(dash: DashboardPilot) -> int:
    """The number of jobs in the totals."""
    return sum(count.number for count in dash.main.board.totals.counts())


def test_the_jobs_loaded_first_are_the_first_in_the_table(store: Store) -> None:
    whole, first = WatchList(store), WatchList(store, lambda: NOW, limit=AT_FIRST)
    assert (whole.is_complete, first.is_complete) == (True, False)
    rows = View().in_order(whole.entries.values(), SortFacts())
    assert View().in_order(first.entries.values(), SortFacts()) == rows[:AT_FIRST]
    first.load_rest()
    assert first.is_complete
    assert list(first.entries.items()) == list(whole.entries.items())
    assert WatchList(store, limit=201).is_complete, "a short list is whole at once"


async def test_the_rest_follows_and_nothing_moves(store: Store) -> None:
    watch_list = WatchList(store, lambda: NOW, limit=AT_FIRST)
    before = set(watch_list.entries)
    async with running(dashboard(watch_list)) as dash:
        await dash.until(lambda: len(dash.shown) == 200)
        await dash.pilot.pause()
        assert before < set(dash.shown)
        visible = dash.main.table.visible_ids
        assert visible == tuple(dash.shown[: len(visible)])
        assert dash.cursor == dash.shown[0]
        assert counted(dash) == 200
        assert all(dash.main.board.short_ids.of(job_id) == job_id[:8] for job_id in dash.shown)


def test_another_order_is_loaded_whole(store: Store) -> None:
    store.set_preference(PREFERENCE, ViewState(View("title"), ()).to_json()).result(10)
    session = dashboard(WatchList(store, lambda: NOW, limit=AT_FIRST)).session
    assert session.watch_list.is_complete
    assert len(session.watch_list.entries) == 200
    session.close()


async def test_changes_by_another_pane_during_loading_are_counted(store: Store) -> None:
    watch_list = WatchList(store, lambda: NOW, limit=AT_FIRST)
    gone, *finished = [entry for entry in watch_list.entries.values() if entry.group is Group.RUNNING][:3]
    added = str(UUID(int=1))
    with closing(Store(database(), BASE_URL)) as other:
        other.remove([gone.id]).result(10)
        other.add([added]).result(10)
        for entry in finished:
            assert entry.job is not None
            other.save(entry.after_answer(replace(entry.job, status=Status.COMPLETED), NOW - 1))
        other.set_preference("written", "yes").result(10)  # which is committed after all that
    async with running(dashboard(watch_list)) as dash:
        await dash.until(lambda: watch_list.is_complete and added in dash.shown)
        await dash.pilot.pause()
        board, anew = dash.main.board, Totals(watch_list.entries.values())
        assert board.totals.counts() == anew.counts()
        assert gone.id not in board
        assert gone.id not in dash.shown
        assert all(board[entry.id].finished for entry in finished)


async def test_an_unreadable_rest_is_reported_and_read_later(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(revision: int) -> object:
        raise StoreError("The database cannot be read.")

    monkeypatch.setattr(store, "changed_since", fail)
    async with running(dashboard(WatchList(store, lambda: NOW, limit=AT_FIRST))) as dash:
        await dash.connected()
        await dash.until("The database cannot be read.")
        assert len(dash.shown) == AT_FIRST
        await dash.press("j")
        order = dash.shown
        dash.answer(order[-1], status="failed")
        dash.main._tick()
        await dash.main.workers.wait_for_complete(
            [worker for worker in dash.main.workers if worker.group == "rest"]
        )
        assert dash.shown == order, "nothing moves under the hand"
        monkeypatch.undo()
        dash.main._tick()
        await dash.until(lambda: len(dash.shown) == 200)
        assert "The database cannot be read." not in dash.text
        assert counted(dash) == 200
