"""What the core needs of an API client. It is handed one; it never makes one."""

from collections.abc import Callable, Sequence
from typing import Protocol

from app.job import Job, ListedJob


class JobApi(Protocol):
    """The two things that can be asked of DeepWriter. Every failure is an `app.deepwriter.errors.ApiError`."""

    async def fetch(self, job_id: str) -> Job:
        """Ask once for a job's state. The answer is about this job, or the call raises."""

    async def cancel(self, job_id: str) -> str:
        """Ask once for a job to be cancelled; what the API said to that. Never sent twice."""


class ProgressUnit(Protocol):
    """How an API writes progress, as far as its answers have told.

    Attributes:
        unit: What is known, as a text to keep.
        on_change: Called when `unit` has changed, with whether earlier readings were wrong.
    """

    unit: str
    on_change: Callable[[bool], None]

    def restore(self, unit: str | None) -> None:
        """Continue from what was known at the end of an earlier run."""


class AccountApi(Protocol):
    """What DeepWriter knows of the user's account. Every failure is an `app.deepwriter.errors.ApiError`."""

    @property
    def progress(self) -> ProgressUnit:
        """How this API writes progress."""

    async def list_jobs(self) -> Sequence[ListedJob]:
        """Get the user's own jobs. Raises `NotOffered` if this API has no such list."""

    async def fetch_document_url(self, job_id: str) -> str | None:
        """Get the link to a job's document, which is a secret; None if there is no document."""
