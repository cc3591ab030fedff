"""Whether a job has not changed for unusually long."""

import pytest

from app.watch.forecast.estimate import forecast
from app.watch.forecast.stall import (
    FEW_SECONDS,
    MAX_UNKNOWN_SECONDS,
    UNKNOWN_SECONDS,
    stalled_since,
)
from app.watch.forecast.training import Training, learn, remember
from app.watch.history import Sample
from tests.unit.test_forecast_estimate import staged, taught, until


def test_a_job_that_moves_is_not_stalled() -> None:
    job, training = staged(), taught(20)
    for now in range(0, int(job[-1].at), 5):
        assert stalled_since(until(job, now), now, training) is None


def test_a_job_that_stops_is_stalled_since_its_last_change_but_not_within_two_minutes() -> None:
    training = taught(20)
    job = until(staged(), 200)
    assert stalled_since(job, job[-1].at + 120, training) is None
    assert stalled_since(job, job[-1].at + 121, training) == job[-1].at


def test_each_stage_has_its_own_limit() -> None:
    training = Training()
    for index in range(20):
        length = 500.0 + 5 * index
        training = learn(
            training,
            [
                Sample(0, "in_progress", 0.0, "Outline"),
                Sample(10, "in_progress", 5.0, "Deep research"),
                Sample(10 + length, "in_progress", 90.0, "Saving"),
                Sample(20 + length, "completed", 100.0, None),
            ],
        )
    quiet = [Sample(0, "in_progress", 0.0, "Outline"), Sample(10, "in_progress", 5.0, "Deep research")]
    assert stalled_since(quiet, 10 + 590, training) is None
    assert stalled_since(quiet, 10 + 1200, training) == 10
    saving = [*quiet, Sample(510, "in_progress", 90.0, "Saving")]
    assert stalled_since(saving, 510 + 200, training) == 510


@pytest.mark.parametrize(("longest", "marked"), [(800.0, False), (1000.0, True)])
def test_a_quiet_time_over_three_times_the_usual_one_does_not_raise_the_limit(
    longest: float, marked: bool
) -> None:
    def job(quiet: float) -> list[Sample]:
        ends = [Sample(quiet, "in_progress", 50.0, "Writing"), Sample(quiet + 10, "completed", 100.0, None)]
        return [Sample(0.0, "in_progress", 0.0, "Writing"), *ends]

    training = remember([(job(300.0), "")] * 19 + [(job(longest), "")])
    since = stalled_since(job(300.0)[:1], 800.0, training)
    assert since == (0.0 if marked else None)


def test_the_course_of_a_forecast_does_not_change_the_limit() -> None:
    for training in (Training(), taught(3), taught(20)):
        job = until(staged(), 200)
        found = forecast(job, 200.0, training)
        assert found is not None
        times = range(200, 8000, 10)
        marks = [stalled_since(job, now, training) for now in times]
        assert marks == [stalled_since(job, now, training, course=found.course) for now in times]
        assert None in marks
        assert job[-1].at in marks


def test_a_stage_that_began_after_the_clock_was_set_back_can_stall() -> None:
    training = taught(20)
    before = forecast([Sample(9000, "in_progress", 3.0, "Deep research")], 9000, training)
    shifted = [
        Sample(99, "in_progress", 3.0, "Deep research"),
        Sample(100, "in_progress", 40.0, "Unheard of"),
    ]
    for now, shown in ((100, True), (100 + UNKNOWN_SECONDS * 5, False)):
        found = forecast(shifted, now, training, previous=before)
        assert found is not None
        assert found.course.position.percent == 40
        assert found.shown is shown
    assert before is not None
    assert stalled_since(shifted, 100 + UNKNOWN_SECONDS * 5, training, course=before.course) == 100


def test_a_job_is_not_stalled_at_the_lowest_limit() -> None:
    job = until(staged(), 200)
    assert stalled_since(job, job[-1].at + UNKNOWN_SECONDS, Training()) is None
    assert stalled_since(job, job[-1].at + FEW_SECONDS, taught(1)) is None


