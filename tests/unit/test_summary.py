"""What the header says of all jobs together, and of this pane."""

import pytest

from app.presentation.glyphs import UNICODE
from app.presentation.summary import chips, rate_text, request_rate, summary
from app.presentation.totals import Totals
from app.watch.polling.budget import RequestGate
from app.watch.watched import Outlook, Watched
from tests.scripted_api import job, job_id
from tests.timing import ManualClock

A, B, C = (job_id(number) for number in range(1, 4))
NOW = 1_763_906_400.0


def test_the_progress_with_the_times_at_which_the_first_and_all_are_done() -> None:
    totals = Totals(
        [
            Watched(A, 0.0, job(A, progress=40.0), NOW, outlook=Outlook(NOW + 840)),
            Watched(B, 1.0, job(B, progress=21.0), NOW, outlook=Outlook(NOW + 3601)),
            Watched(C, 2.0, job(C, "completed"), NOW),
        ]
    )
    said = summary(totals, UNICODE, now=NOW)
    assert said.fraction == pytest.approx(0.305)
    assert (said.percent, said.next, said.note) == ("30%", "~14m", "")
    assert said.all_done.endswith(":00"), "to five minutes, whatever the time zone"


@pytest.mark.parametrize(("without_token", "note"), [(True, "not signed in"), (False, "no jobs yet")])
def test_without_jobs_it_says_why(without_token: bool, note: str) -> None:
    said = summary(Totals(), UNICODE, without_token=without_token, now=NOW)
    assert (said.fraction, said.percent, said.next, said.all_done, said.note) == (None, "", "", "", note)


def test_what_is_special_about_a_pane_is_a_chip() -> None:
    assert chips(demo=False, read_only=False) == ()
    assert chips(demo=True, read_only=True) == ("DEMO", "READ-ONLY")
    assert chips(demo=False, read_only=False, filtered_by="queued", shown=1, total=2, marked=2, hidden=1) == (
        "/queued: 1 of 2",
        "2 marked (1 hidden)",
    )


@pytest.mark.parametrize(
    ("base_url", "host"),
    [
        ("https://app.deepwriter.com/api", ""),
        ("https://staging.example.org/api", "staging.example.org"),
        ("http://127.0.0.1:4/api", "127.0.0.1:4"),
    ],
)
def test_another_host_than_the_usual_one_is_named(base_url: str, host: str) -> None:
    assert summary(Totals(), UNICODE, base_url=base_url, now=NOW).host == host


async def test_the_request_rate_is_rounded_to_tens_and_stays_while_it_is_about_right() -> None:
    clock = ManualClock(0.0)
    gate = RequestGate(300, clock)
    assert rate_text(request_rate(gate, 0), gate) == ""
    for _ in range(17):
        await gate.begin_probe()
        gate.finish_poll()
    assert rate_text(request_rate(gate, 0), gate) == "20 of 300 requests/min"
    for _ in range(12):
        await gate.begin_probe()
        gate.finish_poll()
    assert [request_rate(gate, shown) for shown in (10, 20, 30, 40)] == [30, 20, 30, 30]
    for _ in range(171):
        await gate.begin_probe()
        gate.finish_poll()
    assert [request_rate(gate, shown) for shown in (170, 190, 220, 230)] == [200, 190, 220, 200]
    clock.now = 61.0
    assert request_rate(gate, 10) == 0
