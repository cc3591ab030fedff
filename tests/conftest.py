"""An environment for every test that does not depend on the user who runs it."""

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulator_faults.server import FaultySimulator

# The time of an example depends on the load of the machine, so there is no deadline.
settings.register_profile(
    "suite", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

# Textual reads some of these when it is imported, so they are removed before any test module is imported.
_FOREIGN = ("TEXTUAL", "DEEPWRITER_", "DWTOP_", "XDG_", "TMUX", "LC_")
_FOREIGN_NAMES = ("NO_COLOR", "COLORTERM", "COLUMNS", "LINES")
_SNAPSHOT_FOLDER = "TEXTUAL_SNAPSHOT_TEMPDIR"  # shared by the processes of one run
for _name in list(os.environ):
    foreign = _name.startswith(_FOREIGN) and _name != _SNAPSHOT_FOLDER
    if foreign or _name in _FOREIGN_NAMES or _name.lower().endswith("_proxy"):
        del os.environ[_name]
os.environ["TERM"] = "xterm-256color"
os.environ["COLORTERM"] = "truecolor"
os.environ["LANG"] = "C.UTF-8"

# In the background of a shell this process ignores both signals, and so would every program that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGQUIT) is signal.SIG_IGN:
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new home folder for every test, so that none reads or writes the real one."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    return home


@pytest.fixture(autouse=True)
def _quick_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commit the results of polls soon, so that no test waits a second to read them."""
    monkeypatch.setattr("app.store.writer.COMMIT_INTERVAL_SECONDS", 0.05)


@pytest.fixture
def simulator() -> "Iterator[FaultySimulator]":
    """A simulated DeepWriter without jobs, serving on loopback; see `tests.simulated_api`."""
    from tests.simulated_api import simulated  # imported here because most tests need no web server

    with simulated() as server:
        yield server


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """More processes than cores, since many tests wait for a terminal, a server or a timer."""
    return min(2 * (os.cpu_count() or 1), 8)
