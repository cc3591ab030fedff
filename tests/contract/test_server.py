"""The simulated API as a server: sign-in, control, lists, documents, start and stop."""

import logging
import re
import signal
import socket

import httpx
import pytest

from app.simulator.lifecycle import World
from app.simulator.scenarios import scenarios
from app.simulator.server import SimulatorServer
from tests.contract.wire import SIGNED_IN, cancel, get_status, request
from tests.simulated_api import COMPLETED, RUNNING, simulated
from tests.simulator_faults.faults import Fault, FaultKind
from tests.simulator_faults.server import FaultySimulator


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, 401),
        ({"Authorization": "Bearer"}, 401),
        ({"Authorization": "Basic any"}, 401),
        ({"Authorization": "Bearer any"}, 200),
        ({"authorization": "bearer any"}, 200),
        ({"X-API-Key": "any"}, 200),
    ],
)
def test_sign_in_is_by_any_bearer_token_or_key(
    simulator: FaultySimulator, headers: dict[str, str], code: int
) -> None:
    job_id = simulator.world.add(RUNNING)
    answers = [get_status(simulator, job_id, headers), cancel(simulator, job_id, headers)]
    answers += [request(simulator, "GET", path, headers) for path in ("/api/fetchDocuments", "/api/jobs")]
    assert [answer.status_code for answer in answers] == [code] * 4
    if code == 401:
        assert all(set(answer.json()) == {"error"} for answer in answers)


def test_any_spelling_of_a_job_id_is_accepted(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    assert get_status(simulator, job_id.upper()).json()["id"] == job_id


@pytest.mark.parametrize("asked", ["", "x", "{}&jobId={}", "{}0", "{}%00", "{{}}"])
def test_a_text_that_is_not_a_job_id_is_not_found(simulator: FaultySimulator, asked: str) -> None:
    answer = get_status(simulator, asked.replace("{}", simulator.world.add(RUNNING)))
    assert answer.status_code == 404
    assert "jobId" in answer.json()["error"]


@pytest.mark.parametrize(
    "body", ["{", "{}", '{"jobId": null}', '{"jobId": 7}', '{"jobId": "x{"}', '[{"jobId": 1}]', "{" * 70_000]
)
def test_a_cancel_of_nothing_is_a_bad_request(simulator: FaultySimulator, body: str) -> None:
    headers = SIGNED_IN | {"Content-Type": "application/json"}
    answer = request(simulator, "POST", "/api/cancelJob", headers, content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_wrong_methods_and_paths_get_json(simulator: FaultySimulator) -> None:
    wrong, lost = request(simulator, "DELETE", "/api/cancelJob"), request(simulator, "GET", "/api/job")
    assert (wrong.status_code, wrong.headers["allow"], set(wrong.json())) == (405, "POST", {"error"})
    assert (lost.status_code, set(lost.json())) == (404, {"error"})


def control(server: FaultySimulator, method: str, body: str = "") -> httpx.Response:
    return request(server, method, "/_control/faults", content=body)


def test_failures_are_switched_through_the_control_endpoint(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    added = control(simulator, "POST", '{"code": 503, "count": 2, "retry_after": 7}')
    assert (added.status_code, added.json()["faults"]) == (200, [{"code": 503, "count": 2, "retry_after": 7}])
    failed = get_status(simulator, job_id)
    assert (failed.status_code, failed.headers["retry-after"]) == (503, "7")
    assert control(simulator, "GET").json()["faults"][0]["count"] == 1
    assert [get_status(simulator, job_id).status_code for _ in range(2)] == [503, 200]
    control(simulator, "POST", '{"code": 429}')
    assert [get_status(simulator, job_id).status_code for _ in range(3)] == [429] * 3
    assert control(simulator, "DELETE").json() == {"faults": []}
    assert get_status(simulator, job_id).status_code == 200
    assert all(entry.path.startswith("/api/") for entry in simulator.requests)


@pytest.mark.parametrize(
    "body",
    [
        "not json",
        "{}",
        '{"code": 503, "colour": 1}',
        '{"code": 200}',
        '{"code": "many"}',
        '{"code": 503, "count": 0}',
        '{"code": 503, "count": null}',
        '{"code": 503, "retry_after": -1}',
        '{"code": 503, "retry_after": Infinity}',
    ],
)
def test_a_wrong_failure_is_refused(simulator: FaultySimulator, body: str) -> None:
    answer = control(simulator, "POST", body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith('send a JSON object such as {"code": 503')
    assert control(simulator, "GET").json() == {"faults": []}


def test_a_pause_is_announced_with_retry_after() -> None:
    now = 1_800_000_000.0
    world = World(scenarios(0, 4), pauses=[(10, 16)], clock=lambda: now)
    with SimulatorServer(world) as server:
        assert get_status(server, world.ids[0]).status_code == 200
        now += 12.5
        for answer in (get_status(server, world.ids[0]), cancel(server, world.ids[0])):
            assert (answer.status_code, answer.headers["retry-after"]) == (429, "4")
        now += 3.5
        assert get_status(server, world.ids[0]).status_code == 200


def test_a_taken_port_is_named(simulator: FaultySimulator) -> None:
    with pytest.raises(OSError, match=f"^port {simulator.port} is taken: choose another"):
        FaultySimulator(port=simulator.port).start()


def test_the_program_keeps_its_signals_logging_and_terminal(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    def states() -> list[object]:
        signals = (signal.SIGINT, signal.SIGTERM)
        return [*map(signal.getsignal, signals), *logging.getLogger().handlers]

    caplog.set_level(logging.INFO)
    before = states()
    with simulated() as server:
        job_id = server.world.add(RUNNING)
        for fault in (Fault(kind=FaultKind.RESET, count=1), Fault(kind=FaultKind.HANG, seconds=0, count=1)):
            server.faults.add(fault)
            with pytest.raises(httpx.TransportError):
                get_status(server, job_id)
        with socket.create_connection(("127.0.0.1", server.port), 5) as line:
            line.sendall(b"no http at all\r\n\r\n")
            assert line.recv(100).startswith(b"HTTP/1.1 400")
    assert states() == before
    # In Python's development mode asyncio logs its own messages.
    assert [one for one in caplog.records if one.name != "asyncio" or one.levelno > logging.INFO] == []
    assert capfd.readouterr() == ("", "")


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


def test_jobs_lists_the_jobs_as_observed(simulator: FaultySimulator) -> None:
    first = simulator.world.add([("in_progress", "Drafting", 42.0, 42.0, 9.0)], title="Book")
    second = simulator.world.add([("queued", None, None, None, 9.0)], title=None)
    answer = request(simulator, "GET", "/api/jobs", {"x-api-key": "key"}).json()
    one, other = answer["jobs"]
    assert answer["total"] == 2
    assert one.keys() == {"id", "project_id", "status", "percent_complete", "created_at", "title"}
    facts = {"id": first, "status": "in_progress", "percent_complete": 0.42, "title": "Book"}
    assert one == one | facts
    assert (other["id"], other["percent_complete"], "title" in other) == (second, None, False)


def test_a_completed_job_has_a_document_that_needs_no_sign_in(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(COMPLETED, title="Bread (and 水)")
    assert "output_url_pdf" not in get_status(simulator, simulator.world.add(RUNNING)).json()
    link = get_status(simulator, job_id).json()["output_url_pdf"]
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
    later = re.sub(r"expires=\d+", "expires=9999999999", link)
    for forged in (link.replace("signature=", "signature=0"), later):
        assert httpx.get(forged).status_code == 403
