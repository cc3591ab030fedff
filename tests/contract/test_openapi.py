"""The simulator against the OpenAPI document: what it answers is what the document allows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from app.job import Status
from tests.contract.wire import SIGNED_IN, TOKEN
from tests.simulated_api import simulated
from tests.simulator_faults.server import FaultySimulator
from tests.timing import ManualClock

DOCUMENT = Path(__file__).with_name("openapi.json")

clock = ManualClock(1_800_000_000.0)


@pytest.fixture(scope="module")
def schema() -> Any:
    """The document, read by schemathesis, which takes a second to import."""
    import schemathesis

    return schemathesis.openapi.from_path(DOCUMENT)


@pytest.fixture(scope="module")
def server() -> Iterator[FaultySimulator]:
    with simulated(jobs=80, tokens={TOKEN}, clock=clock) as running:
        yield running


@pytest.mark.parametrize(("path", "method"), [("/getJobStatus", "GET"), ("/cancelJob", "POST")])
def test_requests_are_answered_as_documented(
    schema: Any, server: FaultySimulator, path: str, method: str
) -> None:
    @given(schema[path][method].as_strategy())
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    def call(case: Any) -> None:
        case.call_and_validate(base_url=server.base_url, headers=SIGNED_IN)

    call()


def test_jobs_of_every_status_are_as_documented(schema: Any, server: FaultySimulator) -> None:
    operation = schema["/getJobStatus"]["GET"]
    met = set()
    for minutes in (0, 1, 5, 60, 600):
        clock.now = 1_800_000_000.0 + 60 * minutes
        by_status = {str((server.world.job(job_id) or {})["status"]): job_id for job_id in server.world.ids}
        for job_id in by_status.values():
            case = operation.Case(query={"jobId": job_id})
            response = case.call_and_validate(base_url=server.base_url, headers=SIGNED_IN)
            assert response.status_code == 200
            met.add(response.json()["status"])
    assert met == set(Status)


def test_cancels_in_every_status_are_answered_as_documented(schema: Any, server: FaultySimulator) -> None:
    operation = schema["/cancelJob"]["POST"]
    clock.now = 1_800_000_000.0
    for status in Status:
        job_id = server.world.add([(status, None, None, None, 3600.0)])
        case = operation.Case(body={"jobId": job_id}, media_type="application/json")
        response = case.call_and_validate(base_url=server.base_url, headers=SIGNED_IN)
        expected = 200 if status in ("queued", "in_progress") else 400
        assert response.status_code == expected, status


def test_the_statuses_of_the_simulation_are_those_of_the_document(schema: Any) -> None:
    job = schema.raw_schema["components"]["schemas"]["Job"]
    assert sorted(job["properties"]["status"]["enum"]) == sorted(Status)
