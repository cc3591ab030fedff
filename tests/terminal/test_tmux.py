"""In a real tmux: the title, the copy, the looks under the terminals that people have, and the end."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux on this machine")


class Tmux:
    """A tmux server of our own with one window."""

    def __init__(self, socket: Path, command: list[str], *, size: tuple[int, int], term: str) -> None:
        self._tmux = ["tmux", "-S", str(socket), "-f", "/dev/null"]
        environ = {**os.environ, "TERM": "xterm-256color"}
        self._environ = environ
        self.run("start-server", ";", "set", "-g", "default-terminal", term, ";", "set", "-g", "remain-on-exit", "on",
                 ";", "new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), *command)  # fmt: skip

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._tmux, *arguments],
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
            env=self._environ,
        )
        return done.stdout

    def screen(self) -> str:
        return self.run("capture-pane", "-p")

    def value(self, name: str) -> str:
        return self.run("display-message", "-p", f"#{{{name}}}").strip()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.run("send-keys", key)

    def wait_for(self, holds: Callable[[], bool], what: str, seconds: float = 20.0) -> None:
        give_up = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < give_up, f"no {what} in:\n{self.screen()}"
            time.sleep(0.05)


@pytest.fixture
def tmux(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Tmux]:
    """The demo in a tmux window; the parameter is the TERM inside."""
    term = getattr(request, "param", "tmux-256color")
    server = Tmux(tmp_path / "socket", [sys.executable, "-m", "app", "--demo"], size=(100, 24), term=term)
    try:
        server.wait_for(lambda: "in progress" in server.screen(), "job in progress")
        yield server
    finally:
        subprocess.run(["tmux", "-S", str(tmp_path / "socket"), "kill-server"], check=False, timeout=10)


def test_the_title_has_the_counts_and_the_copy_reaches_the_buffer(tmux: Tmux) -> None:
    tmux.wait_for(lambda: "▶" in tmux.value("pane_title"), "counts in the title")
    assert tmux.value("pane_title").endswith("dwtop")
    tmux.press("y")
    tmux.wait_for(lambda: "Copied by tmux: " in tmux.screen(), "word of the copy")
    copied = tmux.run("show-buffer").strip()
    assert len(copied) == 36
    assert copied in tmux.screen()


@pytest.mark.parametrize("tmux", ["screen-256color", "xterm-256color", "linux", "vt100"], indirect=True)
def test_it_is_readable_and_ends_well_under_other_terminals(tmux: Tmux) -> None:
    screen = tmux.screen()
    assert "TITLE" in screen
    assert "%" in screen
    tmux.press("Enter")
    tmux.wait_for(lambda: "in progress since" in tmux.screen(), "details")
    tmux.press("q")
    tmux.wait_for(lambda: tmux.value("pane_dead") == "1", "end")
    assert "Traceback" not in tmux.screen()


def test_a_killed_tmux_takes_it_along(tmux: Tmux) -> None:
    pid = int(tmux.value("pane_pid"))
    tmux.run("kill-server")
    give_up = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < give_up, "it goes on without a terminal"
        time.sleep(0.05)
