"""What the core needs of an API client. It is handed one, and never makes one."""

from collections.abc import Callable, Sequence
from typing import Protocol

from app.job import Job, ListedJob


class JobApi(Protocol):
    """The requests that the core sends. Every failure is an `app.deepwriter.errors.ApiError`."""

    async def fetch(self, job_id: str) -> Job:
        """Fetch a job with one request. Raises if the answer is about another job."""

    async def cancel(self, job_id: str) -> str:
        """Cancel a job with one request, which is never repeated; return what the API said to it."""


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
