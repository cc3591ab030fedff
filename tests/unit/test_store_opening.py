"""Database files that cannot be used: each is one sentence that says what to do."""

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from app.store.counts_query import count_jobs
from app.store.jobs import read_watch_list
from app.store.opening import store_error
from app.store.store import Store
from app.watch.events import Event, EventKind
from app.watch.history import Sample
from app.watch.polling.intervals import Intervals
from app.watch.polling.link import LinkState
from app.watch.sharing.pane import Pane
from app.watch.storage import StoreError
from app.watch.watched import Cancel, CancelStep, Failure, Outlook, Watched
from tests.dwtop_process import Inside
from tests.processes import run_python
from tests.scripted_api import BASE_URL, job, job_id
from tests.timing import until

ONE, TWO = job_id(1), job_id(2)


def filled(path: Path, jobs: int = 500) -> Path:
    """A database with something in it."""
    with closing(Store(path, BASE_URL)) as store:
        for entry in store.add([job_id(n) for n in range(jobs)]).result():
            store.save(Watched(entry.id, 0.0, job(entry.id)), Sample(1.0, "queued", None, None))
    return path


def test_unknown_values_of_a_newer_version_are_tolerated(tmp_path: Path) -> None:
    path = filled(tmp_path / "dwtop.db", 1)
    with closing(sqlite3.connect(path, isolation_level=None)) as newer:
        newer.execute("UPDATE job SET cancel_at = 1.0, cancel_step = 'deferred', cancel_detail = 'later'")
        newer.execute(
            "INSERT INTO event (origin, job, at, kind, text, grp) VALUES (1, 1, 5.0, 'audit', 'It was seen.', 'vip')"
        )
        newer.execute("INSERT INTO lease VALUES (1, 'another', 'theirs', 0, 105.0, 'half up', 'why', 1.0)")
    with closing(Store(path, BASE_URL, now=lambda: 100.0)) as store:
        (entry,) = store.load()
        assert entry.job is not None
        assert entry.cancel is None
        (event,) = store.events()
        assert (event.kind, event.text, event.group) == (EventKind.OTHER, "It was seen.", None)
        lease = store.heartbeat(Pane("ours", "ours", Intervals(), True, LinkState())).result(10)
        assert (lease.ours, lease.link) == (False, LinkState())


@pytest.mark.parametrize("table", ["job", "sample", "event"])
@pytest.mark.parametrize(("value", "unreadable_jobs"), [("text", 1), (b"\xff", 2), (1.5, 0)])
def test_cells_that_another_program_wrote_with_a_wrong_type_are_left_out(
    tmp_path: Path,
    table: str,
    value: object,
    unreadable_jobs: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "dwtop.db"
    with closing(Store(path, BASE_URL)) as store:
        for entry in store.add([job_id(n) for n in range(40)]).result():
            full = Watched(
                entry.id,
                5.0,
                replace(job(entry.id), error_message="why", is_byok=True),
                5.0,
                Failure(5.0, "why"),
                cancel=Cancel(5.0, CancelStep.REFUSED, "why"),
                outlook=Outlook(9e9, 8e9, 9e9),
            )
            event = Event(5.0, EventKind.STATUS, "why", entry.id)
            store.save(full, Sample(1.0, "queued", 1.0, "Writing"), event)
    with closing(sqlite3.connect(path)) as connection:
        columns = {name for (name,) in connection.execute(f"SELECT name FROM pragma_table_info('{table}')")}
        columns -= {"key", "origin", "watched", "job", "revision"}
        key = "key" if table == "job" else "job"
        for row, name in enumerate(sorted(columns), 1):  # one in each job
            connection.execute(f"UPDATE {table} SET {name} = ? WHERE {key} = ?", (value, row))
        connection.commit()
    dwtop = Inside(BASE_URL, capsys, monkeypatch)
    for arguments in ("list", "list --json", "list --csv", "list --json --history", "status --tmux"):
        assert dwtop(*arguments.split(), "--database", str(path)).code == 0, arguments
    with closing(Store(path, BASE_URL)) as store:
        entries = store.load()
        assert len(entries) == 40 - (unreadable_jobs if table == "job" else 0)
        assert all(isinstance(sample.at, float) for entry in entries for sample in store.samples(entry.id))
        assert all(isinstance(event.text, str) for event in store.events())


def open_and_close(path: Path, url: str) -> None:
    Store(path, url).close()


@pytest.mark.parametrize("read", [read_watch_list, open_and_close])
def test_an_emptied_file_is_read_from_its_log(tmp_path: Path, read: Callable[[Path, str], object]) -> None:
    copy = tmp_path / "copy.db"
    copy.touch()
    with closing(Store(tmp_path / "dwtop.db", BASE_URL)) as store:
        store.add([ONE, TWO]).result()
        shutil.copy(tmp_path / "dwtop.db-wal", tmp_path / "copy.db-wal")
    read(copy, BASE_URL)
    assert [entry.id for entry in read_watch_list(copy, BASE_URL)] == [ONE, TWO]


def one_sentence(text: object, path: Path) -> None:
    said = str(text)
    assert str(path) in said
    assert said.endswith(".")
    assert "\n" not in said


def foreign(path: Path, version: int) -> None:
    with closing(sqlite3.connect(path)) as theirs:
        theirs.executescript(f"CREATE TABLE bookmark (url TEXT); PRAGMA user_version = {version}")


UNUSABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "settings": (lambda path: path.write_text("sort = 'title'\n"), "is not a dwtop database"),
    "long text": (lambda path: path.write_text("ä" * 5000, encoding="utf-8"), "is not a dwtop database"),
    "foreign database": (lambda path: foreign(path, 0), "is not a dwtop database"),
    "foreign negative version": (lambda path: foreign(path, -1), "is not a dwtop database"),
    "newer database": (lambda path: foreign(path, 9999), "made by a newer dwtop"),
    "folder": (Path.mkdir, "is a folder; name a file in it with --database"),
    "named pipe": (os.mkfifo, "it is not a file"),
    "circular link": (lambda path: path.symlink_to(path), "cannot be .*--database"),
}


