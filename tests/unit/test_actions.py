"""The actions of the main screen, without a screen: which functions keys call, and why a job cannot be cancelled."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.dashboard.board import Board
from app.dashboard.cancel_action import CancelAction
from app.dashboard.shared import Shared
from app.presentation.keymap import keymap_of
from app.settings.schema import Settings
from app.store.store import Store
from app.watch.session import Session
from app.watch.watch_list import WatchList
from app.watch.watched import CancelStep
from tests.scripted_api import job_id
from tests.ui.dashboard_host import dashboard, known, silence
from widgets import keys

RUNNING, QUEUED, DONE, FAILED, DRAFT, CANCELLING = (job_id(number) for number in range(1, 7))


@pytest.fixture
def parts(store: Store) -> Any:
    """What a cancel needs of the main screen, with six jobs."""
    statuses = ("in_progress", "queued", "completed", "failed", "draft", "in_progress")
    entries = [known(number, status) for number, status in enumerate(statuses, 1)]
    store.restore(entries).result(10)
    session = Session(WatchList(store), silence)
    session.watch_list.record_cancel(CANCELLING, CancelStep.SENT)
    shared = Shared(session, Settings(), keymap_of(Settings()), print, Board(session), demo=False)
    return SimpleNamespace(
        shared=shared, screen=None, job_list=SimpleNamespace(table=None), notifications=None
    )


@pytest.mark.parametrize(
    ("targets", "objection"),
    [
        ([DONE], "This job has already finished. Only queued and running jobs can be cancelled."),
        ([FAILED], "This job has already failed. Only queued and running jobs can be cancelled."),
        ([DRAFT], "This job's status is draft. Only queued and running jobs can be cancelled."),
        ([CANCELLING], "This job is already being cancelled."),
        ([DONE, FAILED], "None of the 2 marked jobs is queued or running."),
        ([RUNNING], ""),
        ([DONE, QUEUED], ""),
    ],
)
def test_why_jobs_cannot_be_cancelled(parts: Any, targets: list[str], objection: str) -> None:
    assert CancelAction(parts).objection(targets) == objection


def test_read_only_comes_before_all_other_objections(parts: Any) -> None:
    parts.shared = parts.shared._replace(settings=Settings(read_only=True))
    assert CancelAction(parts).objection([DONE]).startswith("Read-only")


async def test_every_key_of_the_main_screen_calls_one_of_its_functions(tmp_path: Path) -> None:
    app = dashboard(tmp_path / "dwtop.db")
    by_id = app.main_screen.actions.by_id
    app.session.close()
    assert set(by_id) == {key.id for key in (*keys.MAIN, *keys.FILTER, *keys.EXPORTS) if not key.action}
