"""Families of simulated jobs that forecasts are tested on, each a function of a seed.

A job is a sequence of pieces, each with even progress. A poll sees progress rounded down to whole percent, or to the
decimals in `_DIGITS`.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import floor
from random import Random
from typing import NamedTuple

from app.watch.history import Sample

MODELS = ("atlas", "birch")


class Piece(NamedTuple):
    """A part of a job: its status and stage, progress at its beginning and end, and how many seconds it takes."""

    status: str
    stage: str | None
    low: float | None
    high: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class SimulatedJob:
    """One simulated job. Times are in seconds from its beginning."""

    models: str
    pieces: tuple[Piece, ...]
    ends: tuple[float, ...]  # the end of each piece
    digits: int  # decimals of the progress that a poll sees; -1 for tens
    hangs_at: float | None  # when it stops; None for a job that ends
    seen_from: float  # when it is first polled

    @property
    def total(self) -> float:
        """Seconds from its beginning to its end; of a job that hangs, had it not."""
        return self.ends[-1]

    def sample(self, now: float) -> Sample:
        """What a poll sees `now` seconds after its beginning."""
        at = now if self.hangs_at is None else min(now, self.hangs_at)
        if at >= self.ends[-1]:
            return Sample(now, "completed", 100.0, None)
        index = bisect_right(self.ends, at)
        piece = self.pieces[index]
        if piece.low is None or piece.high is None:
            return Sample(now, piece.status, None, piece.stage)
        done = 1 - (self.ends[index] - at) / piece.seconds
        scale = 10**self.digits
        progress = floor((piece.low + (piece.high - piece.low) * done) * scale + 1e-9) / scale
        return Sample(now, piece.status, progress, piece.stage)


def simulated_jobs(family: str, seed: int, jobs: int) -> Iterator[SimulatedJob]:
    """The jobs of a family, in the order in which they run."""
    rng = Random(f"{family}/{seed}")
    for number in range(jobs):
        models = rng.choice(MODELS)
        pieces = FAMILIES[family](rng, models, number / jobs)
        kept = tuple(piece for piece in pieces if piece.seconds > 0)
        ends = tuple(accumulate(piece.seconds for piece in kept))
        hangs = family == "hangs" and rng.random() < 0.2  # one in five stops forever
        hangs_at = rng.uniform(ends[0] + 1, ends[-1] - 1) if hangs else None
        seen_from = rng.uniform(0.3, 0.7) * ends[-1] if family == "joined late" else 0.0
        yield SimulatedJob(models, kept, ends, _DIGITS.get(family, 0), hangs_at, seen_from)


def _size(rng: Random, models: str, median: float = 900.0, sigma: float = 0.4) -> float:
    """A job's length in seconds: log-normal, and half as long again with one of the models."""
    return median * rng.lognormvariate(0, sigma) * (1.5 if models == "birch" else 1.0)


def _queue(rng: Random, median: float = 15.0, sigma: float = 0.5) -> list[Piece]:
    return [Piece("queued", None, None, None, rng.lognormvariate(0, sigma) * median)]


def _run(stage: str, low: float, high: float, seconds: float) -> Piece:
    return Piece("in_progress", stage, low, high, seconds)


_STAGES = (  # the name, the points, and the share of the time
    ("Outline", 5.0, 0.02),
    ("Research", 30.0, 0.45),
    ("Draft", 40.0, 0.12),
    ("Review", 15.0, 0.36),
    ("Format", 10.0, 0.05),
)


def _staged_run(
    rng: Random, seconds: float, sigma: float = 0.2, stages: Sequence[tuple[str, float, float]] = _STAGES
) -> list[Piece]:
    """Five stages; a point of the slowest takes eight times as long as one of the fastest."""
    pieces, low = [], 0.0
    for name, points, share in stages:
        pieces.append(_run(name, low, low + points, seconds * share * rng.lognormvariate(0, sigma)))
        low += points
    return pieces


