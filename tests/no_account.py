"""The part of an `Api` that a test has no use for."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.deepwriter.errors import NotOffered
from app.deepwriter.progress_unit import ProgressReader
from app.job import ListedJob

if TYPE_CHECKING:
    from app.deepwriter.auth.credential import Credential


class NoAccount:
    """What an `Api` has besides jobs, for an API that has nothing else."""

    on_pause: Callable[[float], None]

    @property
    def progress(self) -> ProgressReader:
        return ProgressReader()

    async def list_jobs(self) -> list[ListedJob]:
        raise NotOffered("this API cannot be asked about the account")

    async def fetch_document_url(self, job_id: str) -> str | None:
        raise NotOffered("this API cannot be asked about the account")

    def use(self, credential: "Credential") -> None:
        """As in `Api`."""

    async def aclose(self) -> None:
        """As in `Api`."""
