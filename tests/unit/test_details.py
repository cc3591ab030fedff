"""When the details are open, and what they show, without a screen."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual.geometry import Size

from app.dashboard.board import Board
from app.dashboard.details import Details
from app.presentation.glyphs import UNICODE
from app.store.store import Store
from app.watch.session import Session
from app.watch.watch_list import WatchList
from tests.scripted_api import BASE_URL, job_id
from tests.ui.dashboard_host import fill, known, silence
from tests.unit.test_actions import FakeHost
from widgets.model import Detail

LARGE, SMALL = Size(160, 40), Size(120, 30)


@pytest.fixture
async def shown() -> list[Detail | None]:
    return []


@pytest.fixture
async def details(tmp_path: Path, shown: list[Detail | None]) -> AsyncIterator[Details]:
    fill(tmp_path / "db", [known(1)], base_url=BASE_URL)
    store = Store(tmp_path / "db", BASE_URL)
    session = Session(WatchList(store), silence)
    yield Details(session, Board(session, UNICODE), FakeHost(), shown.append)
    store.close()


async def test_they_follow_the_size_of_the_pane_until_the_user_toggles_them(details: Details) -> None:
    opened = []
    for size in (SMALL, LARGE, SMALL):
        details.follow_size(size)
        opened.append(details.open)
    details.toggle()
    for size in (LARGE, SMALL):
        details.follow_size(size)
        opened.append(details.open)
    assert opened == [False, True, False, True, True]


async def test_they_show_a_job_only_while_they_are_open(details: Details, shown: list[Detail | None]) -> None:
    details.show(job_id(1))
    assert not shown
    details.toggle()
    details.show(job_id(9))
    assert shown == [None], "there is no such job"
    details.show(job_id(1))
    host = details._host
    assert isinstance(host, FakeHost)
    await asyncio.gather(*host.tasks)
    assert [detail.title for detail in shown if detail] == ["Book 1"]
