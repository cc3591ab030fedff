"""Exported files are complete, and safe to open in a spreadsheet."""

import csv
import io
import json

from app.job import Job
from app.presentation.export import Format, export_history, export_list
from app.watch.history import Sample
from app.watch.watched import Watched

JOB = Job(
    "00000000-0000-4000-8000-000000000001",
    "u",
    "p",
    "in_progress",
    0.0,
    60.0,
    42.5,
    "Drafting",
    "=1+1, a title",
)
ENTRY = Watched(JOB.id, 5.0, JOB, 61.5)
SAMPLES = [Sample(1.0, "queued", None, None), Sample(2.0, "in_progress", 10.0, "Drafting")]


def test_the_list_as_json() -> None:
    document = json.loads(export_list([ENTRY], Format.JSON))
    assert document["version"] == 1
    assert document["jobs"][0]["title"] == "=1+1, a title"
    assert document["jobs"][0]["fetched_at"] == "1970-01-01T00:01:01.500Z"


def test_the_list_as_a_table_that_runs_nothing() -> None:
    rows = list(csv.DictReader(io.StringIO(export_list([ENTRY], Format.CSV))))
    assert len(rows) == 1
    assert rows[0]["id"] == JOB.id
    assert rows[0]["progress"] == "42.5"
    assert rows[0]["title"] == "'=1+1, a title"
    assert rows[0]["error_message"] == ""


def test_the_histories_as_json_and_as_a_table() -> None:
    document = json.loads(export_history([ENTRY], lambda job_id: SAMPLES, Format.JSON))
    assert export_list([], Format.CSV) == ""
    assert [sample["status"] for sample in document["jobs"][0]["history"]] == ["queued", "in_progress"]
    rows = list(csv.DictReader(io.StringIO(export_history([ENTRY], lambda job_id: SAMPLES, Format.CSV))))
    assert rows[1] == {
        "id": JOB.id,
        "at": "1970-01-01T00:00:02.000Z",
        "status": "in_progress",
        "progress": "10.0",
        "stage": "Drafting",
    }
