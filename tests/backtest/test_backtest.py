"""A small backtest: coarse properties that should hold with any seed."""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from math import exp, log
from pathlib import Path
from random import Random
from statistics import fmean
from unittest.mock import Mock
from xml.etree import ElementTree

import pytest

from app.watch.forecast.course import phase_of
from app.watch.forecast.estimate import forecast
from app.watch.forecast.stall import stalled_since
from app.watch.forecast.training import Training, remember
from app.watch.history import Sample
from tests.backtest import trial
from tests.backtest.__main__ import main
from tests.backtest.families import FAMILIES, Piece, simulated_jobs
from tests.backtest.trial import MARKS, Outcome, mean_of_medians, poll_to_end, run_family

SEEDS = (7,)
POLL_SECONDS_OF_LONG_JOBS = {"half a day": 60.0, "staged for hours": 60.0}
"""Instead of 5 s, which would take long to test."""


@cache
def outcome_of(family: str, finished: int, jobs: int = 20) -> Outcome:
    return run_family(family, SEEDS, finished, jobs)


@pytest.mark.parametrize("family", ["staged", "doubled model", "silent at 99", "slow start", "nameless"])
def test_after_20_jobs_the_error_is_below_70_percent_of_that_of_the_straight_line(family: str) -> None:
    found = outcome_of(family, 20)
    line = mean_of_medians(found.line_errors)
    assert found.error is not None
    assert line is not None
    assert found.error < 0.7 * line


def excess_of_one(family: str, jobs: int) -> float:
    """The mean log error after one finished job, less what is allowed: that after none, plus 2 % or 0.002.

    Each job is forecast at five marks, after none and after each of three others.
    """
    # 48 more jobs at the end, since those that hang are left out, and families may change halfway.
    healthy = [job for job in simulated_jobs(family, 9, 48 + jobs + 48) if job.hangs_at is None]
    finished = [remember([(poll_to_end(job), job.models)]) for job in healthy[:48]]
    errors: tuple[list[float], list[float]] = ([], [])
    for number, job in enumerate(healthy[48 : 48 + jobs]):
        samples = [sample for sample in poll_to_end(job) if sample.at >= job.seen_from]
        for now in (mark * job.total for mark in MARKS):
            seen = [sample for sample in samples if sample.at <= now]
            if forecast(seen, now, Training(), models=job.models) is None:
                continue
            for found, trainings in zip(errors, ([Training()], finished[number % 16 :: 16]), strict=True):
                for training in trainings:
                    made = forecast(seen, now, training, models=job.models)
                    assert made is not None
                    found.append(abs(log(made.remaining / (job.total - now))))
    with_none, with_one = map(fmean, errors)
    return with_one - max(with_none + 0.002, 1.02 * with_none)


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "stages alone"])
def test_forecasts_after_one_finished_job_are_no_worse_than_after_none(family: str) -> None:
    """*stages alone* has no forecasts after none."""
    assert excess_of_one(family, 24) < 0


def drifting_pace(rng: Random, models: str, when: float) -> list[Piece]:
    pace, pieces = 0.0, []
    for percent in range(0, 100, 2):
        pace = 0.95 * pace + rng.gauss(0, 0.25)
        pieces.append(Piece("in_progress", "Writing", percent, percent + 2, 18 * exp(pace)))
    return pieces


def leaps_of_ten(rng: Random, models: str, when: float) -> list[Piece]:
    seconds = rng.lognormvariate(0, 0.4) * 90
    return [
        Piece("in_progress", "Writing", percent, percent, seconds * rng.lognormvariate(0, 0.15))
        for percent in range(0, 100, 10)
    ]


def leaps_of_a_quarter(rng: Random, models: str, when: float) -> list[Piece]:
    return [
        Piece("in_progress", "Writing", percent, percent, 400 * rng.lognormvariate(0, 0.4))
        for percent in range(0, 100, 25)
    ]


