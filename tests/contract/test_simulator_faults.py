"""The faults that tests switch on in the simulator: which requests they strike, and those with parts that no client shows.

The other kinds are seen at work in tests/faults/test_poller_sockets.py.
"""

import json
from email.utils import parsedate_to_datetime
from time import time

import pytest

from tests.contract.wire import (
    ask,
    connection,
    exchange,
    status_request,
)
from tests.simulated_api import RUNNING
from tests.simulator_faults.faults import Endpoint, Fault, FaultKind, Faults
from tests.simulator_faults.hostile_text import ALL_HOSTILE, HOSTILE
from tests.simulator_faults.server import FaultySimulator
from tests.timing import until

STATUS, CANCEL = Endpoint.STATUS, Endpoint.CANCEL


def test_the_oldest_fault_strikes_first_for_as_many_requests_as_it_counts() -> None:
    first, second = Fault(kind=FaultKind.HANG, count=2), Fault(kind=FaultKind.HTTP, code=503)
    faults = Faults(first)
    assert [faults.pick(STATUS, "a")] == [first]
    faults.add(second)
    assert [fault.count for fault in faults.active] == [1, None]
    assert [faults.pick(STATUS, "a") for _ in range(3)] == [first, second, second]
    faults.clear()
    assert faults.pick(STATUS, "a") is None


@pytest.mark.parametrize(
    ("fault", "struck"),
    [
        (Fault(kind=FaultKind.RESET), ["status a", "status b", "cancel a", "cancel b"]),
        (Fault(kind=FaultKind.RESET, endpoint=CANCEL, job_id="a"), ["cancel a"]),
        (Fault(kind=FaultKind.OTHER_JOB), ["status a", "status b"]),
    ],
)
def test_a_fault_strikes_within_its_scope_only(fault: Fault, struck: list[str]) -> None:
    faults = Faults(fault)
    assert struck == [f"{e} {job_id}" for e in (STATUS, CANCEL) for job_id in "ab" if faults.pick(e, job_id)]


def test_chance_is_drawn_from_the_seed() -> None:
    def struck(seed: int) -> list[bool]:
        faults = Faults(Fault(kind=FaultKind.RESET, probability=0.3), seed=seed)
        return [faults.pick(STATUS, "a") is not None for _ in range(400)]

    assert struck(1) == struck(1) != struck(2)
    assert 80 < sum(struck(1)) < 160


@pytest.mark.parametrize(
    ("fault", "content"),
    [
        (Fault(kind=FaultKind.HTTP, code=404), b'{"error": "Simulated answer 404"}'),
        (Fault(kind=FaultKind.HTTP, code=502, body="json", text="gone"), b'{"error": "gone"}'),
        (Fault(kind=FaultKind.HTTP, code=504), b"<html><head><title>504</title>"),
        (Fault(kind=FaultKind.HTTP, code=503, body="empty"), b""),
    ],
)
def test_an_error_status(simulator: FaultySimulator, fault: Fault, content: bytes) -> None:
    simulator.faults.add(fault)
    answer = ask(simulator, simulator.world.add(RUNNING))
    assert answer.status == fault.code
    assert answer.body.startswith(content)
    assert "retry-after" not in answer.headers


def test_retry_after_comes_in_seconds_or_as_a_date(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    simulator.faults.add(
        Fault(kind=FaultKind.HTTP, code=429, retry_after=7, count=1),
        Fault(kind=FaultKind.HTTP, code=503, retry_after=1800, retry_as_date=True, count=1),
    )
    assert ask(simulator, job_id).headers["retry-after"] == "7"
    when = parsedate_to_datetime(ask(simulator, job_id).headers["retry-after"]).timestamp()
    assert when == pytest.approx(time() + 1800, abs=60)


def test_hostile_texts_arrive_whole(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    simulator.faults.add(
        Fault(kind=FaultKind.HOSTILE, count=1), Fault(kind=FaultKind.HOSTILE, text="as \x1b[5m given")
    )
    job = ask(simulator, job_id).json
    assert job["title"] == ALL_HOSTILE
    assert job["error_message"] == HOSTILE["endless"] + ALL_HOSTILE
    assert ask(simulator, job_id).json["progress_stage"] == "as \x1b[5m given"


def test_a_fault_does_not_hide_a_missing_sign_in(simulator: FaultySimulator) -> None:
    simulator.faults.add(Fault(kind=FaultKind.UNKNOWN_STATUS))
    assert exchange(simulator, status_request(simulator.world.add(RUNNING), headers="")).status == 401


def test_a_hang_sends_nothing_and_ends_with_the_connection(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    simulator.faults.add(Fault(kind=FaultKind.HANG, count=1))
    with connection(simulator, seconds=0.1) as line:
        line.sendall(status_request(job_id))
        with pytest.raises(TimeoutError):
            line.recv(1)
        assert simulator.traffic.in_flight == 1
    until(lambda: simulator.traffic.in_flight == 0)
    assert (simulator.requests[-1].fault, simulator.requests[-1].status) == ("hang", None)
    assert ask(simulator, job_id).status == 200


def test_a_huge_body_is_one_json_object_and_ends_when_the_client_leaves(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    simulator.faults.add(Fault(kind=FaultKind.HUGE, size=2_000_000, count=1), Fault(kind=FaultKind.HUGE))
    answer = ask(simulator, job_id)
    assert (len(answer.body), json.loads(answer.body)["id"]) == (2_000_000, job_id)
    with connection(simulator) as line:
        line.sendall(status_request(job_id))
        line.recv(4096)
    until(lambda: simulator.traffic.in_flight == 0)
