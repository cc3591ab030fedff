"""Following the account, progress in the wrong unit, and the link that a hook gets; on real sockets."""

import asyncio
from pathlib import Path
from typing import NoReturn

import pytest

from app.dashboard.hook_runner import HookRunner
from app.deepwriter.errors import ServerError
from app.deepwriter.progress_unit import ProgressUnit
from app.job import Job, ListedJob
from app.settings.schema import HookSettings, Settings
from app.store.store import Store
from app.watch import follow
from app.watch.events import Event, EventKind
from app.watch.history import Sample
from app.watch.polling.intervals import Intervals
from app.watch.polling.link import Link
from app.watch.storage import StoreError
from app.watch.watched import Watched
from tests.faults.session_harness import session_on
from tests.processes import database, database_contains, python_command
from tests.simulated_api import COMPLETED, RUNNING, simulated
from tests.simulator_faults.server import FaultySimulator
from tests.simulator_faults.variants import Variants
from tests.timing import eventually


@pytest.fixture(autouse=True)
def _signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPWRITER_TOKEN", "any")
    monkeypatch.setattr(follow, "INTERVAL_SECONDS", 0.05)


def list_requests(server: FaultySimulator) -> int:
    return sum(request.path.endswith("/fetchDocuments") for request in server.requests)


async def test_new_unfinished_jobs_are_added_and_removed_ones_stay_away(simulator: FaultySimulator) -> None:
    first = simulator.world.add(RUNNING)
    done = simulator.world.add(COMPLETED)
    async with session_on(simulator, follow=True) as session:
        entries = session.watch_list.entries
        await eventually(lambda: first in entries)
        assert entries[first].followed
        assert done not in entries
        store = session.watch_list.store
        await eventually(lambda: "new in your account: added to the list" in str(store.events(first)))
        await session.watch_list.remove([first])
        second = simulator.world.add(RUNNING)
        await eventually(lambda: second in entries)
        assert first not in entries
    async with session_on(simulator, follow=True) as session:
        asked = list_requests(simulator)
        await eventually(lambda: list_requests(simulator) > asked + 1)
        assert list(session.watch_list.entries) == [second]
        await session.watch_list.add([first])
        assert not session.watch_list.entries[first].followed


async def test_the_first_request_waits_for_the_election_alone(
    simulator: FaultySimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "INTERVAL_SECONDS", 1e6)
    job_id = simulator.world.add(RUNNING)
    async with session_on(simulator, None, None, True, follow=True) as session:
        await eventually(lambda: job_id in session.watch_list.entries)
        assert list_requests(simulator) == 1


async def test_an_api_without_a_list_is_left_alone_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    preference = Store.preference

    def look(store: Store, name: str) -> str | None:
        looked.append(name)
        return preference(store, name)

    with simulated(variants=Variants(fetch_documents=False, jobs=False)) as server:
        async with session_on(server, follow=True) as session:
            store = session.watch_list.store
            await eventually(lambda: "offers no list" in str(store.events()))
        monkeypatch.setattr(Store, "preference", look)
        async with session_on(server, follow=True):
            await eventually(lambda: sum(name.startswith("no list of jobs") for name in looked) > 2)
        assert list_requests(server) == 1


async def test_an_unreadable_database_does_not_end_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    failed: list[str] = []

    def fail(store: Store, name: str) -> str | None:
        failed.append(name)
        raise StoreError("The database cannot be read.")

    with simulated() as server, monkeypatch.context() as patch:
        first = server.world.add(RUNNING)
        patch.setattr(Store, "preference", fail)
        async with session_on(server, follow=True) as session:
            await eventually(lambda: len(failed) > 3)
            patch.undo()
            await eventually(lambda: first in session.watch_list.entries)


@pytest.mark.parametrize("error", [401, 403, 502])
async def test_a_list_that_is_refused_changes_neither_sign_in_nor_polling(error: int) -> None:
    with simulated(variants=Variants(list_error=error)) as server:
        job_id = server.world.add(RUNNING)
        async with session_on(server, follow=True) as session:
            assert session.watcher
            await session.watch_list.add([job_id])
            await eventually(lambda: list_requests(server) > 2)
            await eventually(lambda: session.watch_list.entries[job_id].job)
            assert not session.watcher.link.signed_out
            problems = [event for event in session.watch_list.store.events() if "cannot follow" in event.text]
            assert len(problems) == 1


@pytest.mark.parametrize("follows", [True, False])
async def test_a_wait_that_the_list_demands_holds_polls(
    simulator: FaultySimulator, monkeypatch: pytest.MonkeyPatch, follows: bool
) -> None:
    async def refuse() -> list[ListedJob]:
        raise ServerError("503", retry_after=600)

    async with session_on(simulator, follow=follows) as session:
        assert session.watcher
        link = session.watcher.link
        monkeypatch.setattr(session.account.api, "list_jobs", refuse)
        if follows:
            await eventually(lambda: link.state.status is Link.LIMITED)
        else:
            with pytest.raises(ServerError):
                await session.account.list_jobs()
        assert link.state.status is Link.LIMITED


