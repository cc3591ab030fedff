"""Started in a tmux window that nobody looks at: the keys work as soon as somebody does."""

import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scripted_api import job_id
from tests.terminal.pane import Pane
from tests.terminal.terminal_helpers import ROOT
from tests.ui.dashboard_host import BASE_URL, fill, known

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux on this machine")


@pytest.fixture
def socket(tmp_path: Path) -> Iterator[Path]:
    """The socket of a tmux server of our own, which ends with the test."""
    path = tmp_path / "socket"
    yield path
    subprocess.run(["tmux", "-S", str(path), "kill-server"], check=False, timeout=10)


@pytest.mark.parametrize("key", ["select", "press"])
def test_a_dashboard_that_started_out_of_focus_takes_keys(tmp_path: Path, socket: Path, key: str) -> None:
    database = tmp_path / "dwtop.db"
    fill(database, [known(number, "completed") for number in range(1, 6)])

    def tmux(*words: str, check: bool = True) -> str:
        command = ["tmux", "-S", str(socket), *words]
        return subprocess.run(command, capture_output=True, text=True, check=check, timeout=10).stdout

    tmux("-f", "/dev/null", "start-server", ";", "set", "-g", "focus-events", "on", ";",
         "set", "-g", "default-terminal", "tmux-256color", ";", "new-session", "-d", "-x", "100", "-y", "24", "cat")  # fmt: skip
    with Pane("tmux", "-S", str(socket), "attach", size=(100, 24)) as pane:
        pane.wait_for("[0] 0:")  # attached
        tmux("new-window", "-d", "-n", "dash", "-c", str(ROOT), "-e", f"DEEPWRITER_BASE_URL={BASE_URL}",
             "-e", "DEEPWRITER_TOKEN=a-token",
             shlex.join([sys.executable, "-m", "app", "--database", str(database)]))  # fmt: skip
        pane.wait_for(lambda pane: "Book 5" in tmux("capture-pane", "-p", "-t", "dash"))
        if key == "select":
            tmux("select-window", "-t", "dash")
            pane.wait_for("Book 5")
            pane.press("j", "j", "y")
        else:  # typed by a script, with the window still out of sight
            tmux("send-keys", "-t", "dash", "j", "j", "y")
        pane.wait_for(lambda pane: tmux("show-buffer", check=False).strip() == job_id(3))
