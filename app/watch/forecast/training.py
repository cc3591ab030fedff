"""What finished jobs taught, as one frozen value."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import log, sqrt

from app.job import Status
from app.watch.forecast.analogues import Analogues, analogues
from app.watch.forecast.curve import Curve, curve
from app.watch.forecast.position import Position
from app.watch.history import Sample

USED_JOBS = 120
"""How many finished jobs, the newest ones, a forecast is based on."""

_MAX_LAG_JOBS = 16  # a position is fitted anew after at most so many finished jobs
_MAX_FITS = 1500
_ENOUGH_SAME_MODELS = 15
_MIN_JOBS_A_SIDE = 6  # before and after a change of speed
_CERTAIN = 4.5  # t statistic from which a change of speed is not by chance
_NO_CHANGE = 0.1  # difference of mean logarithms that is too small to matter


@dataclass(frozen=True, slots=True)
class Training:
    """What finished jobs taught; `Training()` knows nothing. Equal histories make equal values.

    Attributes:
        seen: How many jobs were learned from in all.
        curves: The newest of them, oldest first, without those from before the models changed their speed.
    """

    seen: int = 0
    curves: tuple[Curve, ...] = ()
    # Pure results by what they follow from; shared with the values learned from this one.
    _fits: dict[tuple[object, ...], Analogues | None] = field(default_factory=dict, compare=False, repr=False)
    _limits: dict[tuple[str, str], float | None] = field(default_factory=dict, compare=False, repr=False)

    def analogues(self, position: Position, models: str) -> Analogues | None:
        """What finished jobs did from a position on.

        A position is fitted when it is first asked for, and again as an eighth more jobs, at most 16, are known:
        at another job for each percent, so that not all are fitted at once.
        """
        known = len(self.curves)
        every = min(2 ** max(known.bit_length() - 4, 0), _MAX_LAG_JOBS)
        lag = (self.seen + 7 * position.percent) % every
        place = (models, position.phase, position.percent, position.first, position.running)
        oldest = max(known - lag - USED_JOBS, 0)
        key = (self.seen - lag, known - lag - oldest, *place)
        if key not in self._fits:
            if len(self._fits) >= _MAX_FITS:
                self._fits.clear()
            curves = self.curves[oldest : known - lag]
            self._fits[key] = analogues(curves, *place[:4], running=position.running)
        return self._fits[key]

    def quiet_times(self, phase: str, models: str) -> list[float]:
        """The longest time without a change, in seconds, that each finished job had in a phase.

        Those of the same models where there are enough of them, else all.
        """
        there = [one for one in self.curves if phase in one.phases]
        same = [one for one in there if one.models == models]
        return [one.phases[phase].quiet for one in (same if len(same) >= _ENOUGH_SAME_MODELS else there)]


def learn(
    training: Training, samples: Sequence[Sample], models: str = "", ended_at: float | None = None
) -> Training:
    """What is known after one more finished job.

    Args:
        training: What was known before; it stays as it was.
        samples: The job's whole history, oldest first, ending with its final status.
        models: What it was written with, always spelled alike.
        ended_at: When it really ended, in seconds since the epoch, if the last sample came late.

    Returns:
        `training` itself for a job that did not complete, or whose start was not seen.
    """
    one = curve(samples, models, ended_at)
    if one is None:
        return training
    curves = (*training.curves, one)[-USED_JOBS - _MAX_LAG_JOBS :]
    outdated = before_change([(each.models, each.end - each.began) for each in curves])
    return Training(training.seen + 1, curves[outdated:], {} if outdated else training._fits)  # noqa: SLF001  (of the same class)


def remember(finished: Iterable[tuple[Sequence[Sample], str]]) -> Training:
    """What finished jobs taught, from the beginning, as at the start of the program.

    Args:
        finished: The samples and the models of each, in the order in which they finished.
    """
    completed = [entry for entry in finished if entry[0] and entry[0][-1].status == Status.COMPLETED]
    training = Training()
    for samples, models in completed[-USED_JOBS - _MAX_LAG_JOBS :]:
        training = learn(training, samples, models)
    return training


def before_change(times: Sequence[tuple[str, float]]) -> int:
    """How many of the oldest jobs to leave out: those from before all models became faster or slower.

    The logarithms of the times, less the mean of their models, are cut where the means on both sides differ most for
    their scatter (the largest two-sample t statistic over all places; Hinkley 1970).

    Args:
        times: Models and running time in seconds of finished jobs, oldest first.
    """
    by_models: dict[str, list[float]] = defaultdict(list)
    for models, seconds in times:
        by_models[models].append(log(max(seconds, 1.0)))
    means = {models: sum(logs) / len(logs) for models, logs in by_models.items()}
    values = [log(max(seconds, 1.0)) - means[models] for models, seconds in times]
    count, total, squares = len(values), sum(values), sum(value * value for value in values)
    best, cut, left = _CERTAIN, 0, 0.0
    for index, value in enumerate(values[: max(count - _MIN_JOBS_A_SIDE, 0)], 1):
        left += value
        if index < _MIN_JOBS_A_SIDE:
            continue
        rest = count - index
        before, after = left / index, (total - left) / rest
        variance = (squares - index * before**2 - rest * after**2) / (count - 2) + 1e-4
        distance = abs(after - before)
        score = distance / sqrt(max(variance, 1e-4) * (1 / index + 1 / rest))
        if distance > _NO_CHANGE and score > best:
            best, cut = score, index
    return cut