async def test_histories_read_in_the_wrong_unit_are_discarded(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add([("in_progress", "Drafting", 42.0, 42.0, 9999.0)])
    async with session_on(simulator, follow=True) as session:
        store, account = session.watch_list.store, session.account.api
        await eventually(lambda: store.samples(job_id))  # 42 shows that the unit is percent
        assert account.progress.unit == "percent"
        account.progress.unit = ProgressUnit.ASSUMED_FRACTION
        unit = f"progress unit of {simulator.base_url}"
        assert store.set_preference(unit, "assumed fraction").result() is None
        job = Job(job_id, "u", "p", "in_progress", 0.0, 0.0, 70.0)
        store.save(
            Watched(job_id, 0.0, job, 5.0),
            Sample(5.0, "in_progress", 70.0, None),
            Event(5.0, EventKind.STATUS, "running again"),
        )
        await eventually(lambda: any(sample.progress == 70.0 for sample in store.samples(job_id)))
        await eventually(lambda: all(sample.progress != 70.0 for sample in store.samples(job_id)))
        assert store.preference(unit) == "percent"


async def test_what_one_process_learns_of_the_unit_holds_for_all(simulator: FaultySimulator) -> None:
    path = database()
    async with (
        session_on(simulator, None, path, True) as first,
        session_on(simulator, None, path, True) as second,
        session_on(simulator, None, path) as command,
    ):
        await first.watch_list.add([simulator.world.add([("in_progress", "Drafting", 42.0, 42.0, 9999.0)])])
        await eventually(lambda: second.account.api.progress.unit == "percent")
        assert command.account.api.progress.read(None, 0.5, in_progress=True) == 50.0
        store = command.watch_list.store
        store.add([]).result()
        assert store.preference(f"progress unit of {simulator.base_url}") == "percent"


LIFE = [("in_progress", "Drafting", 10.0, 90.0, 1.0), ("completed", None, 100.0, 100.0, 0.0)]

PRINTS_AND_SAVES = """
import os, pathlib, sys
link = os.environ.get("DWTOP_DOCUMENT_URL", "not set")
print("GET", link, "?" + link.partition("?")[2])
pathlib.Path(sys.argv[1]).write_text(link)
"""


def locked_out(pane: object) -> NoReturn:
    raise StoreError("locked")


@pytest.mark.parametrize(
    "observer", ["leader", "follower", "follower without a leader", "command", "follower that polls too"]
)
async def test_a_hook_runs_once_whichever_process_observes_the_change(
    simulator: FaultySimulator, observer: str
) -> None:
    path, job_id = database(), simulator.world.add(RUNNING)
    settings = Settings(base_url=simulator.base_url, hooks=HookSettings(on_finish="true"))
    async with (
        session_on(simulator, None, path, True) as leader,
        session_on(simulator, None, path, True) as follower,
    ):
        await leader.watch_list.add([job_id])
        await eventually(lambda: (entry := follower.watch_list.entries.get(job_id)) and entry.job)
        for pane in (leader, follower):
            pane.intervals.set(Intervals.every(3600.0))
            pane.watch_list.subscribe(HookRunner(pane, settings).run_for)
        if observer == "follower without a leader":
            follower.paused.set(True)
            leader.paused.set(True)
            watchers = [await pane.connected() for pane in (leader, follower)]
            await eventually(lambda: all(watcher.link.reports is None for watcher in watchers))
        if observer == "follower that polls too":
            follower.watch_list.store.heartbeat = locked_out  # type: ignore[method-assign]  # as by another program
            watcher = await follower.connected()
            await eventually(lambda: watcher.link.is_leader)
        async with session_on(simulator, None, path) as command:
            command.paused.set(True)
            simulator.world.add(COMPLETED, job_id=job_id)
            observing = {"leader": leader, "command": command}.get(observer, follower)
            await (await observing.connected()).poller.fetch_now(job_id)
        panes = (leader, follower)
        await eventually(lambda: all(pane.watch_list.entries[job_id].finished for pane in panes))
        store = leader.watch_list.store
        await eventually(lambda: any("hook" in event.text for event in store.events(job_id)))
        await asyncio.sleep(0.2)
        assert sum("hook" in event.text for event in store.events(job_id)) == 1


@pytest.mark.parametrize("wanted", [True, False])
async def test_only_a_hook_that_wants_the_document_gets_its_link(
    simulator: FaultySimulator, wanted: bool, tmp_path: Path
) -> None:
    saved = tmp_path / "saved"
    command = python_command(PRINTS_AND_SAVES, saved)
    job_id = simulator.world.add(LIFE)
    hooks = HookSettings(on_finish=command, document=wanted)
    async with session_on(simulator, hooks=hooks) as session:
        store = session.watch_list.store
        runner = HookRunner(session, Settings(base_url=simulator.base_url, hooks=hooks))
        session.watch_list.subscribe(runner.run_for)
        await session.watch_list.add([job_id])
        await eventually(lambda: any("hook" in event.text for event in store.events(job_id)))
        (line,) = [event.text for event in store.events(job_id) if "hook" in event.text]
    link = await asyncio.to_thread(saved.read_text)
    if wanted:
        assert f"/documents/{job_id}.pdf?" in link
        assert line.endswith("succeeded: GET [link] ?[link]")
    else:
        assert link == "not set"
    assert not await asyncio.to_thread(database_contains, b"signature=")
