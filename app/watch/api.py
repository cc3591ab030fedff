"""What the core needs of an API client. It is handed one; it never makes one."""

from typing import Protocol

from app.job import Job


class JobApi(Protocol):
    """The two things that can be asked of DeepWriter. Every failure is an `app.deepwriter.errors.ApiError`."""

    async def fetch(self, job_id: str) -> Job:
        """Ask once for a job's state. The answer is about this job, or the call raises."""

    async def cancel(self, job_id: str) -> str:
        """Ask once for a job to be cancelled; what the API said to that. Never sent twice."""
