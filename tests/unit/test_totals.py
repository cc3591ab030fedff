"""The totals of all jobs, updated with every change."""

import random

import pytest

from app.job import Group
from app.presentation.glyphs import UNICODE
from app.presentation.totals import Totals, group_heading
from app.watch.watched import Outlook, Watched
from tests.scripted_api import job, job_id
from widgets.model import Heading, Tone


def entry(number: int, status: str = "in_progress", progress: float | None = 40.0, **more: object) -> Watched:
    name = job_id(number)
    return Watched(name, 0.0, job(name, status, progress), **more)  # type: ignore[arg-type]


def test_jobs_are_counted_by_what_they_mean_trouble_first() -> None:
    totals = Totals([entry(1), entry(2, "queued"), entry(3, "failed"), entry(4, misses=2), Watched("x", 0.0)])
    assert [totals.number(group) for group in Group] == [2, 1, 0, 2]
    said = [(count.number, count.word) for count in totals.counts(UNICODE)]
    assert said == [(2, "need a look"), (1, "running"), (2, "waiting"), (0, "done")]
    totals.update(job_id(3), None)
    assert totals.counts(UNICODE)[0].word == "needs a look"


def test_a_group_has_its_heading() -> None:
    heading = group_heading(Group.DONE, 3, lambda action: {"jobs.clean": "D"}[action])
    assert heading == Heading("Done", Tone.DONE, 3, "D removes all finished")
    assert group_heading(Group.ATTENTION, 1, str).name == "Needs a look"


def test_the_progress_is_that_of_the_batch() -> None:
    assert Totals().fraction is None
    assert Totals([entry(1, "completed"), entry(2, "failed")]).fraction is None
    assert Totals([entry(1, progress=50.0), entry(2, "queued", None), entry(3, "completed")]).fraction == 0.25


def test_the_progress_never_falls_because_a_job_finishes() -> None:
    totals = Totals([entry(1, progress=90.0), entry(2, progress=10.0)])
    shown = [totals.fraction]
    for number, status in ((1, "failed"), (2, "completed")):
        totals.update(job_id(number), entry(number, status))
        shown.append(totals.fraction)
    assert shown == [pytest.approx(0.5), pytest.approx(0.55), None]
    totals.update(job_id(3), entry(3, progress=20.0))
    assert totals.fraction == pytest.approx(0.2), "a new batch begins once all are done"


def test_where_no_progress_is_known_there_is_none_of_all_together() -> None:
    totals = Totals([entry(1, progress=None), Watched("x", 0.0), entry(2, "completed")])
    shown = [totals.fraction]
    totals.update(job_id(1), entry(1, progress=0.0))
    shown.append(totals.fraction)
    totals.update(job_id(1), None)
    shown.append(totals.fraction)
    assert shown == [None, 0.0, None]


def test_the_next_end_and_the_last_are_those_of_jobs_with_a_forecast() -> None:
    totals = Totals([entry(1, outlook=Outlook(100.0)), entry(2, outlook=Outlook(300.0)), entry(3, "queued")])
    assert (totals.next_finish, totals.last_finish) == (100.0, 300.0)
    totals.update(job_id(4), entry(4))
    assert (totals.next_finish, totals.last_finish) == (100.0, None), (
        "the end of all is unknown while one job has no forecast"
    )
    totals.update(job_id(4), entry(4, outlook=Outlook(900.0, stalled_since=5.0)))
    assert (totals.next_finish, totals.last_finish) == (100.0, 300.0), "a stalled job has no end"
    totals.update(job_id(1), entry(1, "completed"))
    assert totals.next_finish == pytest.approx(300.0)
    totals.update(job_id(2), None)
    assert totals.next_finish is None
    assert totals.last_finish is None


def test_many_changes_give_the_same_totals_as_a_recount() -> None:
    chance = random.Random(3)
    now = {number: entry(number) for number in range(20)}
    totals = Totals(now.values())
    for _ in range(3000):
        number = chance.randrange(30)
        now.pop(number, None)
        status = chance.choice(("in_progress", "queued", "completed", "failed", "cancelled"))
        progress = chance.choice((None, chance.uniform(0, 100)))
        after = None if chance.random() < 0.3 else entry(number, status, progress)
        if after:
            now[number] = after
        totals.update(job_id(number), after)
    anew = Totals(now.values())
    assert [totals.number(group) for group in Group] == [anew.number(group) for group in Group]
    for number, found in now.items():
        if found.finished:
            totals.update(job_id(number), None)
    assert totals.fraction == pytest.approx(anew.fraction), "except for finished jobs of the batch"
