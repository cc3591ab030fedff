"""What is kept in the database, and when it is written."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path
from time import sleep

import pytest

from app.job import Group
from app.store import writer
from app.store.store import Store
from app.watch.events import Event, EventKind
from app.watch.history import HistoryLimits, Sample
from app.watch.storage import StoreError
from app.watch.watch_list import WatchList
from app.watch.watched import Cancel, CancelStep, Failure, Watched
from tests.scripted_api import job, job_id
from tests.timing import until

URL = "https://example.invalid/api"
ONE, TWO, THREE = job_id(1), job_id(2), job_id(3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "dwtop.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = Store(path, URL)
    yield opened
    opened.close()


def written(store: Store) -> None:
    """Wait until all that was saved is committed."""
    store.add([]).result(10)


def again(store: Store) -> list[Watched]:
    """What another run would load."""
    written(store)
    other = Store(store.path, URL)
    try:
        return other.load()
    finally:
        other.close()


def test_every_field_of_an_entry_is_stored(store: Store) -> None:
    entry = store.add([ONE]).result()[0]
    full = replace(
        job(ONE, progress=12.5, stage="Drafting"),
        error_message="why",
        writing_model="w",
        reasoning_model="r",
        function_model="f",
        is_byok=True,
        is_starred=False,
    )
    known = replace(
        entry,
        job=full,
        fetched_at=5.0,
        failure=Failure(6.0, "500"),
        misses=2,
        cancel=Cancel(4.0, CancelStep.REFUSED, "not found"),
    )
    store.save(known)
    assert again(store) == [known]


def test_a_job_is_added_once_and_order_is_kept(store: Store) -> None:
    assert [entry.id for entry in store.add([THREE, ONE]).result()] == [THREE, ONE]
    assert [entry.id for entry in store.add([ONE, TWO, TWO]).result()] == [TWO]
    assert [entry.id for entry in again(store)] == [THREE, ONE, TWO]


async def test_a_restored_entry_keeps_its_position(store: Store) -> None:
    watch_list = WatchList(store)
    names = [job_id(n) for n in (5, 3, 9, 1, 7)]
    await watch_list.add(names)
    removed = await watch_list.remove([names[0], names[2]])
    assert [entry.id for entry in again(store)] == [names[1], names[3], names[4]]
    await watch_list.restore(removed)
    assert list(watch_list.entries) == names
    assert [entry.id for entry in again(store)] == names


def test_a_job_added_again_keeps_its_state(store: Store) -> None:
    entry = store.add([ONE]).result()[0]
    store.save(replace(entry, job=job(ONE)), Sample(1.0, "in_progress", 40.0, None))
    assert store.remove([ONE, TWO]).result() == [ONE]
    assert store.load() == []
    assert store.add([ONE]).result()[0].job == job(ONE)
    assert len(store.samples(ONE)) == 1


def test_a_removed_entry_can_be_restored_after_pruning(store: Store) -> None:
    entry = replace(store.add([ONE]).result()[0], job=job(ONE, "failed"), fetched_at=1.0, muted=True)
    store.save(entry)
    store.remove([ONE]).result()
    store.prune(entry.added_at + 1).result()
    assert store.add([TWO]).result()
    store.restore([entry]).result()
    assert again(store)[0] == entry


def test_history_stores_only_changes(store: Store) -> None:
    watch_list = WatchList(store)
    store.add([ONE]).result()
    watch_list = WatchList(store)
    for progress, stage in [(1.0, "A"), (1.0, "A"), (2.0, "A"), (2.0, "A"), (2.0, "B"), (1.0, "A")]:
        watch_list.record_answer(job(ONE, progress=progress, stage=stage))
    written(store)
    assert [tuple(one[2:]) for one in store.samples(ONE)] == [(1.0, "A"), (2.0, "A"), (2.0, "B"), (1.0, "A")]


def test_a_change_seen_by_two_processes_is_stored_once(store: Store) -> None:
    store.add([ONE]).result()
    other = Store(store.path, URL)
    for at, each in ((1.0, store), (2.0, other), (3.0, store)):
        each.save(Watched(ONE, 0.0), Sample(at, "queued", None, None))
        written(each)
    store.save(Watched(ONE, 0.0), Sample(4.0, "queued", 1.0, None))
    written(store)
    other.close()
    assert store.samples(ONE) == [Sample(1.0, "queued", None, None), Sample(4.0, "queued", 1.0, None)]


def test_events_newest_first_of_one_job_or_all(store: Store) -> None:
    store.add([ONE, TWO]).result()
    events = [
        Event(1.0, EventKind.STATUS, "queued → in progress", ONE, "queued", "in_progress", Group.RUNNING),
        Event(2.0, EventKind.CONNECTION, "down: 500"),
        Event(3.0, EventKind.CANCEL, "cancel sent", TWO, group=Group.RUNNING),
    ]
    store.save(Watched(ONE, 0.0), events=[events[0]])
    store.log_event(events[1])
    store.save(Watched(TWO, 0.0), events=[events[2]])
    written(store)
    assert store.events() == events[::-1]
    assert store.events(limit=1) == events[2:]
    assert store.events(ONE) == events[:1]


def test_pruning_deletes_old_data_but_no_watched_job(store: Store) -> None:
    store.add([ONE, TWO]).result()
    for at in (1.0, 2.0, 3.0):
        for name in (ONE, TWO):
            store.save(
                Watched(name, 0.0), Sample(at, "queued", at, None), [Event(at, EventKind.STATUS, "x", name)]
            )
    store.remove([TWO]).result()
    store.prune(2.5).result()
    assert [one.at for one in store.samples(ONE)] == [3.0]
    store.prune(10.0).result()
    assert [one.at for one in store.samples(ONE)] == [3.0], "the last one says what it was"
    assert store.samples(TWO) == []
    assert store.events() == []
    assert [entry.id for entry in again(store)] == [ONE]


def test_base_urls_are_separate(store: Store) -> None:
    other = Store(store.path, "https://other.invalid/api")
    store.add([ONE]).result()
    other.add([ONE, TWO]).result()
    other.save(
        Watched(ONE, 0.0, job(ONE)),
        Sample(1.0, "queued", None, None),
        [Event(1.0, EventKind.STATUS, "x", ONE)],
    )
    written(other)
    assert [(entry.id, entry.job) for entry in store.load()] == [(ONE, None)]
    assert (store.samples(ONE), store.events()) == ([], [])
    assert [entry.id for entry in other.load()] == [ONE, TWO]
    other.close()


def test_saving_keeps_what_the_user_decided(store: Store) -> None:
    entry = store.add([ONE, TWO]).result()[0]
    store.set_muted(ONE, True).result()
    store.remove([TWO]).result()
    store.save(replace(entry, fetched_at=3.0))
    store.save(Watched(TWO, 0.0, fetched_at=3.0))
    assert [(one.id, one.muted, one.fetched_at) for one in again(store)] == [(ONE, True, 3.0)]


def test_it_can_be_read_from_any_thread(store: Store) -> None:
    store.add([ONE]).result()
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.extend([store.load(), store.samples(ONE), store.events()]))
    thread.start()
    thread.join()
    assert found == [store.load(), [], []]


def test_poll_results_are_committed_together(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "COMMIT_INTERVAL_SECONDS", 0.2)
    store = Store(path, URL, limits=HistoryLimits(samples=1_000_000))
    entry = store.add([ONE]).result()[0]
    version, commits, count = store.data_version(), 0, 0
    while commits < 3:
        count += 1
        sleep(0.001)
        store.save(
            replace(entry, fetched_at=float(count)), Sample(float(count), "in_progress", count / 10, None)
        )
        if (latest := store.data_version()) != version:
            version, commits = latest, commits + 1
    assert count > 20 * commits, "one commit takes many answers"
    written(store)
    assert len(store.samples(ONE)) == count, "and nothing is left out"
    assert store.load()[0].fetched_at == count
    store.close()


def test_cancelling_a_future_does_not_stop_its_write(store: Store) -> None:
    async def give_up() -> None:
        watch_list = WatchList(store)
        task = asyncio.create_task(watch_list.add([ONE]))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    for _ in range(20):
        asyncio.run(give_up())
    assert store.add([TWO]).result(5)


def test_a_write_cancelled_before_it_starts_is_skipped(store: Store) -> None:
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # so that the writing thread has to wait for its turn
    first = store.add([ONE])
    until(first.running)
    second = store.add([TWO])
    assert second.cancel()
    other.close()
    assert first.result(5)
    with pytest.raises(CancelledError):
        second.result(5)
    assert store.add([THREE]).result(5)
    assert [entry.id for entry in store.load()] == [ONE, THREE]


def test_writes_after_close_fail(path: Path) -> None:
    store = Store(path, URL)
    store.save(store.add([ONE]).result()[0], Sample(1.0, "queued", None, None))
    store.close()
    with pytest.raises(StoreError, match="dwtop is ending"):
        store.add([TWO]).result(5)
    other = Store(path, URL)
    assert len(other.samples(ONE)) == 1, "what was left is written on closing"
    other.close()
