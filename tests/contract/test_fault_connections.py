"""Faults below HTTP, proved on plain sockets."""

import errno
import json
import socket
import time
import tracemalloc

import pytest

from tests.contract.wire import ask, cancel_request, connection, parse, read_to_end, status_request
from tests.simulated_api import RUNNING, until
from tests.simulator_faults.faults import Endpoint, Fault, FaultKind
from tests.simulator_faults.server import FaultySimulator

KIND = FaultKind


def test_a_reset_connection(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    simulator.faults.add(Fault(kind=KIND.RESET, count=1))
    with connection(simulator) as line:
        line.sendall(status_request(job_id))
        with pytest.raises(ConnectionResetError) as reset:
            line.recv(1)
    assert reset.value.errno == errno.ECONNRESET
    assert ask(simulator, job_id).status == 200


def test_a_connection_closed_without_an_answer(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    simulator.faults.add(Fault(kind=KIND.CLOSED))
    with connection(simulator) as line:
        line.sendall(status_request(job_id))
        assert read_to_end(line) == b""


def test_a_truncated_body(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    whole = ask(simulator, job_id)
    simulator.faults.add(Fault(kind=KIND.TRUNCATED))
    with connection(simulator) as line:
        line.sendall(status_request(job_id))
        answer = parse(read_to_end(line))
    assert answer.status == 200
    promised = int(answer.headers["content-length"])
    assert promised == len(whole.body)
    assert 0 < len(answer.body) < promised
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.body)


def test_a_hang_says_nothing_and_ends_with_the_connection(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    simulator.faults.add(Fault(kind=KIND.HANG, count=1))
    with connection(simulator, seconds=0.3) as line:
        line.sendall(status_request(job_id))
        with pytest.raises(TimeoutError):
            line.recv(1)
        assert simulator.traffic.in_flight == 1
    until(lambda: simulator.traffic.in_flight == 0)
    seen = simulator.requests[-1]
    assert (seen.fault, seen.status) == ("hang", None)
    assert ask(simulator, job_id).status == 200


def test_a_hang_is_bounded(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    simulator.faults.add(Fault(kind=KIND.HANG, seconds=0.2))
    began = time.monotonic()
    with connection(simulator) as line:
        line.sendall(status_request(job_id))
        assert read_to_end(line) == b""
    assert time.monotonic() - began > 0.19


def test_a_late_answer_is_whole(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    simulator.faults.add(Fault(kind=KIND.SLOW, seconds=0.2))
    began = time.monotonic()
    assert ask(simulator, job_id).json["id"] == job_id
    assert time.monotonic() - began > 0.19


def test_a_slow_drip_comes_byte_by_byte(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    simulator.faults.add(Fault(kind=KIND.DRIP, interval=0.02, count=1))
    with connection(simulator) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.sendall(status_request(job_id))
        pieces = [line.recv(65536) for _ in range(10)]
        assert int(parse(pieces[0]).headers["content-length"]) > 100
    # The head may come with the first byte; a busy machine may join a few.
    assert sum(len(piece) == 1 for piece in pieces[2:]) >= 4
    until(lambda: simulator.traffic.in_flight == 0)


def test_a_slow_drip_ends_whole_if_it_may_take_its_time(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    simulator.faults.add(Fault(kind=KIND.DRIP, interval=0.0002, count=1))
    assert ask(simulator, job_id).json["id"] == job_id


def test_a_slow_drip_is_bounded(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    simulator.faults.add(Fault(kind=KIND.DRIP, interval=0.05, seconds=0.2))
    with connection(simulator) as line:
        line.sendall(status_request(job_id))
        answer = parse(read_to_end(line))
    assert 0 < len(answer.body) < int(answer.headers["content-length"])


@pytest.mark.parametrize("chunked", [False, True])
def test_a_huge_body_is_streamed(simulator: FaultySimulator, chunked: bool) -> None:
    size = 64 * 1024 * 1024
    job_id = simulator.world.add(RUNNING)
    simulator.faults.add(Fault(kind=KIND.HUGE, chunked=chunked))
    received, head = 0, b""
    tracemalloc.start()
    try:
        with connection(simulator) as line:
            line.sendall(status_request(job_id))
            while piece := line.recv(1 << 18):
                head = head or piece
                received += len(piece)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    headers = parse(head).headers
    assert received > size
    assert headers.get("content-length") == (None if chunked else str(size))
    assert peak < size / 16


def test_a_huge_body_is_one_json_object(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    simulator.faults.add(Fault(kind=KIND.HUGE, size=2_000_000))
    answer = ask(simulator, job_id)
    assert len(answer.body) == 2_000_000
    assert answer.json["id"] == job_id


def test_a_huge_body_ends_when_nobody_reads_it(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    simulator.faults.add(Fault(kind=KIND.HUGE, count=1))
    with connection(simulator) as line:
        line.sendall(status_request(job_id))
        line.recv(4096)
    until(lambda: simulator.traffic.in_flight == 0)
    assert ask(simulator, job_id).status == 200


@pytest.mark.parametrize(("carried_out", "after"), [(False, "in_progress"), (True, "cancelled")])
@pytest.mark.parametrize("kind", [KIND.RESET, KIND.CLOSED, KIND.HANG])
def test_an_unanswered_cancel_is_carried_out_only_if_told_so(
    simulator: FaultySimulator, kind: FaultKind, carried_out: bool, after: str
) -> None:
    job_id = simulator.world.add(RUNNING, cancel_after=0)
    simulator.faults.add(Fault(kind=kind, carried_out=carried_out, seconds=0.05, count=1))
    with connection(simulator) as line:
        line.sendall(cancel_request(job_id))
        if kind is KIND.RESET:
            with pytest.raises(ConnectionResetError):
                line.recv(1)
        else:
            assert read_to_end(line) == b""
    assert ask(simulator, job_id).json["status"] == after


def test_a_truncated_answer_to_a_cancel_means_it_was_carried_out(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING, cancel_after=0)
    simulator.faults.add(Fault(kind=KIND.TRUNCATED, endpoint=Endpoint.CANCEL))
    with connection(simulator) as line:
        line.sendall(cancel_request(job_id))
        read_to_end(line)
    assert ask(simulator, job_id).json["status"] == "cancelled"
