"""What many unit tests need."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.store.store import Store
from tests.scripted_api import BASE_URL
from tests.timing import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    """The clock of `store`."""
    return ManualClock()


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock) -> Iterator[Store]:
    """An empty database."""
    with closing(Store(tmp_path / "dwtop.db", BASE_URL, now=clock)) as store:
        yield store


@pytest.fixture
def two_hours_ahead(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times of day are two hours ahead of UTC."""
    monkeypatch.setenv("TZ", "UTC-2")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
