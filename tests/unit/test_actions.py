"""The actions of the main screen, without a screen: what they change, and what they say."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.dashboard.board import Board
from app.dashboard.cancel_action import CancelAction
from app.dashboard.job_actions import JobActions
from app.dashboard.polling_actions import PollingActions
from app.presentation.glyphs import UNICODE
from app.presentation.ordering import View
from app.settings.schema import Settings
from app.store.store import Store
from app.watch.session import Session
from app.watch.watch_list import WatchList
from tests.scripted_api import BASE_URL, job_id
from tests.ui.dashboard_host import dashboard, fill, known, silence
from widgets import keys

RUNNING, QUEUED, DONE, FAILED = (job_id(number) for number in range(1, 5))


@dataclass
class FakeHost:
    """The `ActionHost`, with a cursor of its own; it records messages."""

    session: Session
    board: Board
    settings: Settings = field(default_factory=Settings)
    demo: bool = False
    app: Any = None
    cursor: str | None = None
    messages: list[str] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def job_list(self) -> "FakeHost":
        return self

    notifications = job_list

    def show_status(self, text: str) -> None:
        self.messages.append(text)

    show_in_full = show_status

    def warn(self, text: str) -> None:
        self.messages.append(f"warning: {text}")

    def choose(self) -> str | None:
        return self.cursor

    def refresh_list(self) -> None: ...

    def refresh_jobs(self, job_ids: Sequence[str]) -> None: ...

    def refresh_status(self) -> None: ...

    def select(self, job_id: str) -> bool:
        self.cursor = job_id
        return True

    async def complete(self) -> None: ...

    def key_of(self, action_id: str) -> str:
        return f"<{action_id}>"

    def run_worker(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        self.tasks.append(asyncio.create_task(work))
        return self.tasks[-1]

    async def last_message(self) -> str:
        """Wait for what was started; return what was said last."""
        await asyncio.gather(*self.tasks)
        return self.messages[-1]


@dataclass
class Actions:
    """The actions on four jobs, and the host they report to."""

    session: Session
    board: Board
    host: FakeHost
    jobs: JobActions
    polling: PollingActions


@pytest.fixture
async def actions(tmp_path: Path) -> AsyncIterator[Actions]:
    path = tmp_path / "dwtop.db"
    statuses = ("in_progress", "queued", "completed", "failed")
    fill(path, [known(number, status) for number, status in enumerate(statuses, 1)], base_url=BASE_URL)
    store = Store(path, BASE_URL)
    session = Session(WatchList(store), silence)
    board = Board(session, UNICODE)
    host = FakeHost(session, board)
    session.watch_list.subscribe(lambda change: board.changed(change.job_id))
    board.arrange()
    yield Actions(session, board, host, JobActions(host), PollingActions(host))
    store.close()


@pytest.mark.parametrize(
    ("targets", "objection"),
    [
        ([], "No job selected"),
        ([DONE], "This job has already finished. Only queued and running jobs can be cancelled."),
        ([FAILED], "This job has already failed. Only queued and running jobs can be cancelled."),
        ([DONE, FAILED], "None of the 2 marked jobs is queued or running."),
        ([RUNNING], ""),
        ([DONE, QUEUED], ""),
    ],
)
async def test_what_cannot_be_cancelled_is_said_in_a_sentence(
    actions: Actions, targets: list[str], objection: str
) -> None:
    cancel = CancelAction(actions.host, actions.polling)
    assert cancel.objection(targets) == objection


async def test_read_only_comes_before_all_other_objections(actions: Actions) -> None:
    actions.host.settings = Settings(read_only=True)
    cancel = CancelAction(actions.host, actions.polling)
    assert cancel.objection([]).startswith("Read-only")


async def test_removed_jobs_come_back_in_reverse_order(actions: Actions) -> None:
    entries = actions.session.watch_list.entries
    for name, said in (
        (RUNNING, "Removed Book 1. It keeps running; <jobs.undo> brings it back"),
        (DONE, "Removed Book 3. <jobs.undo> brings it back"),
    ):
        actions.host.cursor = name
        actions.jobs.remove()
        assert await actions.host.last_message() == said
        assert name not in entries
    for name in (DONE, RUNNING):
        actions.jobs.undo()
        assert await actions.host.last_message() == "Restored 1 job"
        assert actions.host.cursor == name
        assert name in entries
    actions.jobs.undo()
    assert await actions.host.last_message() == "Nothing to undo"


async def test_jobs_that_the_filter_hides_are_counted(actions: Actions) -> None:
    actions.board.mark([RUNNING, DONE, FAILED])
    actions.board.view = View(filter="Book 1")
    actions.jobs.remove()
    said = await actions.host.last_message()
    assert said.startswith("Removed 3 jobs, 2 of them hidden by the filter. Unfinished ones keep running;")


async def test_finished_jobs_are_removed_at_once(actions: Actions) -> None:
    await actions.jobs.remove_finished()
    assert (await actions.host.last_message()).startswith("Removed 2 jobs")
    assert set(actions.session.watch_list.entries) == {RUNNING, QUEUED}
    await actions.jobs.remove_finished()
    assert await actions.host.last_message() == "No finished jobs to remove"


async def test_a_refresh_waits_for_the_connection(actions: Actions) -> None:
    actions.host.cursor = RUNNING
    actions.polling.refresh()
    await asyncio.sleep(0)
    assert actions.host.messages == ["Still connecting; the refresh follows."]
    actions.host.tasks[0].cancel()


async def test_the_interval_goes_up_and_down(actions: Actions) -> None:
    for step in (1, 1, -1):
        actions.polling.change_interval(step)
    said = [text.removeprefix("Running jobs refresh every ") for text in actions.host.messages]
    assert said == ["10 s", "15 s", "10 s"]
    assert actions.session.intervals.fast == 10.0


async def test_every_key_without_an_action_of_textual_calls_a_function_of_the_main_screen(
    tmp_path: Path,
) -> None:
    app = dashboard(tmp_path / "dwtop.db")
    by_id = app.main_screen.actions.by_id
    app.session.close()
    assert set(by_id) == {key.id for key in (*keys.MAIN, *keys.EXPORTS) if not key.action}
