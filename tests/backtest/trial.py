"""A family lived through, job after job, forecast at every poll and learned from at its end."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from app.watch.forecast.estimate import Forecast, forecast
from app.watch.forecast.pacing import next_poll
from app.watch.forecast.stall import stalled_since
from app.watch.forecast.training import Training, learn
from app.watch.history import Sample
from tests.backtest.baselines import BASELINES
from tests.backtest.traces import Life

POLL = 5.0
MARKS = (0.10, 0.25, 0.50, 0.75, 0.90)
OURS = "dwtop"
_PATIENCE = 4.0


@dataclass(slots=True)
class Case:
    """One job at one mark: what remained, what each method said, and the range, in seconds from then."""

    seen: int
    mark: float
    truth: float
    said: dict[str, float | None]
    low: float | None = None
    high: float | None = None
    shown: bool = False


@dataclass(slots=True)
class Tally:
    """What came of one family and seed."""

    cases: list[Case] = field(default_factory=list)
    jitter: dict[str, list[float]] = field(default_factory=dict)
    negative: int = 0
    held: list[bool] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    stalls: list[float | None] = field(default_factory=list)
    healthy: list[bool] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    asked: int = 0
    plain: int = 0


def live_through(
    lives: Iterable[Life], seed: int, tally: Tally, *, learning: bool = True, pacing: bool = True
) -> Tally:
    """Live a family through and note how the forecasts did.

    Args:
        lives: The jobs.
        seed: For the jitter of the polls.
        tally: Where to note it.
        learning: Whether finished jobs are learned from; without, every job is the first.
        pacing: Whether to live every job a second time with polls at the pace that the forecast sets.
    """
    past = paced = Training()
    rng = Random(seed)
    for number, life in enumerate(lives):
        start = 1e9 + 7919.0 * number + rng.random()
        samples = _watch(life, start, past, tally)
        if learning:
            past = learn(past, samples, life.models)
        if pacing and life.stalls_at is None:
            samples = _follow(life, start, paced, rng, tally)
            if learning:
                paced = learn(paced, samples, life.models)
    return tally


def _see(samples: list[Sample], life: Life, start: float, now: float) -> Sample:
    """Poll once; a sample is kept where something changed."""
    sample = Sample(now, *life.state(now - start))
    if not samples or samples[-1][1:] != sample[1:]:
        samples.append(sample)
    return sample


def _watch(life: Life, start: float, past: Training, tally: Tally) -> list[Sample]:
    """Poll a job at the plain interval until it ends, or, if it never does, until a stall must have been seen."""
    samples: list[Sample] = []
    baselines = {name: make() for name, make in BASELINES.items()}
    before: dict[str, float] = {}
    moved: dict[str, list[float]] = {OURS: [], "linear": []}
    last: Forecast | None = None
    total, ends = life.total, life.stalls_at is None
    stage = life.stage_seconds()
    patience = total if life.stalls_at is None else life.stalls_at + _PATIENCE * max(stage, 300.0)
    marks = list(MARKS)
    hint: float | None = None
    now = start
    while now - start < patience:
        sample = _see(samples, life, start, now)
        if sample.status == "completed":
            break
        said = {name: baseline.remaining(sample) for name, baseline in baselines.items()}
        last = forecast(samples, now, past, models=life.models, previous=last)
        truth = start + total - now
        said[OURS] = None if last is None else last.finish - now
        if last is not None and min(last.finish, last.low, last.high) < now:
            tally.negative += 1
        if ends:
            _note(tally, past, said, last, now, truth, marks, total)
            for name, moves in moved.items():
                value = said[name]
                if value is not None:
                    if name in before:
                        moves.append(abs(now + value - before[name]) / total)
                    before[name] = now + value
        if hint is None:
            standing = None if last is None else last.position
            since = stalled_since(samples, now, past, models=life.models, previous=standing)
            hint = None if since is None else now
        now += POLL
    for name, moves in moved.items():
        if moves:
            tally.jitter.setdefault(name, []).append(sum(moves) / len(moves))
    if past.seen >= 20:
        if life.stalls_at is not None:
            tally.stalls.append(None if hint is None else (hint - start - life.stalls_at) / stage)
        elif not life.pauses:
            tally.healthy.append(hint is None)
    _see(samples, life, start, now)
    return samples


def _note(
    tally: Tally,
    past: Training,
    said: dict[str, float | None],
    last: Forecast | None,
    now: float,
    truth: float,
    marks: list[float],
    total: float,
) -> None:
    """Note the range at every poll, and everything at the marks."""
    if last is not None:
        tally.held.append(last.low <= now + truth <= last.high)
    if not marks or total - truth < marks[0] * total:
        return
    case = Case(past.seen, marks.pop(0), truth, said)
    if last is not None:
        case.low, case.high, case.shown = last.low - now, last.high - now, last.shown
        tally.widths.append((last.high - last.low) / truth)
    tally.cases.append(case)


def _follow(life: Life, start: float, past: Training, rng: Random, tally: Tally) -> list[Sample]:
    """Poll a job at the pace that its forecast sets, and note how late its end is noticed."""
    samples: list[Sample] = []
    last: Forecast | None = None
    now = start
    while True:
        sample = _see(samples, life, start, now)
        tally.asked += 1
        if sample.status == "completed":
            tally.delays.append(now - start - life.total)
            tally.plain += int(life.total / POLL) + 2
            return samples
        last = forecast(samples, now, past, models=life.models, previous=last)
        wait = next_poll(sample.status, now, last, spread=rng.random())
        assert wait is not None
        now += wait
