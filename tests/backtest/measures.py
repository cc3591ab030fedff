"""The figures that the goals are set in, from what was noted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import fmean, median

from tests.backtest.baselines import BASELINES
from tests.backtest.trial import MARKS, OURS, Case, Tally


@dataclass(frozen=True, slots=True)
class Errors:
    """Median absolute percentage errors of the remaining time at one mark, by method, on cases that all know.

    Attributes:
        mark: Share of the job's time that had passed.
        cases: How many.
        by_method: In percent.
        everywhere: Ours on all cases, in percent; None without any.
    """

    mark: float
    cases: int
    by_method: dict[str, float]
    everywhere: float | None

    @property
    def best(self) -> float | None:
        """The best baseline's."""
        known = [self.by_method[name] for name in BASELINES if name in self.by_method]
        return min(known) if known else None

    @property
    def ratio(self) -> float | None:
        """Ours over the best baseline's."""
        return self.by_method[OURS] / self.best if self.best else None

    @property
    def not_worse(self) -> bool:
        """Whether ours is at most 1.05 times the best baseline's, or at most one point above it."""
        return self.best is None or self.by_method[OURS] <= max(1.05 * self.best, self.best + 1.0)


def errors(cases: Iterable[Case], where: Callable[[Case], bool] = lambda case: True) -> list[Errors]:
    """The errors at each mark, of the cases that are wanted."""
    wanted = [case for case in cases if where(case)]
    return [_errors(mark, [case for case in wanted if case.mark == mark]) for mark in MARKS]


def _errors(mark: float, cases: list[Case]) -> Errors:
    common = [case for case in cases if None not in case.said.values()]
    by_method = {}
    if common:
        for name in (OURS, *BASELINES):
            by_method[name] = 100 * median(_off(case.said[name], case.truth) for case in common)
    ours = [_off(case.said[OURS], case.truth) for case in cases if case.said[OURS] is not None]
    return Errors(mark, len(common), by_method, 100 * median(ours) if ours else None)


def _off(said: float | None, truth: float) -> float:
    assert said is not None
    return abs(said - truth) / max(truth, 1.0)


def coverage(cases: Iterable[Case]) -> float:
    """Share of the cases whose range holds the truth."""
    held = [
        case.low <= case.truth <= case.high
        for case in cases
        if case.low is not None and case.high is not None
    ]
    return fmean(held) if held else float("nan")


def quantile(values: Iterable[float], share: float) -> float:
    """The value that a share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else float("nan")


@dataclass(frozen=True, slots=True)
class Rest:
    """The other figures of a family.

    Attributes:
        coverage: Share of ranges that hold the truth, at the marks.
        at_polls: The same at every poll.
        width: Mean width of the range over the true remaining time.
        jitter: Mean change of the finish between two polls as a share of the job's time, in percent.
        linear_jitter: The linear baseline's.
        found: Share of true stalls that were found within 1.5 times the stage's time; NaN without stalls.
        false_hints: Share of healthy jobs that were ever called stalled.
        requests: Requests over those of polling every 5 s.
        delay: Mean seconds until the end is noticed.
        late: The same at the 95th percentile.
        negative: Forecasts in the past: none.
    """

    coverage: float
    at_polls: float
    width: float
    jitter: float
    linear_jitter: float
    found: float
    false_hints: float
    requests: float
    delay: float
    late: float
    negative: int


def rest(tally: Tally) -> Rest:
    """The other figures."""
    nan = float("nan")
    return Rest(
        coverage(tally.cases),
        fmean(tally.held) if tally.held else nan,
        fmean(tally.widths) if tally.widths else nan,
        100 * fmean(tally.jitter[OURS]) if OURS in tally.jitter else nan,
        100 * fmean(tally.jitter["linear"]) if "linear" in tally.jitter else nan,
        fmean(late is not None and late <= 1.5 for late in tally.stalls) if tally.stalls else nan,
        1 - fmean(tally.healthy) if tally.healthy else nan,
        tally.asked / tally.plain if tally.plain else nan,
        fmean(tally.delays) if tally.delays else nan,
        quantile(tally.delays, 0.95),
        tally.negative,
    )
