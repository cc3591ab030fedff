"""Whether a running job has stood still for longer than is usual where it is."""

from collections.abc import Sequence
from math import exp, log, sqrt
from statistics import median, stdev

from app.job import Status
from app.watch.forecast.past import Past
from app.watch.forecast.standing import Standing, stand
from app.watch.history import Sample

UNKNOWN = 600.0
"""Seconds without a change that are taken as usual while too little was learned."""

LEAST = 30.0
"""No shorter time without a change is ever called a stall, in seconds."""

_ENOUGH = 5  # finished jobs that are needed for a limit of a phase's own
_MOST_USUAL = 0.85  # at least so many of their longest quiet times are usual; stalls are among the rest
_OWN = 4.0  # how many of the job's own last steps it may stand still for, where too few are known
_APART = log(2.5)  # a stall was more than so many times as long as the next shorter quiet time ...
_FAR = log(4.0)  # ... and as the middle one
_LEAST_SCATTER = 0.12  # standard deviation of the logarithm that quiet times are given at least
_BEYOND = 0.5  # standard deviations from the longest quiet time to the limit, for very many jobs ...
_FEW = 3.0  # ... and how many more for a single one, falling with the square root of their number


def stalled_since(
    samples: Sequence[Sample],
    now: float,
    past: Past,
    *,
    models: str = "",
    updated_at: float | None = None,
    standing: Standing | None = None,
) -> float | None:
    """Since when a job has not moved, if that is longer than usual. It never means that the job failed.

    Args:
        samples: The job's past, oldest first.
        now: When the job was last asked for, in seconds since the epoch: later than that, nothing is known of it.
        past: What finished jobs taught.
        models: What the job is written with.
        updated_at: When the API last changed the job, in seconds since the epoch: a sign of life without progress.
        standing: Where the job stands, if that is known from its forecast.

    Returns:
        Seconds since the epoch; None for a job that moves, waits or has ended.
    """
    standing = stand(samples, standing)
    if standing is None or standing.last.status != Status.IN_PROGRESS:
        return None
    moved = standing.anchor
    if updated_at is not None:
        # A server's clock that is ahead of ours must not hide a stall for longer than it is ahead.
        moved = max(moved, min(updated_at, now))
    return moved if now - moved > usual(standing, past, models) else None


def usual(standing: Standing, past: Past, models: str = "") -> float:
    """How long a running job may stand still in its phase before that is unusual, in seconds.

    From the longest quiet time that each finished job had in this phase: somewhat beyond the longest of them, the
    more the fewer there are and the more they scatter, as the next one of n goes beyond the longest so far with a
    probability of 1/(n+1) (order statistics). Stalls that ended well lie apart and are left aside. Where
    jobs are of different sizes, a job's own pace so far sets the scale.

    Args:
        standing: Where the job stands.
        past: What finished jobs taught.
        models: What the job is written with.
    """
    limit = past.quiet(models, standing.phase, _limit)
    own = _OWN * standing.overall * standing.step
    return max(limit or max(UNKNOWN, own), LEAST)


def _limit(gaps: list[float]) -> float:
    """The limit by the longest quiet times of finished jobs in one phase, in seconds; 0.0 for too few."""
    if len(gaps) < _ENOUGH:
        return 0.0
    logs = sorted(log(max(gap, 1.0)) for gap in gaps)
    # Stalls that ended well must not make the next one look usual. They are few, and lie apart from the rest.
    middle = median(logs)
    for index in range(int(_MOST_USUAL * len(logs)), len(logs)):
        if logs[index] - logs[index - 1] > _APART and logs[index] - middle > _FAR:
            logs = logs[:index]
            break
    scatter = max(stdev(logs), _LEAST_SCATTER)
    return exp(logs[-1] + scatter * (_BEYOND + _FEW / sqrt(len(logs))))
