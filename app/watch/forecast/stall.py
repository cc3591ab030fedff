"""Whether a running job has stood still for longer than is usual in its stage."""

from collections.abc import Sequence
from itertools import pairwise

from app.watch.forecast.position import Position, phase_of, position
from app.watch.forecast.training import Training
from app.watch.history import Sample

MIN_SECONDS = 120.0
"""No shorter time without a change is called a stall."""

UNKNOWN_SECONDS = 900.0
"""The limit where too few finished jobs are known, for a job that has moved before."""

NEVER_MOVED_SECONDS = 3000.0
"""The same for one that has not moved at all, whose pace nobody knows."""

_ENOUGH_JOBS = 5
_MARGIN = 1.4  # how far the limit lies beyond the longest usual quiet time, for very many jobs
_MARGIN_JOBS = 8.0  # twice as far for so many jobs
_MAX_MARGIN = 2.0  # the most, for few
_OUTLIER = 3.0  # a quiet time so many times as long as that of nine in ten jobs was a stall that ended well


def stalled_since(
    samples: Sequence[Sample],
    now: float,
    training: Training,
    *,
    models: str = "",
    updated_at: float | None = None,
    previous: Position | None = None,
) -> float | None:
    """Since when a job has not moved, if that is longer than usual. It never means that the job failed.

    Args:
        samples: The job's history, oldest first.
        now: When the job was last asked for, in seconds since the epoch.
        training: What finished jobs taught.
        models: What the job is written with.
        updated_at: When the API last changed the job, in seconds since the epoch: a sign of life without progress.
        previous: The job's position, if that is known from its forecast.

    Returns:
        Seconds since the epoch; None for a job that moves, waits or has ended.
    """
    here = position(samples, previous)
    if here is None or not here.running:
        return None
    changed = here.changed
    if updated_at is not None:
        # A server's clock that is ahead of ours must not hide a stall for longer than it is ahead.
        changed = max(changed, min(updated_at, now))
    quiet = now - changed
    return changed if quiet > MIN_SECONDS and quiet > quiet_limit(samples, here, training, models) else None


def quiet_limit(samples: Sequence[Sample], here: Position, training: Training, models: str) -> float:
    """How long a running job may stand still where it is before that is unusual, in seconds.

    Somewhat beyond the longest quiet time of the finished jobs in this stage, the more the fewer there are: the next of
    n lies beyond the longest so far with a probability of 1/(n+1) (order statistics).

    Args:
        samples: The job's history.
        here: Its position.
        training: What finished jobs taught.
        models: What the job is written with.
    """
    times = sorted(training.quiet_times(here.phase, models))
    limit = 0.0
    if times:
        usual = _OUTLIER * times[int(0.9 * (len(times) - 1))]
        longest = max(time for time in times if time <= usual)
        limit = longest * min(_MARGIN * (1 + _MARGIN_JOBS / len(times)), _MAX_MARGIN)
    own = _own_quiet_time(samples, here.phase)
    if len(times) < _ENOUGH_JOBS:
        limit = max(limit, NEVER_MOVED_SECONDS if own is None and not times else UNKNOWN_SECONDS)
    return max(limit, _MAX_MARGIN * (own or 0.0), MIN_SECONDS)


def _own_quiet_time(samples: Sequence[Sample], phase: str) -> float | None:
    """The longest time between two changes that the job had in a phase; None before the second change."""
    there = [sample for sample in samples if phase_of(sample) == phase]
    changes = there[:1] + [after for before, after in pairwise(there) if before[1:] != after[1:]]
    return max((after.at - before.at for before, after in pairwise(changes)), default=None)
