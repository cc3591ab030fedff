"""A database file that is damaged, removed, moved or replaced: what can be read is kept, and the program continues."""

import fcntl
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.store import opening, schema
from app.store.database import Database
from app.store.jobs import read_watch_list
from app.store.opening import DatabaseDamaged
from app.store.store import Store
from app.watch.events import Event, EventKind
from app.watch.history import Sample
from app.watch.storage import StoreError
from app.watch.watch_list import WatchList
from app.watch.watched import Watched
from tests.processes import run_together
from tests.scripted_api import BASE_URL, job, job_id
from tests.timing import until

JOBS = 300
PAGE = 4096

_OPEN = """
import sys
from pathlib import Path
from app.store.store import Store
store = Store(Path(sys.argv[1]), "https://example.invalid/api")
store.prune(0.0).result(30)
store.add([sys.argv[2]]).result(30)
store.close()
"""

ONE, TWO, THREE = job_id(1), job_id(2), job_id(3)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of some hundred pages."""
    path = tmp_path_factory.mktemp("sound") / "dwtop.db"
    with closing(Store(path, BASE_URL)) as store:
        for entry in store.add([job_id(n) for n in range(JOBS)]).result(10):
            for n in range(10):
                store.save(
                    Watched(entry.id, entry.added_at, job(entry.id)),
                    Sample(1e9 + n, "in_progress", float(n), "Drafting"),
                    Event(1e9 + n, EventKind.STATUS, "x" * 50, entry.id),
                )
        store.set_preference("view", "as before").result(10)
    return path


@pytest.fixture
def database(sound: Path, tmp_path: Path) -> Path:
    """A copy of it, which a test damages."""
    return Path(shutil.copy(sound, tmp_path))


def is_intact(database: Path) -> bool:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")


def read_all_pages(store: Store) -> None:
    """Prune nothing, for which every row is read."""
    store.prune(0.0).result(20)


@pytest.fixture(autouse=True)
def _damage_is_found_where_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MAX_CHECKED_BYTES", 0)


def pages_of(database: Path, table: str) -> list[int]:
    """The leaves of a table, by their numbers from 1: pages of this kind that contain this text."""
    kind, text = {"job": (13, b"00000000-0000-"), "sample": (10, b"Drafting"), "event": (13, b"xxxx")}[table]
    data = database.read_bytes()
    pages = [data[at : at + PAGE] for at in range(0, len(data), PAGE)]
    return [number for number, page in enumerate(pages, 1) if page[0] == kind and text in page]


def overwrite(database: Path, *numbers: int) -> None:
    with database.open("r+b") as file:
        for number in numbers:
            file.seek((number - 1) * PAGE)
            file.write(os.urandom(PAGE))


def kept(database: Path) -> list[Path]:
    return [one for one in database.parent.glob("*.damaged-*") if not one.name.endswith(("-wal", "-shm"))]


@pytest.mark.parametrize("table", ["job", "sample", "event"])
def test_damaged_pages_lose_only_their_rows(database: Path, table: str) -> None:
    leaves = pages_of(database, table)
    assert len(leaves) > 5
    overwrite(database, leaves[1], leaves[-2])
    damaged = database.read_bytes()
    assert not is_intact(database)
    unfinished = database.with_name(f"{database.name}.new-1")  # by a process that was killed
    unfinished.mkdir()
    (unfinished / database.name).write_bytes(damaged)
    store = Store(database, BASE_URL)
    read_all_pages(store)
    assert store.repair_notice.value
    assert kept(database)[0].read_bytes() == damaged
    assert kept(database)[0].name in store.repair_notice.value
    assert is_intact(database)
    assert store.preference("view") == "as before"
    with closing(sqlite3.connect(database)) as file:
        newer = "SELECT number > (SELECT max(revision) FROM job) FROM revision"
        assert file.execute(newer).fetchone() == (1,)
        assert file.execute("PRAGMA foreign_key_check").fetchall() == []
    jobs = len(store.load())
    assert f" {jobs} jobs were copied" in store.repair_notice.value
    samples = sum(len(store.samples(job_id(n))) for n in range(JOBS))
    # Besides the event of the repair, which may be written by now.
    events = sum(event.kind is EventKind.STATUS for event in store.events(limit=10**6))
    # Two leaves of many are gone; and with a job its history.
    assert jobs >= JOBS * (1 - 3 / len(leaves)) if table == "job" else jobs == JOBS
    assert samples >= 10 * JOBS * (1 - 4 / len(leaves)) if table != "event" else samples == 10 * JOBS
    assert events >= 10 * JOBS * (1 - 3 / len(leaves)) if table == "event" else events == 10 * JOBS
    assert store.add([job_id(JOBS)]).result(10)
    store.close()
    assert not list(database.parent.glob("*.new-*"))


def cut_off_the_end(database: Path) -> None:
    os.truncate(database, database.stat().st_size * 9 // 10)


def damage_texts(database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as file:
        for end in ("min", "max"):
            which = f"added_at IN (SELECT {end}(added_at) FROM job)"
            file.execute(f"UPDATE job SET title = CAST(x'ff41' AS TEXT) WHERE {which}")


def damage_schema(database: Path) -> None:
    data = database.read_bytes()
    database.write_bytes(data.replace(b"CREATE TABLE preference", b"CREATE T\xffBLE preference", 1))


@pytest.mark.parametrize("damage", [cut_off_the_end, damage_texts, damage_schema])
def test_all_jobs_are_kept_if_the_damage_is_elsewhere(database: Path, damage: Callable[[Path], None]) -> None:
    damage(database)
    damaged = database.read_bytes()
    with pytest.raises(DatabaseDamaged):
        read_watch_list(database, BASE_URL)
    store = Store(database, BASE_URL)
    assert [entry.id for entry in store.load()] == [job_id(n) for n in range(JOBS)]
    assert f" {JOBS} jobs were copied" in store.repair_notice.value
    assert kept(database)[0].read_bytes() == damaged
    assert sum(len(store.samples(job_id(n))) for n in range(JOBS)) > 5 * JOBS
    store.close()


def test_a_column_whose_name_is_damaged_is_lost(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    overwrite(database, pages_of(database, "sample")[3])
    database.write_bytes(database.read_bytes().replace(b"cancel_step  ", b"cancel_stop  ", 1))
    monkeypatch.setattr(opening, "MAX_CHECKED_BYTES", database.stat().st_size)
    store = Store(database, BASE_URL)
    assert len(store.load()) == JOBS
    store.close()


def test_a_lost_revision_number_starts_after_those_of_the_jobs(database: Path) -> None:
    with closing(sqlite3.connect(database)) as file:
        file.execute("DELETE FROM revision")
        file.commit()
    store = Store(database, BASE_URL)
    before = store.changed_since(-1)[0]
    store.add([job_id(JOBS)]).result(10)
    newest, changed, _ = store.changed_since(before)
    assert len(changed) == JOBS + 1
    store.add([job_id(JOBS + 1)]).result(10)
    assert [entry.id for entry in store.changed_since(newest)[1]] == [job_id(JOBS + 1)]
    store.close()


def test_a_damaged_file_of_an_older_version_is_recovered(tmp_path: Path) -> None:
    database = tmp_path / "dwtop.db"
    with closing(sqlite3.connect(database)) as old:
        old.executescript(f"{schema._MIGRATIONS[0]}; PRAGMA user_version = 1")
        old.execute("INSERT INTO origin VALUES (1, ?)", (BASE_URL,))
        rows = [(job_id(n), float(n)) for n in range(JOBS)]
        old.executemany(
            "INSERT INTO job (origin, id, added_at, watched, revision) VALUES (1, ?, ?, 1, 1)", rows
        )
        old.commit()
    overwrite(database, pages_of(database, "job")[3])
    store = Store(database, BASE_URL)
    assert len(store.load()) < JOBS
    assert store.repair_notice.value
    assert JOBS * 0.5 < len(store.load()) < JOBS
    until(lambda: [event.text for event in store.events()] == [store.repair_notice.value])
    store.close()


@pytest.mark.parametrize(
    "read", [Store.load, lambda store: store.load(5), lambda store: store.changed_since(-1)]
)
def test_reading_the_list_waits_for_the_recovery(database: Path, read: Callable[[Store], object]) -> None:
    store = Store(database, BASE_URL)
    expected = read(store)
    store.close()
    store = Store(database, BASE_URL)
    with closing(sqlite3.connect(database)) as file:
        (revision,) = file.execute("SELECT rootpage FROM sqlite_master WHERE name = 'revision'").fetchone()
    overwrite(database, pages_of(database, "job")[-1], revision)
    store._database._reader.execute("PRAGMA cache_size = 0")
    store._database._reader.execute("PRAGMA shrink_memory")
    found = read(store)
    assert store.repair_notice.value
    assert type(found) is type(expected)
    store.close()


def test_reading_a_history_waits_for_the_recovery(database: Path) -> None:
    troubles: list[str] = []
    leaves = pages_of(database, "sample")
    overwrite(database, leaves[len(leaves) // 2])
    store = Store(database, BASE_URL)
    store.problem.subscribe(troubles.append)
    lengths = [len(store.samples(job_id(n))) for n in range(JOBS)]
    assert 0 in lengths, "what was damaged is lost"
    assert sum(lengths) > 9 * JOBS
    assert store.repair_notice.value
    assert "is damaged; what can be read is being copied to a new file" in troubles[0]
    assert troubles[1:] == [""], "the problem is over"
    until(lambda: [event.text for event in store.events(limit=1)] == [store.repair_notice.value])
    store.close()


def test_the_watch_list_in_memory_is_written_to_the_new_file(database: Path) -> None:
    store = Store(database, BASE_URL)
    watch_list = WatchList(store)
    assert len(watch_list.entries) == JOBS
    overwrite(database, *pages_of(database, "job")[1:-1])
    read_all_pages(store)
    assert store.repair_notice.value
    assert store.load() == list(watch_list.entries.values())
    store.close()


def test_another_process_switches_to_the_new_file(database: Path) -> None:
    first, second = Store(database, BASE_URL), Store(database, BASE_URL)
    overwrite(database, *pages_of(database, "sample")[2:4])
    read_all_pages(first)
    assert first.repair_notice.value
    second.add([job_id(JOBS)]).result(10)
    assert job_id(JOBS) in {entry.id for entry in first.load()}
    assert len(second.load()) == JOBS + 1
    assert len(kept(database)) == 1, "only one process recovers the file"
    assert "was replaced by another file" in second.repair_notice.value
    first.close()
    second.close()


def test_a_full_disk_during_recovery_loses_nothing(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    overwrite(database, *pages_of(database, "sample")[2:4])
    damaged = database.read_bytes()
    connect = opening.connect

    def small(where: Path) -> sqlite3.Connection:
        connection = connect(where)
        connection.execute("PRAGMA max_page_count = 30")
        return connection

    monkeypatch.setattr("app.store.recovery.connect", small)
    store = Store(database, BASE_URL)
    with pytest.raises(StoreError, match="is full; make room"):
        read_all_pages(store)
    store.close()
    assert database.read_bytes() == damaged
    assert [one.name for one in database.parent.iterdir()] == ["dwtop.db"]


def test_four_processes_recover_a_damaged_file_once(database: Path) -> None:
    overwrite(database, *pages_of(database, "sample")[2:4])
    run_together(_OPEN, *((database, job_id(JOBS + number)) for number in range(4)))
    store = Store(database, BASE_URL)
    assert len(store.load()) == JOBS + 4
    store.close()
    assert len(kept(database)) == 1


def test_a_file_just_replaced_is_not_set_aside(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    overwrite(database, 1)
    open_both = Database._open_both

    def overtaken(self: Database) -> None:
        monkeypatch.undo()
        try:
            open_both(self)
        finally:
            Store(database, BASE_URL).close()

    monkeypatch.setattr(Database, "_open_both", overtaken)
    Store(database, BASE_URL).close()
    assert len(kept(database)) == 1


def test_while_the_recovery_waits_data_can_be_read_and_the_store_can_be_closed(database: Path) -> None:
    troubles: list[str] = []
    store = Store(database, BASE_URL)
    store.problem.subscribe(troubles.append)
    overwrite(database, *pages_of(database, "sample")[2:4])
    folder = os.open(database.parent, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)  # the recovery waits for this lock
    try:
        store.prune(0.0)
        until(lambda: troubles)
        assert len(store.read_soon(store.events, limit=5).result(10)) == 5
        assert len(store.read_soon(store.load).result(10)) == JOBS
        assert store.repair_notice.value == "", "recovery is not finished"
        ending = threading.Thread(target=store.close, daemon=True)
        ending.start()
        ending.join(20)
        assert not ending.is_alive()
    finally:
        os.close(folder)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "dwtop.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """A store with one job, whose file a test removes or replaces."""
    with closing(Store(path, BASE_URL)) as store:
        (entry,) = store.add([ONE]).result(10)
        store.save(Watched(ONE, entry.added_at, job(ONE)), Sample(1.0, "queued", None, None))
        store.log_event(Event(1.0, EventKind.CONNECTION, "offline"))
        until(lambda: store.events())
        yield store


def watched(path: Path) -> set[str]:
    """What another program finds in the file."""
    with closing(Store(path, BASE_URL)) as store:
        assert store.repair_notice.value == ""
        return {entry.id for entry in store.load()}


def remove_with_its_log(path: Path) -> None:
    for file in path.parent.glob("dwtop.db*"):
        file.unlink()


HARMS: dict[str, Callable[[Path], object]] = {
    "removed": Path.unlink,
    "removed with its log": remove_with_its_log,
    "moved": lambda path: path.rename(path.with_name("elsewhere.db")),
    "folder removed": lambda path: shutil.rmtree(path.parent),
    "folder moved": lambda path: path.parent.rename(path.parent.with_name("elsewhere")),
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)
def test_a_removed_file_is_recreated(store: Store, path: Path, harm: Callable[[Path], object]) -> None:
    troubles: list[str] = []
    repairs: list[str] = []
    store.problem.subscribe(troubles.append)
    store.repair_notice.subscribe(repairs.append)
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
    until(lambda: path.exists() and store.repair_notice.value)
    assert watched(path) == {ONE}


def test_two_processes_lose_nothing_when_the_file_is_removed(store: Store, path: Path) -> None:
    with closing(Store(path, BASE_URL)) as second:
        for each in (store, second):
            WatchList(each)
        path.unlink()
        assert store.add([TWO]).result(10)
        assert second.add([THREE]).result(10)
        assert {entry.id for entry in store.load()} == {ONE, TWO, THREE}
    assert store.add([job_id(4)]).result(10)
    assert watched(path) == {ONE, TWO, THREE, job_id(4)}


async def test_another_file_gets_the_entries_in_memory(store: Store, path: Path, tmp_path: Path) -> None:
    with closing(Store(tmp_path / "other.db", BASE_URL)) as other:
        other.add([THREE]).result(10)
    watch_list = WatchList(store)
    remove_with_its_log(path)
    (tmp_path / "other.db").rename(path)
    assert await watch_list.add([TWO]) == [TWO]
    assert "was replaced by another file" in store.repair_notice.value
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
    with closing(sqlite3.connect(theirs)) as connection:
        connection.execute("CREATE TABLE bookmark (url TEXT)")
    content = theirs.read_bytes()
    theirs.replace(path)
    with pytest.raises(StoreError, match="is not a dwtop database"):
        store.add([TWO]).result(10)
    assert [entry.id for entry in store.load()] == [ONE], "the old file can still be read"
    assert path.read_bytes() == content
    path.unlink()
    assert store.add([TWO]).result(10)
    assert watched(path) == {ONE, TWO}


def test_nothing_is_left_open_if_the_file_is_recreated_while_closing(store: Store, path: Path) -> None:
    remove_with_its_log(path)
    store.close()
    assert watched(path) == {ONE}
    # SQLite removes its log when the last connection is closed.
    assert [file.name for file in path.parent.iterdir()] == [path.name]
