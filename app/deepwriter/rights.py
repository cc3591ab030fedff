"""Finds out what a key may do, without changing anything."""

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from app.deepwriter.client import Client
from app.deepwriter.errors import ApiError, Forbidden, NotFound, NotOffered, Rejected, Unauthorized

_NO_JOB = str(UUID(int=0))
"""The nil UUID, which no job has."""


class Right(StrEnum):
    """Whether a key may do something."""

    YES = "yes"
    NO = "no"
    NOT_OFFERED = "this API does not offer it"
    UNKNOWN = "unknown"


class Rights(NamedTuple):
    """What a key may do.

    Attributes:
        read: Get a job's state.
        list_jobs: List the user's jobs.
        cancel: Cancel a job.
    """

    read: Right
    list_jobs: Right
    cancel: Right


async def find_rights(client: Client) -> Rights:
    """Find out what a key may do: fetch and cancel a job that does not exist, and list the user's jobs."""
    outcomes: list[ApiError | None] = []
    for ask in (lambda: client.fetch(_NO_JOB), client.list_jobs, lambda: client.cancel(_NO_JOB)):
        try:
            await ask()
            outcomes.append(None)
        except ApiError as error:
            outcomes.append(error)
    return Rights(*map(_right, outcomes))


def _right(error: ApiError | None) -> Right:
    """Interpret an outcome. The API answers that a job is unknown only if the key has the right."""
    match error:
        case None | NotFound() | Rejected():
            return Right.YES
        case Unauthorized() | Forbidden():
            return Right.NO
        case NotOffered():
            return Right.NOT_OFFERED
        case _:
            return Right.UNKNOWN
