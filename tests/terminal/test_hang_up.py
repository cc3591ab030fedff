"""A terminal that goes away: the program ends soon, keeps what it knew, and does not spin until then."""

import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from app.store.store import Store
from tests.simulated_api import RUNNING
from tests.simulator_faults.server import FaultySimulator
from tests.terminal.pane import Pane
from tests.terminal.terminal_helpers import (
    MODES,
    PYTHON,
    ROOT,
    TOKEN,
    dwtop,
    processor_seconds,
    state_of,
    watch,
)
from tests.timing import until

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="looks at processes through /proc"
)

LONGEST = 10.0
"""Seconds within which it has to be gone."""

# What runs a program so that no SIGHUP ever reaches it, whatever the program does about the signal.
DEAF = (
    PYTHON,
    "-I",
    "-S",
    "-c",
    "from signal import *; pthread_sigmask(SIG_BLOCK, {SIGHUP}); import os, sys; os.execvp(sys.argv[1], sys.argv[1:])",
)
IGNORING = ("sh", "-c", "trap '' HUP; exec \"$@\"", "sh")


def running(simulator: FaultySimulator, database: Path, through: tuple[str, ...] = ()) -> Pane:
    simulator.world.add(RUNNING, title="A long report")
    watch(database, simulator)
    return dwtop("--interval", "1", base_url=simulator.base_url, database=database, through=through)


def assert_ends(pid: int) -> None:
    """The process is gone in time, and has used next to no processor time until then."""
    before = used = processor_seconds(pid)
    give_up = time.monotonic() + LONGEST
    while state_of(pid) not in ("", "Z"):
        assert time.monotonic() < give_up, "it did not end"
        try:
            used = processor_seconds(pid)
        except (FileNotFoundError, ProcessLookupError):
            break
        time.sleep(0.02)
    assert used - before < 1.0


@pytest.mark.parametrize("through", [(), IGNORING, DEAF], ids=["told", "ignoring", "deaf"])
def test_a_hang_up_ends_it(simulator: FaultySimulator, tmp_path: Path, through: tuple[str, ...]) -> None:
    with running(simulator, tmp_path / "db", through) as pane:
        pane.wait_for("A long report")
        pane.wait_for("Drafting")
        pane.hang_up()
        assert_ends(pane.pid)
        assert pane.wait_exit() == 128 + signal.SIGHUP
    store = Store(tmp_path / "db", simulator.base_url)
    try:
        entry = store.load()[0]
        assert entry.job is not None
        assert entry.job.title == "A long report"
    finally:
        store.close()
    last = len(simulator.requests)
    time.sleep(1.2)  # more than an interval: nobody asks any more
    assert len(simulator.requests) == last


def test_a_hang_up_while_it_is_stopped_ends_it(simulator: FaultySimulator, tmp_path: Path) -> None:
    with running(simulator, tmp_path / "db") as pane:
        pane.wait_for("A long report")
        pane.wait_for(lambda pane: pane.modes >= MODES)
        pane.signal(signal.SIGTSTP)
        pane.wait_for(lambda pane: state_of(pane.pid) == "T")
        pane.hang_up()
        pane.signal(signal.SIGCONT)
        assert_ends(pane.pid)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")
def test_a_killed_tmux_ends_it(simulator: FaultySimulator, tmp_path: Path) -> None:
    simulator.world.add(RUNNING, title="A long report")
    watch(tmp_path / "db", simulator)
    tmux = ("tmux", "-S", str(tmp_path / "socket"), "-f", "/dev/null")

    def ask(*words: str) -> str:
        return subprocess.run([*tmux, *words], capture_output=True, text=True, check=True, timeout=10).stdout

    ask(
        "new-session",
        "-d",
        *("-x", "100", "-y", "30", "-c", str(ROOT)),
        *("-e", f"DEEPWRITER_BASE_URL={simulator.base_url}", "-e", f"DEEPWRITER_TOKEN={TOKEN}"),
        f"exec {shlex.join([PYTHON, '-m', 'app', '--database', str(tmp_path / 'db')])}",
    )
    server, pid = (int(word) for word in ask("display-message", "-p", "#{pid} #{pane_pid}").split())
    try:
        until(lambda: "A long report" in ask("capture-pane", "-p"))
    finally:
        # The server, and not tmux's own way to end it, which would tell its programs in good order.
        subprocess.run(["kill", "-KILL", str(server)], check=True, timeout=10)
    assert_ends(pid)
