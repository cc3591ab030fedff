"""An environment for every test that holds nothing of the person who runs it."""

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulator_faults.server import FaultySimulator

# How long an example takes depends on the load of the machine, so no example has a deadline.
settings.register_profile(
    "suite", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

# Textual reads some of these when it is imported, so they go before any test module is.
_FOREIGN = ("TEXTUAL", "DEEPWRITER_", "DWTOP_", "XDG_", "TMUX", "LC_")
_FOREIGN_NAMES = ("NO_COLOR", "COLORTERM", "COLUMNS", "LINES")
_OF_PYTEST = "TEXTUAL_SNAPSHOT_TEMPDIR"  # where the processes of one run gather their pictures
for _name in list(os.environ):
    foreign = _name.startswith(_FOREIGN) and _name != _OF_PYTEST
    if foreign or _name in _FOREIGN_NAMES or _name.lower().endswith("_proxy"):
        del os.environ[_name]
os.environ["TERM"] = "xterm-256color"
os.environ["COLORTERM"] = "truecolor"
os.environ["LANG"] = "C.UTF-8"

# A shell that runs this in the background has it ignore Ctrl-C, and so would every program do that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of its own for every test, so that none reads or writes a real one."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    return home


@pytest.fixture(autouse=True)
def _quick_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commit what polls bring soon, so that no test waits a second to read it."""
    monkeypatch.setattr("app.store.writer.COMMIT_INTERVAL_SECONDS", 0.05)


@pytest.fixture
def simulator() -> "Iterator[FaultySimulator]":
    """A simulated DeepWriter without jobs, serving on loopback; see `tests.simulated_api`."""
    from tests.simulated_api import (
        simulated,  # most tests do without a web server, and should not wait for one
    )

    with simulated() as server:
        yield server


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """More processes than there are cores: many tests wait for a terminal, a server or a second to pass."""
    return min(2 * (os.cpu_count() or 1), 8)
