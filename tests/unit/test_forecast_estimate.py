"""When a job will be done, with and without finished jobs."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import nan
from random import Random
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.watch.forecast.course import Position
from app.watch.forecast.estimate import Forecast, forecast
from app.watch.forecast.training import USED_JOBS, Training, fit, learn, remember
from app.watch.history import Sample

STAGES = (("Outline", 10, 1.0), ("Research", 40, 9.0), ("Draft", 40, 1.0), ("Review", 10, 9.0))


def staged(size: float = 1.0, queue: float = 20.0, rng: Random | None = None) -> list[Sample]:
    """A finished job whose slow stages take nine times as long per percent as the fast ones; 520 s at size 1."""
    samples = [Sample(0.0, "queued", None, None)]
    at, progress = queue, 0.0
    for stage, points, seconds in STAGES:
        pace = seconds * size * (rng.lognormvariate(0, 0.2) if rng else 1.0)
        for _ in range(points):
            samples.append(Sample(at, "in_progress", progress, stage))
            at += pace
            progress += 1
    return [*samples, Sample(at, "completed", 100.0, None)]


def until(samples: list[Sample], now: float) -> list[Sample]:
    return [entry for entry in samples if entry.at <= now]


def taught(jobs: int, seed: int = 1, models: str = "") -> Training:
    rng = Random(seed)
    training = Training()
    for _ in range(jobs):
        training = learn(training, staged(rng.lognormvariate(0, 0.3), rng.uniform(10, 30), rng), models)
    return training


_TAUGHT = [taught(jobs) for jobs in range(15)]


def made(
    samples: list[Sample], now: float, training: Training, models: str = "", before: Forecast | None = None
) -> Forecast:
    found = forecast(samples, now, training, models=models, previous=before)
    assert found is not None
    return found


def test_there_is_no_forecast_without_history_and_progress() -> None:
    assert forecast([], 0.0, Training()) is None
    assert forecast([Sample(0.0, "queued", None, None)], 10.0, Training()) is None
    assert forecast([Sample(0.0, "in_progress", 0.0, "Outline")], 10.0, Training()) is None


@pytest.mark.parametrize("status", ["completed", "failed", "moderated", "cancelled"])
def test_there_is_no_forecast_of_a_job_that_has_ended(status: str) -> None:
    assert forecast([*until(staged(), 100), Sample(200.0, status, 50.0, None)], 200.0, taught(5)) is None


def test_a_first_job_is_forecast_at_its_own_pace() -> None:
    samples = [Sample(10.0 * p, "in_progress", float(p), "Writing") for p in range(41)]
    found = made(samples, 400.0, Training())
    assert found.finish == pytest.approx(1000.0, rel=0.02)
    assert found.low < found.finish - 30
    assert found.high > found.finish + 30


def test_a_single_long_wait_does_not_count_in_the_pace() -> None:
    waited = [Sample(0.0, "in_progress", 0.0, "Thinking")]
    waited += [Sample(600.0 + 4.0 * p, "in_progress", float(p), "Writing") for p in range(1, 31)]
    assert made(waited, 720.0, Training()).finish == pytest.approx(1000.0, rel=0.05)


def test_a_long_wait_among_the_last_points_hardly_changes_the_recent_pace() -> None:
    samples = [Sample(10.0 * p + 200 * (p > 70), "in_progress", float(p), "Writing") for p in range(76)]
    assert made(samples, 950.0, Training()).remaining == pytest.approx(250.0, rel=0.35)


@pytest.mark.parametrize(("stage", "remaining"), [("Writing", 800.0), (None, 533.0)])
def test_a_job_keeps_its_recent_pace_in_its_first_stage_if_stages_have_names(
    stage: str | None, remaining: float
) -> None:
    slower = [Sample(10.0 * p + 10 * max(p - 40, 0), "in_progress", float(p), stage) for p in range(61)]
    assert made(slower, 800.0, Training()).remaining == pytest.approx(remaining, rel=0.05)


def test_the_range_is_wider_if_a_job_was_joined_late() -> None:
    samples = [Sample(10.0 * p, "in_progress", float(p), "Writing") for p in range(61)]
    whole, late = made(samples, 600.0, Training()), made(samples[20:], 600.0, Training())
    assert late.high - late.low > 1.4 * (whole.high - whole.low)


def test_a_job_that_starts_over_is_forecast_at_the_pace_of_its_new_run() -> None:
    first = [Sample(10.0 * p, "in_progress", float(p), "Writing") for p in range(61)]
    second = [Sample(610.0 + 20.0 * p, "in_progress", float(p), "Writing") for p in range(31)]
    assert made([*first, *second], 1210.0, Training()).remaining == pytest.approx(1400.0, rel=0.02)


def test_a_time_appears_within_a_factor_of_3_stays_within_6_and_appears_at_most_twice() -> None:
    ratios = []
    for percent in range(1, 81):
        now = 100.0 * percent
        samples = [Sample(100.0 * p, "in_progress", float(p), "Writing") for p in range(percent + 1)]
        found = made(samples, now, Training())
        ratios.append((found.high - now + 60) / (found.low - now + 60))
        for shown, changes, limit in ((False, 2, 3.0), (True, 3, 6.0), (False, 4, 0.0)):
            before = replace(found, shown=shown, changes=changes)
            assert made(samples, now, Training(), before=before).shown is (ratios[-1] <= limit)
    assert min(ratios) < 3
    assert max(ratios) > 6


def test_the_range_is_wider_the_less_even_the_pace() -> None:
    widths = []
    for unit in (1, 20):
        at, samples = 0.0, []
        for percent in range(0, 81, unit):
            samples.append(Sample(at, "in_progress", float(percent), "Writing"))
            at += unit * (20.0 if percent // unit % 2 else 2.0)
        found = made(samples, samples[-1].at, Training())
        widths.append((found.high - found.low) / found.remaining)
    assert widths[1] > 1.4 * widths[0]


def test_even_leaps_do_not_make_the_pace_uneven() -> None:
    even, leaps = (
        [Sample(10.0 * p, "in_progress", float(p), "Writing") for p in range(0, 81, step)] for step in (1, 10)
    )
    widths = [
        (found.high - found.low) / found.remaining
        for found in (made(even, 800.0, Training()), made(leaps, 800.0, Training()))
    ]
    assert widths[1] < 1.4 * widths[0]


def ending(paces: Sequence[float], end: float) -> list[Sample]:
    """A finished job of two stages; `paces` are the seconds per percent in each quarter."""
    at, samples = 0.0, []
    for percent in range(100):
        samples.append(Sample(at, "in_progress", float(percent), "Research" if percent < 50 else "Draft"))
        at += paces[percent // 25]
    return [*samples, Sample(end, "completed", 100.0, None)]


def test_the_only_finished_job_counts_if_this_one_came_to_the_position_in_the_same_way() -> None:
    training = learn(Training(), ending((4, 16, 30, 30), 2000.0))
    alike, straight = (ending(paces, 2000.0)[:51] for paces in ((4, 16, 30, 30), (10, 10, 10, 10)))
    assert made(alike, 500.0, training).remaining > 750
    assert made(straight, 500.0, training).remaining == pytest.approx(500, rel=0.3)


@pytest.mark.parametrize("percent", [0, 50, 90])
def test_progress_that_starts_again_in_each_stage_is_learned(percent: int) -> None:
    def job(pace: float) -> list[Sample]:
        plan = [Sample(pace * p, "in_progress", float(p), "Plan") for p in range(100)]
        draft = [Sample(pace * (100 + 2 * p), "in_progress", float(p), "Draft") for p in range(100)]
        return [*plan, *draft, Sample(pace * 300, "completed", 100.0, None)]

    training = remember([(job(9 + number / 10), "") for number in range(20)])
    for position, at in ((percent, 10.0 * percent), (100 + percent, 1000 + 20.0 * percent)):
        found = made(job(10)[: position + 1], at, training)
        assert found.remaining == pytest.approx(3000 - at, rel=0.1)


def test_a_job_joined_late_whose_stage_changes_before_its_percentage_is_forecast_from_finished_jobs() -> None:
    def job(pace: float) -> list[Sample]:
        research = [Sample(pace * p, "in_progress", float(p), "Research") for p in range(51)]
        draft = [Sample(pace * (80 + p), "in_progress", 50.0 + p, "Draft") for p in range(1, 50)]
        samples = [*research, Sample(pace * 60, "in_progress", 50.0, "Draft"), *draft]
        return [*samples, Sample(pace * 130, "completed", 100.0, None)]

    training = remember([(job(9 + number / 10), "") for number in range(20)])
    seen = [sample._replace(at=max(sample.at, 520.0)) for sample in job(10)[50:52]]
    assert made(seen, 610.0, training).remaining == pytest.approx(690, rel=0.1)


def test_the_only_finished_job_changes_nothing_if_its_difference_may_be_chance() -> None:
    training, here = (
        learn(Training(), ending((10, 10, 11, 11), 1050.0)),
        ending((11, 11, 11, 11), 1100.0)[:51],
    )
    for seconds in (0.0, 20.0, 60.0):  # even while it waits
        with_one, with_none = (made(here, 550.0 + seconds, known) for known in (training, Training()))
        assert with_one.remaining == pytest.approx(with_none.remaining, rel=0.02)


def test_the_only_finished_job_hardly_counts_after_a_single_step() -> None:
    def leaps(*seconds: float) -> list[Sample]:
        ends = [sum(seconds[:number]) for number in range(5)]
        samples = [Sample(at, "in_progress", 25.0 * n, "Writing") for n, at in enumerate(ends[:4])]
        return [*samples, Sample(ends[4], "completed", 100.0, None)]

    training, here = learn(Training(), leaps(300, 150, 150, 150)), leaps(300, 300, 300, 300)
    assert made(here[:2], 300.0, training).remaining == pytest.approx(900, rel=0.15)


def test_the_own_pace_of_a_job_counts_while_few_jobs_have_finished() -> None:
    slower, here = ending((10, 10, 20, 20), 1500.0), ending((10, 10, 10, 10), 1000.0)[:51]
    for finished, in_range in ((1, True), (20, False)):
        found = made(here, 500.0, remember([(slower, "")] * finished))
        assert (found.low <= 1000.0 <= found.high) is in_range
        assert found.low <= 1500.0 <= found.high


def test_a_last_part_that_always_takes_the_same_time_does_so_in_fast_and_slow_jobs() -> None:
    rng, training = Random(6), Training()
    for _ in range(25):
        pace = rng.uniform(4, 20)
        training = learn(training, ending((pace, pace, pace, 16), 75 * pace + 400))
    for pace in (6, 18):
        here = ending((pace, pace, pace, 16), 75 * pace + 400)[:76]
        assert made(here, 75.0 * pace, training).remaining == pytest.approx(400, rel=0.2)


def test_finished_jobs_whose_next_change_came_sooner_count_less_the_longer_a_job_waits() -> None:
    def job(pause: float, rest: float) -> list[Sample]:
        samples = [Sample(10.0 * p, "in_progress", float(p), "Research") for p in range(51)]
        samples.append(Sample(500 + pause, "in_progress", 51.0, "Research"))
        return [*samples, Sample(500 + pause + rest, "completed", 100.0, None)]

    training = remember([(job(60, 3600), ""), (job(1800, 600), "")] * 10)
    left = [made(job(0, 0)[:51], now, training).remaining for now in (500.0, 570.0, 1100.0)]
    assert left[0] > 2400
    assert left[1] == pytest.approx(left[0], rel=0.25)
    assert left[2] == pytest.approx(1800, rel=0.1)


def test_a_change_that_is_seconds_late_hardly_moves_the_finish() -> None:
    training = remember(
        [(ending((10, 10, 10, 10), 1000.0), "fast"), (ending((10, 10, 40, 40), 2500.0), "slow")] * 20
    )
    seen = ending((10, 10, 10, 10), 1000.0)[:51]
    on_time, late = (made(seen, 500.0 + seconds, training, "fast") for seconds in (9.0, 13.0))
    assert late.finish == pytest.approx(on_time.finish, rel=0.05)


def test_the_time_does_not_rise_in_a_silence_that_the_only_finished_job_had_too() -> None:
    def job(paces: Sequence[float], silence: float) -> list[Sample]:
        at, samples = 0.0, []
        for percent in range(100):
            samples.append(Sample(at, "in_progress", float(percent), "Writing"))
            at += silence if percent == 10 else paces[percent % len(paces)]
        return [*samples, Sample(at, "completed", 100.0, None)]

    training, seen = learn(Training(), job((4, 16), 3600.0)), job((16, 4, 10, 2, 18), 3000.0)[:11]
    left = [made(seen, seen[-1].at + quiet, training).remaining for quiet in (600.0, 1200.0, 1800.0, 2400.0)]
    assert left == sorted(left, reverse=True)
    assert left[-1] == pytest.approx(1500.0, rel=0.5)


def test_an_overdue_change_is_expected_to_take_as_long_again() -> None:
    quiet = [Sample(0.0, "in_progress", 0.0, "Research"), Sample(10.0, "in_progress", 5.0, "Research")]
    training = remember([([*quiet, Sample(1010.0, "completed", 100.0, None)], "")] * 20)
    for overdue in (300.0, 600.0):
        assert made(quiet, 1010 + overdue, training).remaining == pytest.approx(overdue, rel=0.1)


def test_a_change_that_is_a_minute_late_leaves_more_than_a_minute() -> None:
    def job(silence: float) -> list[Sample]:
        written = [Sample(10.0 * p, "in_progress", float(p), "Writing") for p in range(91)]
        return [*written, Sample(900.0 + silence, "completed", 100.0, None)]

    training = learn(Training(), job(600.0), ended_at=1500.0)
    assert made(job(900.0)[:91], 900.0 + 660.0, training).remaining > 90


def test_the_range_of_jobs_that_are_all_alike_is_3_percent_to_either_side() -> None:
    alike = ending((10, 10, 10, 10), 1000.0)
    found = made(alike[:41], 400.0, remember([(alike, "")] * 80))
    assert found.high - found.finish == pytest.approx(0.03 * found.remaining)
    assert found.finish - found.low == pytest.approx(0.03 * found.remaining)


def test_after_many_jobs_that_are_much_alike_the_range_is_narrow() -> None:
    rng, training = Random(8), Training()
    for _ in range(40):
        pace = rng.uniform(8, 12)
        training = learn(training, ending((pace, pace, pace, pace), 100 * pace))
    found = made(ending((10, 10, 10, 10), 1000.0)[:41], 400.0, training)
    assert found.high - found.low < 0.15 * found.remaining


def test_learned_stages_have_half_the_error_of_the_straight_line() -> None:
    rng, training = Random(7), taught(25)
    ours = straight_line = 0.0
    for _ in range(20):
        job = staged(rng.lognormvariate(0, 0.3), rng=rng)
        for share in (0.1, 0.25, 0.5, 0.75, 0.9):
            now = job[-1].at * share
            left = job[-1].at - now
            here = until(job, now)
            done = here[-1].progress or 1.0
            ours += abs(made(here, now, training).remaining - left) / left
            straight_line += abs((now - 20.0) * (100 - done) / done - left) / left
    assert ours < 0.5 * straight_line


def test_a_queued_job_is_forecast_from_finished_ones() -> None:
    found = made([Sample(0.0, "queued", None, None)], 5.0, taught(25))
    assert 300 < found.finish < 900
    assert found.low < found.finish < found.high


def test_the_range_narrows_towards_the_end() -> None:
    job, training = staged(), taught(80)
    widths = []
    for share in (0.1, 0.5, 0.9):
        now = job[-1].at * share
        found = made(until(job, now), now, training)
        widths.append(found.high - found.low)
    assert min(widths[:2]) > 1.5 * widths[2]


def test_a_queued_job_is_forecast_from_those_with_the_same_models() -> None:
    training = Training()
    for index in range(60):
        training = learn(training, staged(1.0), "fast") if index % 2 else learn(training, staged(4.0), "slow")
    waiting = [Sample(0.0, "queued", None, None)]
    fast, slow = made(waiting, 1.0, training, "fast"), made(waiting, 1.0, training, "slow")
    assert fast.finish == pytest.approx(540.0, rel=0.15)
    assert slow.finish == pytest.approx(2100.0, rel=0.15)
    assert fast.finish < made(waiting, 1.0, training, "never seen").finish < slow.finish


def test_jobs_that_came_through_the_same_stages_count_most() -> None:
    def job(stage: str, pace: float) -> list[Sample]:
        start = [Sample(10.0 * p, "in_progress", float(p), stage) for p in range(40)]
        return [*start, *(Sample(400 + pace * p, "in_progress", 40.0 + p, "Writing") for p in range(60))]

    kinds = {"Research": 10.0, "Notes": 30.0}
    training = remember(
        [([*job(*kind), Sample(400 + 60 * kind[1], "completed", 100.0, None)], "") for kind in kinds.items()]
        * 5
    )
    for stage, pace in kinds.items():
        seen = job(stage, pace)[:46]
        assert made(seen, seen[-1].at, training).remaining == pytest.approx(55 * pace, rel=0.1)


def test_forecasts_adapt_after_the_models_have_become_twice_as_fast() -> None:
    rng, training, job = Random(2), taught(60), staged(0.5)
    for _ in range(14):
        training = learn(training, staged(0.5 * rng.lognormvariate(0, 0.3)))
    now = 0.25 * job[-1].at
    assert made(until(job, now), now, training).finish == pytest.approx(job[-1].at, rel=0.2)
    for _ in range(16):
        training = learn(training, staged(0.5 * rng.lognormvariate(0, 0.3)))
    assert made([Sample(0.0, "queued", None, None)], 1.0, training).finish == pytest.approx(280.0, rel=0.3)


def test_a_job_that_was_added_while_it_ran_is_forecast_from_finished_ones() -> None:
    job, training = staged(), taught(30)
    late = [entry for entry in job if 200 <= entry.at <= 250]
    assert made(late, 250.0, training).finish == pytest.approx(job[-1].at, rel=0.35)


def test_a_job_joined_late_without_progress_is_assumed_to_be_half_way_through_its_stage() -> None:
    stages = (("Plan", 60.0), ("Research", 400.0), ("Writing", 900.0), ("Layout", 200.0))
    job, at = [], 0.0
    for stage, seconds in stages:
        job.append(Sample(at, "in_progress", None, stage))
        at += seconds
    training = remember([([*job, Sample(at, "completed", 100.0, None)], "")] * 5)
    assert made([job[2]], job[2].at, training).remaining == pytest.approx(650.0, rel=0.05)
    assert made([job[2]._replace(at=1000.0), job[3]], job[3].at, training).remaining == pytest.approx(
        200.0, rel=0.05
    )


def thinking_first(queue: float = 0.0, thinking: float = 600.0) -> list[Sample]:
    """A finished job that reports no progress for its first part, and then a percent every 3 s."""
    waiting = [Sample(0.0, "queued", None, None)] if queue else []
    begin = queue + thinking
    written = [Sample(begin + 3.0 * n, "in_progress", float(n), "Writing") for n in range(100)]
    thought = Sample(queue, "in_progress", None, "Thinking")
    return [*waiting, thought, *written, Sample(begin + 300.0, "completed", 100.0, None)]


@pytest.mark.parametrize("queue", [0.0, 20.0])
def test_the_pace_is_measured_from_when_progress_is_first_known(queue: float) -> None:
    job, now = thinking_first(queue, 200.0), queue + 200.0 + 240.0
    assert made(until(job, now), now, Training()).remaining == pytest.approx(60.0, rel=0.05)
    training = remember([(thinking_first(queue, 300.0), "")])
    assert made(until(job, now), now, training).remaining == pytest.approx(60.0, rel=0.05)


def test_a_job_first_seen_without_progress_may_be_anywhere_in_its_stage() -> None:
    training = remember([(thinking_first(20.0), "")] * 3)
    seen_waiting, seen_running = thinking_first(20.0)[:2], thinking_first()[:1]
    assert made(seen_waiting, 20.0, training).remaining == pytest.approx(900.0, rel=0.05)
    joined = made(seen_running, 0.0, training)
    assert joined.remaining == pytest.approx(600.0, rel=0.1)
    assert joined.low < 400.0
    assert joined.high > 800.0


@pytest.mark.parametrize("later", [[], [Sample(200.0, "in_progress", 40.0, "Writing")]])
def test_a_job_first_seen_running_without_progress_is_learned(later: list[Sample]) -> None:
    job = [Sample(0.0, "in_progress", None, "Thinking"), *later, Sample(300.0, "completed", 100.0, None)]
    assert len(learn(Training(), job).courses) == 1


def in_leaps(begin: float, now: float) -> list[Sample]:
    """What is seen until now of a job of 1,000 s that leaps by 10 points, from when it is joined."""
    leaps = [Sample(100.0 * n, "in_progress", 10.0 * n, "Draft") for n in range(10)]
    last = [leap for leap in leaps if leap.at <= begin][-1]
    return [last._replace(at=begin), *(leap for leap in leaps if begin < leap.at <= now)]


@pytest.mark.parametrize("begin", [210.0, 250.0, 290.0])
def test_the_pace_of_a_job_that_was_joined_late_is_measured_from_its_first_change(begin: float) -> None:
    assert made(in_leaps(begin, 500.0), 500.0, Training()).remaining == pytest.approx(500.0, rel=0.01)


def test_a_job_that_was_seen_waiting_was_not_joined_late() -> None:
    seen = [Sample(0.0, "queued", None, None), *in_leaps(200.0, 500.0)]
    known = made(seen, 500.0, Training())
    assert known.remaining == pytest.approx(500.0, rel=0.01)
    assert known.pace.points == 30


@pytest.mark.parametrize("finished", [1, 3, 20])
def test_the_range_holds_wherever_in_a_long_silence_a_job_is_joined(finished: int) -> None:
    silent, end = [Sample(9.0 * p, "in_progress", float(p), "Writing") for p in range(100)], 2091.0
    training = remember([([*silent, Sample(end, "completed", 100.0, None)], "")] * finished)
    held = []
    for percent in range(5, 100, 10):
        joined = silent[-1]._replace(at=891.0 + 12 * percent)
        for share in (0.0, 0.3, 0.6):
            found = made([joined], joined.at + share * (end - joined.at), training)
            held.append(found.low <= end <= found.high)
    assert fmean(held) >= 0.7


def test_the_last_forecast_steadies_the_next() -> None:
    training, rng, job = taught(30), Random(3), staged()
    times = sorted(max(entry.at + rng.uniform(-15, 15), 0.0) for entry in job)
    job = [entry._replace(at=at) for entry, at in zip(job, times, strict=True)]
    bare, steadied = [], []
    last: Forecast | None = None
    for now in range(60, 500, 5):
        here = until(job, now)
        last = made(here, now, training, before=last)
        steadied.append(last.finish)
        bare.append(made(here, now, training).finish)
    assert travelled(steadied) < 0.7 * travelled(bare)


def travelled(values: list[float]) -> float:
    return sum(abs(after - before) for before, after in pairwise(values))


def test_repetitions_of_a_state_change_nothing() -> None:
    job, training = staged(), taught(12)
    for share in (0.02, 0.3, 0.7):
        now = job[-1].at * share
        here = until(job, now)
        again = [copy for entry in here for copy in (entry, entry._replace(at=entry.at + 0.2))]
        assert made(again, now + 1, training) == made(here, now + 1, training)


def test_a_change_at_the_time_of_the_one_before_counts() -> None:
    job = until(staged(), 200)
    last = made(job, 200, taught(12))
    job.append(Sample(job[-1].at, "in_progress", 60.0, "Draft"))
    assert made(job, 200, taught(12), before=last).course == made(job, 200, taught(12)).course


def test_learning_leaves_the_old_value_as_it_was() -> None:
    training = taught(8)
    job = until(staged(), 300)
    before = made(job, 301, training)
    learn(training, staged(9.0))
    assert made(job, 301, training) == before
    assert training.courses == taught(8).courses


def test_only_completed_jobs_whose_start_was_seen_are_learned_from() -> None:
    training, job = Training(), staged()
    assert learn(training, job[:-1]) is training
    assert learn(training, [*job[:-1], job[-1]._replace(status="failed")]) is training
    assert learn(training, job[40:]) is training
    assert learn(training, [job[-1]]) is training
    assert len(learn(training, job).courses) == 1


def test_the_last_seconds_of_a_job_of_a_minute_are_not_rounded_up() -> None:
    def job(seconds: int) -> list[Sample]:
        polls = range(0, seconds, 5)
        return [Sample(float(now), "in_progress", float(100 * now // seconds), "Writing") for now in polls]

    training = remember(
        [([*job(n), Sample(n + 2.5, "completed", 100.0, None)], "") for n in (55, 60, 65)] * 7
    )
    assert made(until(job(60), 50), 50.0, training).remaining == pytest.approx(10.0, abs=4.0)


def test_an_end_that_was_seen_late_counts_from_when_it_was() -> None:
    job = staged()
    late = [*job[:-1], job[-1]._replace(at=job[-1].at + 36000)]
    learned, in_time = (learn(Training(), samples, ended_at=job[-1].at) for samples in (late, job))
    assert learned.courses == in_time.courses


def total(samples: list[Sample]) -> float:
    course = learn(Training(), samples).courses[0]
    return course.last.at - course.reached[0]


def test_an_end_seen_by_a_poll_was_half_a_poll_earlier() -> None:
    polls = [Sample(5.0 * index, "in_progress", float(index), None) for index in range(40)]
    assert total([*polls, Sample(200.0, "completed", 100.0, None)]) == pytest.approx(197.5)
    assert total([*polls[:-1], Sample(195.5, "completed", 100.0, None)]) == pytest.approx(193.0)


def test_only_the_newest_finished_jobs_whose_start_was_seen_count() -> None:
    rng = Random(4)
    jobs = [(staged(rng.lognormvariate(0, 0.3)), "") for _ in range(200)]
    unseen = [(samples[100:], models) for samples, models in jobs]  # their start was not seen
    assert remember([*jobs, *jobs, *unseen]).courses == remember(jobs).courses
    assert len(remember(jobs).courses) == USED_JOBS


def test_neighbours_are_averaged_in_the_sample_of_a_position() -> None:
    found = fit(taught(USED_JOBS), Position(" queued", False, 0, 0), "")
    factors, dwell_shares, weights = zip(*found.points, strict=True)
    assert len(weights) == 20
    assert sum(weights) == pytest.approx(found.weight)
    assert list(factors) == sorted(factors)
    assert factors[0] < 0.7
    assert factors[-1] > 1.4
    assert all(0.01 < share < 0.1 for share in dwell_shares)


def test_a_position_is_fitted_once_until_another_job_has_finished() -> None:
    training, job = taught(5), staged()
    for _ in range(2):
        fit.cache_clear()
        for entry in (*job[1:-1], *job[1:-1]):
            forecast(until(job, entry.at), entry.at, training)
        assert fit.cache_info().misses == 100
        training = learn(training, job)


@pytest.mark.parametrize(
    ("times", "percents"),
    [((0, 5, 10), (0.0, nan, nan)), ((100, 101, 99), (0.0, 3.0, 6.0)), ((0, 5), (99.0, 100.0))],
    ids=["progress that is not a number", "samples out of order", "joined at 99 %"],
)
def test_odd_samples_get_a_forecast(times: Sequence[float], percents: Sequence[float]) -> None:
    samples = [
        Sample(at, "in_progress", percent, "Draft") for at, percent in zip(times, percents, strict=True)
    ]
    training = learn(_TAUGHT[3], [*samples, Sample(105.0, "completed", 100.0, None)])
    found = made(samples, 110.0, training)
    assert 110.0 <= found.low <= found.finish <= found.high


_samples = st.lists(
    st.tuples(
        st.integers(0, 5_000_000).map(lambda milliseconds: milliseconds / 1000),
        st.sampled_from(
            ["draft", "submitted", "queued", "in_progress", "in_progress", "in_progress", "paused"]
        ),
        st.one_of(st.none(), st.floats(0, 100), st.sampled_from([0.0, 90.0, 100.0])),
        st.sampled_from([None, "Outline", "Research", "Writing 3 of 12", "Unheard of"]),
    ),
    max_size=25,
)


@settings(max_examples=100, deadline=None)
@given(_samples, st.floats(0, 1e6), st.integers(0, 14), st.floats(0, 1e5))
def test_no_forecast_lies_in_the_past_or_out_of_order(
    raw: list[tuple[float, str, float | None, str | None]], ahead: float, jobs: int, pause: float
) -> None:
    samples = sorted((Sample(*entry) for entry in raw), key=lambda entry: entry.at)
    now = (samples[-1].at if samples else 0.0) + ahead
    training = learn(_TAUGHT[jobs], [*samples, Sample(now, "completed", 100.0, None)])
    found = forecast(samples, now, training)
    if found is None:
        return
    assert now <= found.low <= found.finish <= found.high
    later = forecast(samples, now + pause, training, previous=found)
    assert later is not None
    assert now + pause <= later.low <= later.finish <= later.high
    for finish in (now, now + 1e7):
        astray = forecast(samples, now - pause, training, previous=replace(found, finish=finish))
        assert astray is not None
        assert now - pause <= astray.low <= astray.finish <= astray.high
