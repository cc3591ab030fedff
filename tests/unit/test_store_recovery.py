"""What can be read of a damaged file is taken over, the file is kept, and the program goes on."""

import fcntl
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from app.store import opening, schema
from app.store.opening import is_intact
from app.store.store import Store
from app.watch.events import Event, EventKind
from app.watch.history import Sample
from app.watch.storage import StoreError
from app.watch.watch_list import WatchList
from app.watch.watched import Watched
from tests.scripted_api import job, job_id
from tests.timing import until

URL = "https://example.invalid/api"
JOBS = 300
ROOT = Path(__file__).parents[2]
PAGE = 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of some hundred pages."""
    path = tmp_path / "dwtop.db"
    store = Store(path, URL)
    for entry in store.add([job_id(n) for n in range(JOBS)]).result(10):
        for n in range(10):
            store.save(
                Watched(entry.id, entry.added_at, job(entry.id)),
                Sample(1e9 + n, "in_progress", float(n), "Drafting"),
                [Event(1e9 + n, EventKind.STATUS, "x" * 50, entry.id)],
            )
    store.close()
    return path


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file is small enough to be looked through when it is opened."""
    for module in ("opening", "database"):
        monkeypatch.setattr(f"app.store.{module}.MAX_CHECKED_ON_OPEN_BYTES", 0)


def pages_of(path: Path, table: str) -> list[int]:
    """The leaves of a table, by their numbers from 1."""
    connection = sqlite3.connect(path)
    try:
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    finally:
        connection.close()
    data = path.read_bytes()

    def below(number: int) -> list[int]:
        page = data[(number - 1) * PAGE : number * PAGE]
        if page[0] not in (2, 5):
            return [number]
        cells = int.from_bytes(page[3:5], "big")
        places = [int.from_bytes(page[12 + 2 * n : 14 + 2 * n], "big") for n in range(cells)]
        children = [int.from_bytes(page[place : place + 4], "big") for place in places]
        return [leaf for child in [*children, int.from_bytes(page[8:12], "big")] for leaf in below(child)]

    return below(root)


def overwrite(path: Path, *numbers: int) -> None:
    with path.open("r+b") as file:
        for number in numbers:
            file.seek((number - 1) * PAGE)
            file.write(os.urandom(PAGE))


def kept(path: Path) -> list[Path]:
    return [one for one in path.parent.glob("*.damaged-*") if not one.name.endswith(("-wal", "-shm"))]


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("table", ["job", "sample", "event"])
def test_a_damaged_page_loses_only_its_rows(path: Path, table: str) -> None:
    leaves = pages_of(path, table)
    assert len(leaves) > 5
    overwrite(path, *leaves[2:4])
    damaged = path.read_bytes()
    assert not is_intact(path)
    store = Store(path, URL)
    assert store.repair_notice == "", "opening does not read it all"
    store.check_integrity()
    until(lambda: store.repair_notice, 20)
    assert kept(path)[0].read_bytes() == damaged
    assert kept(path)[0].name in store.repair_notice
    assert is_intact(path)
    jobs = len(store.load())
    samples = sum(len(store.samples(job_id(n))) for n in range(JOBS))
    events = len(store.events(limit=10**6))
    # Two leaves of many are gone; and with a job its history.
    assert jobs >= JOBS * (1 - 3 / len(leaves)) if table == "job" else jobs == JOBS
    assert samples >= 10 * JOBS * (1 - 4 / len(leaves)) if table != "event" else samples == 10 * JOBS
    assert events >= 10 * JOBS * (1 - 3 / len(leaves)) if table == "event" else events == 10 * JOBS
    assert store.add([job_id(JOBS)]).result(10)
    store.close()
    assert not list(path.parent.glob("*.new-*"))


def test_a_damaged_file_of_an_older_version_is_recovered(tmp_path: Path) -> None:
    path = tmp_path / "dwtop.db"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(f"{schema._MIGRATIONS[0]}; PRAGMA user_version = 1")
        old.execute("INSERT INTO origin VALUES (1, ?)", (URL,))
        rows = [(job_id(n), float(n)) for n in range(JOBS)]
        old.executemany(
            "INSERT INTO job (origin, id, added_at, watched, revision) VALUES (1, ?, ?, 1, 1)", rows
        )
        old.commit()
    overwrite(path, pages_of(path, "job")[3])
    store = Store(path, URL)
    assert store.repair_notice
    assert JOBS * 0.5 < len(store.load()) < JOBS
    store.close()


def test_a_file_without_its_header_is_kept_and_replaced(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"#" * PAGE)
    damaged = path.read_bytes()
    store = Store(path, URL)
    assert store.repair_notice.endswith("and nothing was readable for a new one.")
    assert kept(path)[0].read_bytes() == damaged
    assert store.load() == []
    store.close()


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("read", [Store.load, lambda store: store.load_first(5), Store.newest_revision])
def test_reading_the_list_waits_until_a_damaged_file_is_recovered(
    path: Path, read: Callable[[Store], object]
) -> None:
    store = Store(path, URL)
    expected = read(store)
    store.close()
    store = Store(path, URL)
    overwrite(path, *(number for table in ("job", "revision") for number in pages_of(path, table)[-1:]))
    store._database._reader.execute("PRAGMA cache_size = 0")
    store._database._reader.execute("PRAGMA shrink_memory")
    found = read(store)
    assert store.repair_notice
    assert type(found) is type(expected)
    store.close()


