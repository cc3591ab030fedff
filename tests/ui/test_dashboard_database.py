"""Whatever the database does, keys are answered, and what waits is told."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from textual.app import App

from app.dashboard.app import Dashboard
from app.settings.schema import Settings
from app.store.database import Database
from app.store.store import Store
from app.watch.session import Session
from app.watch.storage import JobStore
from app.watch.watch_list import WatchList
from tests.scripted_api import job_id
from tests.ui.dashboard_host import BASE_URL, fill, known, silence, sitting
from tests.ui.pane_host import text_on


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "db"
    fill(path, [known(number) for number in range(1, 6)])
    return path


@contextmanager
def disk_that_hangs(store: JobStore) -> Iterator[threading.Lock]:
    """Nobody gets to read; for 20 s, so that a test which waits for it fails instead of hanging."""
    assert isinstance(store, Store)
    lock = store._database._read_lock
    assert lock.acquire(timeout=10)
    rescuer = threading.Timer(20, lock.release)
    rescuer.start()
    try:
        yield lock
    finally:
        rescuer.cancel()
        if rescuer.is_alive():
            lock.release()
        rescuer.join()


async def test_nothing_is_read_on_the_event_loop(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with sitting(path) as at:
        await at.connected()
        loop_thread, threads, read = threading.current_thread(), set(), Database.read

        def watched(self: Database, function: Callable[[sqlite3.Connection], Any]) -> Any:
            threads.add(threading.current_thread())
            return read(self, function)

        monkeypatch.setattr(Database, "read", watched)
        await at.press("enter", "j", "j", "k")
        await at.until("Added")
        await at.press("escape", "e")
        await at.until("Events")
        await at.press("escape")
        other = Store(path, BASE_URL)
        other.add([job_id(9)]).result(10)
        other.close()
        await at.app.session.watch_list.sync()
        assert job_id(9) in at.watched
        assert threads
        assert loop_thread not in threads


async def test_keys_are_answered_while_nothing_can_be_read(path: Path) -> None:
    async with sitting(path) as at:
        await at.connected()
        with disk_that_hangs(at.app.session.watch_list.store) as lock:
            await at.press("j", "enter")
            await at.until("Added")
            first = at.main.table.cursor
            await at.press("j")
            await at.until(lambda: at.main.table.cursor != first)
            await at.press("escape", "e")
            await at.until("Reading the database")
            await at.press("escape", "question_mark")
            await at.until("Undo the last removal")
            assert lock.locked(), "none of it waited"


async def test_a_change_that_waits_for_another_program_is_told(path: Path) -> None:
    async with sitting(path) as at:
        await at.connected()
        with closing(sqlite3.connect(path, isolation_level=None)) as backup:
            backup.execute("BEGIN IMMEDIATE")
            await at.press("d", "j")
            await at.until(lambda: at.app.session.watch_list.store.busy_notice)
            at.main._tick()
            await at.until("does not answer yet")
            assert len(at.watched) == 5
            backup.execute("ROLLBACK")
        await at.until(lambda: len(at.watched) == 4)
        at.main._tick()
        await at.until(lambda: "does not answer yet" not in at.text)


async def test_without_a_file_that_can_be_used_a_banner_says_that_nothing_is_kept(tmp_path: Path) -> None:
    store = Store(tmp_path, BASE_URL, or_in_memory=True)
    app = Dashboard(Session(WatchList(store), silence), Settings())
    async with app.run_test(size=(200, 30)) as pilot:
        await pilot.pause()
        assert "nothing is kept" in text_on(cast("App[None]", app))
    store.close()
