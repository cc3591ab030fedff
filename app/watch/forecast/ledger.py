"""How good past forecasts were: which method to trust, and how wide the range has to be.

Methods are mixed by their past errors in the same kind of situation, older errors fading (prediction with expert
advice; Cesa-Bianchi and Lugosi, Prediction, Learning, and Games, 2006). The range comes from the past errors of
the mixture itself, as shares of the spread forecast then (split conformal prediction with normalised scores; Vovk,
Gammerman and Shafer, Algorithmic Learning in a Random World, 2005; Lei and others 2018): if the last
hundred forecasts were too narrow, the next one is wider, whatever the reason.
"""

from dataclasses import dataclass
from typing import NamedTuple

from app.watch.forecast.candidates import BUCKETS, COUNT, Candidates

TAIL = 0.1
"""What lies below and above the range: it is an 80 % range."""

_FADE = 0.985  # how much an error still counts when the next one is written
_SHARPNESS = 24.0  # methods are weighed by this power of their inverse mean errors
_OWN_SHARPNESS = 8.0  # the same for the errors on the job itself
_FLOOR = 0.15  # added to those, so that one lucky guess does not decide
_DOUBT = 0.4  # what the recent pace counts against the overall one in a job of one stage
_OTHER_STAGES = 0.001  # and in one that goes from stage to stage
_FIRST_ERRORS = (0.45, 0.46, 0.48, 0.48)  # each method's mean error, as believed before any was seen
_FIRST_WEIGHT = 3.0  # how many errors those count for
_LEAST_ERROR = 0.005  # added to every mean error, so that none is 0
_HALF = 0.2  # an error of the logarithm that counts 1/2; an infinite one would count 1
_KEPT = 80  # how many jobs' scores are kept ...
_FIRST_KEPT = 6  # ... and how many at first
_ENOUGH = 24  # so many jobs' scores are wanted for a range
# Scores to start from, heavier in the tails than the normal law, as forecasts without experience are.
_FIRST_SCORES = (-2.0, -1.4, -1.0, -0.6, -0.3, 0.0, 0.3, 0.6, 1.0, 1.5, 2.2)


class Entry(NamedTuple):
    """One past forecast, compared with the truth.

    Attributes:
        bucket: The kind of situation.
        errors: Absolute errors of the logarithm by method; None where a method knew nothing.
        score: Error of the mixture as a share of its spread: positive if it took longer.
    """

    bucket: int
    errors: tuple[float | None, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Page:
    """What is known of one kind of situation.

    Attributes:
        sums: Faded sums of the errors by method.
        counts: Faded numbers of them.
        scores: Those of the last jobs, job by job, oldest first: forecasts of one job err alike, so that many of
            them are no substitute for many jobs. The first ones, made with next to no experience, go early.
        jobs: How many jobs ever wrote here.
    """

    sums: tuple[float, ...] = (0.0,) * COUNT
    counts: tuple[float, ...] = (0.0,) * COUNT
    scores: tuple[tuple[float, ...], ...] = ()
    jobs: int = 0

    def with_job(self, entries: list[Entry]) -> "Page":
        """This page and the forecasts of one more job."""
        sums = list(self.sums)
        counts = list(self.counts)
        for entry in entries:
            # Methods are compared only where all of them answered: the hard cases are not left to one alone.
            if None not in entry.errors:
                for index, error in enumerate(entry.errors):
                    if error is not None:
                        sums[index] = sums[index] * _FADE + error / (error + _HALF)
                        counts[index] = counts[index] * _FADE + 1.0
        jobs = self.jobs + 1
        kept = min(_FIRST_KEPT + 2 * jobs // 3, _KEPT)
        scores = (*self.scores[1 - kept :], tuple(entry.score for entry in entries))
        return Page(tuple(sums), tuple(counts), scores, jobs)


@dataclass(frozen=True, slots=True)
class Ledger:
    """A page for each kind of situation."""

    pages: tuple[Page, ...] = (Page(),) * BUCKETS

    def with_job(self, entries: list[Entry]) -> "Ledger":
        """This ledger and the forecasts of one more job."""
        pages = list(self.pages)
        for bucket in {entry.bucket for entry in entries}:
            pages[bucket] = pages[bucket].with_job([entry for entry in entries if entry.bucket == bucket])
        return Ledger(tuple(pages))

    def trust(self, bucket: int) -> tuple[float, ...]:
        """How much each method counts in one kind of situation, its neighbours lending half; not normalised."""
        sums = [error * _FIRST_WEIGHT for error in _FIRST_ERRORS]
        counts = [_FIRST_WEIGHT] * COUNT
        for other, weight in ((bucket, 1.0), *((other, 0.5) for other in _neighbours(bucket))):
            page = self.pages[other]
            for index in range(COUNT):
                sums[index] += weight * page.sums[index]
                counts[index] += weight * page.counts[index]
        return tuple(
            (error / count + _LEAST_ERROR) ** -_SHARPNESS for error, count in zip(sums, counts, strict=True)
        )

    def bounds(self, bucket: int) -> tuple[float, float]:
        """How many spreads below and above the middle the range reaches in one kind of situation."""
        jobs = list(self.pages[bucket].scores)
        own = len(jobs)
        # Too few of its own: the newest of its neighbours fill up, then those of all, then the ones to start from.
        for others in (_neighbours(bucket), range(BUCKETS)):
            if others and len(jobs) < _ENOUGH:
                share = (_ENOUGH - len(jobs)) // len(others) + 1
                jobs.extend(job for other in others for job in self.pages[other].scores[-share:])
        scores = [score for job in jobs for score in job]
        if own < _ENOUGH // 4:
            scores.extend(_FIRST_SCORES)
        scores.sort()
        # A range made of few jobs has to reach a little beyond them to hold the next one as often as it says
        # (conformal prediction counts one job more; half a one is nearer as each brings several scores).
        count = len(jobs) or _FIRST_KEPT
        level = min((1 - TAIL) * (count + 0.5) / count, 1.0)
        high = min(int(level * len(scores)), len(scores) - 1)
        low = len(scores) - 1 - high
        return scores[low], scores[high]


def _neighbours(bucket: int) -> tuple[int, ...]:
    """The situations most like one: those a step before and after; waiting and standing still have none."""
    if bucket in (0, BUCKETS - 1):
        return ()
    return tuple(other for other in (bucket - 1, bucket + 1) if 0 < other < BUCKETS - 1)


def mix(found: Candidates, trust: tuple[float, ...]) -> float:
    """Logarithm of the seconds that remain, from all methods that know something; at least one does.

    Without finished jobs, the methods are weighed by how they did on the job itself so far.
    """
    total = weights = 0.0
    steady, recent = (
        (error + _FLOOR) ** (-_OWN_SHARPNESS * found.alone) for error in (found.own.overall, found.own.recent)
    )
    # A pace of late has to prove itself; and after a slow stage there often comes a fast one.
    recent *= (_DOUBT if found.own.uniform else _OTHER_STAGES) ** found.alone
    for value, weight, own in zip(found.logs, trust, (steady, steady, recent, recent), strict=True):
        if value is not None:
            total += value * weight * own
            weights += weight * own
    return total / weights