def test_an_update_without_progress_counts_as_a_change() -> None:
    training = taught(20)
    job = until(staged(), 200)
    now = job[-1].at + 500
    assert stalled_since(job, now, training, updated_at=now - 10) is None
    assert stalled_since(job, now, training, updated_at=job[-1].at + 20) == job[-1].at + 20
    assert stalled_since(job, now, training, updated_at=job[-1].at - 999) == job[-1].at


def test_a_server_clock_that_is_ahead_only_delays_a_stall() -> None:
    training = taught(20)
    job = until(staged(), 200)
    ahead = job[-1].at + 300
    assert stalled_since(job, ahead - 1, training, updated_at=ahead) is None
    assert stalled_since(job, ahead + 500, training, updated_at=ahead) == ahead


def test_without_history_the_limit_is_50_minutes_or_15_after_a_change() -> None:
    job = [Sample(0, "in_progress", 3.0, "Writing")]
    assert stalled_since(job, MAX_UNKNOWN_SECONDS, Training()) is None
    assert stalled_since(job, MAX_UNKNOWN_SECONDS + 1, Training()) == 0
    job.append(Sample(20, "in_progress", 4.0, "Writing"))
    assert stalled_since(job, 20 + UNKNOWN_SECONDS, Training()) is None
    assert stalled_since(job, 21 + UNKNOWN_SECONDS, Training()) == 20


def test_without_history_a_silence_may_be_twice_as_long_as_the_job_has_run() -> None:
    job = [Sample(30.0 * percent, "in_progress", float(percent), "Writing") for percent in range(41)]
    assert stalled_since(job, 1200 + 2400, Training()) is None
    assert stalled_since(job, 1200 + 2401, Training()) == 1200
    slow = [sample._replace(at=4 * sample.at) for sample in job]
    assert stalled_since(slow, 4800 + MAX_UNKNOWN_SECONDS + 1, Training()) == 4800, "at most 50 minutes"


def test_a_hang_is_marked_within_an_hour_where_long_silences_are_usual() -> None:
    silent = [Sample(0, "in_progress", 3.0, "Writing"), Sample(3000, "in_progress", 4.0, "Writing")]
    training = remember([([*silent, Sample(3010, "completed", 100.0, None)], "")] * 20)
    assert stalled_since(silent[:1], 3600, training) is None
    assert stalled_since(silent[:1], 3601, training) == 0


def test_without_history_the_limit_is_at_least_twice_the_longest_quiet_time_of_the_job_itself() -> None:
    job = [Sample(0, "in_progress", 3.0, "Writing"), Sample(2000, "in_progress", 4.0, "Writing")]
    assert stalled_since(job, 2000 + 4000, Training()) is None
    assert stalled_since(job, 2000 + 4001, Training()) == 2000


@pytest.mark.parametrize("finished", [1, 3, 20])
def test_a_hang_is_marked_within_an_hour_where_silences_of_half_an_hour_are_usual(finished: int) -> None:
    silent = [Sample(0, "in_progress", 3.0, "Writing"), Sample(1800, "in_progress", 4.0, "Writing")]
    training = remember([([*silent, Sample(1810, "completed", 100.0, None)], "")] * finished)
    assert stalled_since(silent[:1], 2700, training) is None
    assert stalled_since(silent[:1], 3601, training) == 0


def test_a_job_in_a_stage_that_was_usually_quicker_is_not_marked_while_few_are_known() -> None:
    def job(pause: float) -> list[Sample]:
        research = [Sample(120.0 * p, "in_progress", float(p), "Research") for p in range(20)]
        pauses = [Sample(2280 + pause * p, "in_progress", 20.0 + p, "Writing") for p in range(80)]
        return [*research, *pauses, Sample(2280 + 80 * pause, "completed", 100.0, None)]

    here = until(job(10.0), 2400)
    for finished, stalled in ((14, None), (15, here[-1].at)):
        training = remember([(job(10.0), "")] * finished)
        assert stalled_since(here, here[-1].at + 300, training) == stalled


