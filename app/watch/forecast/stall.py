"""Whether a running job has gone without a change for longer than is usual in its stage."""

from collections.abc import Sequence
from math import cbrt

from app.watch.forecast.course import Course, course_of
from app.watch.forecast.training import Training
from app.watch.history import Sample

MIN_SECONDS, FEW_SECONDS = 120.0, 600.0  # the limit is at least this; with few finished jobs, at least this
UNKNOWN_SECONDS, MAX_UNKNOWN_SECONDS = 900.0, 3000.0  # if none had this stage, it is between these

_ENOUGH_JOBS = 15  # fewer are few; with enough that have the same models, only those count
_MARGIN, _ROOT = 3.0, 0.2  # over the longest quiet time of n jobs: _MARGIN / n ** _ROOT
_LONG_SECONDS = 3600.0  # at longer times, the cube root of that margin is enough
_OWN_MARGIN = 2.0  # over the job's longest quiet time in the stage; of the first job, over the time it ran
_OUTLIER = 3.0  # a quiet time of more than this many times the 90 % quantile was a stall that ended by itself


def stalled_since(
    samples: Sequence[Sample],
    now: float,
    training: Training,
    *,
    models: str = "",
    updated_at: float | None = None,
    course: Course | None = None,
) -> float | None:
    """Since when a running job has not changed, if that is longer than usual; else None. It may still continue.

    The limit is a multiple of the longest usual quiet time of finished jobs in this stage, or in any while they are few.
    `now` is when the job was last polled, `updated_at` when the API last changed it. `course`, from its forecast, saves time.
    """
    course = course_of(samples, course)
    if course is None or not course.position.running:
        return None
    changed = course.last.at if updated_at is None else max(course.last.at, updated_at)
    quiet, phase = now - changed, course.position.phase
    if quiet <= MIN_SECONDS:
        return None
    finished = [other for other in training.courses if phase in other.phases]
    same = [other for other in finished if other.models == models]
    compared = same if len(same) >= _ENOUGH_JOBS else finished
    times = sorted(other.phases[phase].longest_quiet for other in compared)
    own = course.phases[phase].longest_quiet
    if not times:
        ran = course.last.at - course.reached[0] if own else MAX_UNKNOWN_SECONDS
        limit = min(max(_OWN_MARGIN * ran, UNKNOWN_SECONDS), MAX_UNKNOWN_SECONDS)
    else:
        if len(times) >= _ENOUGH_JOBS:
            limit, usual = MIN_SECONDS, _OUTLIER * times[int(0.9 * (len(times) - 1))]
            longest = max(time for time in times if time <= usual)
        else:
            limit, jobs = FEW_SECONDS, (*finished, course)
            longest = max(job.phases[name].longest_quiet for job in jobs for name in job.position.stages)
        margin: float = _MARGIN / len(times) ** _ROOT
        limit = max(limit, min(margin * longest, max(cbrt(margin) * longest, _LONG_SECONDS)))
    return changed if quiet > max(limit, _OWN_MARGIN * own) else None
