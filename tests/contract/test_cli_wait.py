"""`dwtop wait` and `watch --json`, through failures of every kind."""

import json
import signal
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import jsonschema_rs
import pytest

from app.cli import transitions
from app.watch.polling import intervals, link
from tests import docs
from tests.dwtop_process import TOKEN, Command, Done, Inside, argv
from tests.simulated_api import COMPLETED, RUNNING, simulated
from tests.simulator_faults.faults import Fault, FaultKind
from tests.simulator_faults.server import FaultySimulator
from tests.terminal.pane import Pane
from tests.timing import ManualClock, until

NEXT_TOKEN = "the-token-after-that"
UNKNOWN = "00000000-0000-4000-8000-00000000dead"
FAILED = (("failed", "Drafting", 40.0, 40.0, 1e9),)
SOON = (("in_progress", "Drafting", 10.0, 90.0, 60.0), ("completed", None, 100.0, 100.0, 1e9))

CURSOR_SHOWN = 25  # the terminal mode DECTCEM
CLOCK = ManualClock(time.time())


@pytest.fixture(scope="module")
def server() -> Iterator[FaultySimulator]:
    with simulated(tokens={TOKEN, NEXT_TOKEN}, clock=CLOCK) as running:
        yield running


@pytest.fixture
def dwtop(server: FaultySimulator) -> Command:
    server.faults.clear()
    return Command(server.base_url)


