"""What the database keeps, and when it is written."""

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from time import sleep
from typing import NoReturn

import pytest

from app.job import Group
from app.store import writer
from app.store.store import Store
from app.store.writer import Writer
from app.watch.events import Event, EventKind
from app.watch.history import HistoryLimits, Sample
from app.watch.polling.intervals import Intervals
from app.watch.polling.link import LinkState
from app.watch.sharing.pane import Pane
from app.watch.storage import StoreError
from app.watch.watch_list import WatchList
from app.watch.watched import Cancel, CancelStep, Failure, Outlook, Watched
from tests.scripted_api import BASE_URL, job, job_id
from tests.timing import until

ONE, TWO, THREE = job_id(1), job_id(2), job_id(3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "dwtop.db"


@pytest.fixture
def troubles() -> list[str]:
    """What the store says about changes that it cannot save."""
    return []


@pytest.fixture
def store(path: Path, troubles: list[str]) -> Iterator[Store]:
    opened = Store(path, BASE_URL, limits=HistoryLimits(samples=1_000_000))
    opened.problem.subscribe(troubles.append)
    yield opened
    opened.close()


def written(store: Store) -> None:
    """Wait until all that was saved is committed."""
    store.add([]).result(10)


def again(store: Store) -> list[Watched]:
    """What another run would load."""
    written(store)
    with closing(Store(store.path, BASE_URL)) as other:
        return other.load()


@contextmanager
def full_disk(store: Store) -> Iterator[None]:
    """The file cannot grow."""
    size = store._database.writer.execute("PRAGMA page_count").fetchone()[0]
    store._database.writer.execute(f"PRAGMA max_page_count = {size}")
    yield
    store._database.writer.execute("PRAGMA max_page_count = 1000000")


def test_every_field_of_an_entry_is_stored(store: Store) -> None:
    entry = store.add([ONE]).result()[0]
    assert (entry.job, entry.failure, entry.cancel, entry.outlook) == (None, None, None, None)
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
        outlook=Outlook(5.0, 4.0, 6.0, 3.0),
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
    store.add([ONE]).result()
    watch_list = WatchList(store)
    for progress, stage in [(1.0, "A"), (1.0, "A"), (2.0, "A"), (2.0, "A"), (2.0, "B"), (1.0, "A")]:
        watch_list.record_answer(job(ONE, progress=progress, stage=stage))
    written(store)
    assert [tuple(one[2:]) for one in store.samples(ONE)] == [(1.0, "A"), (2.0, "A"), (2.0, "B"), (1.0, "A")]


def test_a_change_seen_by_two_processes_is_stored_once(store: Store) -> None:
    store.add([ONE]).result()
    with closing(Store(store.path, BASE_URL)) as other:
        for at, each in ((1.0, store), (2.0, other), (3.0, store)):
            each.save(Watched(ONE, 0.0), Sample(at, "queued", None, None))
            written(each)
    store.save(Watched(ONE, 0.0), Sample(4.0, "queued", 1.0, None))
    written(store)
    assert store.samples(ONE) == [Sample(1.0, "queued", None, None), Sample(4.0, "queued", 1.0, None)]


def test_events_newest_first_of_one_job_or_all(store: Store) -> None:
    store.add([ONE, TWO]).result()
    events = [
        Event(1.0, EventKind.STATUS, "queued → in progress", ONE, "queued", "in_progress", Group.RUNNING),
        Event(2.0, EventKind.CONNECTION, "down: 500"),
        Event(3.0, EventKind.CANCEL, "cancel sent", TWO, group=Group.RUNNING),
    ]
    store.save(Watched(ONE, 0.0), event=events[0])
    store.log_event(events[1])
    store.save(Watched(TWO, 0.0), event=events[2])
    written(store)
    assert store.events() == events[::-1]
    assert store.events(limit=1) == events[2:]
    assert store.events(ONE) == events[:1]


def test_pruning_deletes_old_data_but_no_watched_job(store: Store) -> None:
    store.add([ONE, TWO]).result()
    for at in (1.0, 2.0, 3.0):
        for name in (ONE, TWO):
            store.save(
                Watched(name, 0.0), Sample(at, "queued", at, None), Event(at, EventKind.STATUS, "x", name)
            )
    store.remove([TWO]).result()
    store.prune(2.5).result()
    assert [one.at for one in store.samples(ONE)] == [3.0]
    store.prune(10.0).result()
    assert [one.at for one in store.samples(ONE)] == [3.0], "the last sample is kept"
    assert store.samples(TWO) == []
    assert store.events() == []
    assert [entry.id for entry in again(store)] == [ONE]


def test_base_urls_are_separate(store: Store) -> None:
    event = Event(1.0, EventKind.STATUS, "x", ONE)
    store.add([ONE]).result()
    with closing(Store(store.path, "https://other.invalid/api")) as other:
        other.add([ONE, TWO]).result()
        other.save(Watched(ONE, 0.0, job(ONE)), Sample(1.0, "queued", None, None), event)
        written(other)
        assert [entry.id for entry in other.load()] == [ONE, TWO]
    assert [(entry.id, entry.job) for entry in store.load()] == [(ONE, None)]
    assert (store.samples(ONE), store.events()) == ([], [])


@pytest.mark.parametrize("failure", [None, Failure(30.0, "the API did not answer")])
def test_what_was_known_before_a_job_finished_is_not_saved_over_it(
    store: Store, failure: Failure | None
) -> None:
    (added,) = store.add([ONE]).result()
    store.save(replace(added, job=job(ONE, "completed"), fetched_at=20.0))
    written(store)
    by_another_process = replace(added, job=job(ONE, "in_progress"), fetched_at=10.0, failure=failure)
    store.save(by_another_process)
    (entry,) = again(store)
    assert (entry.label, entry.fetched_at, entry.failure) == ("completed", 20.0, None)
    store.save(replace(added, job=job(ONE, "in_progress"), fetched_at=40.0))
    assert [entry.label for entry in again(store)] == ["in progress"]


def test_saving_keeps_what_the_user_decided(store: Store) -> None:
    entry = store.add([ONE, TWO]).result()[0]
    store.set_muted(ONE, muted=True).result()
    store.remove([TWO]).result()
    store.save(replace(entry, fetched_at=3.0))
    store.save(Watched(TWO, 0.0, fetched_at=3.0))
    assert [(one.id, one.muted, one.fetched_at) for one in again(store)] == [(ONE, True, 3.0)]


def test_poll_results_are_committed_together(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "COMMIT_INTERVAL_SECONDS", 0.2)
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
    assert count > 20 * commits, "one commit holds many answers"
    written(store)
    assert len(store.samples(ONE)) == count, "no answer is lost"
    assert store.load()[0].fetched_at == count


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


def test_on_closing_pending_writes_are_committed_and_later_ones_fail(store: Store) -> None:
    store.save(store.add([ONE]).result()[0], Sample(1.0, "queued", None, None))
    store.close()
    for future in (store.read_soon(store.load), store.add([TWO])):
        with pytest.raises(StoreError, match="dwtop is closing"):
            future.result(10)
    with closing(Store(store.path, BASE_URL)) as other:
        assert len(other.samples(ONE)) == 1


def test_a_revision_begins_with_a_change_of_a_job(store: Store) -> None:
    store.add([ONE]).result(10)
    before = store.changed_since(-1)[0]
    store.heartbeat(Pane("ours", "ours", Intervals(), True, LinkState())).result(10)
    assert store.changed_since(-1)[0] == before, "panes would read the list again after each heartbeat"
    store.set_muted(ONE, muted=True).result(10)
    newest, entries, _ = store.changed_since(before)
    assert newest > before
    assert [entry.id for entry in entries] == [ONE]


def fail(*_: object) -> NoReturn:
    raise LookupError("no such thing")


def test_an_exception_in_a_write_reaches_only_its_caller(store: Store) -> None:
    with store._writer._condition:  # so that all three are in one transaction
        before, bad, after = store.add([ONE]), store._writer.submit(fail), store.add([TWO])
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
    store.problem.subscribe(fail)
    store.repair_notice.subscribe(fail)
    store.restore_from(fail)
    store._writer.report("Something is wrong.")
    store.path.unlink()
    assert store.add([ONE]).result(10)
    assert [entry.id for entry in store.load()] == [ONE]


def test_callers_do_not_hang_if_commits_raise(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threading.excepthook", lambda _: None)
    monkeypatch.setattr(Writer, "_commit", fail)
    for name in (ONE, TWO):
        with pytest.raises(StoreError):
            store.add([name]).result(10)


def test_the_file_stops_growing_at_the_history_limits(path: Path) -> None:
    pages = []
    with closing(Store(path, BASE_URL, limits=HistoryLimits(samples=50, events=100))) as store:
        (entry,) = store.add([ONE]).result(10)
        for n in range(3300):
            sample = Sample(1e9 + n, "in_progress", n / 1e3, None)
            store.save(entry, sample, Event(1e9 + n, EventKind.STATUS, "x" * 40, ONE))
            if n in (299, 1299, 2299, 3299):
                written(store)
                samples = store.samples(ONE)
                assert len(samples) <= 50
                assert (samples[0].at, samples[-1].at) == (1e9, 1e9 + n)
                assert len(store.events(limit=10**6)) == 100
                pages.append(store._database.writer.execute("PRAGMA page_count").fetchone()[0])
    assert max(pages) <= pages[0] + 1


def test_a_full_disk_is_reported_once_and_loses_nothing(
    store: Store, troubles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "RETRY_DELAY_SECONDS", 0.1)
    (first,) = store.add([ONE]).result()
    with full_disk(store):
        with pytest.raises(StoreError, match="is full; make room") as caught:
            store.add([job_id(n) for n in range(2, 3000)]).result()
        for at in range(3000):
            store.save(replace(first, job=job(ONE)), Sample(float(at), "in_progress", at / 100, None))
        assert str(store.path) in str(caught.value)
        assert troubles == [str(caught.value)], "reported once, although it is retried"
        assert [entry.id for entry in store.load()] == [ONE], "reading works meanwhile"
    until(lambda: troubles[-1] == "")
    until(lambda: len(store.samples(ONE)) == 3000)  # what came after the first try is in the next commit
    assert troubles == [str(caught.value), ""]
    assert store.add([TWO]).result()


def test_what_waits_for_disk_space_is_bounded(
    store: Store, troubles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_MAX_WAITING_WRITES", 30)
    monkeypatch.setattr(writer, "RETRY_DELAY_SECONDS", 0.05)
    entry = store.add([ONE]).result(10)[0]
    with full_disk(store):
        store.save(replace(entry, job=job(ONE)))
        for n in range(2000):
            store.log_event(Event(1e9 + n, EventKind.OTHER, "x" * 400))
        until(lambda: troubles and len(store._writer._waiting) == 30)
    until(lambda: troubles[-1] == "")
    assert store.load()[0].job == job(ONE), "the state of a job is not dropped"
    assert [event.at for event in store.events()] == [1e9 + n for n in reversed(range(1971, 2000))]


def test_events_that_cannot_be_read_are_reported(store: Store, troubles: list[str]) -> None:
    store._database.writer.execute("DROP TABLE event")
    assert store.events() == []
    assert "no such table: event" in troubles[0]


def test_a_read_that_closing_interrupts_is_not_reported(store: Store, troubles: list[str]) -> None:
    reading = threading.Event()

    def interrupt_when_closing() -> bool:
        reading.set()
        until(lambda: store._reader.closing)
        return True

    store._database._reader.set_progress_handler(interrupt_when_closing, 1)
    events = store.read_soon(store.events)
    assert reading.wait(10)
    store.close()
    assert (events.result(10), troubles) == ([], [])


def test_writes_are_applied_in_the_order_in_which_they_were_queued(store: Store) -> None:
    with store._writer._condition:  # so that all are in one transaction
        store.track([ONE])
        store.save(Watched(ONE, 1.0, job(ONE, "queued")), Sample(1.0, "queued", None, None))
        store.discard_histories()
        store.save(Watched(ONE, 1.0, job(ONE)), Sample(2.0, "in_progress", 40.0, None))
        added = store.add([ONE])
    assert [entry.job for entry in added.result(10)] == [job(ONE)]
    assert [sample.at for sample in store.samples(ONE)] == [2.0]
