"""How good past forecasts were: which method to trust, and how wide the range has to be.

Methods are mixed by their past errors in the same kind of situation, older errors fading (prediction with expert
advice; Cesa-Bianchi and Lugosi, Prediction, Learning, and Games, 2006). The range comes from the past errors of
the mixture itself, as shares of the spread forecast then (split conformal prediction with normalised scores; Vovk,
Gammerman and Shafer, Algorithmic Learning in a Random World, 2005; Lei and others 2018): if the last
hundred forecasts were too narrow, the next one is wider, whatever the reason.
"""

from bisect import insort
from dataclasses import dataclass
from typing import NamedTuple

from app.watch.forecast.candidates import BUCKETS, COUNT, Candidates

TAIL = 0.1
"""What lies below and above the range: it is an 80 % range."""

_FADE = 0.985
_SHARPNESS = 12.0
_FIRST_ERRORS = (0.45, 0.50, 0.52, 0.55)
_HALF = 0.15
_FIRST_WEIGHT = 3.0
_KEPT = 160
_ENOUGH = 40
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
        scores: The last scores, oldest first.
    """

    sums: tuple[float, ...] = (0.0,) * COUNT
    counts: tuple[float, ...] = (0.0,) * COUNT
    scores: tuple[float, ...] = ()

    def trust(self) -> tuple[float, ...]:
        """How much each method counts; not normalised."""
        return tuple(
            ((total + first * _FIRST_WEIGHT) / (count + _FIRST_WEIGHT) + 0.005) ** -_SHARPNESS
            for total, count, first in zip(self.sums, self.counts, _FIRST_ERRORS, strict=True)
        )

    def with_entry(self, entry: Entry) -> "Page":
        """This page and one more forecast."""
        sums = list(self.sums)
        counts = list(self.counts)
        # Methods are compared only where all of them answered: the hard cases are not left to one alone.
        if None not in entry.errors:
            for index, error in enumerate(entry.errors):
                if error is not None:
                    sums[index] = sums[index] * _FADE + error / (error + _HALF)
                    counts[index] = counts[index] * _FADE + 1.0
        return Page(tuple(sums), tuple(counts), (*self.scores[1 - _KEPT :], entry.score))


@dataclass(frozen=True, slots=True)
class Ledger:
    """A page for each kind of situation."""

    pages: tuple[Page, ...] = (Page(),) * BUCKETS

    def with_entries(self, entries: list[Entry]) -> "Ledger":
        """This ledger and more forecasts."""
        pages = list(self.pages)
        for entry in entries:
            pages[entry.bucket] = pages[entry.bucket].with_entry(entry)
        return Ledger(tuple(pages))

    def bounds(self, bucket: int) -> tuple[float, float]:
        """How many spreads below and above the middle the range reaches in one kind of situation."""
        scores = sorted(self.pages[bucket].scores)
        own = len(scores)
        if own < _ENOUGH:
            # Too few of its own: the newest of the other situations fill up, then the ones to start from.
            others = [score for page in self.pages for score in page.scores[-_ENOUGH // 4 :]]
            for score in others[: _ENOUGH - own]:
                insort(scores, score)
            if own < _ENOUGH // 4:
                for score in _FIRST_SCORES:
                    insort(scores, score)
        # The n+1 makes the range hold the next truth as often as it says, for any n (conformal prediction).
        high = min(int((1 - TAIL) * (len(scores) + 1)), len(scores) - 1)
        low = max(int(TAIL * (len(scores) + 1)) - 1, 0)
        return scores[low], scores[high]


def mix(found: Candidates, trust: tuple[float, ...]) -> float:
    """Logarithm of the seconds that remain, from all methods that know something; at least one does."""
    total = weights = 0.0
    for value, weight in zip(found.logs, trust, strict=True):
        if value is not None:
            total += value * weight
            weights += weight
    return total / weights
