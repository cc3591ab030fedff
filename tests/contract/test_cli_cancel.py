"""`dwtop cancel`: asks for confirmation, sends once, and reports the actual outcome."""

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from app.settings.paths import data_path
from app.store.store import Store
from app.watch import cancel
from tests.dwtop_process import Command, Inside, argv
from tests.simulated_api import COMPLETED, RUNNING
from tests.simulator_faults.faults import Endpoint, Fault, FaultKind
from tests.simulator_faults.server import FaultySimulator
from tests.terminal.pane import Pane

UNKNOWN = "00000000-0000-4000-8000-00000000dead"
DRAFT = (("draft", None, None, None, 1e9),)


def test_every_job_is_cancelled_with_one_request(dwtop: Inside, server: FaultySimulator) -> None:
    first = server.world.add(RUNNING, title="One", cancel_after=0.0)
    second = server.world.add((("queued", None, None, None, 1e9),), title="Two", cancel_after=0.0)
    done = dwtop("cancel", first, second, "--yes")
    assert (done.code, done.err) == (0, "")
    assert done.out == f"cancelled: One ({first})\ncancelled: Two ({second})\n"
    assert (server.cancelled.count(first), server.cancelled.count(second)) == (1, 1)
    store = Store(data_path() / "dwtop.db", server.base_url)
    kinds = {(event.job_id, event.text.partition(" ")[0]) for event in store.events() if event.job_id}
    assert store.load() == []
    store.close()
    assert {(first, "cancel"), (second, "cancel")} <= kinds


@pytest.mark.parametrize(
    ("output", "code", "sentence"),
    [
        (">/dev/full", 2, "The output cannot be written (No space left on device); make room"),
        ("| true", 0, ""),
    ],
)
def test_jobs_are_cancelled_without_an_output(
    server: FaultySimulator, output: str, code: int, sentence: str
) -> None:
    first, second = (server.world.add(RUNNING, cancel_after=seconds) for seconds in (0.0, 1.0))
    script = f'"$@" {output}; exit ${{PIPESTATUS[0]}}'
    done = Command(server.base_url, through=("bash", "-c", script, "bash"))("cancel", first, second, "--yes")
    assert (done.code, sentence in done.err, len(done.err.splitlines())) == (code, True, bool(sentence))
    states = [job["status"] for job in server.world.jobs() if job["id"] in (first, second)]
    assert states == ["cancelled", "cancelled"]


def test_jobs_that_cannot_be_cancelled(dwtop: Inside, server: FaultySimulator) -> None:
    finished, draft = server.world.add(COMPLETED, title="Over"), server.world.add(DRAFT, title="Draft")
    done = dwtop("cancel", finished, draft, "-y")
    assert done.code == 1
    assert done.out.splitlines() == [
        f"completed already: Over ({finished})",
        f"draft, which cannot be cancelled: Draft ({draft})",
    ]
    gone = dwtop("cancel", UNKNOWN, draft, "-y")
    assert gone.code == 4
    assert gone.out.startswith(f"not found: {UNKNOWN}\n")
    assert not {finished, draft, UNKNOWN} & set(server.cancelled)


def test_a_job_of_somebody_else_does_not_stop_the_others(dwtop: Inside, server: FaultySimulator) -> None:
    foreign, job_id = server.world.add(RUNNING), server.world.add(RUNNING, cancel_after=0.0)
    server.faults.add(failing(403, Endpoint.STATUS, job_id=foreign))
    done = dwtop("cancel", foreign, job_id, "--yes")
    assert done.code == 3
    assert [line.partition(":")[0] for line in done.out.splitlines()] == ["state unknown", "cancelled"]
    assert done.sentence.startswith(f"{foreign}: the token is not allowed to do this")
    assert (server.cancelled.count(foreign), server.cancelled.count(job_id)) == (0, 1)
    alone = dwtop("cancel", foreign, "--yes")
    assert (alone.code, alone.out, "dwtop login" in alone.sentence) == (3, "", True)


def test_a_finished_job_that_is_gone_is_not_found(dwtop: Inside, server: FaultySimulator) -> None:
    job_id = server.world.add(COMPLETED, title="Over")
    assert dwtop("add", job_id).code == dwtop("status", job_id).code == 0
    server.world.remove(job_id)
    gone = dwtop("cancel", job_id, "--yes")
    assert (gone.code, gone.out) == (4, f"not found: Over ({job_id})\n")


def test_the_outcome_of_a_cancel_is_in_the_table_once(dwtop: Inside, server: FaultySimulator) -> None:
    job_id = server.world.add(RUNNING)
    server.faults.add(failing(429))
    dwtop("add", job_id)
    dwtop("cancel", job_id, "--yes")
    assert dwtop("list").out.count("refused: too many requests") == 1


