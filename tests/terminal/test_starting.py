"""Starting from a pipe, on terminals that cannot show the dashboard or its symbols, and without a home."""

from pathlib import Path

import pytest

from tests.dwtop_process import AS_UNKNOWN_USER
from tests.scripted_api import job_id
from tests.simulated_api import RUNNING
from tests.simulator_faults.server import FaultySimulator
from tests.terminal.terminal_helpers import dwtop, watch


def test_ids_from_a_pipe_are_added_and_keys_come_from_the_terminal(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING, title="From the pipe")
    shell = ("sh", "-c", f'echo "see {job_id}." | "$0" "$@" watch -')
    with dwtop(base_url=simulator.base_url, through=shell) as pane:
        pane.wait_for("From the pipe")
        pane.press("?")
        pane.wait_for("Keys ─")
        pane.press("escape")
        pane.wait_for(lambda pane: "Keys ─" not in pane.text)
        pane.press("q")
        assert pane.wait_exit() == 0


def test_keys_typed_ahead_act(simulator: FaultySimulator) -> None:
    with dwtop(base_url=simulator.base_url) as pane:
        pane.send(b"o")
        pane.wait_for("DEMO")
    with dwtop(base_url=simulator.base_url) as pane:
        pane.send(b"q")
        assert pane.wait_exit() == 0


def test_a_pipe_without_ids_is_an_error(simulator: FaultySimulator) -> None:
    shell = ("sh", "-c", 'echo nothing | "$0" "$@" -')
    with dwtop(base_url=simulator.base_url, through=shell) as pane:
        assert pane.wait_exit() == 2
        pane.wait_for("dwtop: There is no job ID in standard input")
        assert b"\x1b[?1049h" not in pane.raw


@pytest.mark.parametrize(
    ("kind", "words", "code"),
    [("", (), 0), ("dumb", (job_id(1),), 0), ("unknown", (), 0), ("vt52", ("--demo",), 2)],
    ids=["no type", "dumb", "unknown", "the demo"],
)
def test_a_terminal_that_cannot_show_the_dashboard_gets_a_sentence_and_the_table(
    simulator: FaultySimulator, kind: str, words: tuple[str, ...], code: int
) -> None:
    simulator.world.add(RUNNING, job_id=job_id(1), title="In the table")
    if not words:
        watch(simulator)
    with dwtop(*words, base_url=simulator.base_url, env={"TERM": kind}) as pane:
        assert pane.wait_exit() == code
        assert f'dwtop: A terminal of the type TERM="{kind}" cannot show the dashboard;' in pane.text
        assert ("In the table" in pane.text) == (code == 0)
        assert b"\x1b" not in pane.raw


@pytest.mark.parametrize(
    "variables", [{"LANG": "C"}, {"PYTHONIOENCODING": "latin-1"}, {"TERM": "linux"}], ids=str
)
def test_only_ascii_is_drawn_where_symbols_cannot_be_shown(
    simulator: FaultySimulator, variables: dict[str, str]
) -> None:
    job_id = simulator.world.add(RUNNING, title="Plain")
    with dwtop(job_id, base_url=simulator.base_url, env=variables) as pane:
        pane.wait_for("> Plain")
        pane.press("?")
        pane.wait_for("Down j")
        pane.wait_until_quiet()
        assert bytes(pane.raw).isascii()
        pane.press("escape", "q")
        assert pane.wait_exit() == 0


@pytest.mark.parametrize("demo", [True, False])
def test_the_dashboard_needs_no_home_folder(simulator: FaultySimulator, tmp_path: Path, demo: bool) -> None:
    job_id = simulator.world.add(RUNNING, title="Homeless")
    token = tmp_path / "token"
    token.write_text("a-token", encoding="utf-8")
    arguments = ("--demo",) if demo else ("--token-file", str(token), job_id)
    entry = ("-c", AS_UNKNOWN_USER, "--database", str(tmp_path / "db"))
    with dwtop(*arguments, base_url=simulator.base_url, entry=entry) as pane:
        pane.wait_for("running" if demo else "Homeless")
        pane.press("L")
        pane.wait_for(lambda pane: "Sign in" in pane.text or "demo" in pane.text)
        pane.press("escape", "q")
        assert pane.wait_exit() == 0
        assert "Traceback" not in pane.text
