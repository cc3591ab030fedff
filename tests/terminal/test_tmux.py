"""The dashboard in a real tmux: title, copies, other types of terminals, and windows without focus."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import ROOT, database
from tests.scripted_api import job_id
from tests.terminal.pane import Pane
from tests.terminal.terminal_helpers import PYTHON
from tests.timing import until
from tests.ui.dashboard_host import BASE_URL, fill, known

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")


class Tmux:
    """A tmux server with one window."""

    def __init__(
        self, socket: Path, *command: str, term: str = "tmux-256color", focus_events: bool = False
    ) -> None:
        self._tmux = ("tmux", "-S", str(socket), "-f", "/dev/null")
        options = {
            "default-terminal": term,
            "remain-on-exit": "on",
            "focus-events": "on" if focus_events else "off",
        }
        settings = [word for item in options.items() for word in ("set", "-g", *item, ";")]
        self.run(
            *("start-server", ";", *settings, "new-session", "-d", "-x", "100", "-y", "24", "-c", str(ROOT)),
            *command,
        )

    def run(self, *words: str, check: bool = True) -> str:
        env = dict(os.environ)  # without the size that readline adds to it behind Python's back
        return subprocess.run(
            [*self._tmux, *words], capture_output=True, text=True, env=env, check=check, timeout=10
        ).stdout

    def screen(self, window: str = "") -> str:
        return self.run("capture-pane", "-p", "-t", window)

    def value(self, name: str) -> str:
        return self.run("display-message", "-p", f"#{{{name}}}").strip()

    def wait_for(self, text: str) -> None:
        until(lambda: text in self.screen())

    def close(self) -> None:
        self.run("kill-server", check=False)


@pytest.fixture
def tmux(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Tmux]:
    """The demo in a tmux window; the parameter is its TERM."""
    term = getattr(request, "param", "tmux-256color")
    server = Tmux(tmp_path / "socket", PYTHON, "-m", "app", "--demo", term=term)
    try:
        server.wait_for("in progress")
        yield server
    finally:
        server.close()


def test_the_title_has_the_counts_and_the_copy_reaches_the_buffer(tmux: Tmux) -> None:
    until(lambda: "▶" in tmux.value("pane_title"))
    assert tmux.value("pane_title").endswith("dwtop")
    tmux.run("send-keys", "y")
    tmux.wait_for("Copied by tmux: ")
    copied = tmux.run("show-buffer").strip()
    assert len(copied) == 36
    assert copied in tmux.screen()


@pytest.mark.parametrize("tmux", ["screen-256color", "linux", "vt100"], indirect=True)
def test_other_types_of_terminals(tmux: Tmux) -> None:
    screen = tmux.screen()
    assert "TITLE" in screen
    assert "%" in screen
    tmux.run("send-keys", "Enter")
    tmux.wait_for("in progress since")
    tmux.run("send-keys", "q")
    until(lambda: tmux.value("pane_dead") == "1")
    assert "Traceback" not in tmux.screen()


@pytest.mark.parametrize("selected", [True, False])
def test_keys_act_in_a_window_that_started_without_focus(tmp_path: Path, selected: bool) -> None:
    fill(database(), [known(number, "completed") for number in range(1, 6)])
    tmux = Tmux(tmp_path / "socket", "cat", focus_events=True)
    try:
        with Pane("tmux", "-S", str(tmp_path / "socket"), "attach", size=(100, 24)) as pane:
            pane.wait_for("[0] 0:")  # attached
            variables = ("-e", f"DEEPWRITER_BASE_URL={BASE_URL}", "-e", "DEEPWRITER_TOKEN=a-token")
            command = shlex.join([PYTHON, "-m", "app"])
            tmux.run("new-window", "-d", "-n", "dash", "-c", str(ROOT), *variables, command)
            pane.wait_for(lambda pane: "Book 5" in tmux.screen("dash"))
            if selected:
                tmux.run("select-window", "-t", "dash")
                pane.wait_for("Book 5")
                pane.press("j", "j", "y")
            else:  # by a script
                tmux.run("send-keys", "-t", "dash", "j", "j", "y")
            pane.wait_for(lambda pane: tmux.run("show-buffer", check=False).strip() == job_id(3))
    finally:
        tmux.close()