def test_refusals_send_nothing(
    dwtop: Inside, server: FaultySimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = server.world.add(RUNNING)
    unasked = dwtop("cancel", job_id)
    assert (unasked.code, "--yes" in unasked.sentence) == (2, True)
    forbidden = dwtop("cancel", job_id, "--yes", "--read-only")
    assert (forbidden.code, "--read-only" in forbidden.sentence) == (2, True)
    monkeypatch.setenv("DEEPWRITER_TOKEN", "another")
    signed_out = dwtop("cancel", job_id, "--yes")
    assert (signed_out.code, "dwtop login" in signed_out.sentence) == (3, True)
    assert server.cancelled.count(job_id) == 0


@pytest.mark.parametrize(("answer", "code", "sent"), [("n", 1, 0), ("y", 0, 1)])
def test_confirmation_on_a_terminal(server: FaultySimulator, answer: str, code: int, sent: int) -> None:
    job_id = server.world.add(RUNNING, title="My [b]book", cancel_after=0.0)
    with Pane(*argv("cancel", job_id), env=Command(server.base_url).environment, size=(80, 12)) as pane:
        pane.wait_for("Cancel this job? [y/N]")
        assert f"My [b]book ({job_id[:8]}): in progress, Drafting, 10%" in pane.text
        assert server.cancelled.count(job_id) == 0
        pane.press(answer, "enter")
        assert pane.wait_exit() == code
        assert ("cancelled:" if sent else "Nothing was cancelled.") in pane.text
    assert server.cancelled.count(job_id) == sent


def test_many_jobs_are_confirmed_by_their_number(server: FaultySimulator) -> None:
    jobs = [server.world.add(RUNNING, cancel_after=0.0) for _ in range(6)]
    with Pane(*argv("cancel", *jobs), env=Command(server.base_url).environment, size=(80, 20)) as pane:
        pane.wait_for("Type 6 to cancel these 6 jobs:")
        pane.press("y", "enter")
        assert pane.wait_exit() == 1
    assert not set(jobs) & set(server.cancelled)


def failing(code: int, endpoint: Endpoint = Endpoint.CANCEL, **more: Any) -> Fault:
    return Fault(kind=FaultKind.HTTP, endpoint=endpoint, code=code, **more)


# The first request precedes the cancel; the second, after it, fails.
FAILED_FETCH = (
    Fault(kind=FaultKind.FIELDS, endpoint=Endpoint.STATUS, count=1),
    failing(500, Endpoint.STATUS, count=1),
)
LOST_REQUEST = Fault(kind=FaultKind.HANG, seconds=0, endpoint=Endpoint.CANCEL)
NO_ANSWER = "no answer: still in progress: My book ({})\n"
UNKNOWN_OUTCOME = "Not known whether cancelled: {} (the API answered 500"


@pytest.mark.parametrize(
    ("faults", "options", "code", "out", "says"),
    [
        ([failing(502, carried_out=True)], [], 0, "cancelled: My book ({})\n", ""),
        (FAILED_FETCH, [], 0, "cancelled: My book ({})\n", ""),
        ([LOST_REQUEST], [], 1, NO_ANSWER, "Not cancelled: {}; see dwtop status."),
        ([replace(LOST_REQUEST, carried_out=True)], [], 0, "cancelled: My book ({})\n", ""),
        ([replace(LOST_REQUEST, kind=FaultKind.RESET)], [], 1, NO_ANSWER, "Not cancelled: {}"),
        ([failing(500)], [], 1, NO_ANSWER, "Not cancelled: {}"),
        ([failing(500, Endpoint.ANY)], [], 5, "no answer, state unknown: {}\n", UNKNOWN_OUTCOME),
        ([failing(400)], [], 1, "refused: ", "Not cancelled: {}"),
        ([failing(404)], [], 4, "refused: not found", "Not found: {}"),
        ([failing(401)], [], 1, "refused: this key may not cancel", "Not cancelled: {}"),
        ([failing(403)], [], 1, "refused: this key may not cancel", "Not cancelled: {}"),
        ([failing(429)], [], 1, "refused: too many requests", "Not cancelled: {}"),
        ([], ["--no-wait"], 0, "accepted: ", ""),
        ([failing(500)], ["--no-wait"], 1, NO_ANSWER, "Not cancelled: {}"),
    ],
)
def test_a_cancel_is_sent_once_and_what_became_of_it_is_said(
    server: FaultySimulator,
    dwtop: Inside,
    monkeypatch: pytest.MonkeyPatch,
    faults: Iterable[Fault],
    options: list[str],
    code: int,
    out: str,
    says: str,
) -> None:
    if out.startswith("no answer"):
        monkeypatch.setattr(cancel, "_NO_ANSWER_SECONDS", 0.1)
    if options:  # following it would never end
        monkeypatch.setattr(cancel, "_FETCH_DELAYS_SECONDS", (math.inf,))
    job_id = server.world.add(RUNNING, title="My book", cancel_after=math.inf if options else 0.0)
    for fault in faults:
        server.faults.add(fault)
    done = dwtop("cancel", job_id, "--yes", *options)
    assert done.code == code
    assert done.out.startswith(out.format(job_id))
    assert done.sentence.startswith(says.format(job_id)) if says else done.err == ""
    assert server.cancelled.count(job_id) == 1
    assert not [fault for fault in server.faults.active if fault.count]
