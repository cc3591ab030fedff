"""What was learned from finished jobs, as one frozen value."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import log

from app.job import Status
from app.watch.forecast.break_point import outdated
from app.watch.forecast.candidates import FEW, Candidates, candidates
from app.watch.forecast.curve import Curve, curve
from app.watch.forecast.fit import Fit, fit
from app.watch.forecast.ledger import Entry, Ledger, mix
from app.watch.forecast.standing import Standing, stand
from app.watch.history import Sample

KEPT = 120
"""How many finished jobs are kept; newer ones push out the oldest."""

_TRIALS = 12  # at so many moments of its life a finished job is forecast
_FITS = 2000  # how many positions' regressions are remembered
_SCATTER = 17  # shares no factor with `_every`, so that percents side by side are renewed apart
_ENOUGH_OWN = 15  # so many jobs of the same models are enough to say what is quiet for long


@dataclass(frozen=True, slots=True)
class Past:
    """What finished jobs taught; `Past()` knows nothing. Equal histories make equal values.

    Attributes:
        seen: How many finished jobs were learned from, in all.
        curves: The newest of them, oldest first, at most `KEPT`.
        fitted: Those that the regressions stand on, without those from before a model changed its speed: renewed
            as `curves` grows, at the latest every 16 jobs, so that one more job does not throw away what was computed.
        renewed: How many jobs had been learned from when `fitted` was last renewed.
        before: What was in `fitted` until then: most positions still stand on it, and go over to the new ones a few
            with each finished job, so that they are not all computed at once.
        longest: The longest quiet time of each of `fitted`, in seconds, ascending.
        ledger: How good the forecasts for them were, each made before its job was learned from.
    """

    seen: int = 0
    curves: tuple[Curve, ...] = ()
    fitted: tuple[Curve, ...] = ()
    renewed: int = 0
    before: tuple[Curve, ...] = ()
    longest: tuple[float, ...] = ()
    ledger: Ledger = field(default_factory=Ledger)
    # Computed when first asked for, from the fields above alone: a memory of pure results.
    _fits: dict[tuple[str, str, int], Fit] = field(default_factory=dict, compare=False, repr=False)
    _fits_before: dict[tuple[str, str, int], Fit] = field(default_factory=dict, compare=False, repr=False)
    _memory: dict[object, tuple[float, ...]] = field(default_factory=dict, compare=False, repr=False)

    def fit(self, models: str, phase: str, percent: int) -> Fit:
        """What was learned at one position; see `app.watch.forecast.fit.fit`."""
        curves, fits = self.fitted, self._fits
        if self.before and self.seen - self.renewed < _SCATTER * percent % _every(self.renewed):
            curves, fits = self.before, self._fits_before
        key = (models, phase, percent)
        found = fits.get(key)
        if found is None:
            if len(fits) >= _FITS:
                fits.clear()
            found = fits[key] = fit(curves, models, phase, percent)
        return found

    @property
    def alone(self) -> bool:
        """Whether so few finished jobs are known that a job has to be judged by itself."""
        return self.seen < 2 * FEW

    def trust(self, bucket: int) -> tuple[float, ...]:
        """How much each method counts in one kind of situation."""
        found = self._memory.get(bucket)
        if found is None:
            found = self._memory[bucket] = self.ledger.trust(bucket)
        return found

    def bounds(self, bucket: int) -> tuple[float, float]:
        """How many spreads below and above the middle the range reaches there."""
        key = ("bounds", bucket)
        found = self._memory.get(key)
        if found is None:
            found = self._memory[key] = self.ledger.bounds(bucket)
        return found[0], found[1]

    def quiet(self, models: str, phase: str, limit: Callable[[list[float]], float]) -> float:
        """What `limit` makes of the longest quiet times in a phase, of the same models where those are enough."""
        key = (limit, models, phase)
        found = self._memory.get(key)
        if found is None:
            gaps = [entry.phases[phase].gap for entry in self.fitted if phase in entry.phases]
            own = [
                entry.phases[phase].gap
                for entry in self.fitted
                if phase in entry.phases and entry.models == models
            ]
            found = self._memory[key] = (limit(own if len(own) >= _ENOUGH_OWN else gaps),)
        return found[0]

    def candidates(self, standing: Standing, now: float, models: str) -> Candidates | None:
        """What each method says about a job; see `app.watch.forecast.candidates.candidates`."""
        return candidates(
            standing, now, self.fit(models, standing.phase, int(standing.progress)), self.longest
        )


def learn(past: Past, samples: Sequence[Sample], models: str = "", ended_at: float | None = None) -> Past:
    """What is known after one more finished job.

    Before the job is taken in, it is forecast at a dozen moments of its life as if it were still running, and
    the errors are kept: they decide how methods are mixed and how wide ranges are.

    Args:
        past: What was known before.
        samples: The job's whole past, oldest first, ending with its final status.
        models: What it was written with, in any fixed spelling, such as writing and reasoning model.
        ended_at: When it really ended, in seconds since the epoch, if the last sample came late.

    Returns:
        `past` itself for a job that did not complete, or whose beginning was not seen.
    """
    one = curve(samples, models, ended_at)
    if one is None:
        return past
    ledger = past.ledger.with_job(_trials(past, samples, models, samples[0].at + one.total))
    curves = (*past.curves[1 - KEPT :], one)
    seen = past.seen + 1
    old = outdated([(entry.models, entry.running) for entry in curves])
    # What a model that has changed its speed since made of them must not be used for a moment longer.
    known = {id(entry) for entry in past.fitted}
    broken = any(id(curves[index]) in known for index in old)
    if not broken and seen - past.renewed < _every(seen):
        return replace(past, seen=seen, curves=curves, ledger=ledger, _memory={})
    fitted = tuple(entry for index, entry in enumerate(curves) if index not in old)
    longest = tuple(sorted(entry.longest for entry in fitted))
    if broken:
        return Past(seen, curves, fitted, seen, (), longest, ledger)
    return Past(seen, curves, fitted, seen, past.fitted, longest, ledger, _fits_before=past._fits)  # noqa: SLF001


def remember(finished: Iterable[tuple[Sequence[Sample], str]]) -> Past:
    """What finished jobs taught, from the beginning, as at the start of the program.

    Only the newest `KEPT` completed ones are looked at closely, whatever the number of jobs.

    Args:
        finished: The past and the models of each, in the order in which they finished.
    """
    past = Past()
    newest = [entry for entry in finished if entry[0] and entry[0][-1].status == Status.COMPLETED][-KEPT:]
    for samples, models in newest:
        past = learn(past, samples, models)
    return past


def _every(seen: int) -> int:
    """After how many more jobs the regressions are renewed: one at first, then an eighth more, at most sixteen."""
    return min(max(seen // 8, 1), 16)


def _trials(past: Past, samples: Sequence[Sample], models: str, end: float) -> list[Entry]:
    """The errors of forecasts made at moments spread over a finished job's life."""
    entries = []
    start = samples[0].at
    for trial in range(_TRIALS):
        now = start + (end - start) * (trial + 0.5) / _TRIALS
        standing = stand(samples[: bisect_right(samples, now, key=_at)], alone=past.alone)
        found = None if standing is None else past.candidates(standing, now, models)
        if found is not None:
            truth = log(max(end - now, 1.0))
            errors = tuple(None if value is None else abs(truth - value) for value in found.logs)
            middle = mix(found, past.trust(found.bucket))
            entries.append(Entry(found.bucket, errors, (truth - middle) / found.spread))
    return entries


def _at(entry: Sample) -> float:
    return entry.at
