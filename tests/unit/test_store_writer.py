"""Whatever a write or a callback raises reaches its caller, costs no other write, and ends nothing."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.store.store import Store
from app.store.writer import Writer
from app.watch.events import Event, EventKind
from app.watch.history import Sample
from app.watch.storage import StoreError
from tests.scripted_api import job, job_id
from tests.timing import until

URL = "https://example.invalid/api"
ONE, TWO, THREE = job_id(1), job_id(2), job_id(3)


@pytest.fixture
def troubles() -> list[str]:
    return []


@pytest.fixture
def store(tmp_path: Path, troubles: list[str]) -> Iterator[Store]:
    store = Store(tmp_path / "dwtop.db", URL, on_save_error=troubles.append)
    yield store
    store.close()


def raise_error(connection: sqlite3.Connection) -> None:
    raise LookupError("no such thing")


def test_an_exception_in_a_write_reaches_only_its_caller(store: Store) -> None:
    store._writer._condition.acquire()  # so that all three are in one transaction
    try:
        before, bad, after = store.add([ONE]), store._writer.submit(raise_error), store.add([TWO])
    finally:
        store._writer._condition.release()
    with pytest.raises(StoreError, match="LookupError") as caught:
        bad.result(10)
    assert isinstance(caught.value.__cause__, LookupError)
    assert [entry.id for entry in before.result(10)] == [ONE]
    assert [entry.id for entry in after.result(10)] == [TWO]
    assert store.add([THREE]).result(10)
    assert [entry.id for entry in store.load()] == [ONE, TWO, THREE]


def test_a_faulty_entry_does_not_affect_other_jobs(store: Store, troubles: list[str]) -> None:
    one, two = store.add([ONE, TWO]).result(10)
    bad = replace(job(ONE), title="\ud800")  # SQLite takes no half of a surrogate pair
    store.save(replace(one, job=bad), Sample(1.0, "queued", None, None))
    store.save(replace(two, job=job(TWO)), Sample(1.0, "queued", None, None))
    store.log_event(Event(1.0, EventKind.CONNECTION, "offline"))
    until(lambda: store.events())
    until(lambda: store.samples(TWO))
    assert [entry.job for entry in store.load()] == [None, job(TWO)]
    assert any("could not be saved (UnicodeEncodeError" in sentence for sentence in troubles)


def test_a_callback_that_fails_does_not_stop_the_writing(store: Store) -> None:
    def fail(*_: object) -> list[object]:
        raise LookupError

    store.on_save_error = fail  # type: ignore[assignment]  # because it is a mistake on purpose
    store.on_file_replaced = fail  # type: ignore[assignment]  # because it is a mistake on purpose
    store._writer.report("Something is wrong.")
    store.path.unlink()
    assert store.add([ONE]).result(10)
    assert [entry.id for entry in store.load()] == [ONE]


def test_callers_do_not_hang_if_commits_raise(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bool:
        raise LookupError

    monkeypatch.setattr("threading.excepthook", lambda _: None)
    monkeypatch.setattr(Writer, "_commit", fail)
    with pytest.raises(StoreError):
        store.add([ONE]).result(10)
    with pytest.raises(StoreError):
        store.add([TWO]).result(10)