def _uneven(rng: Random, pieces: list[Piece], noise: float) -> list[Piece]:
    """The same pieces, cut into parts of two points of different speeds."""
    cut = []
    for piece in pieces:
        low, high = piece.low or 0.0, piece.high or 0.0
        parts = max(int((high - low) / 2), 1)
        step = (high - low) / parts
        for part in range(parts):
            seconds = piece.seconds / parts * rng.lognormvariate(0, noise)
            cut.append(piece._replace(low=low + part * step, high=low + (part + 1) * step, seconds=seconds))
    return cut


def _two_speeds(rng: Random, models: str, before: float, after: float) -> list[Piece]:
    """One stage, with a change of speed at 10 to 80 %; speeds are in percent of the usual one."""
    size, mark = _size(rng, models), rng.uniform(10, 80)
    pieces = [
        _run("Writing", 0, mark, size * mark / before),
        _run("Writing", mark, 100, size * (100 - mark) / after),
    ]
    return _queue(rng) + _uneven(rng, pieces, 0.15)


def _steady(rng: Random, models: str, when: float) -> list[Piece]:
    run = _uneven(rng, [_run("Writing", 0, 100, _size(rng, models))], 0.1)
    return _queue(rng) + run


def _staged(rng: Random, models: str, when: float) -> list[Piece]:
    return _queue(rng) + _uneven(rng, _staged_run(rng, _size(rng, models)), 0.2)


def _staged_slow(rng: Random, models: str, when: float) -> list[Piece]:
    """Hours long, and progress with two decimals."""
    return _queue(rng, 60) + _uneven(rng, _staged_run(rng, _size(rng, models, 3000, 0.5), 0.35), 0.3)


def _long_queue(rng: Random, models: str, when: float) -> list[Piece]:
    run = _uneven(rng, _staged_run(rng, _size(rng, models, 600, 0.3)), 0.15)
    return _queue(rng, 600, 0.7) + run


def _jumps(rng: Random, models: str, when: float) -> list[Piece]:
    """Nothing for most of the time, then 90 %."""
    size = _size(rng, models, 600, 0.3)
    return [*_queue(rng), _run("Generating", 0, 0, size * 0.85), _run("Saving", 90, 98, size * 0.15)]


def _plateaus(rng: Random, models: str, when: float) -> list[Piece]:
    """Even, except for one to three long waits anywhere."""
    size = _size(rng, models)
    marks = sorted(rng.uniform(5, 95) for _ in range(rng.randint(1, 3)))
    pieces, low = [], 0.0
    for mark in [*marks, 100.0]:
        pieces.append(_run("Writing", low, mark, size * 0.6 * (mark - low) / 100))
        if mark < 100:
            pieces.append(_run("Writing", mark, mark, size * rng.uniform(0.05, 0.3)))
        low = mark
    return _queue(rng) + pieces


def _bursts(rng: Random, models: str, when: float) -> list[Piece]:
    """Progress in leaps of 2 to 12 points, at random moments."""
    size = _size(rng, models)
    pieces, low = [], 0.0
    while low < 100:
        pieces.append(_run("Writing", low, low, size * 0.07 * rng.expovariate(1.0)))
        low = min(low + rng.uniform(2, 12), 100.0)
    return _queue(rng) + pieces


def _faster(rng: Random, models: str, when: float) -> list[Piece]:
    """The second half of the jobs are twice as fast."""
    pieces = _uneven(rng, _staged_run(rng, _size(rng, models) / (2 if when >= 0.5 else 1)), 0.2)
    return _queue(rng) + pieces


def _quickens(rng: Random, models: str, when: float) -> list[Piece]:
    """The speed doubles within the job."""
    return _two_speeds(rng, models, 75, 150)


def _any_order(rng: Random, models: str, when: float) -> list[Piece]:
    """Staged; the stages between the first and the last come in any order."""
    size = _size(rng, models)
    stages = [_STAGES[0], *rng.sample(_STAGES[1:-1], len(_STAGES) - 2), _STAGES[-1]]
    run = _staged_run(rng, size, stages=stages)
    return _queue(rng) + _uneven(rng, run, 0.2)


def _nameless(rng: Random, models: str, when: float) -> list[Piece]:
    return [piece._replace(stage=None) for piece in _queue(rng) + _staged_run(rng, _size(rng, models))]


