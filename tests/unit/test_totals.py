"""The totals of all jobs, and what the header says of them and of this pane."""

import pytest

from app.job import Group
from app.presentation.summary import chips, rate_text, request_rate, summary, window_title
from app.presentation.totals import Totals, group_heading
from app.watch.polling.budget import RequestGate
from app.watch.watched import Outlook, Watched
from tests.jobs import watched
from tests.scripted_api import job_id
from tests.timing import ManualClock
from widgets.ascii import in_ascii
from widgets.model import Heading, Tone


def test_jobs_are_counted_by_what_they_mean_trouble_first() -> None:
    totals = Totals(
        [watched(1), watched(2, "queued"), watched(3, "failed"), watched(4, misses=2), Watched("x", 0.0)]
    )
    assert [totals.number(group) for group in Group] == [2, 1, 0, 2]
    said = [(count.number, count.word) for count in totals.counts()]
    assert said == [(2, "need a look"), (1, "running"), (2, "waiting"), (0, "done")]
    totals.update(job_id(3), None)
    assert totals.counts()[0].word == "needs a look"


def test_a_group_has_its_heading() -> None:
    heading = group_heading(Group.DONE, 3, lambda action: {"jobs.clean": "D"}[action])
    assert heading == Heading("Done", Tone.DONE, 3, "D removes all finished")
    assert group_heading(Group.ATTENTION, 1, str).name == "Needs a look"


def test_the_progress_is_that_of_the_batch() -> None:
    assert Totals().fraction is None
    assert Totals([watched(1, "completed"), watched(2, "failed")]).fraction is None
    assert (
        Totals([watched(1, progress=50.0), watched(2, "queued", None), watched(3, "completed")]).fraction
        == 0.25
    )


def test_the_progress_never_falls_because_a_job_finishes() -> None:
    totals = Totals([watched(1, progress=90.0), watched(2, progress=10.0)])
    shown = [totals.fraction]
    for number, status in ((1, "failed"), (2, "completed")):
        totals.update(job_id(number), watched(number, status))
        shown.append(totals.fraction)
    assert shown == [pytest.approx(0.5), pytest.approx(0.55), None]
    totals.update(job_id(3), watched(3, progress=20.0))
    assert totals.fraction == pytest.approx(0.2), "a new batch begins once all are done"


def test_where_no_progress_is_known_there_is_none_of_all_together() -> None:
    totals = Totals([watched(1, progress=None), Watched("x", 0.0), watched(2, "completed")])
    shown = [totals.fraction]
    totals.update(job_id(1), watched(1, progress=0.0))
    shown.append(totals.fraction)
    totals.update(job_id(1), None)
    shown.append(totals.fraction)
    assert shown == [None, 0.0, None]


def test_the_next_end_and_the_last_are_those_of_jobs_with_a_forecast() -> None:
    totals = Totals(
        [watched(1, outlook=Outlook(100.0)), watched(2, outlook=Outlook(300.0)), watched(3, "queued")]
    )
    assert (totals.next_finish, totals.last_finish) == (100.0, 300.0)
    totals.update(job_id(4), watched(4))
    assert (totals.next_finish, totals.last_finish) == (100.0, None), (
        "the end of all is unknown while one job has no forecast"
    )
    totals.update(job_id(4), watched(4, outlook=Outlook(900.0, stalled_since=5.0)))
    assert (totals.next_finish, totals.last_finish) == (100.0, 300.0), "a stalled job has no end"
    totals.update(job_id(1), watched(1, "completed"))
    assert totals.next_finish == pytest.approx(300.0)
    totals.update(job_id(2), None)
    assert totals.next_finish is None
    assert totals.last_finish is None


NOW = 1_763_906_400.0


def test_the_progress_with_the_times_at_which_the_first_and_all_are_done() -> None:
    totals = Totals(
        [
            watched(1, progress=40.0, outlook=Outlook(NOW + 840)),
            watched(2, progress=21.0, outlook=Outlook(NOW + 3601)),
            watched(3, "completed"),
        ]
    )
    said = summary(totals, now=NOW)
    assert said.fraction == pytest.approx(0.305)
    assert (said.percent, said.next, said.note) == ("30%", "~14m", "")
    assert said.all_done.endswith(":00"), "to five minutes, whatever the time zone"


def test_the_window_title_has_the_counts_first() -> None:
    statuses = ["in_progress"] * 2 + ["failed"] + ["completed"] * 5 + ["queued"]
    totals = Totals(watched(number, status) for number, status in enumerate(statuses))
    assert window_title(totals) == "2▶ 1✖ 5✔ dwtop"
    assert in_ascii(window_title(totals)) == "2> 1! 5+ dwtop"
    assert window_title(Totals()) == "dwtop"


@pytest.mark.parametrize(("without_token", "note"), [(True, "not signed in"), (False, "no jobs yet")])
def test_without_jobs_it_says_why(without_token: bool, note: str) -> None:
    said = summary(Totals(), without_token=without_token, now=NOW)
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
    assert summary(Totals(), base_url=base_url, now=NOW).host == host


async def test_the_request_rate_is_rounded_to_tens_and_stays_while_it_is_about_right() -> None:
    clock = ManualClock(0.0)
    gate = RequestGate(300, clock)

    async def send(number: int) -> None:
        for _ in range(number):
            await gate.begin_poll(probe=True)
            gate.finish_poll()

    assert rate_text(request_rate(gate, 0), gate) == ""
    await send(17)
    assert rate_text(request_rate(gate, 0), gate) == "20 of 300 requests/min"
    await send(12)
    assert [request_rate(gate, shown) for shown in (10, 20, 30, 40)] == [30, 20, 30, 30]
    await send(171)
    assert [request_rate(gate, shown) for shown in (170, 190, 220, 230)] == [200, 190, 220, 200]
    clock.now = 61.0
    assert request_rate(gate, 10) == 0
