"""Jobs that are hard to forecast: silent, stopped, joined late, or without any finished job to compare."""

from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import median

import pytest

from app.store.store import Store
from app.watch.forecast.estimate import Forecast, forecast
from app.watch.forecast.forecaster import Forecaster
from app.watch.forecast.stall import stalled_since
from app.watch.forecast.training import Training, remember
from app.watch.history import Sample
from app.watch.watched import Watched
from tests.backtest.families import simulated_jobs
from tests.backtest.trial import poll_to_end
from tests.scripted_api import job, job_id


def silent_at_99(minutes: float, pace: float = 9.0) -> list[Sample]:
    """A job that reaches 99 % quickly, and then does not change for some minutes until it is done."""
    samples = [Sample(0.0, "queued", None, None)]
    samples += [Sample(10.0 + pace * p, "in_progress", float(p), "Writing") for p in range(100)]
    return [*samples, Sample(10.0 + 99 * pace + 60 * minutes, "completed", 100.0, None)]


def polled(
    samples: list[Sample], training: Training, begin: float, end: float
) -> list[tuple[float, Forecast | None, float | None]]:
    """Forecast and stall at each poll between two times."""
    polls, last, now = [], None, begin
    while now < end:
        seen = [sample for sample in samples if sample.at <= now]
        last = forecast(seen, now, training, previous=last)
        polls.append((now, last, stalled_since(seen, now, training)))
        now += 5.0
    return polls


def test_after_99_percent_more_than_a_minute_remains_if_finished_jobs_took_20_minutes() -> None:
    rng = Random(1)
    for finished in (3, 20):
        training = remember(
            [
                (silent_at_99(20 * rng.lognormvariate(0, 0.15), rng.uniform(6, 12)), "")
                for _ in range(finished)
            ]
        )
        course = silent_at_99(24.0)
        reached = course[-2].at
        for now, found, stalled in polled(course, training, reached, reached + 18 * 60):
            assert found is not None
            assert stalled is None
            assert found.remaining > 60
            if now < reached + 600:
                assert 300 < found.remaining < 40 * 60


def test_without_history_a_job_silent_for_150_seconds_has_more_than_a_minute_left() -> None:
    course = silent_at_99(60.0)
    reached = course[-2].at
    polls = polled(course, Training(), reached + 150, reached + 50 * 60)
    assert all(found is not None and (found.remaining > 60 or not found.shown) for _, found, _ in polls)


@pytest.mark.parametrize("finished", [0, 1, 20])
def test_a_job_that_stops_changing_shows_the_stall_instead_of_a_time(finished: int) -> None:
    training = remember([(silent_at_99(1.0 + n / 10), "") for n in range(finished)])
    course = [
        sample
        for sample in silent_at_99(0.0)
        if sample.status != "in_progress" or (sample.progress or 0) <= 60
    ]
    stops = course[-2].at
    polls = polled(course[:-1], training, stops, stops + 7200)
    assert polls[-1][2] == stops
    shown = [(now, stalled) for now, found, stalled in polls if found is not None and found.shown]
    assert shown
    assert all(stalled is None for _, stalled in shown)
    assert max(now for now, _ in shown) < stops + 3600, "the time left must not grow forever"


def test_a_stalled_job_has_no_finish_for_row_details_and_sums(tmp_path: Path) -> None:
    store = Store(tmp_path / "db", "https://api.invalid/api")
    forecaster, entry = Forecaster(store), Watched(job_id(1), 0.0)
    finishes = []
    for poll in range(200):
        now = 1000.0 + 10 * poll
        answer = job(job_id(1), progress=min(float(poll), 50.0))
        entry = entry.after_answer(answer, now)
        outlook = forecaster.update(entry, now)
        finishes.append(outlook.finish if outlook else None)
    store.close()
    assert any(finish is not None for finish in finishes[:60])
    assert outlook is not None
    assert outlook.stalled_since == 1500.0
    assert (outlook.finish, outlook.low, outlook.high) == (None, None, None)


