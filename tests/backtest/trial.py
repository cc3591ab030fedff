"""Forecast the jobs of a family after others of the same family have finished, and measure the errors."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from random import Random
from statistics import fmean, median

from app.watch.forecast.estimate import forecast
from app.watch.forecast.pacing import next_poll
from app.watch.forecast.stall import stalled_since
from app.watch.forecast.training import Training, remember
from app.watch.history import Sample
from tests.backtest.families import SimulatedJob, simulated_jobs

POLL_SECONDS = 5.0
MARKS = (0.10, 0.25, 0.50, 0.75, 0.90)
TRAINING_JOBS = 160


@dataclass(slots=True)
class Outcome:
    """The results of one family. Errors are shares of the time that actually remained, by mark."""

    errors: dict[float, list[float]] = field(default_factory=dict)
    line_errors: dict[float, list[float]] = field(default_factory=dict)  # of the straight line
    in_range: list[bool] = field(default_factory=list)  # whether the range held the actual time, at each mark
    shown: list[bool] = field(default_factory=list)  # whether a time was shown, at each mark
    changes: list[int] = field(default_factory=list)  # how often a job's time appeared or disappeared
    jitter: list[float] = field(default_factory=list)  # mean move of the finish per poll, over the job's time
    marked: list[bool] = field(default_factory=list)  # whether a healthy job was ever marked as stalled
    found: list[bool] = field(default_factory=list)  # whether a hang was marked in time
    requests: list[float] = field(default_factory=list)  # number of polls over that of polling every 5 s
    late: list[float] = field(default_factory=list)  # seconds from the end until it was seen

    @property
    def error(self) -> float | None:
        """The error of the forecasts, in percent; None without any."""
        return mean_of_medians(self.errors)


def mean_of_medians(errors: dict[float, list[float]]) -> float | None:
    """Mean over the marks of the median error, in percent; None without any."""
    return 100 * fmean(median(errors[mark]) for mark in MARKS if mark in errors) if errors else None


def run_family(family: str, seeds: Sequence[int], finished: int, jobs: int) -> Outcome:
    """Forecast and poll the jobs of a family, for each seed, after `finished` others have finished."""
    outcome = Outcome()
    for seed in seeds:
        rng = Random(seed)
        watched_jobs, history = _population(family, seed, jobs)
        training = remember(history[max(len(history) - finished, 0) :])
        for number, job in enumerate(watched_jobs):
            if 0 < finished <= 3:  # others for each job, so that chance does not decide
                first = number * finished % (len(history) - finished)
                training = remember(history[first : first + finished])
            _forecast_at_marks(job, training, outcome)
            if job.hangs_at is None:
                _poll_as_paced(job, training, rng, outcome)
    return outcome


@cache
def _population(
    family: str, seed: int, jobs: int
) -> tuple[list[SimulatedJob], list[tuple[list[Sample], str]]]:
    """The jobs to watch, and the samples and models of those that finished before."""
    simulated = list(simulated_jobs(family, seed, TRAINING_JOBS + jobs))
    history = [
        (poll_to_end(job, 1e9 + 7919.3 * number), job.models)
        for number, job in enumerate(simulated[:TRAINING_JOBS])
        if job.hangs_at is None
    ]
    return simulated[TRAINING_JOBS:], history


def poll_to_end(job: SimulatedJob, start: float = 0.0, poll: float = POLL_SECONDS) -> list[Sample]:
    """What is seen of a job that is polled at a fixed interval until it ends."""
    samples: list[Sample] = []
    now = 0.0
    while not samples or samples[-1].status != "completed":
        _see(samples, job.sample(now))
        now += poll
    return [sample._replace(at=sample.at + start) for sample in samples]


def _see(samples: list[Sample], new: Sample) -> None:
    if not samples or samples[-1][1:] != new[1:]:
        samples.append(new)


def _forecast_at_marks(job: SimulatedJob, training: Training, outcome: Outcome) -> None:
    """Poll a job every 5 s, and note its forecasts at the marks.

    A job that hangs must be marked as stalled within twice the longest time that a finished job went without a change, or
    within two minutes if that is more, and two polls.
    """
    samples: list[Sample] = []
    last = stalled = began = None
    marks, moved = [mark for mark in MARKS if mark * job.total >= job.seen_from], []
    longest = max((p.longest_quiet for one in training.courses for p in one.phases.values()), default=0.0)
    now = job.seen_from
    end = job.total if job.hangs_at is None else job.hangs_at + max(2 * longest, 120.0) + 2 * POLL_SECONDS
    while now < end:
        _see(samples, new := job.sample(now))
        found = forecast(samples, now, training, models=job.models, previous=last)
        if began is None and new.status == "in_progress":
            began = now
        course = found.course if found else None
        stalled = stalled or stalled_since(samples, now, training, models=job.models, course=course)
        if found is not None and last is not None:
            moved.append(abs(found.finish - last.finish) / job.total)
        while marks and now >= marks[0] * job.total and job.hangs_at is None:
            mark, truth = marks.pop(0), job.total - now
            if found is not None:
                outcome.errors.setdefault(mark, []).append(abs(found.remaining - truth) / max(truth, 1.0))
                outcome.in_range.append(found.low <= job.total <= found.high)
                outcome.shown.append(found.shown)
            if began is not None and new.progress and now > began:
                line = (now - began) * (100 - new.progress) / new.progress
                outcome.line_errors.setdefault(mark, []).append(abs(line - truth) / max(truth, 1.0))
        last = found
        now += POLL_SECONDS
    if job.hangs_at is not None:
        outcome.found.append(stalled is not None)
        return
    outcome.marked.append(stalled is not None)
    outcome.changes.append(0 if last is None else last.changes)
    if moved:
        outcome.jitter.append(fmean(moved))


def _poll_as_paced(job: SimulatedJob, training: Training, rng: Random, outcome: Outcome) -> None:
    """Poll a job at the pauses that its forecasts set, and note how late its end is seen."""
    samples: list[Sample] = []
    last, polls, now = None, 0, job.seen_from
    while True:
        _see(samples, new := job.sample(now))
        polls += 1
        last = forecast(samples, now, training, models=job.models, previous=last)
        pause = next_poll(new.status, now, last, spread=rng.random())
        if pause is None:
            break
        now += pause
    outcome.requests.append(polls / ((job.total - job.seen_from) / POLL_SECONDS + 1))
    outcome.late.append(now - job.total)
