"""`dwtop status`, and `dwtop` without a terminal, as scripts call them."""

import json
from pathlib import Path

import jsonschema_rs
import pytest

from tests import docs
from tests.dwtop_process import Command, Inside
from tests.simulated_api import COMPLETED, RUNNING
from tests.simulator_faults.faults import Fault, FaultKind
from tests.simulator_faults.server import FaultySimulator

UNKNOWN = "00000000-0000-4000-8000-00000000dead"
FAILED = (("failed", "Drafting", 40.0, 40.0, 1e9),)


def test_status_prints_the_current_state(dwtop: Inside, server: FaultySimulator) -> None:
    running = server.world.add(RUNNING, title="A [red]book[/red]")
    failed = server.world.add(FAILED, error="The model gave up.")
    done = dwtop("status", running, failed, "--json")
    assert (done.code, done.err) == (0, "")
    document = json.loads(done.out)
    jsonschema_rs.validate(docs.json_schema(), document)
    first, second = document["jobs"]
    assert document["version"] == 1
    assert (first["id"], first["status"], first["stage"]) == (running, "in_progress", "Drafting")
    assert 10 <= first["progress"] < 11
    assert (second["status"], second["error_message"]) == ("failed", "The model gave up.")
    table = dwtop("status", running)
    assert table.code == 0
    assert "in progress" in table.out
    assert "A [red]book[/red]" in table.out
    assert running in table.out
    assert json.loads(dwtop("list", "--json").out)["jobs"] == [], "nothing is added to the watch list"


def test_without_a_terminal_dwtop_adds_and_prints_once(server: FaultySimulator) -> None:
    dwtop = Command(server.base_url)
    first, second = server.world.add(COMPLETED), server.world.add(RUNNING)
    assert first in dwtop(first).out
    printed = dwtop("-", stdin=f"see https://example.org/jobs/{second}?x=1")
    assert printed.code == 0
    assert {first, second} <= set(printed.out.split())


@pytest.mark.parametrize(("token", "says"), [("", "dwtop login"), ("another", "the token was not accepted")])
def test_without_a_good_token(
    dwtop: Inside, server: FaultySimulator, monkeypatch: pytest.MonkeyPatch, token: str, says: str
) -> None:
    monkeypatch.setenv("DEEPWRITER_TOKEN", token)
    done = dwtop("status", server.world.add(RUNNING))
    assert (done.code, says in done.sentence) == (3, True)


def test_a_job_that_is_not_found(dwtop: Inside, server: FaultySimulator) -> None:
    done = dwtop("status", server.world.add(COMPLETED), UNKNOWN, "--json")
    assert done.code == 4
    assert UNKNOWN in done.sentence
    assert [job["found"] for job in json.loads(done.out)["jobs"]] == [True, False]


def test_an_api_out_of_reach(dwtop: Inside, server: FaultySimulator) -> None:
    job_id = server.world.add(RUNNING)
    dwtop("add", job_id)
    assert dwtop("status").code == 0
    done = dwtop("status", job_id, "--base-url", "http://127.0.0.1:9/api")
    assert done.code == 5
    assert "cannot reach 127.0.0.1:9" in done.sentence
    server.faults.add(Fault(kind=FaultKind.HTTP, code=502, body="html"))
    kept = dwtop("status", job_id, "--json")
    assert kept.code == 5
    (job,) = json.loads(kept.out)["jobs"]
    assert job["status"] == "in_progress"
    assert "502" in job["error"]


@pytest.mark.parametrize(
    ("code", "wait", "says"),
    [
        (403, 30, "; try again in 30 s."),
        (429, 20, "; try again in 20 s."),
        (429, None, "; try again in a minute."),
        (503, 7, "; try again in 7 s."),
        (400, None, "the API answered 400 Bad Request ("),
    ],
)
def test_other_errors(dwtop: Inside, server: FaultySimulator, code: int, wait: int | None, says: str) -> None:
    job_id = server.world.add(RUNNING)
    server.faults.add(Fault(kind=FaultKind.HTTP, code=code, retry_after=wait, job_id=job_id))
    done = dwtop("status", job_id)
    assert done.code == 5
    assert says in done.sentence


def test_the_precedence_of_several_failures(dwtop: Inside, server: FaultySimulator) -> None:
    broken, forbidden = server.world.add(RUNNING), server.world.add(RUNNING)
    server.faults.add(Fault(kind=FaultKind.HTTP, code=200, body="text", text="{", job_id=broken))
    named = dwtop("status", UNKNOWN, broken)
    assert named.code == 5
    assert named.sentence.startswith(f"{broken}: the API sent an answer that is not JSON")
    server.faults.add(Fault(kind=FaultKind.HTTP, code=403, job_id=forbidden))
    refused = dwtop("status", UNKNOWN, broken, server.world.add(COMPLETED), forbidden)
    assert refused.code == 3
    assert refused.sentence.startswith(f"{forbidden}: the token is not allowed to do this")


@pytest.mark.parametrize("command", [("status",), ("watch", "--json"), ()], ids=" ".join)
def test_an_unreadable_list_is_not_called_empty(
    dwtop: Inside, tmp_path: Path, command: tuple[str, ...]
) -> None:
    done = dwtop(*command, "--database", str(tmp_path))
    says = f"The database {tmp_path} is a folder; name a file in it with --database."
    assert (done.code, done.sentence) == (2, says)


def test_options_work_before_and_after_the_command(dwtop: Inside, server: FaultySimulator) -> None:
    job_id = server.world.add(RUNNING)
    assert dwtop("--base-url", "http://127.0.0.1:9", "status", job_id).code == 5
    assert dwtop("--ascii", "status", job_id).out.splitlines()[1].startswith("> in progress")
    assert dwtop("status", job_id, "--ascii").out.splitlines()[1].startswith("> in progress")


def test_the_beginning_of_an_id_is_enough_for_a_watched_job(dwtop: Inside, server: FaultySimulator) -> None:
    job_id = server.world.add(COMPLETED, job_id="abcdef01-0000-4000-8000-000000000001")
    other = server.world.add(COMPLETED, job_id="abcdef02-0000-4000-8000-000000000002")
    dwtop("add", job_id, other)
    assert job_id in dwtop("status", "abcdef01").out
    assert "2 watched jobs" in dwtop("status", "abcd").sentence
    assert dwtop("status", "ffff").code == 2
    assert dwtop("remove", "ABCDEF02").out == "Removed 1 job.\n"
    assert other not in dwtop("list").out
