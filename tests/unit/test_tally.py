"""Sums that keep up with every change."""

import random

import pytest

from app.job import Group
from app.presentation.glyphs import UNICODE
from app.presentation.totals import Tally
from app.watch.watched import Outlook, Watched
from tests.scripted_api import job, job_id


def entry(number: int, status: str = "in_progress", progress: float | None = 40.0, **more: object) -> Watched:
    name = job_id(number)
    return Watched(name, 0.0, job(name, status, progress), **more)  # type: ignore[arg-type]


def test_jobs_are_counted_by_what_they_mean() -> None:
    tally = Tally([entry(1), entry(2, "queued"), entry(3, "failed"), entry(4, misses=2), Watched("x", 0.0)])
    assert [tally.number(group) for group in Group] == [2, 1, 0, 2]
    said = {count.word: count.number for count in tally.counts(UNICODE)}
    assert said == {"running": 1, "waiting": 2, "need a look": 2, "done": 0}
    tally.update(job_id(3), None)
    assert "needs a look" in {count.word for count in tally.counts(UNICODE)}


def test_the_progress_is_that_of_unfinished_jobs() -> None:
    assert Tally().fraction is None
    assert Tally([entry(1, "completed"), entry(2, "failed")]).fraction is None
    assert Tally([entry(1, progress=50.0), entry(2, "queued", None), entry(3, "completed")]).fraction == 0.25


def test_where_no_progress_is_known_there_is_none_of_all_together() -> None:
    tally = Tally([entry(1, progress=None), Watched("x", 0.0), entry(2, "completed")])
    shown = [tally.fraction]
    tally.update(job_id(1), entry(1, progress=0.0))
    shown.append(tally.fraction)
    tally.update(job_id(1), None)
    shown.append(tally.fraction)
    assert shown == [None, 0.0, None]


def test_the_end_is_that_of_the_last_job_with_a_forecast() -> None:
    tally = Tally([entry(1, outlook=Outlook(100.0)), entry(2, outlook=Outlook(300.0)), entry(3)])
    assert tally.finish == 300.0
    tally.update(job_id(2), entry(2, "completed"))
    assert tally.finish == 100.0
    tally.update(job_id(1), None)
    assert tally.finish is None


def test_after_many_changes_it_says_what_counting_anew_would_say() -> None:
    chance = random.Random(3)
    now = {number: entry(number) for number in range(20)}
    tally = Tally(now.values())
    for _ in range(3000):
        number = chance.randrange(30)
        now.pop(number, None)
        status = chance.choice(("in_progress", "queued", "completed", "failed", "cancelled"))
        after = (
            None
            if chance.random() < 0.3
            else entry(number, status, chance.choice((None, chance.uniform(0, 100))))
        )
        if after:
            now[number] = after
        tally.update(job_id(number), after)
    anew = Tally(now.values())
    assert [tally.number(group) for group in Group] == [anew.number(group) for group in Group]
    assert tally.fraction == pytest.approx(anew.fraction)
