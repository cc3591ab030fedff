"""`dwtop list` from a real database, with the history of each job."""

import csv
import io
import json
from pathlib import Path

import pytest

from app.cli.main import run
from app.deepwriter.base_url import DEFAULT_BASE_URL
from app.job import Job
from app.store.store import Store
from app.watch.history import Sample

ID = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def database(tmp_path: Path) -> str:
    """A database with one job that was seen twice."""
    path = tmp_path / "dwtop.db"
    store = Store(path, DEFAULT_BASE_URL)
    (entry,) = store.add([ID]).result()
    for at, progress in ((100.0, 10.0), (160.0, 42.0)):
        job = Job(ID, "u", "p", "in_progress", 50.0, at, progress, "Drafting", "A title")
        entry = entry.after_answer(job, at)
        store.save(entry, Sample.of(job, at))
    store.close()
    return str(path)


def test_the_list_as_a_spreadsheet(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "--csv", "--database", database]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["id"], row["status"], row["progress"], row["title"]) == (ID, "in_progress", "42.0", "A title")


def test_the_history_in_both_forms(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "--history", "--csv", "--database", database]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["progress"] for row in rows] == ["10.0", "42.0"]
    assert run(["list", "--history", "--json", "--database", database]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [item["progress"] for item in document["jobs"][0]["history"]] == [10.0, 42.0]


def test_a_history_needs_json_or_csv(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "--history", "--database", database]) == 2
    assert capsys.readouterr().err == "dwtop: --history prints JSON or CSV; add --json or --csv.\n"


def test_no_database_is_created(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "none.db"
    assert run(["list", "--json", "--database", str(path)]) == 0
    assert json.loads(capsys.readouterr().out)["jobs"] == []
    assert run(["list", "--history", "--csv", "--database", str(path)]) == 0
    assert not path.exists()
