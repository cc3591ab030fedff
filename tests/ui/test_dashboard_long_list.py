"""Long lists, of which only the first jobs are loaded before the first frame."""

import random
from dataclasses import replace
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest
from textual.app import App

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
from tests.timing import eventually
from tests.ui.dashboard_host import BASE_URL, NOW, fill, silence
from tests.ui.pane_host import text_on

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


def on_disk(path: Path, *, number: int, view_state: ViewState | None = None) -> Store:
    fill(path, entries(number))
    store = Store(path, BASE_URL)
    if view_state:
        store.set_preference(PREFERENCE, view_state.to_json()).result(10)
    return store


def test_the_jobs_loaded_first_are_the_first_in_the_table(tmp_path: Path) -> None:
    store = on_disk(tmp_path / "dwtop.db", number=200)
    whole, first = WatchList(store), WatchList(store, first=AT_FIRST)
    assert (whole.is_complete, first.is_complete) == (True, False)
    rows = View().in_order(whole.entries.values(), SortFacts())
    assert View().in_order(first.entries.values(), SortFacts()) == rows[:AT_FIRST]
    first.load_rest()
    assert first.is_complete
    assert list(first.entries.items()) == list(whole.entries.items())
    store.close()


def test_a_short_list_is_whole_at_once(tmp_path: Path) -> None:
    store = on_disk(tmp_path / "dwtop.db", number=AT_FIRST - 1)
    first = WatchList(store, first=AT_FIRST)
    assert first.is_complete
    assert len(first.entries) == AT_FIRST - 1
    store.close()


async def test_the_rest_follows_and_nothing_moves(tmp_path: Path) -> None:
    store = on_disk(tmp_path / "dwtop.db", number=200)
    app = Dashboard(Session(WatchList(store, first=AT_FIRST), silence, now=lambda: NOW), Settings())
    before = list(app.session.watch_list.entries)
    async with app.run_test(size=(120, 30)) as pilot:
        board, table = app.main_screen.board, app.main_screen.table
        await eventually(lambda: len(table.ids) == 200)
        await pilot.pause()
        assert set(before) < set(table.ids)
        assert table.visible_ids == tuple(table.ids[: len(table.visible_ids)])
        assert table.cursor == table.ids[0]
        assert sum(count.number for count in board.totals.counts(board.glyphs)) == 200
        assert all(board.short_ids.of(job_id) == job_id[:8] for job_id in table.ids)
    app.session.close()


def test_another_order_is_loaded_whole(tmp_path: Path) -> None:
    store = on_disk(tmp_path / "dwtop.db", number=200, view_state=ViewState(sort="title"))
    session = Session(WatchList(store, first=AT_FIRST), silence, now=lambda: NOW)
    Dashboard(session, Settings())
    assert session.watch_list.is_complete
    assert len(session.watch_list.entries) == 200
    session.close()


async def test_changes_by_another_pane_during_loading_are_counted(tmp_path: Path) -> None:
    store = on_disk(tmp_path / "dwtop.db", number=200)
    watch_list = WatchList(store, first=AT_FIRST)
    gone, *finished = [entry for entry in watch_list.entries.values() if entry.group is Group.RUNNING][:3]
    other = Store(tmp_path / "dwtop.db", BASE_URL)
    other.remove([gone.id]).result(10)
    added = str(UUID(int=1))
    other.add([added]).result(10)
    for entry in finished:
        assert entry.job is not None
        other.save(entry.after_answer(replace(entry.job, status=Status.COMPLETED), NOW - 1))
    other.set_preference("written", "yes").result(10)  # which is committed after all that
    app = Dashboard(Session(watch_list, silence, now=lambda: NOW), Settings())
    async with app.run_test(size=(120, 30)) as pilot:
        board, table = app.main_screen.board, app.main_screen.table
        await eventually(lambda: watch_list.is_complete and added in table.ids)
        await pilot.pause()
        anew = Totals(watch_list.entries.values())
        assert board.totals.counts(board.glyphs) == anew.counts(board.glyphs)
        assert gone.id not in board
        assert gone.id not in table.ids
        assert all(board[entry.id].finished for entry in finished)
    app.session.close()
    other.close()


async def test_an_unreadable_rest_is_reported_and_read_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = on_disk(tmp_path / "dwtop.db", number=200)
    watch_list = WatchList(store, first=AT_FIRST)
    app = Dashboard(Session(watch_list, silence, now=lambda: NOW), Settings())

    def fail(revision: int) -> object:
        raise StoreError("The database cannot be read.")

    monkeypatch.setattr(store, "changed_since", fail)
    async with app.run_test(size=(120, 30)) as pilot:
        await eventually(lambda: app.session.watcher)
        await pilot.pause()
        assert "The database cannot be read." in text_on(cast("App[None]", app))
        assert len(app.main_screen.table.ids) == AT_FIRST
        monkeypatch.undo()
        app.main_screen._tick()
        await pilot.pause()
        assert len(app.main_screen.table.ids) == 200
        assert "The database cannot be read." not in text_on(cast("App[None]", app))
        assert (
            sum(count.number for count in app.main_screen.board.totals.counts(app.main_screen.board.glyphs))
            == 200
        )
    app.session.close()