@pytest.mark.parametrize("pieces", [drifting_pace, leaps_of_ten, leaps_of_a_quarter])
def test_forecasts_after_one_finished_job_are_no_worse_where_the_pace_is_chance(
    pieces: Callable[[Random, str, float], list[Piece]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FAMILIES, "chance", pieces)
    assert excess_of_one("chance", 150) < 0


@pytest.mark.parametrize("family", FAMILIES)
def test_times_appear_at_most_twice_ends_are_seen_soon_and_ranges_hold(
    family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "POLL_SECONDS", POLL_SECONDS_OF_LONG_JOBS.get(family, trial.POLL_SECONDS))
    for finished in (0, 20):
        found = outcome_of(family, finished, 4 if family == "half a day" else 8)
        assert max(found.changes) <= 4, "a time appears and disappears at most twice"
        assert fmean(found.late) < 30
        assert finished == 0 or fmean(found.in_range) > 0.5


@pytest.mark.parametrize("finished", [0, 1, 3, 20])
def test_the_range_of_a_job_joined_late_is_wide_enough(finished: int) -> None:
    assert fmean(outcome_of("joined late", finished, 40).in_range) >= 0.7


@pytest.mark.parametrize("finished", [1, 3])
def test_the_range_is_wide_enough_where_few_jobs_are_known_and_steps_are_uneven(finished: int) -> None:
    assert fmean(outcome_of("bursts", finished, 40).in_range) >= 0.65


def test_hanging_jobs_are_marked_as_stalled_and_healthy_ones_are_not() -> None:
    found = outcome_of("hangs", 20, 60)
    assert len(found.found) > 5
    assert all(found.found)
    assert fmean(found.marked) <= 0.05


def longest_quiet(samples: Sequence[Sample]) -> float:
    """The longest time for which a running job did not change."""
    changes = [(one, other) for one, other in pairwise(samples) if one.status == "in_progress"]
    return max((other.at - one.at for one, other in changes), default=0.0)


@pytest.mark.parametrize("finished", [0, 1, 3, 20])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_job_that_stops_at_any_moment_is_marked_within_twice_the_usual_time_or_an_hour(
    family: str, finished: int
) -> None:
    healthy = [job for job in simulated_jobs(family, 5, 60) if job.hangs_at is None]
    poll = POLL_SECONDS_OF_LONG_JOBS.get(family, trial.POLL_SECONDS)
    histories = [(poll_to_end(job, poll=poll), job.models) for job in healthy[:40]]
    training = remember(histories[:finished])
    usual = max((longest_quiet(samples) for samples, _ in histories[:finished]), default=0.0)
    rng = Random(family)
    for samples, models in histories[20:]:
        running = [number for number, sample in enumerate(samples) if sample.status == "in_progress"]
        seen = samples[: rng.choice(running) + 1]
        known = sum(phase_of(seen[-1]) in course.phases for course in training.courses) >= 15
        limit = max(2 * max(usual, longest_quiet(seen)), 120.0 if known else 3600.0)
        assert stalled_since(seen, seen[-1].at + limit + 1, training, models=models) == seen[-1].at


@pytest.mark.parametrize("family", ["silent at 99", "slow start", "unknown"])
@pytest.mark.parametrize("finished", [0, 3])
def test_few_healthy_jobs_are_marked_as_stalled_while_little_is_known(family: str, finished: int) -> None:
    assert fmean(outcome_of(family, finished).marked) <= 0.1


def test_if_fewer_jobs_have_finished_than_asked_for_forecasts_are_based_on_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, finished = trial._population("hangs", SEEDS[0], 1)
    assert len(finished) < trial.TRAINING_JOBS
    remembered = Mock(return_value=remember(finished))
    monkeypatch.setattr(trial, "remember", remembered)
    run_family("hangs", SEEDS, trial.TRAINING_JOBS, 1)
    remembered.assert_called_once_with(finished)


def test_the_same_seed_gives_the_same_figures() -> None:
    first = run_family("staged", SEEDS, 3, 4)
    trial._population.cache_clear()
    assert run_family("staged", SEEDS, 3, 4) == first != run_family("staged", (8,), 3, 4)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_simulated_job_is_first_queued_and_completes_unless_it_hangs(family: str) -> None:
    for job in simulated_jobs(family, 7, 10):
        samples = [job.sample(job.total * step / 100) for step in range(102)]
        assert samples[0].status == "queued"
        assert samples[-1].status == ("completed" if job.hangs_at is None else "in_progress")
        assert all(one.progress is None or 0 <= one.progress <= 100 for one in samples)


def test_the_command_writes_tables_and_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    families = ["--families", "jump 0 to 90,steady"]
    assert main(["--jobs", "3", "--seeds", "1", *families, "--out", str(tmp_path)]) == 0
    table = (tmp_path / "backtest.md").read_text(encoding="utf-8")
    assert table.strip() in capsys.readouterr().out
    assert "| steady |" in table
    root = ElementTree.fromstring((tmp_path / "backtest.svg").read_text(encoding="utf-8"))
    assert root.tag.endswith("svg")


def test_an_unknown_family_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--families", "sideways"])
    assert "no family 'sideways'" in capsys.readouterr().err
