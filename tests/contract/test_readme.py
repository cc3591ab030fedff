"""Every `dwtop` command in the README, as users copy it, against the simulator."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.dwtop_process import TOKEN, Inside
from tests.processes import ROOT, run_program
from tests.simulated_api import COMPLETED, RUNNING
from tests.simulator_faults.server import FaultySimulator
from tests.terminal.pane import Pane

README = (ROOT / "README.md").read_text(encoding="utf-8")
ID = "3f0e0c1e-5a71-4a86-9d52-0d6f2f6b8f11"
DWTOP = Path(sys.executable).with_name("dwtop")

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CALL = re.compile(r"(?<![/.\w])dwtop(?![/\w])")

pytestmark = pytest.mark.skipif(not DWTOP.exists(), reason="dwtop is not installed in this environment")


def _commands() -> list[str]:
    """All code that calls dwtop: shell lines, commands in their comments, and inline code."""
    found = []
    for line in "".join(body for language, body in _BLOCK.findall(README) if language == "sh").splitlines():
        command, _, comment = line.partition(" #")
        found += [command.strip(), *re.findall(r": (dwtop .+)$", comment)]
    found += re.findall(r"`([^`\n]+)`", _BLOCK.sub("", README))
    return list(dict.fromkeys(command for command in found if _CALL.search(command)))


COMMANDS = _commands()
DASHBOARDS = [
    command
    for command in COMMANDS
    if re.search(rf"(?:^|\| )dwtop(?: (?:-|--[a-z-]+(?: \d+)?|{ID}))*$", command)
]
WITH_AN_OPTION = [command for command in DASHBOARDS if re.match(r"dwtop --(?!demo)", command)]
IN_TMUX = [command for command in COMMANDS if command.startswith("tmux ")]
IN_SHELL = [command for command in COMMANDS if command not in DASHBOARDS + IN_TMUX]


@pytest.fixture
def environment(dwtop: Inside, server: FaultySimulator, tmp_path: Path) -> dict[str, str]:
    """The environment of a user who is signed in and watches a job, whose ID is in build.log."""
    server.world.remove(ID)
    server.world.add(RUNNING, job_id=ID, title="Tides", cancel_after=0.0)
    assert dwtop("add", ID).code == 0
    (tmp_path / "build.log").write_text(f"jobId: {ID}\n", encoding="utf-8")
    return {**os.environ, "PATH": f"{DWTOP.parent}{os.pathsep}{os.environ['PATH']}"}


def test_the_readme_is_short_and_names_the_commands_of_the_first_minutes() -> None:
    assert len(README.splitlines()) <= 150
    assert {"dwtop", "dwtop --demo", "dwtop login", "dwtop doctor", f"dwtop add {ID}"} <= set(COMMANDS)
    assert len(IN_TMUX) == 1


@pytest.mark.parametrize("command", IN_SHELL)
def test_a_command_for_the_shell(
    command: str, server: FaultySimulator, environment: dict[str, str], tmp_path: Path
) -> None:
    needs_result = re.search(r"dwtop (?:wait|get)", command)
    job_id = server.world.add(COMPLETED, title="Tides") if needs_result else ID
    done = run_program("bash", "-c", command, env={**environment, "id": job_id}, input=TOKEN, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        *(command for command in DASHBOARDS if command not in WITH_AN_OPTION),
        " ".join(["dwtop", *(command.removeprefix("dwtop ") for command in WITH_AN_OPTION)]),
    ],
)
def test_a_command_for_the_dashboard(command: str, environment: dict[str, str], tmp_path: Path) -> None:
    with Pane("bash", "-c", command, size=(120, 30), env=environment, cwd=tmp_path) as pane:
        pane.wait_for("DEMO" if "--demo" in command else "Tides", 30)
        pane.press("q")
        pane.wait_for(lambda pane: pane.exit_code == 0, 30)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")
@pytest.mark.parametrize("command", IN_TMUX)
def test_a_command_within_tmux(command: str, environment: dict[str, str], tmp_path: Path) -> None:
    environment["TMUX_TMPDIR"] = str(tmp_path)
    tmux = ("tmux", "-f", "/dev/null", "new-session")
    with Pane(*tmux, f"{command}; exec cat", size=(120, 30), env=environment, cwd=tmp_path) as pane:
        try:
            pane.wait_for("Tides", 30)
        finally:
            subprocess.run(["tmux", "kill-server"], env=environment, check=False, capture_output=True)
