"""dwtop, called against a simulated API."""

from collections.abc import Iterator

import pytest

from tests.dwtop_process import TOKEN, Inside
from tests.simulated_api import simulated
from tests.simulator_faults.server import FaultySimulator


@pytest.fixture(scope="module")
def server() -> Iterator[FaultySimulator]:
    """One API for all tests of a module. It accepts `TOKEN`."""
    with simulated(tokens={TOKEN}) as running:
        yield running


@pytest.fixture
def dwtop(
    server: FaultySimulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Inside:
    """Calls dwtop in this process, signed in."""
    server.faults.clear()
    return Inside(server.base_url, capsys, monkeypatch)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Inside:
    """Calls dwtop in this process, without an API."""
    return Inside("http://127.0.0.1:9/api", capsys, monkeypatch)
