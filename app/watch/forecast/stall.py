"""Whether a running job has stood still for longer than is usual in its stage."""

from collections.abc import Sequence
from itertools import pairwise

from app.job import Status
from app.watch.forecast.course import last_change, phase_of
from app.watch.forecast.training import Training
from app.watch.history import Sample

MIN_SECONDS = 120.0
"""No shorter time without a change is called a stall."""

UNKNOWN_SECONDS = 900.0
"""The limit where too few finished jobs are known, for a job that has moved before."""

NEVER_MOVED_SECONDS = 3000.0
"""The same for one that has not moved at all, whose pace nobody knows."""

_ENOUGH_JOBS = 5
_MARGIN = 1.4  # how far the limit lies beyond the longest usual quiet time, for very many jobs ...
_MARGIN_JOBS = 8.0  # ... twice as far for so many jobs ...
_MAX_MARGIN = 2.0  # ... and the most, for few
_OUTLIER = 3.0  # a quiet time so many times as long as that of nine in ten jobs was a stall that ended well


def stalled_since(
    samples: Sequence[Sample],
    now: float,
    training: Training,
    *,
    models: str = "",
    updated_at: float | None = None,
) -> float | None:
    """Since when a job has not moved, if that is longer than usual. It never means that the job failed.

    The limit lies beyond the longest quiet time of the finished jobs in this stage, the more the fewer there are: the
    next of n lies beyond the longest so far with a probability of 1/(n+1) (order statistics).

    Args:
        samples: The job's history, oldest first.
        now: When the job was last asked for, in seconds since the epoch.
        training: What finished jobs taught.
        models: What the job is written with.
        updated_at: When the API last changed the job, in seconds since the epoch: a sign of life without progress.

    Returns:
        Seconds since the epoch; None for a job that moves, waits or has ended.
    """
    if not samples or samples[-1].status != Status.IN_PROGRESS:
        return None
    changed = last_change(samples)
    if updated_at is not None:
        # A server's clock that is ahead of ours must not hide a stall for longer than it is ahead.
        changed = max(changed, min(updated_at, now))
    if now - changed <= MIN_SECONDS:
        return None
    phase, limit = phase_of(samples[-1]), 0.0
    times = training.quiet_times(phase, models)
    if times:
        usual = _OUTLIER * times[int(0.9 * (len(times) - 1))]
        longest = max(time for time in times if time <= usual)
        limit = longest * min(_MARGIN * (1 + _MARGIN_JOBS / len(times)), _MAX_MARGIN)
    # The job's own longest quiet time in this stage.
    there = [sample for sample in samples if phase_of(sample) == phase]
    changes = there[:1] + [after for before, after in pairwise(there) if before[1:] != after[1:]]
    own = max((after.at - before.at for before, after in pairwise(changes)), default=None)
    if len(times) < _ENOUGH_JOBS:
        limit = max(limit, NEVER_MOVED_SECONDS if own is None and not times else UNKNOWN_SECONDS)
    return changed if now - changed > max(limit, _MAX_MARGIN * (own or 0.0)) else None
