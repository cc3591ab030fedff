"""Job IDs from the command line."""

import sys
from collections.abc import Collection, Sequence

from app.cli.errors import NOT_FOUND, Fault
from app.job import find_job_ids, matching_ids, parse_job_id
from app.text import safe_text

_NAMED = 5  # so many job IDs are named in a message; more are counted


def new_ids(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The IDs of jobs that need not be watched yet; `-` stands for those in the standard input.

    Returns:
        The IDs, each once, and those that were named more than once.

    Raises:
        Fault: An argument is no job ID, or the standard input holds none.
    """
    found: list[str] = []
    for argument in arguments:
        if argument == "-":
            given = list(find_job_ids(sys.stdin.read()))
            if not given:
                raise Fault("There is no job ID in the standard input; a job ID is a UUID.")
            found += given
        elif (job_id := parse_job_id(argument)) is not None:
            found.append(job_id)
        else:
            raise Fault(
                f"{safe_text(argument, 60)!r} is no job ID; a job ID is a UUID of 32 hexadecimal digits."
            )
    return list(dict.fromkeys(found)), list(
        dict.fromkeys(job_id for job_id in found if found.count(job_id) > 1)
    )


def watched_ids(arguments: Sequence[str], watched: Collection[str]) -> list[str]:
    """The IDs of watched jobs that these arguments mean, each once. The beginning of an ID is enough.

    Raises:
        Fault: An argument means none of them, or several.
    """
    return list(dict.fromkeys(_watched_id(argument, watched) for argument in arguments))


def any_ids(arguments: Sequence[str], watched: Collection[str]) -> list[str]:
    """The same, but a full ID may be that of any job.

    Raises:
        Fault: An argument is no job ID and means no watched job, or several.
    """
    return list(
        dict.fromkeys(parse_job_id(argument) or _watched_id(argument, watched) for argument in arguments)
    )


def named(job_ids: Sequence[str]) -> str:
    """Some jobs in a sentence."""
    shown = ", ".join(job_ids[:_NAMED])
    return shown if len(job_ids) <= _NAMED else f"{shown} and {len(job_ids) - _NAMED} more"


def _watched_id(argument: str, watched: Collection[str]) -> str:
    found = matching_ids(argument, watched)
    if len(found) == 1:
        return found[0]
    shown = safe_text(argument, 60)
    if found:
        raise Fault(f"{shown!r} stands for {len(found)} watched jobs; give more of the ID.")
    if parse_job_id(argument):
        raise Fault(f"{shown} is not watched; dwtop list shows the jobs that are.", NOT_FOUND)
    raise Fault(f"{shown!r} is no job ID, and no watched job's ID begins with it; dwtop list shows them.")
