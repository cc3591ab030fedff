"""The past is bounded in the file too, and what was thinned away makes room for what comes."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from app.store import history, writer
from app.store.opening import Connection, open_file
from app.store.store import Store
from app.watch.events import Event, EventKind
from app.watch.history import HistoryLimits, Sample
from app.watch.watched import Watched
from tests.scripted_api import job, job_id
from tests.timing import until

URL = "https://example.invalid/api"
ONE = job_id(1)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """The tables with one job, without a thread that writes."""
    store = Store(tmp_path / "db", URL)
    store.add([ONE]).result(10)
    store.close()
    opened = open_file(tmp_path / "db", "mode=rw")
    opened.origin = 1
    opened.limits = HistoryLimits(samples=50, events=100)
    yield opened
    opened.close()


def pages(connection: Connection) -> int:
    return int(connection.execute("PRAGMA page_count").fetchone()[0])


def go_on(connection: Connection, begin: int, number: int) -> None:
    """Write what an hour or two of polls bring: a sample and an event each."""
    connection.execute("BEGIN")
    for n in range(begin, begin + number):
        history.add_sample(connection, ONE, Sample(1e9 + n, "in_progress", n / 1e3, None))
        history.add_event(connection, Event(1e9 + n, EventKind.STATUS, "x" * 40, ONE))
    connection.execute("COMMIT")


def test_the_file_stops_growing_at_the_history_limits(connection: Connection) -> None:
    go_on(connection, 0, 300)
    full = pages(connection)
    for begin in range(300, 3300, 1000):
        go_on(connection, begin, 1000)
        samples = history.samples_of(connection, ONE)
        assert len(samples) <= 50
        assert samples[0].at == 1e9
        assert samples[-1].at == 1e9 + begin + 999
        assert len(history.latest_events(connection, limit=10**6)) == 100
        assert pages(connection) <= full + 1


def test_long_histories_are_thinned_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "_PRUNE_BATCH_JOBS", 20)
    store = Store(tmp_path / "db", URL, limits=HistoryLimits(samples=1000))
    names = [job_id(n) for n in range(45)]
    for entry in store.add(names).result(10):
        new = replace(entry, job=job(entry.id))
        for n in range(12):
            store.save(new, Sample(1e9 + n, "in_progress", float(n), None))
    store.close()
    store = Store(tmp_path / "db", URL, limits=HistoryLimits(samples=10))
    place: int | None = 0
    steps = 0
    while place is not None:
        place = store.prune(0.0, place).result(10)
        steps += 1
        thinned = sum(len(store.samples(name)) == 10 for name in names)
        assert thinned == min(20 * steps, 45)
    assert steps == 3
    store.close()


def test_a_clock_set_back_leaves_the_history_in_order(connection: Connection) -> None:
    go_on(connection, 0, 20)
    history.add_sample(connection, ONE, Sample(1e9 - 7200, "in_progress", 50.0, None))
    samples = history.samples_of(connection, ONE)
    assert [one.progress for one in samples] == [*(n / 1e3 for n in range(20)), 50.0]
    assert samples[-1].at == 1e9 - 7200
    assert all(later.at - earlier.at == 1.0 for earlier, later in pairwise(samples))


def test_what_waits_for_a_full_disk_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "_MAX_WAITING", 30)
    monkeypatch.setattr(writer, "RETRY_DELAY_SECONDS", 0.05)
    problems: list[str] = []
    store = Store(tmp_path / "db", URL, on_save_error=problems.append)
    entry = store.add([ONE]).result(10)[0]
    pages = store._database.writer.execute("PRAGMA page_count").fetchone()[0]
    store._database.writer.execute(f"PRAGMA max_page_count = {pages}")
    store.save(replace(entry, job=job(ONE)))
    for n in range(2000):
        store.log_event(Event(1e9 + n, EventKind.OTHER, "x" * 400))
    until(lambda: problems and len(store._writer._waiting) == 30)
    store._database.writer.execute("PRAGMA max_page_count = 1000000")
    until(lambda: problems[-1] == "")
    assert store.load()[0].job == job(ONE), "the state of a job is not dropped"
    assert [event.at for event in store.events()] == [1e9 + n for n in reversed(range(1971, 2000))]
    store.close()


def test_writes_are_applied_in_the_order_in_which_they_were_queued(tmp_path: Path) -> None:
    store = Store(tmp_path / "db", URL)
    with store._writer._condition:  # so that all are in one transaction
        store.track([ONE])
        store.save(Watched(ONE, 1.0, job(ONE, "queued")), Sample(1.0, "queued", None, None))
        store.discard_histories()
        store.save(Watched(ONE, 1.0, job(ONE)), Sample(2.0, "in_progress", 40.0, None))
        added = store.add([ONE])
    assert [entry.job for entry in added.result(10)] == [job(ONE)]
    assert [sample.at for sample in store.samples(ONE)] == [2.0]
    store.close()
