"""Signing in on a real terminal, at the real pace."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.session_harness import NEW
from tests.jwt import jwt
from tests.simulated_api import RUNNING, simulated
from tests.simulator_faults.server import FaultySimulator
from tests.terminal.pane import Pane
from tests.terminal.terminal_helpers import dwtop, watch


@pytest.fixture
def allowed() -> set[str]:
    """The tokens that are accepted; may be changed at any time."""
    return set()


@pytest.fixture
def server(allowed: set[str]) -> Iterator[FaultySimulator]:
    with simulated(tokens=allowed) as server:
        server.world.add(RUNNING, title="A long report")
        yield server


def start(server: FaultySimulator, *words: str, token_command: str = "") -> Pane:
    watch(server)
    env = {"DEEPWRITER_TOKEN": "", "DWTOP_TOKEN_COMMAND": token_command}
    return dwtop("--interval", "1", *words, base_url=server.base_url, env=env)


def test_a_new_token_in_the_file_resumes_polling(
    server: FaultySimulator, allowed: set[str], tmp_path: Path
) -> None:
    file, first = tmp_path / "token", jwt({"sub": "first", "exp": time.time() + 500})
    file.write_text(first)
    allowed.add(first)
    with start(server, "--token-file", str(file)) as pane:
        pane.wait_for("in progress")
        pane.wait_for("Your token expires at")
        pane.wait_for("run chmod 600")  # a toast, for others can read the file
        allowed.clear()
        pane.wait_for("Signed out. Press L to sign in")
        pane.wait_for(lambda pane: "Your token expires at" not in pane.text)
        before = len(server.requests)
        pane.press("r")
        pane.wait_for(lambda pane: len(server.requests) > before)
        allowed.add(NEW)
        file.write_text(NEW)
        pane.wait_for(lambda pane: "Press L to sign in" not in pane.text)
        pane.wait_for(lambda pane: server.requests[-1].status == 200)
        refused = [one for one in server.requests[before:] if NEW not in str(one.credentials)]
        assert len(refused) == 1, "that of the key alone"
        pane.press("q")
        assert pane.wait_exit() == 0


def test_a_command_that_fails_leaves_a_useful_screen(server: FaultySimulator, allowed: set[str]) -> None:
    allowed.add(NEW)
    command = "sh -c 'sleep 1; echo the store is locked >&2; exit 1'"
    with start(server, token_command=command) as pane:
        pane.wait_for("STATUS")  # the list is there before the command ends
        assert "Press L to sign in" not in pane.text
        pane.wait_for("failed with exit code 1")
        assert "paste your token here" not in pane.text, "no dialog opens by itself"
        pane.press("e")
        pane.wait_for("the store is locked")
        pane.press("escape", "L")
        pane.wait_for("Sign in")
        pane.paste(NEW)
        pane.press("enter")
        pane.wait_for("in progress")
        assert "Press L to sign in" not in pane.text
        pane.press("q")
        assert pane.wait_exit() == 0
