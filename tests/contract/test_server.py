"""The simulated API as a server: sign-in, control, request log, start and stop."""

import logging
import signal
import socket
import threading

import pytest

from app.simulator.lifecycle import World
from app.simulator.scenarios import scenarios
from app.simulator.server import SimulatorServer
from tests.contract.wire import Answer, ask, cancel, cancel_request, connection, exchange, status_request
from tests.simulated_api import RUNNING, simulated
from tests.simulator_faults.faults import Fault, FaultKind
from tests.simulator_faults.scripted_world import ScriptedWorld
from tests.simulator_faults.server import FaultySimulator
from tests.timing import until


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ("", 401),
        ("Authorization: Bearer\r\n", 401),
        ("Authorization: Bearer  \r\n", 401),
        ("Authorization: Basic good\r\n", 401),
        ("Authorization: Bearer bad\r\n", 401),
        ("x-api-key: bad\r\n", 401),
        ("x-api-key: bad\r\nAuthorization: Bearer good\r\n", 401),
        ("Authorization: Bearer good\r\n", 200),
        ("authorization: bearer good\r\n", 200),
        ("X-API-Key: good\r\n", 200),
    ],
)
def test_sign_in_is_by_bearer_token_or_key(headers: str, code: int) -> None:
    with simulated(tokens=["good"]) as server:
        job_id = server.world.add(RUNNING)
        asked = exchange(server, status_request(job_id, headers))
        cancelled = exchange(server, cancel_request(job_id, headers + "Content-Type: application/json\r\n"))
    assert (asked.status, cancelled.status) == (code, code)
    if code == 401:
        assert set(asked.json) == set(cancelled.json) == {"error"}


def test_without_tokens_any_credential_is_accepted(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    assert exchange(simulator, status_request(job_id, "x-api-key: whatever\r\n")).status == 200
    assert exchange(simulator, status_request(job_id, "")).status == 401


def test_any_case_of_a_job_id_is_accepted(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    assert ask(simulator, job_id.upper()).json["id"] == job_id


@pytest.mark.parametrize("asked", ["", "x", "{}&jobId={}", "{}0", "{}%00", "{{}}"])
def test_a_text_that_is_not_a_job_id_is_not_found(simulator: FaultySimulator, asked: str) -> None:
    answer = ask(simulator, asked.replace("{}", simulator.world.add(RUNNING)))
    assert answer.status == 404
    assert "jobId" in answer.json["error"]


@pytest.mark.parametrize(
    "body", ["{", "{}", '{"jobId": null}', '{"jobId": 7}', '{"jobId": "x{"}', '[{"jobId": 1}]', "{" * 70_000]
)
def test_a_cancel_of_nothing_is_a_bad_request(simulator: FaultySimulator, body: str) -> None:
    answer = exchange(simulator, cancel_request(body))
    assert answer.status == 400
    assert answer.json["error"]


def test_wrong_methods_and_paths_get_json(simulator: FaultySimulator) -> None:
    wrong = exchange(simulator, b"DELETE /api/cancelJob HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    lost = exchange(simulator, b"GET /api/job HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert (wrong.status, wrong.headers["allow"], set(wrong.json)) == (405, "POST", {"error"})
    assert (lost.status, set(lost.json)) == (404, {"error"})


def control(server: FaultySimulator, method: str, path: str, body: str = "") -> Answer:
    head = f"{method} /_control/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
    return exchange(server, f"{head}\r\n{body}".encode())


def test_failures_are_switched_through_the_control_endpoint(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    added = control(simulator, "POST", "faults", '{"code": 503, "count": 2, "retry_after": 7}')
    assert (added.status, added.json["faults"]) == (200, [{"code": 503, "count": 2, "retry_after": 7}])
    failed = ask(simulator, job_id)
    assert (failed.status, failed.headers["retry-after"]) == (503, "7")
    assert control(simulator, "GET", "faults").json["faults"][0]["count"] == 1
    assert [ask(simulator, job_id).status for _ in range(2)] == [503, 200]

    control(simulator, "POST", "faults", '{"code": 429}')
    assert [ask(simulator, job_id).status for _ in range(3)] == [429] * 3
    assert control(simulator, "DELETE", "faults").json == {"faults": []}
    assert ask(simulator, job_id).status == 200
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
    answer = control(simulator, "POST", "faults", body)
    assert answer.status == 400
    assert answer.json["error"].startswith('send a JSON object such as {"code": 503')
    assert control(simulator, "GET", "faults").json == {"faults": []}


def test_a_pause_is_announced_with_retry_after() -> None:
    now = 1_800_000_000.0
    world = World(scenarios(0, 4), pauses=[(10, 16)], clock=lambda: now)
    with SimulatorServer(world) as server:
        assert ask(server, world.ids[0]).status == 200
        now += 12.5
        for answer in (ask(server, world.ids[0]), cancel(server, world.ids[0])):
            assert (answer.status, answer.headers["retry-after"]) == (429, "4")
        now += 3.5
        assert ask(server, world.ids[0]).status == 200


def test_stopping_drops_requests_that_hang() -> None:
    server = FaultySimulator(ScriptedWorld(jobs=0))
    server.start()
    job_id = server.world.add(RUNNING)
    lines = []
    for kind in (FaultKind.HANG, FaultKind.HUGE):
        server.faults.add(Fault(kind=kind, count=1))
        line = socket.create_connection(("127.0.0.1", server.port), 5)
        line.sendall(status_request(job_id))
        lines.append(line)
        until(lambda: server.traffic.in_flight == len(lines))
    server.stop()
    assert server.traffic.in_flight == 0
    assert not server.traffic.failures
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), 5)
    for line in lines:
        line.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "simulator"]
    server.stop()


def test_it_comes_back_on_the_same_port() -> None:
    server = FaultySimulator(ScriptedWorld(jobs=1))
    first = server.start()
    server.stop()
    with server:
        assert server.base_url == first == f"http://127.0.0.1:{server.port}/api"
        assert ask(server, server.world.ids[0]).status == 200


def test_a_taken_port_is_named(simulator: FaultySimulator) -> None:
    with pytest.raises(OSError, match=f"^port {simulator.port} is taken: choose another"):
        FaultySimulator(ScriptedWorld(jobs=0), port=simulator.port).start()


def test_the_program_keeps_its_signals_logging_and_terminal(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    def standing() -> list[object]:
        return [
            signal.getsignal(signal.SIGINT),
            signal.getsignal(signal.SIGTERM),
            *logging.getLogger().handlers,
        ]

    caplog.set_level(logging.INFO)
    before = standing()
    with simulated() as server:
        job_id = server.world.add(RUNNING)
        for kind in (FaultKind.RESET, FaultKind.CLOSED):
            server.faults.add(Fault(kind=kind, count=1))
            with connection(server) as line:
                line.sendall(status_request(job_id))
                try:
                    while line.recv(65536):
                        pass
                except ConnectionResetError:
                    pass
        with connection(server) as line:
            line.sendall(b"no http at all\r\n\r\n")
            assert line.recv(100).startswith(b"HTTP/1.1 400")
    assert standing() == before
    # In Python's development mode asyncio logs its own messages.
    assert [one for one in caplog.records if one.name != "asyncio" or one.levelno > logging.INFO] == []
    assert capfd.readouterr() == ("", "")