def _stages_alone(rng: Random, models: str, when: float) -> list[Piece]:
    """Stages without any progress."""
    run = _staged_run(rng, _size(rng, models))
    return _queue(rng) + [piece._replace(low=None, high=None) for piece in run]


def _falls_back(rng: Random, models: str, when: float) -> list[Piece]:
    """Staged; a part of one stage is done twice, and progress goes back for it."""
    pieces = _staged_run(rng, _size(rng, models))
    index = rng.randrange(1, 4)
    piece = pieces[index]
    low = (piece.high or 0.0) - rng.uniform(2, 15)
    pieces.insert(index + 1, piece._replace(low=low, seconds=piece.seconds * rng.uniform(0.1, 0.5)))
    return _queue(rng) + pieces


def _waits(rng: Random, models: str, when: float) -> list[Piece]:
    """At the end of each stage but the last, three in five jobs wait, for a random time."""
    size = _size(rng, models)
    pieces, low = [], 0.0
    for name, high in (("Plan", 20.0), ("Search", 55.0), ("Draft", 85.0), ("Polish", 100.0)):
        pieces.append(_run(name, low, high, size * 0.006 * (high - low)))
        if high < 100 and rng.random() < 0.6:
            pieces.append(_run(name, high, high, size * rng.uniform(0.05, 0.3)))
        low = high
    return _queue(rng) + pieces


def _slows(rng: Random, models: str, when: float) -> list[Piece]:
    """The speed halves within the job."""
    return _two_speeds(rng, models, 150, 75)


def _silent(rng: Random, models: str, when: float) -> list[Piece]:
    """At 99 %, there is no change for about as long as everything before took."""
    size = _size(rng, models)
    end = _run("Writing", 99, 99, size * rng.lognormvariate(0, 0.3))
    return _queue(rng) + _uneven(rng, [_run("Writing", 0, 99, size)], 0.15) + [end]


def _slow_start(rng: Random, models: str, when: float) -> list[Piece]:
    """The first percent takes longer than all others."""
    size = _size(rng, models, 1500)
    return [*_queue(rng), _run("Thinking", 0, 1, size * 0.6), _run("Writing", 1, 100, size * 0.4)]


def _starts_over(rng: Random, models: str, when: float) -> list[Piece]:
    """One job in four falls back to 0 somewhere and does everything again."""
    size, mark = _size(rng, models), rng.uniform(15, 70)
    lost = [_run("Writing", 0, mark, size * mark / 100)] if rng.random() < 0.25 else []
    return _queue(rng) + _uneven(rng, [*lost, _run("Writing", 0, 100, size)], 0.15)


def _unknown(rng: Random, models: str, when: float) -> list[Piece]:
    """No progress is reported until 40 %, for three fifths of the time."""
    size = _size(rng, models)
    first = Piece("in_progress", "Research", None, None, 0.6 * size * rng.lognormvariate(0, 0.2))
    return [*_queue(rng), first, _run("Writing", 40, 100, size * 0.4)]


def _hours(rng: Random, models: str, when: float) -> list[Piece]:
    return _queue(rng, 120) + _uneven(rng, _staged_run(rng, _size(rng, models, 14400), 0.35), 0.3)


# Each makes the pieces of a job from random numbers, the job's models, and its place in its family, from 0 to 1.
FAMILIES: dict[str, Callable[[Random, str, float], list[Piece]]] = {
    "steady": _steady,
    "staged": _staged,
    "staged for hours": _staged_slow,
    "long queue": _long_queue,
    "jump 0 to 90": _jumps,
    "plateaus": _plateaus,
    "bursts": _bursts,
    "hangs": _staged,
    "doubled model": _faster,
    "doubles midway": _quickens,
    "any order": _any_order,
    "in tens": _staged,
    "nameless": _nameless,
    "stages alone": _stages_alone,
    "falls back": _falls_back,
    "waits": _waits,
    "slows midway": _slows,
    "joined late": _staged,
    "silent at 99": _silent,
    "slow start": _slow_start,
    "starts over": _starts_over,
    "unknown": _unknown,
    "half a day": _hours,
}

_DIGITS = {"staged for hours": 2, "bursts": 1, "in tens": -1}
