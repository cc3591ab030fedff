"""A job's past: one sample wherever its status, stage or progress changed, and no more of them than are of use."""

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from app.job import Job

SET_BACK = 60.0
"""A sample so many seconds before the one it follows was taken after the wall clock was set back."""

_SHARE = 0.75
"""How much is left when a past becomes too long, so that it is not thinned at every step."""

_ENDS, _STATUS, _STAGE, _STEP = 3, 2, 1, 0
"""What a sample tells, by how much it matters."""


class Limits(NamedTuple):
    """How much of the past is kept.

    Attributes:
        samples: Of each job, at least 10.
        events: Of all jobs together, at least 1.
    """

    samples: int = 300
    events: int = 50_000


class Sample(NamedTuple):
    """What a job looked like at one moment.

    Attributes:
        at: When we saw it, in seconds since the epoch.
        status: As in `app.job.Job`.
        progress: 0 to 100, or None if unknown.
        stage: The stage's name, or None.
    """

    at: float
    status: str
    progress: float | None
    stage: str | None


def sample(job: Job, at: float) -> Sample:
    """What one answer adds to a job's past.

    Args:
        job: The answer.
        at: When it came, in seconds since the epoch.
    """
    return Sample(at, job.status, job.progress, job.stage)


def continued(past: list[Sample], new: Sample, most: int) -> list[Sample]:
    """A job's past after one more sample; `past` itself where that tells nothing new.

    Where the wall clock was set back, what was seen before moves along with it, so that the past stays in order
    and keeps its pace. Where it becomes too long, it is thinned.

    Args:
        past: Oldest first.
        new: What was seen last.
        most: How many samples are kept at most, at least 10.
    """
    if past and past[-1][1:] == new[1:]:
        return past
    if past and new.at < past[-1].at - SET_BACK:
        past = moved(past, new.at)
    longer = [*past, new]
    if past and new.at < past[-1].at:  # another process saw it, and said so late
        longer.sort(key=lambda one: one.at)
    return longer if len(longer) <= most else thinned(longer, int(most * _SHARE))


def moved(past: Sequence[Sample], until: float) -> list[Sample]:
    """A past moved as a whole, so that it ends a second before a moment in seconds since the epoch."""
    by = past[-1].at - until + 1.0
    return [one._replace(at=one.at - by) for one in past]


def thinned(past: Sequence[Sample], most: int) -> list[Sample]:
    """What to keep of a past that is too long; all of it where it is not.

    The first and the last sample stay, then every change of status, then every change of stage, and of the rest
    as many as there is room for, spread over time and progress alike. Where there is no room for all changes,
    those that lie closest to each other go first. No step between two samples becomes longer by it than twice
    what an even spread of those that could go would have.

    Args:
        past: Oldest first.
        most: How many to keep, at least 2.
    """
    if len(past) <= most:
        return list(past)
    last = len(past) - 1
    places = _places(past)
    weights = [_ENDS, *(_weight(past[n - 1], past[n]) for n in range(1, last)), _ENDS]
    before, after = list(range(-1, last)), list(range(1, last + 2))
    # How far apart its neighbours would be without it, for each that can go; one that is out of date is passed over.
    steps = [(weights[n], places[n + 1] - places[n - 1], n) for n in range(1, last)]
    current = dict.fromkeys(range(1, last), 0.0) | {n: step for _, step, n in steps}
    heapify(steps)
    gone: set[int] = set()
    while len(past) - len(gone) > most:
        _, step, n = heappop(steps)
        if n in gone or current[n] != step:
            continue
        gone.add(n)
        left, right = before[n], after[n]
        after[left], before[right] = right, left
        for other in (left, right):
            if 0 < other < last:
                current[other] = places[after[other]] - places[before[other]]
                heappush(steps, (weights[other], current[other], other))
    return [one for n, one in enumerate(past) if n not in gone]


def _weight(before: Sample, one: Sample) -> int:
    if before.status != one.status:
        return _STATUS
    return _STAGE if before.stage != one.stage else _STEP


def _places(past: Sequence[Sample]) -> list[float]:
    """How far along each sample is: half of the way is the time passed, the other half is the progress covered."""
    whole = max(past[-1].at - past[0].at, 1e-9)
    covered = [0.0]
    known = next((one.progress for one in past if one.progress is not None), 0.0)
    for one in past[1:]:
        new = known if one.progress is None else one.progress
        covered.append(covered[-1] + abs(new - known))
        known = new
    return [
        (one.at - past[0].at) / whole + way / max(covered[-1], 1e-9)
        for one, way in zip(past, covered, strict=True)
    ]
