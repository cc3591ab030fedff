"""What is copied, and what is said of it: by whom, or that nobody knows, and the text itself in any case."""

import base64
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.simulated_api import RUNNING
from tests.simulator_faults.faults import Fault, FaultKind
from tests.simulator_faults.server import FaultySimulator
from tests.terminal.pane import Pane
from tests.terminal.terminal_helpers import dwtop, watch
from tests.timing import until

IGNORED = "Sent to the terminal, which may ignore it: "


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Puts a program of a desktop on the path; returns the variables for it."""

    def make(name: str, script: str) -> dict[str, str]:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
        return {
            "PATH": f"{folder}:{os.environ['PATH']}",
            "WAYLAND_DISPLAY": "",
            "DISPLAY": "",
            "SSH_CONNECTION": "",
            "SSH_TTY": "",
            "WSL_DISTRO_NAME": "",
        }

    return make


def start(
    simulator: FaultySimulator, folder: Path, env: dict[str, str], size: tuple[int, int] = (100, 24)
) -> tuple[Pane, str]:
    name = simulator.world.add(RUNNING, title="A long report")
    watch(folder / "db", simulator)
    return dwtop(base_url=simulator.base_url, database=folder / "db", env=env, size=size), name


def test_a_program_of_the_desktop_takes_it(
    simulator: FaultySimulator, tmp_path: Path, program: Callable[..., dict[str, str]]
) -> None:
    taken = tmp_path / "taken"
    # As the real ones do, it leaves a process behind that holds what it was started with.
    env = program("wl-copy", f"env >{taken}.env; cat >{taken}.draft; sleep 5 & mv {taken}.draft {taken}")
    pane, name = start(simulator, tmp_path, env | {"WAYLAND_DISPLAY": "wayland-9"})
    with pane:
        pane.wait_for("A long report")
        pane.press("y")
        pane.wait_for(f"Copied by wl-copy: {name}")
        until(lambda: taken.exists() and taken.read_text() == name)
        assert "DEEPWRITER_TOKEN" not in Path(f"{taken}.env").read_text()
        assert pane.clipboard == []
        pane.press("Y")
        pane.wait_for('Copied by wl-copy: { "id": ')
        until(lambda: "A long report" in taken.read_text())


@pytest.mark.parametrize("why", ["over ssh", "it fails", "no program"])
def test_what_no_program_takes_goes_to_the_terminal_and_that_is_said(
    simulator: FaultySimulator, tmp_path: Path, program: Callable[..., dict[str, str]], why: str
) -> None:
    env = program("xclip", "cat >/dev/null; exit 1" if why == "it fails" else "exec cat >/dev/null")
    if why != "no program":
        env["DISPLAY"] = ":9"
    if why == "over ssh":
        env["SSH_CONNECTION"] = "192.0.2.1 50000 192.0.2.2 22"
    pane, name = start(simulator, tmp_path, env)
    with pane:
        pane.wait_for("A long report")
        pane.press("y")
        pane.wait_for(f"{IGNORED}{name}")
        assert [base64.b64decode(text).decode() for text in pane.clipboard] == [name]


def test_in_a_narrow_pane_the_text_is_shown_in_full_all_the_same(
    simulator: FaultySimulator, tmp_path: Path, program: Callable[..., dict[str, str]]
) -> None:
    pane, name = start(simulator, tmp_path, program("unused", ""), size=(40, 12))
    with pane:
        pane.wait_for("▸ 1")
        pane.press("y")
        pane.wait_for(name)  # on one line, so that a mouse can take it
        assert "Sent to the terminal" in pane.text


def test_a_notification_begins_with_our_name(simulator: FaultySimulator, tmp_path: Path) -> None:
    name = simulator.world.add(RUNNING, title="4;1;50")
    watch(tmp_path / "db", simulator)
    env = {"TERM_PROGRAM": "ghostty"}
    with dwtop("--interval", "1", base_url=simulator.base_url, database=tmp_path / "db", env=env) as pane:
        pane.wait_for("4;1;50")
        pane.wait_for("in progress")
        simulator.faults.add(Fault(kind=FaultKind.FIELDS, job_id=name, fields={"status": "failed"}))
        pane.wait_for(lambda pane: pane.notices)
        assert pane.notices[0].startswith("dwtop: 4;1;50")
