"""The past is bounded in the file too, and what was thinned away makes room for what comes."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from app.store import history
from app.store.store import Store
from app.store.writer import Batch
from app.watch.events import Event, EventKind
from app.watch.history import HistoryLimits, Sample
from tests.scripted_api import job, job_id

URL = "https://example.invalid/api"
ONE = job_id(1)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The tables with one job, without a thread that writes."""
    store = Store(tmp_path / "db", URL)
    store.add([ONE]).result(10)
    store.close()
    opened = sqlite3.connect(tmp_path / "db", isolation_level=None)
    yield opened
    opened.close()


def pages(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA page_count").fetchone()[0])


def go_on(connection: sqlite3.Connection, begin: int, number: int, most: int = 50) -> None:
    """Write what an hour or two of polls bring: a sample and an event each."""
    connection.execute("BEGIN")
    for n in range(begin, begin + number):
        history.add_samples(connection, 1, ONE, [Sample(1e9 + n, "in_progress", n / 1e3, None)], most)
        history.add_events(connection, 1, [Event(1e9 + n, EventKind.STATUS, "x" * 40, ONE)], 100)
    connection.execute("COMMIT")


def test_the_file_stops_growing_at_the_history_limits(connection: sqlite3.Connection) -> None:
    go_on(connection, 0, 300)
    full = pages(connection)
    for begin in range(300, 3300, 1000):
        go_on(connection, begin, 1000)
        samples = history.samples_of(connection, 1, ONE)
        assert len(samples) <= 50
        assert samples[0].at == 1e9
        assert samples[-1].at == 1e9 + begin + 999
        assert len(history.latest_events(connection, 1, None, 10**6)) == 100
        assert pages(connection) <= full + 1


def test_long_histories_are_thinned_in_batches(tmp_path: Path) -> None:
    store = Store(tmp_path / "db", URL, limits=HistoryLimits(samples=1000))
    names = [job_id(n) for n in range(450)]
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
        assert thinned == min(200 * steps, 450)
    assert steps == 3
    store.close()


def test_a_clock_set_back_leaves_the_history_in_order(connection: sqlite3.Connection) -> None:
    go_on(connection, 0, 20)
    history.add_samples(connection, 1, ONE, [Sample(1e9 - 7200, "in_progress", 50.0, None)], 50)
    samples = history.samples_of(connection, 1, ONE)
    assert [one.progress for one in samples] == [*(n / 1e3 for n in range(20)), 50.0]
    assert samples[-1].at == 1e9 - 7200
    assert all(later.at - earlier.at == 1.0 for earlier, later in pairwise(samples))


def test_pending_writes_are_bounded() -> None:
    limits = HistoryLimits(samples=10, events=20)
    waiting = Batch()
    for n in range(1000):
        new = Sample(1e9 + n, "in_progress", n / 1e3, None)
        waiting.extend(Batch([], {}, {job_id(n % 3): [new]}, [Event(1e9 + n, EventKind.OTHER, "x")]), limits)
    assert all(10 <= len(samples) <= 20 for samples in waiting.samples.values())
    assert [samples[0].at for samples in waiting.samples.values()] == [1e9, 1e9 + 1, 1e9 + 2]
    assert waiting.samples[job_id(0)][-1].at == 1e9 + 999
    assert [event.at for event in waiting.events] == [1e9 + n for n in range(980, 1000)]
