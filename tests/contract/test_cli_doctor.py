"""`dwtop add --mine` and `dwtop doctor --rights`: what the API knows of the user and the key."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.dwtop_process import TOKEN, Inside
from tests.simulated_api import RUNNING, simulated
from tests.simulator_faults.server import FaultySimulator
from tests.simulator_faults.variants import Variants

COMPLETED = [("completed", None, 100.0, 100.0, 0.0)]


@pytest.fixture
def server() -> Iterator[FaultySimulator]:
    with simulated(tokens=[TOKEN]) as running:
        yield running


def test_unfinished_jobs_of_the_account_are_added(server: FaultySimulator, dwtop: Inside) -> None:
    running, done = server.world.add(RUNNING), server.world.add(COMPLETED)
    assert dwtop("add", "--mine").out == "Added 1 job.\n"
    assert [running in dwtop("list", "--json").out, done in dwtop("list", "--json").out] == [True, False]
    again = dwtop("add", "--mine", "--all")
    assert again.out == f"Added 1 job.\nAlready watched: {running}.\n"


@pytest.mark.parametrize(
    ("variants", "code", "sentence"),
    [
        (
            {"fetch_documents": False, "jobs": False},
            5,
            "This DeepWriter API offers no list of jobs; add IDs with a.",
        ),
        ({"list_error": 401}, 3, "see dwtop login."),
        ({"list_error": 502}, 5, "try again, or run dwtop doctor."),
    ],
)
def test_why_there_is_no_list(
    variants: dict[str, Any],
    code: int,
    sentence: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with simulated(variants=Variants(**variants)) as server:
        done = Inside(server.base_url, capsys, monkeypatch)("add", "--mine")
        assert done.code == code
        assert done.sentence.endswith(sentence)


@pytest.mark.parametrize("call", [("add",), ("add", "--all")])
def test_calls_that_make_no_sense(dwtop: Inside, call: tuple[str, ...]) -> None:
    done = dwtop(*call)
    assert done.code == 2
    assert "--mine" in done.sentence


@pytest.mark.parametrize(
    ("variants", "rights"),
    [
        ({}, ("yes", "yes", "yes")),
        ({"cancel_error": 401}, ("yes", "yes", "no")),
        ({"cancel_error": 403}, ("yes", "yes", "no")),
        ({"cancel_error": 502}, ("yes", "yes", "unknown")),
        ({"list_error": 403}, ("yes", "no", "yes")),
        ({"fetch_documents": False, "jobs": False}, ("yes", "this API does not offer it", "yes")),
    ],
)
def test_rights_are_found_without_cancelling_anything(
    variants: dict[str, Any],
    rights: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with simulated(variants=Variants(**variants)) as server:
        job_id = server.world.add(RUNNING)
        dwtop = Inside(server.base_url, capsys, monkeypatch)
        dwtop("add", job_id)
        plain = dwtop("doctor")
        assert "rights" not in plain.out
        assert not [request for request in server.requests if request.method == "POST"]
        lines = [line.split(":", 1)[1].strip() for line in dwtop("doctor", "--rights").out.splitlines()[-3:]]
        assert tuple(lines) == rights
        assert '"in_progress"' in dwtop("status", job_id, "--json").out


def test_read_only_sends_no_cancel(server: FaultySimulator, dwtop: Inside) -> None:
    done = dwtop("doctor", "--rights", "--read-only")
    assert done.code == 2
    assert not [request for request in server.requests if request.method == "POST"]
