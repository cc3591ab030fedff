"""Keys work whatever the database does, and a change that waits for it says so."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from app.dashboard.app import Dashboard
from app.settings.schema import Settings
from app.store.store import Store
from app.watch.session import Session
from app.watch.storage import JobStore
from app.watch.watch_list import WatchList
from tests.processes import database
from tests.scripted_api import job_id
from tests.ui.dashboard_host import (
    BASE_URL,
    DashboardPilot,
    fill,
    known,
    known_jobs,
    message_of,
    running,
    running_dashboard,
    silence,
)
from widgets.toasts import Toasts


@pytest.fixture(autouse=True)
def _jobs() -> None:
    fill(database(), known_jobs(5))


@contextmanager
def disk_that_hangs(store: JobStore) -> Iterator[threading.Lock]:
    """Block all reads, for 20 s at most, so that a test that waits for one fails instead of hanging."""
    assert isinstance(store, Store)
    lock = store._database._read_lock
    assert lock.acquire(timeout=10)
    timer = threading.Timer(20, lock.release)
    timer.start()
    try:
        yield lock
    finally:
        timer.cancel()
        if timer.is_alive():
            lock.release()
        timer.join()


async def test_keys_are_answered_while_nothing_can_be_read() -> None:
    async with running_dashboard() as at:
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
            await at.until("undo a removal")
            assert lock.locked(), "none of it waited"


async def remove_first_job(at: DashboardPilot) -> None:
    await at.connected()
    at.main.job_list.select(job_id(1))
    await at.press("d")
    await at.until("Removed Book 1")
    at.main.job_list.select(job_id(2))


@contextmanager
def locked() -> Iterator[sqlite3.Connection]:
    """Another program's transaction, which blocks all other writers."""
    with closing(sqlite3.connect(database(), isolation_level=None)) as program:
        program.execute("BEGIN IMMEDIATE")
        yield program


async def test_a_change_that_waits_for_the_database_says_so() -> None:
    fill(database(), [known(6, "completed")])
    async with running_dashboard() as at:
        await remove_first_job(at)
        for key, waiting, outcome in (
            ("d", "Removing Book 2", "Removed Book 2"),
            ("u", "Restoring what was removed", "Restored 1 job"),
            ("m", "Muting Book 2", "Book 2 is muted"),
            ("D", "Removing Book 6", "Removed Book 6"),
            ("", "Adding 1 job", "Added 1 job"),
        ):
            with locked():
                if key:
                    await at.press(key)
                else:
                    await at.paste(job_id(9))
                    await at.press("enter")
                await at.until(f"{waiting}, waiting for the database")
            await at.until(outcome)
            assert "waiting for the database" not in at.text


async def test_keys_pressed_while_a_change_waits_act_in_order() -> None:
    async with running_dashboard() as at:
        await remove_first_job(at)
        with locked():
            await at.press("d", "d", "u")
            await at.until("Restoring what was removed, waiting for the database")
        await at.until("Restored 1 job")
        assert at.cursor == job_id(2), "the job that was removed last"
        await at.press("u")
        await at.until(lambda: job_id(1) in at.watched)
        await at.press("u")
        await at.until("Nothing to undo")


async def test_a_banner_says_that_the_database_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.store._BUSY_AFTER_SECONDS", 0.1)
    async with running_dashboard(size=(250, 40)) as at:
        await at.connected()
        with locked():
            await at.press("d", "j")
            await at.until(lambda: at.app.session.watch_list.store.busy_notice)
            at.main._tick()
            await at.until("does not respond yet")
            assert len(at.watched) == 5
        await at.until(lambda: len(at.watched) == 4)
        at.main._tick()
        await at.until(lambda: "does not respond yet" not in at.text)


async def test_a_file_that_was_created_again_is_a_toast_and_an_event() -> None:
    async with running_dashboard(size=(250, 40)) as at:
        await at.connected()
        await asyncio.to_thread(database().unlink)
        at.main.job_list.select(job_id(1))
        await at.press("m")
        await at.until(lambda: "was removed while it was open" in message_of(at))
        at.main.query_one(Toasts).hide()
        store = at.app.session.watch_list.store
        words = "created again with all that was in it"
        await at.until(lambda: any(words in event.text for event in store.events()))
        await at.until(lambda: "TITLE" in at.text)
        assert "was removed" not in at.text.split("TITLE")[0], "no banner"


async def test_a_file_that_was_repaired_at_the_start_is_a_toast() -> None:
    await asyncio.to_thread(database().write_bytes, b"\0" * 8192)
    async with running_dashboard() as at:
        await at.until(lambda: "was damaged" in message_of(at))


async def test_a_disk_that_is_full_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_dashboard(size=(200, 40)) as at:
        await at.connected()
        at.main.job_list.select(job_id(1))

        def full(*args: object) -> None:
            raise sqlite3.OperationalError("database or disk is full")

        monkeypatch.setattr(Store, "set_muted", lambda store, *args, **options: store._writer.submit(full))
        await at.press("m")
        await at.until("Nothing was changed")
        assert at.text.count("make room") == 1
        await at.press("m")
        await at.until(lambda: at.text.count("Nothing was changed"))
        assert at.text.count("make room") == 1
        monkeypatch.undo()
        await at.press("m")
        await at.until("Book 1 is muted")
        await at.until(lambda: "make room" not in at.text)


async def test_a_banner_says_that_nothing_is_saved(tmp_path: Path) -> None:
    store = Store(tmp_path, BASE_URL, or_in_memory=True)
    app = Dashboard(Session(WatchList(store), silence), Settings())
    async with running(app, size=(200, 30)) as dash:
        assert "Nothing is saved: the database " in dash.text
