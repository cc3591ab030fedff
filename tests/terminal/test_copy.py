"""Copying: what takes the text, and the message that shows the text and says what took it."""

import base64
import os
from pathlib import Path

import pytest

from tests.simulator_faults.server import FaultySimulator
from tests.terminal.terminal_helpers import running
from tests.timing import until

IGNORED = "Sent to the terminal, which may ignore it: "


def with_program(folder: Path, name: str = "unused", script: str = "") -> dict[str, str]:
    """The variables with which a script is on the path, and no desktop is present."""
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    absent = ("WAYLAND_DISPLAY", "DISPLAY", "SSH_CONNECTION", "SSH_TTY", "WSL_DISTRO_NAME")
    return {"PATH": f"{folder}:{os.environ['PATH']}", **dict.fromkeys(absent, "")}


def test_a_desktop_program_takes_the_text(simulator: FaultySimulator, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    # As the real ones do, it leaves a process behind that holds its files open.
    env = with_program(
        tmp_path, "wl-copy", f"env >{taken}.env; cat >{taken}.draft; sleep 5 & mv {taken}.draft {taken}"
    )
    with running(simulator, env=env | {"WAYLAND_DISPLAY": "wayland-9"}) as pane:
        (name,) = simulator.world.ids
        pane.press("y")
        pane.wait_for(f"Copied by wl-copy: {name}")
        until(lambda: taken.exists() and taken.read_text() == name)
        assert "DEEPWRITER_TOKEN" not in Path(f"{taken}.env").read_text()
        assert pane.clipboard == []
        pane.press("Y")
        pane.wait_for('Copied by wl-copy: { "id": ')
        until(lambda: "A long report" in taken.read_text())


@pytest.mark.parametrize("why", ["over ssh", "it fails"])
def test_otherwise_the_text_goes_to_the_terminal(
    simulator: FaultySimulator, tmp_path: Path, why: str
) -> None:
    env = with_program(
        tmp_path, "xclip", "cat >/dev/null; exit 1" if why == "it fails" else "exec cat >/dev/null"
    )
    env["DISPLAY"] = ":9"
    if why == "over ssh":
        env["SSH_CONNECTION"] = "192.0.2.1 50000 192.0.2.2 22"
    with running(simulator, env=env) as pane:
        (name,) = simulator.world.ids
        pane.press("y")
        pane.wait_for(f"{IGNORED}{name}")
        assert [base64.b64decode(text).decode() for text in pane.clipboard] == [name]


def test_without_a_program_a_narrow_pane_shows_the_text_in_full(
    simulator: FaultySimulator, tmp_path: Path
) -> None:
    with running(simulator, shows="▸ 1", env=with_program(tmp_path), size=(40, 12)) as pane:
        (name,) = simulator.world.ids
        pane.press("y")
        pane.wait_for(name)  # on one line, so that a mouse can take it
        assert "Sent to the terminal" in pane.text
        assert [base64.b64decode(text).decode() for text in pane.clipboard] == [name]