@pytest.mark.usefixtures("large")
def test_damaged_histories_are_empty_until_the_recovery(path: Path) -> None:
    troubles: list[str] = []
    leaves = pages_of(path, "sample")
    overwrite(path, leaves[len(leaves) // 2])
    store = Store(path, URL, on_save_error=troubles.append)
    lengths = [len(store.samples(job_id(n))) for n in range(JOBS)]
    assert 0 in lengths, "no error that ends the program"
    until(lambda: len(troubles) > 1, 20)
    assert "is damaged; what can be read of it is being saved" in troubles[0]
    assert troubles[1:] == [""], "what is over is no longer a problem"
    until(lambda: [event.text for event in store.events(limit=1)] == [store.repair_notice])
    store.close()


@pytest.mark.usefixtures("large")
def test_the_watch_list_in_memory_is_written_to_the_new_file(path: Path) -> None:
    store = Store(path, URL)
    watch_list = WatchList(store)
    assert len(watch_list.entries) == JOBS
    overwrite(path, *pages_of(path, "job")[1:-1])
    store.check_integrity()
    until(lambda: store.repair_notice, 20)
    until(lambda: len(store.load()) == JOBS)
    assert store.load() == list(watch_list.entries.values())
    store.close()


@pytest.mark.usefixtures("large")
def test_another_process_switches_to_the_new_file(path: Path) -> None:
    first, second = Store(path, URL), Store(path, URL)
    overwrite(path, *pages_of(path, "sample")[2:4])
    first.check_integrity()
    until(lambda: first.repair_notice, 20)
    second.check_integrity()
    second.add([job_id(JOBS)]).result(10)
    assert job_id(JOBS) in {entry.id for entry in first.load()}
    assert len(second.load()) == JOBS + 1
    assert len(kept(path)) == 1, "what one has rescued the other leaves alone"
    assert "was replaced by another file" in second.repair_notice
    first.close()
    second.close()


def test_a_full_disk_during_recovery_loses_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    overwrite(path, *pages_of(path, "sample")[2:4])
    damaged = path.read_bytes()
    connect = opening.connect

    def small(where: Path) -> sqlite3.Connection:
        connection = connect(where)
        connection.execute("PRAGMA max_page_count = 30")
        return connection

    monkeypatch.setattr("app.store.recovery.connect", small)
    with pytest.raises(StoreError, match="is full; make room"):
        Store(path, URL)
    assert path.read_bytes() == damaged
    assert [one.name for one in path.parent.iterdir()] == ["dwtop.db"]


_OPEN = """
import sys
from pathlib import Path
from app.store.store import Store
sys.stdin.read(1)
store = Store(Path(sys.argv[1]), "https://example.invalid/api")
store.add([sys.argv[2]]).result(30)
store.close()
"""


def test_four_processes_recover_a_damaged_file_once(path: Path) -> None:
    overwrite(path, *pages_of(path, "sample")[2:4])
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _OPEN, str(path), job_id(JOBS + n)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n in range(4)
    ]
    for one in started:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    for one in started:
        assert one.communicate(timeout=60)[1] == ""
    store = Store(path, URL)
    assert len(store.load()) == JOBS + 4
    store.close()
    assert len(kept(path)) == 1


@contextmanager
def rescues_held_up(path: Path) -> Iterator[None]:
    """Another program is busy in the folder, and rescues wait for it."""
    folder = os.open(path.parent, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(folder)


@pytest.mark.usefixtures("large")
def test_undamaged_data_can_be_read_during_recovery(path: Path) -> None:
    troubles: list[str] = []
    store = Store(path, URL, on_save_error=troubles.append)
    overwrite(path, *pages_of(path, "sample")[2:4])
    with rescues_held_up(path):
        store.check_integrity()
        until(lambda: troubles)
        assert len(store.read_soon(store.events, limit=5).result(10)) == 5
        assert len(store.read_soon(store.load).result(10)) == JOBS
        assert store.repair_notice == "", "it is still being rescued"
    until(lambda: store.repair_notice)
    store.close()


@pytest.mark.usefixtures("large")
def test_closing_does_not_wait_for_recovery(path: Path) -> None:
    troubles: list[str] = []
    store = Store(path, URL, on_save_error=troubles.append)
    overwrite(path, *pages_of(path, "sample")[2:4])
    with rescues_held_up(path):
        store.check_integrity()
        until(lambda: troubles)
        ending = threading.Thread(target=store.close, daemon=True)
        ending.start()
        ending.join(20)
        assert not ending.is_alive()
