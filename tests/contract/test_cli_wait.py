"""`dwtop wait` and `watch --json`: whatever happens on the way."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator

import jsonschema_rs
import pytest

from app.cli import shapes
from app.simulator.faults import Fault, FaultKind
from app.simulator.server import SimulatorServer
from tests.command import TOKEN, Command, words
from tests.simulated import RUNNING, simulated, until
from tests.terminal.pane import Pane

NOBODY = "00000000-0000-4000-8000-00000000dead"
DONE = (("completed", None, 100.0, 100.0, 1e9),)
FAILED = (("failed", "Drafting", 40.0, 40.0, 1e9),)


def soon(
    seconds: float = 1.5, end: str = "completed"
) -> tuple[tuple[str, str | None, float, float, float], ...]:
    """The life of a job that ends in a moment."""
    return (("in_progress", "Drafting", 10.0, 90.0, seconds), (end, None, 100.0, 100.0, 1e9))


@pytest.fixture(scope="module")
def server() -> Iterator[SimulatorServer]:
    with simulated(tokens=[TOKEN]) as running:
        yield running


@pytest.fixture
def dwtop(server: SimulatorServer) -> Command:
    server.faults.clear()
    return Command(server.base_url)


def lines(text: str) -> list[dict[str, str]]:
    found = [json.loads(line) for line in text.splitlines()]
    for line in found:
        jsonschema_rs.validate(shapes.schema(), line)
    return found


def test_a_line_of_json_for_every_change(dwtop: Command, server: SimulatorServer) -> None:
    quick, over = server.world.add(soon(), title="Soon done"), server.world.add(DONE)
    done = dwtop("wait", quick, over, "--json", "--interval", "1")
    assert (done.code, done.err) == (0, "")
    told = [(line["from"], line["to"]) for line in lines(done.out) if line["id"] == quick]
    assert told == [(None, "in_progress"), ("in_progress", "completed")]
    assert [(line["from"], line["to"]) for line in lines(done.out) if line["id"] == over] == [
        (None, "completed")
    ]


def test_only_the_jobs_waited_for_are_asked_for(dwtop: Command, server: SimulatorServer) -> None:
    other, waited = server.world.add(RUNNING), server.world.add(FAILED, error="No more paper.")
    dwtop("add", other)
    done = dwtop("wait", waited)
    assert done.code == 1
    assert done.out == f"failed: A job ({waited[:8]}): No more paper.\n"
    assert not any(seen.job_id == other for seen in server.requests)
    dwtop("remove", other)


def test_broken_answers_do_not_end_it(dwtop: Command, server: SimulatorServer) -> None:
    for kind in (FaultKind.RESET, FaultKind.NOT_JSON, FaultKind.OTHER_JOB):
        server.faults.add(Fault(kind=kind, count=1))
    server.faults.add(Fault(kind=FaultKind.HTTP, code=502, body="html", count=1))
    # One after the other, as if the network came and went: after each the job is asked for once more.
    job_id = server.world.add(DONE)
    with dwtop.start(
        "wait", job_id, server.world.add(DONE), server.world.add(DONE), server.world.add(DONE)
    ) as wait:
        out, err = wait.communicate(timeout=40)
    assert wait.returncode == 0, err
    assert out.count("completed: ") == 4
    assert not server.faults.active


@pytest.mark.parametrize(
    ("arguments", "code"), [(("--timeout", "0.8"), 124), (("--any", "--quiet"), 0), (("--timeout", "0"), 2)]
)
def test_limits(dwtop: Command, server: SimulatorServer, arguments: tuple[str, ...], code: int) -> None:
    done = dwtop("wait", server.world.add(RUNNING), server.world.add(DONE), *arguments)
    assert done.code == code
    if "--quiet" in arguments:
        assert (done.out, done.err) == ("", "")
    else:
        assert done.sentence


def test_a_job_that_nobody_knows_and_one_that_failed(dwtop: Command, server: SimulatorServer) -> None:
    before = len(server.requests)
    done = dwtop("wait", NOBODY, server.world.add(FAILED), "--json")
    assert done.code == 4
    assert {line["to"] for line in lines(done.out)} == {"not found", "failed"}
    assert sum(seen.job_id == NOBODY for seen in server.requests[before:]) == 2


def test_a_token_that_is_refused_ends_it(server: SimulatorServer) -> None:
    done = Command(server.base_url, "another")("wait", server.world.add(RUNNING))
    assert done.code == 3
    assert "dwtop login" in done.sentence


def test_ctrl_c_and_a_reader_that_has_had_enough(dwtop: Command, server: SimulatorServer) -> None:
    job_id = server.world.add(RUNNING)
    with dwtop.start("wait", job_id, "--json") as wait:
        assert wait.stdout is not None
        assert json.loads(wait.stdout.readline())["to"] == "in_progress"
        wait.send_signal(signal.SIGINT)
        out, err = wait.communicate(timeout=20)
    assert (wait.returncode, out, err) == (130, "", "")
    with dwtop.start("wait", server.world.add(soon()), "--json", "--interval", "1") as wait:
        assert wait.stdout is not None
        wait.stdout.readline()
        wait.stdout.close()
        assert wait.wait(20) == 0
        assert wait.stderr is not None
        assert wait.stderr.read() == ""


def test_watch_json_goes_on_until_it_is_interrupted(dwtop: Command, server: SimulatorServer) -> None:
    job_id = server.world.add(soon())
    with dwtop.start("watch", "--json", job_id, "--interval", "1") as watch:
        assert watch.stdout is not None
        told = [json.loads(watch.stdout.readline())["to"] for _ in range(2)]
        assert told == ["in_progress", "completed"]
        watch.send_signal(signal.SIGINT)
        assert watch.wait(20) == 130
    dwtop("remove", job_id)


def test_bars_on_a_terminal(dwtop: Command, server: SimulatorServer) -> None:
    job_id, other = server.world.add(soon(4.0), title="My [b]book"), server.world.add(DONE, title="Over")
    environment = {**dwtop.environment, "TERM": "xterm-256color"}
    with Pane(*words("wait", job_id, other, "--interval", "1"), env=environment, size=(70, 12)) as pane:
        pane.wait_for("My [b]book")
        pane.wait_for("Drafting")
        assert "▕" in pane.text
        pane.wait_for(lambda pane: pane.text.count("100%") == 2)
        assert pane.wait_exit() == 0
        assert [line.split()[1] for line in pane.screen if line.strip()] == ["completed", "completed"]
    dumb = {**environment, "TERM": "dumb"}
    with Pane(*words("wait", other), env=dumb, size=(70, 12)) as pane:
        assert pane.wait_exit() == 0
        assert pane.text.strip() == f"completed: Over ({other[:8]})"


def test_an_outage_is_said_where_there_is_no_terminal(dwtop: Command, server: SimulatorServer) -> None:
    job_id = server.world.add(DONE)
    server.faults.add(Fault(kind=FaultKind.CLOSED, count=1))
    done = dwtop("wait", job_id)
    assert done.code == 0
    assert [line.partition("; ")[2] for line in done.err.splitlines()[:1]] == ["still trying."]
    assert done.err.splitlines()[-1] == "dwtop: The API answers again."


def test_a_hung_pipe_is_no_obstacle_to_the_end(dwtop: Command, server: SimulatorServer) -> None:
    # Standard streams that are closed before the start are None within.
    closed = subprocess.run(
        [
            "sh",
            "-c",
            'exec "$@" <&- >&- 2>&-',
            "sh",
            sys.executable,
            "-m",
            "app",
            "wait",
            server.world.add(FAILED),
        ],
        env=dwtop.environment,
        timeout=30,
        check=False,
    )
    assert closed.returncode == 1
    until(lambda: True)
