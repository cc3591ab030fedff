"""A job's past: one sample wherever its status, stage or progress changed."""

from typing import NamedTuple

from app.job import Job


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
