"""The interface that the core expects of an API client."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from app.job import Job, ListedJob

if TYPE_CHECKING:
    from app.deepwriter.auth.credential import Credential
    from app.deepwriter.progress_unit import ProgressReader


class JobApi(Protocol):
    """The requests about one job. Every failure is an `app.deepwriter.errors.ApiError`."""

    on_pause: Callable[[float], None]  # called with the seconds to wait that a good answer asks for

    async def fetch(self, job_id: str) -> Job:
        """Fetch a job with one request. Raises if the answer is about another job."""

    async def cancel(self, job_id: str) -> str:
        """Cancel a job with one request, which is never repeated; return the API's message."""


class Api(JobApi, Protocol):
    """All requests that a session sends, including those about the user's account."""

    @property
    def progress(self) -> "ProgressReader":
        """The reader of this API's progress values, which learns their unit."""

    async def list_jobs(self) -> Sequence[ListedJob]:
        """Get the user's own jobs. Raises `NotOffered` if this API does not list them."""

    async def fetch_document_url(self, job_id: str) -> str | None:
        """Get the link to a job's document, or None if it has none. The link is a secret."""

    def use(self, credential: "Credential") -> None:
        """Use another credential for all further requests."""

    async def aclose(self) -> None:
        """Close the connections; no more requests may follow."""
