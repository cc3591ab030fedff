"""When its terminal goes away, the program exits soon, keeps its data, and does not use the processor until then."""

import shutil
import signal
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from app.store.store import Store
from tests.processes import database, has_ended, processor_seconds, state_of
from tests.simulator_faults.server import FaultySimulator
from tests.terminal.terminal_helpers import NO_API, PYTHON, dwtop, running
from tests.terminal.test_tmux import Tmux
from tests.timing import until

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="looks at processes through /proc"
)

# Run a program such that no SIGHUP reaches it, whatever it does about the signal.
BLOCKING = (
    *(PYTHON, "-I", "-S", "-c"),
    "from signal import *; pthread_sigmask(SIG_BLOCK, {SIGHUP}); import os, sys; os.execvp(sys.argv[1], sys.argv[1:])",
)
IGNORING = ("sh", "-c", "trap '' HUP; exec \"$@\"", "sh")


def assert_exits(pid: int) -> None:
    """The process exits, and uses next to no processor time until then."""
    before = used = processor_seconds(pid)

    def exited() -> bool:
        nonlocal used
        used = max(used, processor_seconds(pid))
        return has_ended(pid)

    until(exited)
    assert used - before < 1.0


@pytest.mark.parametrize("through", [(), IGNORING, BLOCKING], ids=["handled", "ignored", "blocked"])
def test_a_hang_up_ends_it(simulator: FaultySimulator, through: tuple[str, ...]) -> None:
    with running(simulator, through=through) as pane:
        pane.wait_for("Drafting")
        pane.hang_up()
        assert_exits(pane.pid)
        assert pane.wait_exit() == 128 + signal.SIGHUP
    with closing(Store(database(), simulator.base_url)) as store:
        entry = store.load()[0]
        assert entry.job is not None
        assert entry.job.title == "A long report"


def test_a_hang_up_while_it_is_stopped_ends_it(simulator: FaultySimulator) -> None:
    with running(simulator) as pane:
        pane.signal(signal.SIGTSTP)
        pane.wait_for(lambda pane: state_of(pane.pid) == "T")
        pane.hang_up()
        pane.signal(signal.SIGCONT)
        assert_exits(pane.pid)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")
def test_a_killed_tmux_ends_it(tmp_path: Path) -> None:
    tmux = Tmux(tmp_path / "socket", PYTHON, "-m", "app", "--demo")
    tmux.wait_for("in progress")
    pid = int(tmux.value("pane_pid"))
    # Its server, without `kill-server`, which would end its programs in order.
    subprocess.run(["kill", "-KILL", tmux.value("pid")], check=True, timeout=10)
    assert_exits(pid)


def test_a_hang_up_ends_login() -> None:
    with dwtop("login", base_url=NO_API) as pane:
        pane.wait_for("Token:")
        pane.hang_up()
        assert pane.wait_exit() == 128 + signal.SIGHUP