def test_the_finish_lies_within_its_range() -> None:
    for family in ("staged", "plateaus", "steady", "jump 0 to 90"):
        jobs = list(simulated_jobs(family, 31, 28))
        training = remember([(poll_to_end(simulated), simulated.models) for simulated in jobs[:20]])
        for simulated in jobs[20:]:
            last = None
            samples = poll_to_end(simulated)
            for share in range(1, 100):
                now = simulated.total * share / 100
                seen = [sample for sample in samples if sample.at <= now]
                last = forecast(seen, now, training, models=simulated.models, previous=last)
                if last is not None:
                    assert now <= last.low < last.finish < last.high


def test_the_median_error_of_jobs_first_seen_half_done_is_below_30_percent_and_ranges_hold_70() -> None:
    in_range, errors = [], []
    for family in ("staged", "long queue", "joined late"):
        jobs = list(simulated_jobs(family, 33, 70))
        training = remember([(poll_to_end(simulated), simulated.models) for simulated in jobs[:30]])
        for simulated in jobs[30:]:
            samples = poll_to_end(simulated)
            opened = simulated.pieces[0].seconds + 0.5 * (simulated.total - simulated.pieces[0].seconds)
            now = opened + 0.3 * (simulated.total - opened)
            seen = [Sample(opened, *simulated.sample(opened)[1:])]
            seen += [sample for sample in samples if opened < sample.at <= now]
            found = forecast(seen, now, training, models=simulated.models)
            assert found is not None
            in_range.append(found.low <= simulated.total <= found.high)
            errors.append(abs(found.finish - simulated.total) / (simulated.total - now))
    assert sum(in_range) / len(in_range) >= 0.7
    assert median(errors) < 0.3


def test_a_job_seen_queued_and_then_half_done_is_not_taken_for_a_fast_one() -> None:
    jobs = list(simulated_jobs("staged", 34, 50))
    training = remember([(poll_to_end(simulated), simulated.models) for simulated in jobs[:20]])
    errors = []
    for simulated in jobs[20:]:
        opened = 0.5 * simulated.total
        now = opened + 0.2 * (simulated.total - opened)
        seen = [Sample(0.0, "queued", None, None)]
        seen += [
            Sample(at, *simulated.sample(at)[1:]) for at in (opened + 5 * n for n in range(1000)) if at <= now
        ]
        found = forecast(seen, now, training, models=simulated.models)
        assert found is not None
        errors.append(abs(found.finish - simulated.total) / (simulated.total - now))
    assert median(errors) < 0.3


@pytest.mark.parametrize("family", ["staged", "bursts", "plateaus", "any order", "doubles midway"])
def test_with_an_empty_history_a_time_appears_within_a_factor_of_3_and_disappears_at_most_twice(
    family: str,
) -> None:
    for simulated in simulated_jobs(family, 35, 12):
        samples, last, shown = poll_to_end(simulated), None, [False]
        now = 0.0
        while now < simulated.total:
            found = forecast([s for s in samples if s.at <= now], now, Training(), previous=last)
            shown.append(found is not None and found.shown)
            if found is not None and found.shown:
                ratio = (found.high - now + 60) / (found.low - now + 60)
                assert ratio <= (6 if shown[-2] else 3)
            last, now = found, now + 5
        assert sum(before != after for before, after in pairwise(shown)) <= 4


def test_the_time_of_a_first_job_that_often_waits_for_input_appears_and_disappears_at_most_twice() -> None:
    job = []
    for percent in range(80):
        at = 12.0 * percent + 60 * (percent // 16)
        job.append(Sample(at, "in_progress", float(percent), "Writing"))
        if percent % 16 == 15:
            job.append(Sample(at + 12, "awaiting_input", float(percent), "Writing"))
    shown = [found is not None and found.shown for _, found, _ in polled(job, Training(), 0.0, 1200.0)]
    assert 1 < sum(before != after for before, after in pairwise(shown)) <= 4
