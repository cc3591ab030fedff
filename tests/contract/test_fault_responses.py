"""How faults look on the wire: those inside a well-formed answer, and those below HTTP."""

import errno
import json
import math
import socket
import time
import tracemalloc
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from tests.contract.wire import (
    ask,
    cancel,
    cancel_request,
    connection,
    exchange,
    parse,
    read_to_end,
    status_request,
)
from tests.simulated_api import RUNNING
from tests.simulator_faults.faults import Endpoint, Fault, FaultKind
from tests.simulator_faults.hostile_text import HOSTILE
from tests.simulator_faults.server import FaultySimulator
from tests.timing import until

KIND = FaultKind


@pytest.mark.parametrize("code", [400, 401, 403, 404, 408, 429, 500, 502, 503, 504])
def test_an_error_status_looks_as_it_usually_does(simulator: FaultySimulator, code: int) -> None:
    job_id = simulator.world.add(RUNNING)
    simulator.faults.add(Fault(kind=KIND.HTTP, code=code))
    answer = ask(simulator, job_id)
    assert answer.status == code
    assert "retry-after" not in answer.headers
    if code in (408, 502, 503, 504):
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.body.startswith(b"<html>")
    else:
        assert answer.json["error"]


def test_an_error_status_can_look_otherwise(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    simulator.faults.add(
        Fault(kind=KIND.HTTP, code=500, body="html", count=1),
        Fault(kind=KIND.HTTP, code=503, body="empty", count=1),
        Fault(kind=KIND.HTTP, code=502, body="json", text="gone fishing", count=1),
    )
    assert b"<h1>" in ask(simulator, job_id).body
    assert ask(simulator, job_id).body == b""
    assert ask(simulator, job_id).json == {"error": "gone fishing"}
    assert ask(simulator, job_id).status == 200


def test_retry_after_comes_in_seconds_or_as_a_date(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    simulator.faults.add(
        Fault(kind=KIND.HTTP, code=429, retry_after=7, count=1),
        Fault(kind=KIND.HTTP, code=503, retry_after=90, retry_as_date=True, count=1),
    )
    assert ask(simulator, job_id).headers["retry-after"] == "7"
    when = parsedate_to_datetime(ask(simulator, job_id).headers["retry-after"]).timestamp()
    assert when == pytest.approx(time.time() + 90, abs=2)


def test_a_body_that_is_no_json(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    simulator.faults.add(Fault(kind=KIND.NOT_JSON, count=1), Fault(kind=KIND.NOT_JSON, text="", count=1))
    answer = ask(simulator, job_id)
    assert answer.status == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.body)
    assert ask(simulator, job_id).body == b""


def shaped(simulator: FaultySimulator, fault: Fault) -> tuple[dict[str, Any], dict[str, Any]]:
    """A job as it is, and as a fault shows it."""
    job_id = simulator.world.add(
        [("in_progress", "Drafting", 10, 10, 3600)], is_byok=True, writing_model="quill", error_message=None
    )
    good = ask(simulator, job_id).json
    simulator.faults.add(fault)
    answer = ask(simulator, job_id)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    return good, answer.json


def test_wrong_types(simulator: FaultySimulator) -> None:
    good, bad = shaped(simulator, Fault(kind=KIND.WRONG_TYPES))
    assert bad.keys() == good.keys()
    assert bad["id"] == good["id"]
    assert [name for name in good if type(bad[name]) is type(good[name])] == ["id"]


def test_missing_fields(simulator: FaultySimulator) -> None:
    good, bad = shaped(simulator, Fault(kind=KIND.MISSING_FIELDS))
    assert good.keys() - bad.keys() == {"user_id", "project_id", "status", "created_at", "updated_at"}


def test_chosen_missing_fields(simulator: FaultySimulator) -> None:
    good, bad = shaped(simulator, Fault(kind=KIND.MISSING_FIELDS, drop=("id",)))
    assert good.keys() - bad.keys() == {"id"}


def test_chosen_fields(simulator: FaultySimulator) -> None:
    good, bad = shaped(simulator, Fault(kind=KIND.FIELDS, drop=("status",), fields={"progress": math.inf}))
    assert bad == {name: value for name, value in good.items() if name != "status"} | {"progress": math.inf}


def test_an_answer_about_another_job(simulator: FaultySimulator) -> None:
    good, bad = shaped(simulator, Fault(kind=KIND.OTHER_JOB))
    assert bad["id"] != good["id"]
    assert bad | {"id": good["id"]} == good


def test_an_undocumented_status(simulator: FaultySimulator) -> None:
    good, bad = shaped(simulator, Fault(kind=KIND.UNKNOWN_STATUS, count=1))
    assert bad == good | {"status": "paused"}
    assert shaped(simulator, Fault(kind=KIND.UNKNOWN_STATUS, text="Ünknown"))[1]["status"] == "Ünknown"


def test_nulls_wherever_something_may_be_missing(simulator: FaultySimulator) -> None:
    good, bad = shaped(simulator, Fault(kind=KIND.NULLS))
    required = {"id", "user_id", "project_id", "status", "created_at", "updated_at"}
    assert {name: bad[name] for name in required} == {name: good[name] for name in required}
    assert {bad[name] for name in bad.keys() - required} == {None}
    assert len(bad) == 16


def test_undocumented_fields(simulator: FaultySimulator) -> None:
    good, bad = shaped(simulator, Fault(kind=KIND.EXTRA_FIELDS))
    assert good.items() <= bad.items()
    assert len(bad) > len(good)


def test_hostile_texts_arrive_whole(simulator: FaultySimulator) -> None:
    _good, bad = shaped(simulator, Fault(kind=KIND.HOSTILE, count=1))
    for name, text in HOSTILE.items():
        assert text in (bad["error_message"] if name == "endless" else bad["title"]), name
    assert len(HOSTILE["endless"]) == 100_000
    _good, bad = shaped(simulator, Fault(kind=KIND.HOSTILE, text="osc", count=1))
    assert bad["progress_stage"] == HOSTILE["osc"]
    _good, bad = shaped(simulator, Fault(kind=KIND.HOSTILE, text="as \x1b[5m given", count=1))
    assert bad["title"] == "as \x1b[5m given"


def test_hostile_texts_in_refusals_too(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add([("completed", None, 100, 100, 0)])
    simulator.faults.add(Fault(kind=KIND.HOSTILE, text="ansi"))
    answer = cancel(simulator, job_id)
    assert (answer.status, answer.json) == (400, {"error": HOSTILE["ansi"]})


def test_a_redirect_to_another_origin(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    simulator.faults.add(
        Fault(kind=KIND.REDIRECT, count=1),
        Fault(kind=KIND.REDIRECT, location="http://127.0.0.1:9/x", count=1),
    )
    answer = ask(simulator, job_id)
    assert answer.status == 307
    assert answer.headers["location"] == f"https://elsewhere.invalid/api/getJobStatus?jobId={job_id}"
    assert ask(simulator, job_id).headers["location"] == "http://127.0.0.1:9/x"


def test_a_cancel_that_is_accepted_and_ignored(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING, cancel_after=0)
    over = simulator.world.add([("completed", None, 100, 100, 0)])
    simulator.faults.add(Fault(kind=KIND.IGNORED_CANCEL))
    answer = cancel(simulator, job_id)
    assert (answer.status, set(answer.json)) == (200, {"message"})
    assert ask(simulator, job_id).json["status"] == "in_progress"
    assert cancel(simulator, over).status == 400
    simulator.faults.clear()
    assert cancel(simulator, job_id).status == 200
    assert ask(simulator, job_id).json["status"] == "cancelled"


@pytest.mark.parametrize(("carried_out", "after"), [(False, "in_progress"), (True, "cancelled")])
@pytest.mark.parametrize("kind", [KIND.HTTP, KIND.NOT_JSON, KIND.REDIRECT])
def test_a_cancel_behind_a_fault_is_carried_out_only_if_asked_for(
    simulator: FaultySimulator, kind: FaultKind, carried_out: bool, after: str
) -> None:
    job_id = simulator.world.add(RUNNING, cancel_after=0)
    simulator.faults.add(Fault(kind=kind, carried_out=carried_out, count=1))
    cancel(simulator, job_id)
    assert ask(simulator, job_id).json["status"] == after


def test_a_fault_does_not_hide_a_missing_sign_in(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING, cancel_after=0)
    simulator.faults.add(Fault(kind=KIND.UNKNOWN_STATUS), Fault(kind=KIND.IGNORED_CANCEL))
    assert exchange(simulator, status_request(job_id, headers="")).status == 401
    assert exchange(simulator, cancel_request(job_id, headers="")).status == 401


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


def test_a_huge_body_ends_when_the_client_leaves(simulator: FaultySimulator) -> None:
    job_id = simulator.world.add(RUNNING)
    simulator.faults.add(Fault(kind=KIND.HUGE, count=1))
    with connection(simulator) as line:
        line.sendall(status_request(job_id))
        line.recv(4096)
    until(lambda: simulator.traffic.in_flight == 0)
    assert ask(simulator, job_id).status == 200


@pytest.mark.parametrize(("carried_out", "after"), [(False, "in_progress"), (True, "cancelled")])
@pytest.mark.parametrize("kind", [KIND.RESET, KIND.CLOSED, KIND.HANG])
def test_an_unanswered_cancel_is_carried_out_only_if_asked_for(
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
