"""Whether a running job has gone without a change for longer than is usual in its stage."""

from collections.abc import Sequence
from itertools import takewhile

from app.watch.forecast.course import Course, course_of
from app.watch.forecast.training import Training
from app.watch.history import Sample

MIN_SECONDS = 120.0
"""No shorter time without a change is called a stall."""

UNKNOWN_SECONDS = 900.0
"""The lowest limit while few finished jobs are known, for a job that has moved before."""

NEVER_MOVED_SECONDS = 3000.0
"""The same for a job that has not moved at all, whose pace is unknown."""

_ENOUGH_JOBS, _ENOUGH_SAME_MODELS = 5, 15
_MARGIN, _MAX_MARGIN = 1.4, 3.0  # the limit over the longest usual quiet time: for many jobs, and the most
_MARGIN_JOBS = 8.0  # for this many jobs it is twice as much as for many
_OWN_MARGIN = 2.0  # the same over the job's own longest quiet time in the stage
_OUTLIER = 3.0  # a quiet time this many times as long as that of nine in ten jobs was a stall that ended well


def stalled_since(
    samples: Sequence[Sample],
    now: float,
    training: Training,
    *,
    models: str = "",
    updated_at: float | None = None,
) -> float | None:
    """Since when a running job has not moved, if that is longer than usual; else None. It may still complete.

    `now` is when the job was last polled. `updated_at`, when the API last changed it, counts as a sign of life.
    """
    if not samples:
        return None
    changed = [*takewhile(lambda sample: sample[1:] == samples[-1][1:], reversed(samples))][-1].at
    if updated_at is not None:
        # A server's clock that is ahead of ours must not hide a stall for longer than it is ahead.
        changed = max(changed, min(updated_at, now))
    if now - changed <= MIN_SECONDS or (course := course_of(samples)) is None:
        return None
    return changed if is_stalled(course, now - changed, training, models) else None


def is_stalled(course: Course, quiet: float, training: Training, models: str) -> bool:
    """Whether a job that has not changed for `quiet` seconds is stalled.

    The limit lies beyond the longest quiet time of the finished jobs in this stage, the more the fewer there are: the
    next of n lies beyond the longest so far with a probability of 1/(n+1) (order statistics).
    """
    if quiet <= MIN_SECONDS or not course.position.running:
        return False
    phase, limit = course.position.phase, 0.0
    there = [one for one in training.courses if phase in one.phases]
    same = [one for one in there if one.models == models]
    times = sorted(one.phases[phase].quiet for one in (same if len(same) >= _ENOUGH_SAME_MODELS else there))
    if times:
        usual = _OUTLIER * times[int(0.9 * (len(times) - 1))]
        longest = max(time for time in times if time <= usual)
        limit = longest * min(_MARGIN * (1 + _MARGIN_JOBS / len(times)), _MAX_MARGIN)
    own = max(course.quiet, course.phases[phase].quiet)
    if len(times) < _ENOUGH_JOBS:
        limit = max(limit, UNKNOWN_SECONDS if own or times else NEVER_MOVED_SECONDS)
    return quiet > max(limit, _OWN_MARGIN * own)
