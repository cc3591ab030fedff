"""A file that is removed, moved or replaced while it is open: nothing is lost, and it is said."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.store.store import Store
from app.watch.events import Event, EventKind
from app.watch.history import Sample
from app.watch.storage import StoreError
from app.watch.watch_list import WatchList
from app.watch.watched import Watched
from tests.scripted_api import job, job_id
from tests.timing import until

URL = "https://example.invalid/api"
ONE, TWO, THREE = job_id(1), job_id(2), job_id(3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "dwtop.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store(path, URL)
    (entry,) = store.add([ONE]).result(10)
    store.save(Watched(ONE, entry.added_at, job(ONE)), Sample(1.0, "queued", None, None))
    store.log_event(Event(1.0, EventKind.CONNECTION, "offline"))
    until(lambda: store.events())
    yield store
    store.close()


def watched(path: Path) -> set[str]:
    """What another program finds in the file."""
    store = Store(path, URL)
    try:
        assert store.repair_notice == ""
        return {entry.id for entry in store.load()}
    finally:
        store.close()


def with_its_log(path: Path) -> list[Path]:
    return [path, *(path.with_name(path.name + part) for part in ("-wal", "-shm"))]


def remove(path: Path) -> None:
    path.unlink()


def remove_with_its_log(path: Path) -> None:
    for part in with_its_log(path):
        part.unlink()


def move(path: Path) -> None:
    path.rename(path.with_name("elsewhere.db"))


def remove_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


def move_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))


@pytest.mark.parametrize("harm", [remove, remove_with_its_log, move, remove_folder, move_folder])
def test_a_removed_file_is_recreated_with_its_content(
    store: Store, path: Path, harm: Callable[[Path], None]
) -> None:
    troubles: list[str] = []
    repairs: list[str] = []
    store.on_save_error = troubles.append
    store.on_repair = repairs.append
    harm(path)
    assert store.add([TWO]).result(10)
    assert watched(path) == {ONE, TWO}
    assert troubles == []
    assert len(repairs) == 1
    assert str(path) in repairs[0]
    assert "was removed while it was open" in repairs[0]
    assert [sample.at for sample in store.samples(ONE)] == [1.0]
    until(lambda: [event.text for event in store.events()] == [repairs[0], "offline"])
    assert store.add([THREE]).result(10)
    store.close()
    assert watched(path) == {ONE, TWO, THREE}
    assert [one.name for one in path.parent.glob("dwtop.db*")] == ["dwtop.db"]


def test_poll_results_notice_a_removed_file(store: Store, path: Path) -> None:
    path.unlink()
    store.log_event(Event(2.0, EventKind.CONNECTION, "polling goes on"))
    until(lambda: path.exists() and store.repair_notice)
    assert watched(path) == {ONE}


def test_a_moved_file_is_complete(store: Store, path: Path) -> None:
    move(path)
    assert store.add([TWO]).result(10)
    assert watched(path.with_name("elsewhere.db")) == {ONE}


def test_two_processes_lose_nothing_when_the_file_is_removed(store: Store, path: Path) -> None:
    second = Store(path, URL)
    try:
        for each in (store, second):
            WatchList(each)
        path.unlink()
        assert store.add([TWO]).result(10)
        assert second.add([THREE]).result(10)
        assert {entry.id for entry in store.load()} == {ONE, TWO, THREE}
    finally:
        second.close()
    assert store.add([job_id(4)]).result(10)
    assert watched(path) == {ONE, TWO, THREE, job_id(4)}


async def test_a_replacement_database_gets_the_entries_in_memory(
    store: Store, path: Path, tmp_path: Path
) -> None:
    other = Store(tmp_path / "other.db", URL)
    other.add([THREE]).result(10)
    other.close()
    watch_list = WatchList(store)
    for part in with_its_log(path)[1:]:
        part.unlink()
    (tmp_path / "other.db").replace(path)
    assert await watch_list.add([TWO]) == [TWO]
    assert "was replaced by another file" in store.repair_notice
    assert watched(path) == {ONE, TWO, THREE}


def test_a_damaged_file_in_its_place_is_set_aside(store: Store, path: Path) -> None:
    WatchList(store)
    damaged = path.with_name("damaged")
    damaged.write_bytes(b"SQLite format 3\0" + os.urandom(8192))
    content = damaged.read_bytes()
    damaged.replace(path)
    assert store.add([TWO]).result(10)
    assert watched(path) == {ONE, TWO}
    assert next(path.parent.glob("*.damaged-*")).read_bytes() == content


def test_a_foreign_file_is_left_unchanged_and_reported(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.writer.RETRY_DELAY_SECONDS", 0.1)
    theirs = path.with_name("theirs")
    connection = sqlite3.connect(theirs)
    connection.execute("CREATE TABLE bookmark (url TEXT)")
    connection.close()
    content = theirs.read_bytes()
    theirs.replace(path)
    with pytest.raises(StoreError, match="is not a dwtop database"):
        store.add([TWO]).result(10)
    assert [entry.id for entry in store.load()] == [ONE], "what was read before can be read still"
    assert path.read_bytes() == content
    path.unlink()
    assert store.add([TWO]).result(10)
    assert watched(path) == {ONE, TWO}
