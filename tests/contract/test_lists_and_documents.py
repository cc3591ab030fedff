"""The simulator's lists of jobs and finished documents. Clients meet the variants in test_client_lists and test_download."""

import re

import httpx
import pytest

from tests.contract.wire import ask, request
from tests.simulated_api import COMPLETED, RUNNING, simulated
from tests.simulator_faults.server import FaultySimulator
from tests.simulator_faults.variants import Variants

REQUIRED = {"id", "projectId", "jobId", "title", "status", "created_at", "updated_at"}


def test_fetch_documents_lists_the_jobs_as_documented() -> None:
    with simulated(jobs=12) as server:
        answer = request(server, "GET", "/api/fetchDocuments").json()
        items = answer["documents"]
        assert [item["jobId"] for item in items] == [item["id"] for item in items] == list(server.world.ids)
        for item in items:
            assert item.keys() == REQUIRED | {"progress", "is_starred"}
            assert item["status"] in ("draft", "in_progress", "completed", "failed", "moderated")
            assert 0 <= item["progress"] <= 100
            assert isinstance(item["title"], str)
        assert request(server, "GET", "/api/fetchDocuments", {}).status_code == 401


def test_jobs_lists_the_jobs_as_observed(simulator: FaultySimulator) -> None:
    first = simulator.world.add([("in_progress", "Drafting", 42.0, 42.0, 9.0)], title="Book")
    second = simulator.world.add([("queued", None, None, None, 9.0)], title=None)
    answer = request(simulator, "GET", "/api/jobs", {"x-api-key": "key"}).json()
    one, other = answer["jobs"]
    assert answer["total"] == 2
    assert one.keys() == {"id", "project_id", "status", "percent_complete", "created_at", "title"}
    assert (one["id"], one["status"], one["percent_complete"], one["title"]) == (
        first,
        "in_progress",
        0.42,
        "Book",
    )
    assert (other["id"], other["percent_complete"], "title" in other) == (second, None, False)
    assert request(simulator, "GET", "/api/jobs", {}).status_code == 401


@pytest.mark.parametrize(("html", "kind"), [(False, "application/json"), (True, "text/html; charset=utf-8")])
@pytest.mark.parametrize("path", ["fetchDocuments", "jobs"])
def test_a_list_that_is_not_offered(path: str, html: bool, kind: str) -> None:
    variants = Variants(fetch_documents=False, jobs=False, html_404=html)
    with simulated(jobs=1, variants=variants) as server:
        missing = request(server, "GET", f"/api/{path}")
        assert (missing.status_code, missing.headers["content-type"]) == (404, kind)
        assert ask(server, server.world.ids[0]).status_code == 200


def test_a_completed_job_has_a_document_that_needs_no_sign_in(
    simulator: FaultySimulator,
) -> None:
    job_id = simulator.world.add(COMPLETED, title="Bread (and 水)")
    assert "output_url_pdf" not in ask(simulator, simulator.world.add(RUNNING)).json()
    link = ask(simulator, job_id).json()["output_url_pdf"]
    assert httpx.URL(link).port not in (None, simulator.port)
    answer = httpx.get(link)
    body = answer.content
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert body.startswith(b"%PDF-1.4\n")
    assert b"(Bread \\(and ?\\)) Tj" in body
    offset = int(body.split(b"startxref\n")[1].split()[0])
    assert body[offset:].startswith(b"xref\n")
    for number, entry in enumerate(re.findall(rb"(\d{10}) 00000 n", body), 1):
        assert body[int(entry) :].startswith(b"%d 0 obj" % number)
    for forged in (
        link.replace("signature=", "signature=0"),
        re.sub(r"expires=\d+", "expires=9999999999", link),
    ):
        assert httpx.get(forged).status_code == 403