@pytest.mark.parametrize("use", [Store, read_watch_list, count_jobs], ids=["open", "read", "count"])
@pytest.mark.parametrize("kind", UNUSABLE)
def test_what_is_no_database_is_refused_in_one_sentence_and_left_unchanged(
    tmp_path: Path, kind: str, use: Callable[[Path, str], object]
) -> None:
    path, (make, words) = tmp_path / "named", UNUSABLE[kind]
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(StoreError, match=words) as caught:
        use(path, BASE_URL)
    one_sentence(caught.value, path)
    assert before == (path.read_bytes() if path.is_file() else b"")
    assert list(tmp_path.iterdir()) == [path]


def overwrite(path: Path) -> None:
    path.write_bytes(b"This was a database once.\0" * 100)


def overwrite_the_middle(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(8 * 4096))


@pytest.mark.parametrize("harm", [overwrite, overwrite_the_middle])
def test_a_damaged_file_is_renamed_and_replaced(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    path = filled(tmp_path / "dwtop.db")
    harm(path)
    damaged = path.read_bytes()
    store = Store(path, BASE_URL, now=lambda: 1_700_000_000.0)
    one_sentence(store.repair_notice.value, path)
    aside = next(tmp_path.glob("dwtop.db.damaged-*"))
    assert aside.name in store.repair_notice.value
    assert aside.read_bytes() == damaged
    assert {entry.id for entry in store.load()} <= {job_id(n) for n in range(500)}
    assert store.add([job_id(501)]).result()
    store.close()
    harm(path)
    second = Store(path, BASE_URL, now=lambda: 1_700_000_000.0)
    assert second.repair_notice.value
    second.close()
    kept = [one for one in tmp_path.glob("dwtop.db.damaged-*") if not one.name.endswith(("-wal", "-shm"))]
    assert len(kept) == 2, "the first file is not overwritten, although it has the same time"
    assert aside.read_bytes() == damaged


def test_a_damaged_file_is_renamed_without_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(link: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    path = filled(tmp_path / "dwtop.db")
    overwrite(path)
    damaged = path.read_bytes()
    with closing(Store(path, BASE_URL)) as store:
        assert store.add([ONE]).result(10)
    assert next(tmp_path.glob("dwtop.db.damaged-*")).read_bytes() == damaged


def test_what_another_process_has_just_written_is_read_through_a_link(tmp_path: Path) -> None:
    link = tmp_path / "dwtop.db"
    (tmp_path / "elsewhere").mkdir()
    link.symlink_to("elsewhere/jobs.db")
    with closing(Store(link, BASE_URL)) as store:
        store.add([job_id(1)]).result(10)
        assert len(read_watch_list(link, BASE_URL)) == 1


def test_a_newer_file_is_not_replaced_by_memory(tmp_path: Path) -> None:
    foreign(tmp_path / "dwtop.db", 99)
    with pytest.raises(StoreError, match="newer dwtop"):
        Store(tmp_path / "dwtop.db", BASE_URL, or_in_memory=True)


@pytest.fixture
def locking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    """Another program, which may lock the database `dwtop.db`."""
    monkeypatch.setattr("app.store.opening.BUSY_TIMEOUT_SECONDS", 0.2)
    with closing(sqlite3.connect(filled(tmp_path / "dwtop.db", 3), isolation_level=None)) as connection:
        yield connection


def test_a_lock_blocks_neither_opening_nor_reading(locking: sqlite3.Connection, tmp_path: Path) -> None:
    locking.execute("BEGIN IMMEDIATE")
    with closing(Store(tmp_path / "dwtop.db", BASE_URL)) as store:
        assert len(store.load()) == 3
        with pytest.raises(StoreError, match="locked by another program") as caught:
            store.add([job_id(4)]).result(10)
        one_sentence(caught.value, store.path)
        locking.execute("ROLLBACK")
        assert store.add([job_id(4)]).result(10)


def test_an_exclusive_lock_is_reported_in_one_sentence(locking: sqlite3.Connection, tmp_path: Path) -> None:
    locking.execute("PRAGMA locking_mode = EXCLUSIVE")
    locking.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked by another program") as caught:
        Store(tmp_path / "dwtop.db", BASE_URL)
    one_sentence(caught.value, tmp_path / "dwtop.db")


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be used") as caught:
        Store(tmp_path / "file" / "dwtop.db", BASE_URL)
    one_sentence(caught.value, tmp_path / "file")
    assert count_jobs(tmp_path / "file" / "dwtop.db", BASE_URL).jobs == 0


_AS_NOBODY = """
import os, sys
import urllib.parse  # pathlib imports it late, from a folder that the user nobody may not read
from pathlib import Path
from app.store.jobs import read_watch_list
from app.store.store import Store
from app.watch.storage import StoreError
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    print({"open": Store, "read": read_watch_list}[sys.argv[1]](Path(sys.argv[2]), "https://example.invalid/api"))
except StoreError as error:
    print(error)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that others can enter, unlike `tmp_path`, but cannot write to."""
    folder = Path(tempfile.mkdtemp())
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_read_only_file_can_be_read(folder: Path) -> None:
    path = filled(folder / "dwtop.db", 1)
    path.chmod(0o444)
    folder.chmod(0o555)
    assert job_id(0) in run_python(_AS_NOBODY, "read", path)
    assert list(folder.iterdir()) == [path]


@pytest.mark.parametrize("exists", [False, True])
def test_a_read_only_folder(folder: Path, exists: bool) -> None:
    path = folder / "dwtop.db"
    if exists:
        filled(path, 1).chmod(0o444)
    folder.chmod(0o555)
    sentence = run_python(_AS_NOBODY, "open", path).strip()
    assert "check its permissions" in sentence
    one_sentence(sentence, path)


def test_an_unusable_file_is_replaced_by_memory_with_a_notice(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="--database"):
        Store(tmp_path, BASE_URL)
    troubles: list[str] = []
    store = Store(tmp_path, BASE_URL, or_in_memory=True)
    store.problem.subscribe(troubles.append)
    one_sentence(store.problem.value, tmp_path)
    assert store.problem.value.startswith("Nothing is saved: the database ")
    (entry,) = store.add([ONE]).result(10)
    store.save(Watched(ONE, entry.added_at, job(ONE)), Sample(1.0, "queued", None, None))
    until(lambda: store.samples(ONE))
    assert [entry.job for entry in store.load()] == [job(ONE)]
    store.close()
    assert troubles == []
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_without_wal_support_is_one_sentence(tmp_path: Path) -> None:
    sentence = str(store_error(sqlite3.OperationalError("disk I/O error"), tmp_path / "dwtop.db"))
    one_sentence(sentence, tmp_path / "dwtop.db")
    assert "--database" in sentence
