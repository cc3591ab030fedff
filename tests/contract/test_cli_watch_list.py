"""`dwtop add`, `remove` and `list`: the watch list without and with the API."""

import csv
import io
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from app.cli.main import run
from app.deepwriter.base_url import DEFAULT_BASE_URL
from app.job import Job
from app.settings.paths import data_path
from app.store.store import Store
from app.watch.history import Sample
from tests import docs
from tests.dwtop_process import TOKEN, Inside
from tests.simulated_api import COMPLETED, RUNNING, simulated
from tests.simulator_faults.server import FaultySimulator
from tests.simulator_faults.variants import Variants

ID = "11111111-2222-4333-8444-555555555555"

OTHER = "22222222-2222-4333-8444-555555555555"


@pytest.fixture
def server() -> Iterator[FaultySimulator]:
    """An API without jobs for each test."""
    with simulated(tokens={TOKEN}) as running:
        yield running


def test_jobs_are_added_listed_and_removed(call: Inside) -> None:
    assert "No jobs are watched" in call("list").sentence
    urn = f"urn:uuid:{OTHER.upper()}"
    added = call("add", f"https://example.org/jobs/{ID}/view", urn, ID.replace("-", ""))
    assert added.out == f"Added 2 jobs.\nGiven more than once: {ID}.\n"
    assert call("add", ID).out == f"Added nothing.\nAlready watched: {ID}.\n"
    assert [job["id"] for job in json.loads(call("list", "--json").out)["jobs"]] == [ID, OTHER]
    gone = call("remove", str(uuid.UUID(int=5)))
    assert (gone.code, "is not watched" in gone.sentence) == (4, True)
    assert call("remove", "2222", ID).out == "Removed 2 jobs.\n"
    assert json.loads(call("list", "--json").out)["jobs"] == []


def test_the_table_in_a_pipe_names_the_full_id_once(call: Inside) -> None:
    call("add", ID)
    assert call("list").out.split()[-2:] == [ID[:8], ID]


@pytest.mark.parametrize(("command", "code"), [("add", 0), ("status", 5)])
def test_a_damaged_database_is_set_aside(call: Inside, tmp_path: Path, command: str, code: int) -> None:
    path = tmp_path / "jobs.db"
    path.write_bytes(b"this is not a database, and longer than its header would be\0" * 50)
    listed = call("list", "--database", str(path))
    assert listed.code == 2
    assert "--database" in listed.sentence
    assert path.read_bytes().startswith(b"this is")
    done = call(command, ID, "--database", str(path))
    assert done.code == code
    assert "was damaged; it is kept as jobs.db.damaged-" in done.err


def test_any_text_may_surround_ids_in_the_input(call: Inside) -> None:
    first, second = ID.encode(), OTHER.encode()
    done = call("add", "-", stdin=b"\xff\x00 <" + first + b"> \x9b and {" + second + b"}\n" + first)
    assert done.out == f"Added 2 jobs.\nGiven more than once: {ID}.\n"
    third = str(uuid.UUID(int=3))
    assert call("add", f"next=%2Fjobs%2F{third}%2Fview").out == "Added 1 job.\n", "a percent-encoded link"
    empty = call("add", "-", stdin=b"nothing here")
    assert (empty.code, "no job ID in standard input" in empty.sentence) == (2, True)


def test_unfinished_jobs_of_the_account_are_added(server: FaultySimulator, dwtop: Inside) -> None:
    running, done = server.world.add(RUNNING), server.world.add(COMPLETED)
    assert dwtop("add", "--mine").out == "Added 1 job.\n"
    assert [running in dwtop("list", "--json").out, done in dwtop("list", "--json").out] == [True, False]
    again = dwtop("add", "--mine", "--all")
    assert again.out == f"Added 1 job.\nAlready watched: {running}.\n"


@pytest.mark.parametrize(
    ("variants", "code", "sentence"),
    [
        ({"fetch_documents": False, "jobs": False}, 5, "API offers no list of jobs; add IDs with a."),
        ({"list_error": 401}, 3, "see dwtop login."),
        ({"list_error": 502}, 5, "try again, or run dwtop doctor."),
    ],
)
def test_why_the_api_lists_no_jobs(call: Inside, variants: dict[str, Any], code: int, sentence: str) -> None:
    with simulated(variants=Variants(**variants)) as server:
        done = call("add", "--mine", "--base-url", server.base_url)
        assert done.code == code
        assert done.sentence.endswith(sentence)
        store = Store(data_path() / "dwtop.db", server.base_url)
        assert store.events() == [], "it concerns this command alone"
        store.close()


def test_list_prints_the_last_known_state_without_requests(dwtop: Inside, server: FaultySimulator) -> None:
    job_id = server.world.add(RUNNING, title="Known from before")
    assert dwtop("add", job_id).out == "Added 1 job.\n"
    assert dwtop("status").code == 0
    before = len(server.requests)
    done = dwtop("list", "--json")
    assert len(server.requests) == before
    jsonschema_rs.validate(docs.json_schema(), json.loads(done.out))
    assert json.loads(done.out)["jobs"][0]["title"] == "Known from before"
    assert "Known from before" in dwtop("list").out


@pytest.fixture
def database(tmp_path: Path) -> str:
    """A database with one job that was seen twice."""
    path = tmp_path / "dwtop.db"
    store = Store(path, DEFAULT_BASE_URL)
    (entry,) = store.add([ID]).result()
    for at, progress in ((100.0, 10.0), (160.0, 42.0)):
        job = Job(ID, "u", "p", "in_progress", 50.0, at, progress, "Drafting", "=1+1, a title")
        entry = entry.after_answer(job, at)
        store.save(entry, Sample.of(job, at))
    store.close()
    return str(path)


def test_the_list_and_its_history_as_csv_and_json(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    def printed(*options: str) -> str:
        assert run(["list", *options, "--database", database]) == 0
        return capsys.readouterr().out

    (row,) = csv.DictReader(io.StringIO(printed("--csv")))
    expected = {"id": ID, "status": "in_progress", "progress": "42.0", "error_message": ""}
    assert row | expected == row
    assert row["title"] == "'=1+1, a title", "which no spreadsheet runs"
    first, second = csv.DictReader(io.StringIO(printed("--history", "--csv")))
    at = "1970-01-01T00:01:40.000Z"
    facts = {"id": ID, "at": at, "status": "in_progress", "progress": "10.0", "stage": "Drafting"}
    assert (first, second["progress"]) == (facts, "42.0")
    (job,) = json.loads(printed("--history", "--json"))["jobs"]
    assert [item["progress"] for item in job["history"]] == [10.0, 42.0]


def test_list_creates_no_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "none.db"
    assert run(["list", "--json", "--database", str(path)]) == 0
    assert json.loads(capsys.readouterr().out)["jobs"] == []
    assert run(["list", "--history", "--csv", "--database", str(path)]) == 0
    assert not path.exists()