def test_stages_whose_names_differ_only_in_digits_are_one_stage() -> None:
    chapter = [Sample(0, "in_progress", 3.0, "Chapter 1"), Sample(3000, "in_progress", 4.0, "Chapter 1")]
    training = remember([([*chapter, Sample(3010, "completed", 100.0, None)], "")] * 20)
    assert stalled_since([Sample(0, "in_progress", 3.0, "Chapter 2")], 3600, training) is None


def test_with_few_finished_jobs_the_limit_follows_the_longest_quiet_time_in_any_stage() -> None:
    def job(pause: float) -> list[Sample]:
        research = [Sample(10.0 * p, "in_progress", float(p), "Research") for p in range(20)]
        pauses = [Sample(190 + pause + 10.0 * p, "in_progress", 20.0 + p, "Writing") for p in range(80)]
        return [*research, *pauses, Sample(990 + pause, "completed", 100.0, None)]

    for pause, limit in ((60.0, FEW_SECONDS), (400.0, 1200.0)):
        training, here = learn(Training(), job(pause)), until(job(60.0), 400)
        assert stalled_since(here, here[-1].at + limit, training) is None
        assert stalled_since(here, here[-1].at + limit + 1, training) == here[-1].at


@pytest.mark.parametrize("status", ["draft", "queued", "paused", "completed", "failed"])
def test_only_running_jobs_stall(status: str) -> None:
    assert stalled_since([Sample(0, status, None, None)], 1e6, taught(6)) is None


def test_one_stall_that_ended_well_does_not_raise_the_limit() -> None:
    training = taught(20)
    job = staged()
    paused = [entry if entry.at < 200 else entry._replace(at=entry.at + 3000) for entry in job]
    training = learn(training, paused)
    here = until(job, 200)
    assert stalled_since(here, here[-1].at + 300, training) == here[-1].at


def test_waits_that_many_jobs_have_raise_the_limit() -> None:
    training, job = taught(20), staged()
    paused = [entry if entry.at < 200 else entry._replace(at=entry.at + 300) for entry in job]
    for _ in range(15):
        training = learn(training, paused)
    here = until(job, 200)
    assert stalled_since(here, here[-1].at + 300, training) is None
    assert stalled_since(here, here[-1].at + 3000, training) == here[-1].at


def test_the_limit_is_at_least_twice_the_longest_quiet_time_of_the_job_itself() -> None:
    job = [Sample(0, "in_progress", 10.0, "Research"), Sample(400, "in_progress", 11.0, "Research")]
    assert stalled_since(job, 400 + 800, taught(20)) is None
    assert stalled_since(job, 400 + 801, taught(20)) == 400


def test_from_15_finished_jobs_with_the_same_models_on_only_those_count() -> None:
    def job(quiet: float) -> list[Sample]:
        samples = [Sample(0, "in_progress", 3.0, "Writing"), Sample(quiet, "in_progress", 4.0, "Writing")]
        return [*samples, Sample(quiet + 10, "completed", 100.0, None)]

    for finished, stalled in ((14, None), (15, 0)):
        training = remember([(job(100.0), "fast"), (job(1000.0), "slow")] * finished)
        assert stalled_since(job(100.0)[:1], 300, training, models="fast") == stalled
        assert stalled_since(job(100.0)[:1], 300, training, models="slow") is None


def test_few_finished_jobs_make_the_limit_longer() -> None:
    def silent_for(seconds: float) -> list[Sample]:
        samples = [
            Sample(0, "in_progress", 0.0, "Research"),
            Sample(seconds, "in_progress", 90.0, "Research"),
        ]
        return [*samples, Sample(seconds + 20, "completed", 100.0, None)]

    few, many = Training(), Training()
    for number in range(20):
        many = learn(many, silent_for(600.0 + number))
        few = few if number else learn(few, silent_for(600.0))
    here = silent_for(600.0)[:1]
    assert stalled_since(here, 1700, few) is None
    assert stalled_since(here, 1900, few) == 0
    assert stalled_since(here, 1300, many) == 0