@pytest.fixture
def quick(
    server: FaultySimulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Inside:
    """Calls dwtop in this process, where failed requests are retried without the usual pauses."""
    server.faults.clear()
    for name in ("PROBE_MIN_SECONDS", "PROBE_MAX_SECONDS"):
        monkeypatch.setattr(link, name, 0.05)
    for name in ("_BACKOFF_SECONDS", "_MAX_BACKOFF_SECONDS"):
        monkeypatch.setattr(intervals, name, 0.05)
    monkeypatch.setattr(transitions, "_CONFIRM_MISSING_SECONDS", 0.05)
    return Inside(server.base_url, capsys, monkeypatch)


def lines(text: str) -> list[dict[str, str]]:
    found = [json.loads(line) for line in text.splitlines()]
    for line in found:
        jsonschema_rs.validate(docs.json_schema(), line)
    return found


def test_a_line_of_json_for_every_change(dwtop: Command, server: FaultySimulator) -> None:
    soon, over = server.world.add(SOON, title="Soon done"), server.world.add(COMPLETED)
    with dwtop.start("wait", soon, over, "--json", "--interval", "1") as wait:
        first = lines(wait.out.readline() + wait.out.readline())
        CLOCK.now += 60
        last = wait.result()
    assert sorted((line["id"] == over, line["to"]) for line in first) == [
        (False, "in_progress"),
        (True, "completed"),
    ]
    assert (last.code, last.err) == (0, "")
    (line,) = lines(last.out)
    assert (line["id"], line["from"], line["to"]) == (soon, "in_progress", "completed")
    assert line["title"] == "Soon done"


def test_only_the_given_jobs_are_fetched(quick: Inside, server: FaultySimulator) -> None:
    other, waited = server.world.add(RUNNING), server.world.add(FAILED, error="No more paper.")
    quick("add", other)
    done = quick("wait", waited)
    assert done.code == 1
    assert done.out == f"failed: A job ({waited}): No more paper.\n"
    assert not any(seen.job_id == other for seen in server.requests)
    quick("remove", other)


def test_wait_does_not_follow_the_account(quick: Inside, server: FaultySimulator) -> None:
    waited, other = server.world.add(RUNNING), server.world.add(RUNNING)
    done = quick("wait", waited, "--follow", "--json", "--timeout", "0.5")
    assert (done.code, {line["id"] for line in lines(done.out)}) == (124, {waited})
    assert not any(seen.job_id == other or "fetchDocuments" in seen.path for seen in server.requests)


BROKEN_ANSWERS = (
    Fault(kind=FaultKind.RESET, count=1),
    Fault(kind=FaultKind.HTTP, code=200, body="text", text='{"id": "', count=1),
    Fault(kind=FaultKind.FIELDS, fields={"id": UNKNOWN}, count=1),
    Fault(kind=FaultKind.HTTP, code=502, count=1),
)


@pytest.mark.parametrize(
    ("faults", "says"),
    [
        (BROKEN_ANSWERS, "; still trying.\n"),
        ([Fault(kind=FaultKind.HTTP, code=401, body="html", count=2)], "not in the API's format"),
        ([Fault(kind=FaultKind.HTTP, code=404, body="empty", count=2)], "not in the API's format"),
    ],
    ids=["broken answers", "401 of a proxy", "404 of a proxy"],
)
def test_errors_that_say_nothing_of_a_job_are_retried(
    quick: Inside, server: FaultySimulator, faults: Sequence[Fault], says: str
) -> None:
    jobs = [server.world.add(COMPLETED) for _ in faults]
    for fault, job_id in zip(faults, jobs, strict=True):
        server.faults.add(replace(fault, job_id=job_id))
    done = quick("wait", *jobs)
    assert done.code == 0
    assert sorted(done.out.splitlines()) == sorted(f"completed: A job ({job_id})" for job_id in jobs)
    assert not server.faults.active
    assert says in done.err
    assert done.err.splitlines()[-1] == "dwtop: The API answers again."


def test_the_end_of_a_demanded_wait_is_not_called_an_answer(quick: Inside, server: FaultySimulator) -> None:
    job_id = server.world.add(COMPLETED)
    server.faults.add(Fault(kind=FaultKind.HTTP, job_id=job_id, code=429, retry_after=1, count=1))
    done = quick("wait", job_id, "--interval", "1")
    assert done.code == 0
    assert [line.partition(" (")[0] for line in done.err.splitlines()] == [
        "dwtop: too many requests",
        "dwtop: Sending requests again.",
    ]


@pytest.mark.parametrize(
    ("arguments", "code"), [(("--timeout", "0.8"), 124), (("--any", "--quiet"), 0), (("--timeout", "0"), 2)]
)
def test_limits(quick: Inside, server: FaultySimulator, arguments: tuple[str, ...], code: int) -> None:
    job_id = server.world.add(RUNNING)
    done = quick("wait", job_id, server.world.add(COMPLETED), *arguments)
    assert done.code == code
    if "--quiet" in arguments:
        assert (done.out, done.err) == ("", "")
    elif code == 124:
        assert job_id in done.sentence
    else:
        assert done.sentence


@contextmanager
def locked(database: Path) -> Iterator[sqlite3.Connection]:
    """A transaction of another program, during which no other can write."""
    with closing(sqlite3.connect(database, isolation_level=None, check_same_thread=False)) as program:
        program.execute("BEGIN IMMEDIATE")
        yield program


@pytest.mark.parametrize("known", [True, False], ids=["known base URL", "new base URL"])
def test_wait_continues_while_the_database_is_locked(
    dwtop: Command, server: FaultySimulator, tmp_path: Path, known: bool
) -> None:
    database, done = tmp_path / "dwtop.db", server.world.add(COMPLETED)
    base_url = server.base_url if known else "https://other.example/api"
    assert dwtop("add", done, "--database", str(database), "--base-url", base_url).code == 0
    with locked(database):
        ended = dwtop("wait", done, "--database", str(database))
        assert (ended.code, ended.out.split(":")[0]) == (0, "completed")
        assert ended.sentence.endswith(
            "is locked by another program; changes to these jobs may not be saved."
        )
        if known:
            running = server.world.add(RUNNING)
            timed_out = dwtop("wait", running, "--database", str(database), "--timeout", "1")
            assert timed_out.code == 124
            assert timed_out.err.count("is locked by another program") == 1


def test_add_says_that_it_waits(dwtop: Command, server: FaultySimulator, tmp_path: Path) -> None:
    database = tmp_path / "dwtop.db"
    jobs = [server.world.add(RUNNING) for _ in range(2)]
    assert dwtop("add", jobs[0], "--database", str(database)).code == 0
    with locked(database) as program, dwtop.start("add", jobs[1], "--database", str(database)) as add:
        assert add.err.readline().startswith(f"dwtop: Waiting for the database {database};")
        program.execute("ROLLBACK")
        assert add.result() == Done(0, "Added 1 job.\n", "")


def test_an_unknown_job_and_a_failed_one(quick: Inside, server: FaultySimulator) -> None:
    before, failed = len(server.requests), server.world.add(FAILED)
    done = quick("wait", UNKNOWN, failed, "--json")
    assert done.code == 4
    assert {line["to"] for line in lines(done.out)} == {"not found", "failed"}
    assert sum(seen.job_id == UNKNOWN for seen in server.requests[before:]) == 2
    assert done.sentence.startswith(f"Not found: {UNKNOWN}")
    quiet = quick("wait", UNKNOWN, "--quiet")
    assert (quiet.code, quiet.out, quiet.sentence) == (4, "", done.sentence), "errors are printed"
    assert quick("wait", failed, "--quiet").err == ""


def test_every_finished_job_is_reported_even_if_all_are(quick: Inside, server: FaultySimulator) -> None:
    jobs = [server.world.add(COMPLETED), server.world.add(FAILED), server.world.add(COMPLETED)]
    quick("add", *jobs)
    quick("status", *jobs)
    done = quick("wait", *jobs)
    assert done.code == 1
    assert [line.partition(":")[0] for line in done.out.splitlines()] == ["completed", "failed", "completed"]
    assert [line["id"] for line in lines(quick("wait", *jobs, "--json").out)] == jobs
    quick("remove", *jobs)


@pytest.mark.parametrize("token", ["another", ""])
def test_it_ends_without_a_good_token(
    quick: Inside, server: FaultySimulator, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("DEEPWRITER_TOKEN", token)
    done = quick("wait", server.world.add(RUNNING))
    assert done.code == 3
    assert "dwtop login" in done.sentence


def test_an_expired_token_is_replaced(server: FaultySimulator, tmp_path: Path) -> None:
    token_file = tmp_path / "token"
    token_file.write_text(TOKEN, encoding="ascii")
    token_file.chmod(0o600)
    job_id = server.world.add(SOON)
    dwtop = Command(server.base_url, "")
    with dwtop.start("wait", job_id, "--json", "--interval", "1", "--token-file", str(token_file)) as wait:
        wait.out.readline()
        server.faults.add(Fault(kind=FaultKind.HTTP, code=401, job_id=job_id))
        until(lambda: any(seen.job_id == job_id and seen.status == 401 for seen in server.requests))
        server.faults.clear()
        CLOCK.now += 60
        token_file.write_text(NEXT_TOKEN, encoding="ascii")
        done = wait.result()
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["to"] == "completed"


SIGTERM_IN_A_TASK = """
import asyncio, os, signal, sys
from app.deepwriter.client import Client
async def fetch(self, job_id):
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(60)
Client.fetch = fetch
from app.cli.main import run
sys.exit(run())
"""


def test_a_signal_while_a_task_runs_prints_no_traceback(server: FaultySimulator) -> None:
    dwtop = Command(server.base_url, entry=("-c", SIGTERM_IN_A_TASK))
    assert dwtop("wait", UNKNOWN) == Done(143, "", "")


@pytest.mark.parametrize(("command", "code"), [("wait", 141), ("watch", 0)])
def test_a_closed_pipe_ends_it_at_once(
    dwtop: Command, server: FaultySimulator, command: str, code: int
) -> None:
    with dwtop.start(command, server.world.add(RUNNING), "--json") as reporting:
        reporting.out.readline()
        reporting.out.close()
        assert reporting.result() == Done(code, "", "")


def test_ctrl_c_ends_it(dwtop: Command, server: FaultySimulator) -> None:
    with dwtop.start("wait", server.world.add(SOON), "--json") as wait:
        assert json.loads(wait.out.readline())["to"] == "in_progress"
        wait.process.send_signal(signal.SIGINT)
        assert wait.result() == Done(130, "", "")


def test_watch_json_runs_until_it_is_interrupted(dwtop: Command, server: FaultySimulator) -> None:
    with dwtop.start("watch", "--json", server.world.add(SOON), "--interval", "1") as watch:
        assert json.loads(watch.out.readline())["from"] is None
        CLOCK.now += 60
        assert json.loads(watch.out.readline())["from"] == "in_progress"
        watch.process.send_signal(signal.SIGINT)
        assert watch.result().code == 130


def test_watch_json_follows_the_account_from_an_empty_list(dwtop: Command, server: FaultySimulator) -> None:
    server.world.add(RUNNING)
    with dwtop.start("watch", "--json", "--follow") as watch:
        assert json.loads(watch.out.readline())["from"] is None
        watch.process.send_signal(signal.SIGINT)
        assert watch.result().code == 130


def test_bars_on_a_terminal(dwtop: Command, server: FaultySimulator) -> None:
    job_id, other = server.world.add(SOON, title="My [b]book"), server.world.add(COMPLETED, title="Over")
    environment = {**dwtop.environment, "TERM": "xterm-256color"}
    with Pane(*argv("wait", job_id, other, "--interval", "1"), env=environment, size=(70, 12)) as pane:
        pane.wait_for("My [b]book")
        pane.wait_for("Drafting")
        assert "▕" in pane.text
        CLOCK.now += 60
        pane.wait_for(lambda pane: pane.text.count("100%") == 2)
        assert pane.wait_exit() == 0
        assert [line.split()[1] for line in pane.screen if line.strip()] == ["completed", "completed"]
        assert CURSOR_SHOWN in pane.modes
    waiting = server.world.add(RUNNING, title="Not yet")
    with Pane(*argv("wait", waiting, other), env=environment, size=(40, 10)) as pane:
        pane.wait_for(lambda pane: "Not yet" in pane.text and "100%" in pane.text)
        assert " ".join(pane.text.split()) == "▸ in progress 10% Not yet ✔ completed 100% Over"
    with Pane(*argv("wait", waiting), env=environment, size=(70, 12)) as pane:
        pane.wait_for("Not yet")
        pane.signal(signal.SIGTERM)
        assert pane.wait_exit() == 128 + signal.SIGTERM
        assert CURSOR_SHOWN in pane.modes
    for kind in ("dumb", ""):
        with Pane(*argv("wait", other), env={**environment, "TERM": kind}, size=(70, 12)) as pane:
            assert pane.wait_exit() == 0
            assert pane.text.strip() == f"completed: Over ({other[:8]})"
            assert b"\x1b" not in pane.raw


def test_closed_standard_streams(server: FaultySimulator) -> None:
    # Python sets standard streams that are closed before its start to None.
    closed = Command(server.base_url, through=("sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"))
    assert closed("wait", server.world.add(FAILED)).code == 1
