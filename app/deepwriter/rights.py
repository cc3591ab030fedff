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
    """Ask for a job that does not exist, for the user's jobs, and for the cancelling of a job that does not exist."""
    outcomes: list[ApiError | None] = []
    for ask in (lambda: client.fetch(_NO_JOB), client.list_jobs, lambda: client.cancel(_NO_JOB)):
        try:
            await ask()
            outcomes.append(None)
        except ApiError as error:
            outcomes.append(error)
    return Rights(*map(_right, outcomes))


def _right(error: ApiError | None) -> Right:
    """What an answer says: that a job is unknown is said only to those who may ask."""
    match error:
        case None | NotFound() | Rejected():
            return Right.YES
        case Unauthorized() | Forbidden():
            return Right.NO
        case NotOffered():
            return Right.NOT_OFFERED
        case _:
            return Right.UNKNOWN
