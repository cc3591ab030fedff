"""The lists of jobs, the finished documents, and the ways in which the real API may differ from the documented one."""

import re
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings

from tests.contract.wire import TOKEN, Answer, ask, cancel_request, exchange, parse, read_to_end
from tests.simulated_api import RUNNING, simulated
from tests.simulator_faults.server import FaultySimulator
from tests.simulator_faults.variants import Variants, any_variants

COMPLETED = [("completed", None, 100.0, 100.0, 0.0)]
REQUIRED = {"id", "projectId", "jobId", "title", "status", "created_at", "updated_at"}


def get(server: FaultySimulator, path: str, headers: str = f"Authorization: Bearer {TOKEN}\r\n") -> Answer:
    return exchange(server, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n".encode())


def follow(server: FaultySimulator, url: str) -> Answer:
    """GET a link from its own host, without sign-in."""
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    with socket.create_connection((parts.hostname, parts.port), 5) as line:
        line.sendall(
            f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        )
        return parse(read_to_end(line))


def test_fetch_documents_lists_the_jobs_as_documented() -> None:
    with simulated(jobs=12) as server:
        answer = get(server, "/api/fetchDocuments").json
        items = answer["documents"]
        assert [item["jobId"] for item in items] == [item["id"] for item in items] == list(server.world.ids)
        for item in items:
            assert item.keys() == REQUIRED | {"progress", "is_starred"}
            assert item["status"] in ("draft", "in_progress", "completed", "failed", "moderated")
            assert 0 <= item["progress"] <= 100
            assert isinstance(item["title"], str)
        assert get(server, "/api/fetchDocuments", "").status == 401


def test_jobs_lists_the_jobs_as_observed(simulator: FaultySimulator) -> None:
    first = simulator.world.add([("in_progress", "Drafting", 42.0, 42.0, 9.0)], title="Book")
    second = simulator.world.add([("queued", None, None, None, 9.0)], title=None)
    answer = get(simulator, "/api/jobs", "x-api-key: key\r\n").json
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
    assert get(simulator, "/api/jobs", "").status == 401


@pytest.mark.parametrize("envelope", ["documents", "jobs", "data", "array"])
def test_the_envelope_of_the_list(envelope: str) -> None:
    with simulated(jobs=3, variants=Variants(envelope=envelope)) as server:
        answer = get(server, "/api/fetchDocuments").json
        items = answer if envelope == "array" else answer[envelope]
        assert [item["jobId"] for item in items] == list(server.world.ids)


@pytest.mark.parametrize(("html", "kind"), [(False, "application/json"), (True, "text/html; charset=utf-8")])
@pytest.mark.parametrize("path", ["fetchDocuments", "jobs"])
def test_a_list_that_is_not_offered(path: str, html: bool, kind: str) -> None:
    variants = Variants(fetch_documents=False, jobs=False, html_404=html)
    with simulated(jobs=1, variants=variants) as server:
        missing = get(server, f"/api/{path}")
        assert (missing.status, missing.headers["content-type"]) == (404, kind)
        assert ask(server, server.world.ids[0]).status == 200


@pytest.mark.parametrize("code", [401, 403])
def test_a_list_that_is_refused(code: int) -> None:
    with simulated(jobs=1, variants=Variants(list_error=code)) as server:
        assert get(server, "/api/fetchDocuments").status == get(server, "/api/jobs").status == code
        assert ask(server, server.world.ids[0]).status == 200


def by_page(answer: dict[str, Any]) -> str | None:
    return f"page={answer['page'] + 1}" if answer["page"] < answer["total_pages"] else None


def by_cursor(answer: dict[str, Any]) -> str | None:
    return f"cursor={answer['next_cursor']}" if answer["next_cursor"] else None


def by_link(answer: dict[str, Any]) -> str | None:
    return urlsplit(answer["next"]).query if answer["next"] else None


@pytest.mark.parametrize(
    ("paging", "following"), [("page", by_page), ("cursor", by_cursor), ("link", by_link)]
)
def test_a_list_in_pages(paging: str, following: Callable[[dict[str, Any]], str | None]) -> None:
    with simulated(jobs=7, variants=Variants(paging=paging, page_size=3)) as server:
        found: list[str] = []
        sizes = []
        query: str | None = ""
        while query is not None:
            answer = get(server, f"/api/fetchDocuments?{query}").json
            assert answer["total"] == 7
            found += [item["jobId"] for item in answer["documents"]]
            sizes.append(len(answer["documents"]))
            query = following(answer)
        assert sizes == [3, 3, 1]
        assert found == list(server.world.ids)


@pytest.mark.parametrize("code", [401, 403])
def test_a_key_that_may_not_cancel(code: int) -> None:
    with simulated(variants=Variants(cancel_error=code)) as server:
        job_id = server.world.add(RUNNING, cancel_after=0)
        refused = exchange(server, cancel_request(job_id))
        assert (refused.status, set(refused.json)) == (code, {"error"})
        assert ask(server, job_id).json["status"] == "in_progress"


def test_percent_as_a_fraction() -> None:
    with simulated(variants=Variants(percent_as_fraction=True)) as server:
        step = [("in_progress", "Drafting", 42.0, 42.0, 9.0)]
        both, alone = server.world.add(step), server.world.add(step, reports="percent")
        done = server.world.add(COMPLETED)
        answer = ask(server, both).json
        assert (answer["progress"], answer["percent_complete"]) == (42, 0.42)
        assert ask(server, alone).json["percent_complete"] == 0.42
        assert "progress" not in ask(server, alone).json
        assert ask(server, done).json["percent_complete"] == 1


def test_stages_in_snake_case() -> None:
    with simulated(variants=Variants(snake_case_stages=True)) as server:
        job_id = server.world.add([("in_progress", "Drafting chapter 3 of 14", 1.0, 1.0, 9.0)])
        assert ask(server, job_id).json["progress_stage"] == "drafting_chapter_3_of_14"


def test_a_completed_job_has_a_document_that_needs_no_sign_in(
    simulator: FaultySimulator,
) -> None:
    job_id = simulator.world.add(COMPLETED, title="Bread (and 水)")
    assert "output_url_pdf" not in ask(simulator, simulator.world.add(RUNNING)).json
    link = ask(simulator, job_id).json["output_url_pdf"]
    assert urlsplit(link).port not in (None, simulator.port)
    answer = follow(simulator, link)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.body.startswith(b"%PDF-1.4\n")
    assert b"(Bread \\(and ?\\)) Tj" in answer.body
    offset = int(answer.body.split(b"startxref\n")[1].split()[0])
    assert answer.body[offset:].startswith(b"xref\n")
    for number, entry in enumerate(re.findall(rb"(\d{10}) 00000 n", answer.body), 1):
        assert answer.body[int(entry) :].startswith(b"%d 0 obj" % number)
    assert follow(simulator, link.replace("signature=", "signature=0")).status == 403
    assert follow(simulator, re.sub(r"expires=\d+", "expires=9999999999", link)).status == 403


@pytest.mark.parametrize("code", [403, 404])
def test_a_link_that_has_expired_is_followed_by_one_that_works(code: int) -> None:
    with simulated(variants=Variants(expired_links=1, expired_link_status=code)) as server:
        job_id = server.world.add(COMPLETED)
        assert follow(server, ask(server, job_id).json["output_url_pdf"]).status == code
        assert follow(server, ask(server, job_id).json["output_url_pdf"]).status == 200


def test_a_completed_job_without_a_document() -> None:
    with simulated(variants=Variants(documents=False)) as server:
        assert "output_url_pdf" not in ask(server, server.world.add(COMPLETED)).json


def test_a_server_that_is_started_again_serves_documents_on_the_same_port(simulator: FaultySimulator) -> None:
    link = ask(simulator, simulator.world.add(COMPLETED)).json["output_url_pdf"]
    simulator.stop()
    simulator.start()
    assert follow(simulator, link).status == 200


@pytest.mark.parametrize(
    ("values", "sentence"),
    [({"envelope": "x"}, "envelope"), ({"paging": "x"}, "paging"), ({"page_size": 0}, "page size")],
)
def test_variants_out_of_range_are_refused(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Variants(**values)


@given(any_variants)
@settings(max_examples=20, deadline=None)
def test_any_subset_of_the_variants_can_be_served(variants: Variants) -> None:
    with simulated(jobs=6, variants=variants) as server:
        running = server.world.add([("in_progress", "Drafting", 42.0, 42.0, 9.0)], cancel_after=0)
        done = server.world.add(COMPLETED)
        for path, offered in (("fetchDocuments", variants.fetch_documents), ("jobs", variants.jobs)):
            listed = get(server, f"/api/{path}")
            if not offered:
                assert listed.status == 404
            elif variants.list_error:
                assert listed.status == variants.list_error
            else:
                assert listed.status == 200
        answer = ask(server, running).json
        assert answer["percent_complete"] == (0.42 if variants.percent_as_fraction else 42)
        links = [ask(server, done).json.get("output_url_pdf") for _ in range(2)]
        statuses = [follow(server, link).status for link in links if link]
        expired = [variants.expired_link_status] * variants.expired_links
        assert statuses == ([*expired, 200, 200][:2] if variants.documents else [])
        assert exchange(server, cancel_request(running)).status == (variants.cancel_error or 200)
        assert ask(server, running).json["status"] == (
            "in_progress" if variants.cancel_error else "cancelled"
        )
