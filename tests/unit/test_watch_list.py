"""The watch list in memory, and its notifications."""

import asyncio

import pytest

from app.store.store import Store
from app.watch.watch_list import Change, WatchList
from app.watch.watched import Watched
from tests.scripted_api import job, job_id
from tests.timing import ManualClock

ONE, TWO, THREE = job_id(1), job_id(2), job_id(3)


@pytest.fixture
def watch_list(store: Store, clock: ManualClock) -> WatchList:
    return WatchList(store, clock)


async def test_subscribers_get_every_change_until_they_unsubscribe(watch_list: WatchList) -> None:
    changes: list[Change] = []
    known_entries: dict[str, Watched | None] = {}
    unsubscribe = watch_list.subscribe(changes.append)
    assert await watch_list.add([ONE, TWO, ONE]) == [ONE, TWO]
    await watch_list.restore([watch_list.entries[ONE]])
    watch_list.record_answer(job(ONE))
    watch_list.record_failure(ONE, "500")
    removed = await watch_list.remove([ONE])
    await watch_list.restore(removed)
    for change in changes:
        assert change.before == known_entries.get(change.job_id)
        known_entries[change.job_id] = change.after
    assert known_entries == dict(watch_list.entries)
    known = [(change.job_id, bool(change.before), bool(change.after)) for change in changes]
    assert known[:2] == [(ONE, False, True), (TWO, False, True)]
    assert known[-4:] == [(ONE, True, True), (ONE, True, True), (ONE, True, False), (ONE, False, True)]
    unsubscribe()
    await watch_list.remove([TWO])
    assert changes[-1].job_id == ONE


async def test_answers_about_removed_jobs_are_ignored(watch_list: WatchList) -> None:
    watch_list.record_answer(job(ONE))
    watch_list.record_failure(ONE, "500")
    assert not watch_list.entries


async def test_jobs_watched_temporarily_are_not_stored(watch_list: WatchList) -> None:
    watch_list.watch_temporarily([ONE])
    watch_list.record_answer(job(ONE))
    assert watch_list.entries[ONE].job == job(ONE)
    watch_list.store.add([]).result()
    assert watch_list.store.load() == []


async def test_an_unchanged_answer_is_saved_each_10_seconds(
    watch_list: WatchList, clock: ManualClock
) -> None:
    await watch_list.add([ONE])

    def kept() -> float | None:
        watch_list.record_answer(job(ONE))
        watch_list.store.add([]).result()
        return watch_list.store.load()[0].fetched_at

    start = clock.now
    assert kept() == start
    clock.now = start + 5
    assert kept() == start, "a newer time alone is not committed yet"
    clock.now = start + 11
    assert kept() == start + 11
    clock.now = start - 7200
    assert kept() == start - 7200


async def test_muting_is_stored_and_survives_answers(watch_list: WatchList) -> None:
    await watch_list.add([ONE])
    await watch_list.set_muted(ONE, muted=True)
    watch_list.record_answer(job(ONE))
    watch_list.store.add([]).result()
    assert watch_list.entries[ONE].muted
    assert watch_list.store.load()[0].muted


async def test_a_removal_found_in_the_database_meanwhile_can_be_undone(watch_list: WatchList) -> None:
    await watch_list.add([ONE, TWO])
    await watch_list.sync()
    removing = asyncio.create_task(watch_list.remove([ONE]))
    while ONE in watch_list.entries:
        await watch_list.sync()
    removed = await removing
    assert [entry.id for entry in removed] == [ONE]
    await watch_list.restore(removed)
    assert list(watch_list.entries) == [ONE, TWO]
