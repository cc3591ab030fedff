"""The exit codes of commands, and the sentences that describe errors."""

import errno
import math
from collections.abc import Iterable, Mapping, Sequence

from app.deepwriter.errors import ApiError, Forbidden, NotFound, NotSignedIn, RateLimited, Unauthorized
from app.text import safe_text

OK = 0
NOT_DONE = 1
USAGE = 2
SIGNED_OUT = 3
NOT_FOUND = 4
UNREACHABLE = 5
CRASHED = 70  # a bug; EX_SOFTWARE in sysexits.h
TIMED_OUT = 124
INTERRUPTED = 130
OUTPUT_CLOSED = 141

MEANINGS: Mapping[int, str] = {
    OK: "Success. `wait`: every job was completed. `cancel`: every job named is now cancelled.",
    NOT_DONE: "`wait`: a job failed, was moderated or cancelled. `cancel`: a job could not be cancelled.",
    USAGE: "Wrong usage: a bad ID or option, wrong settings, an insecure base URL, or no terminal to confirm on.",
    SIGNED_OUT: "Not signed in, or the token was rejected.",
    NOT_FOUND: "A job was not found, or has no document yet.",
    UNREACHABLE: "The API could not be reached, or a job's state is not known.",
    TIMED_OUT: "`wait` timed out.",
    INTERRUPTED: "Interrupted by Ctrl-C.",
    OUTPUT_CLOSED: "`wait`: the reader of the output closed it, so the outcome is not known.",
}
"""What each exit code means, for the documentation."""

NO_JOBS = "No jobs are watched; add one with: dwtop add ID"
"""What commands print if the watch list is empty."""

_PRECEDENCE = (USAGE, SIGNED_OUT, UNREACHABLE, NOT_FOUND, NOT_DONE)
_WRITE_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)


class CliError(Exception):
    """Ends a command with an exit code and one sentence that says what to do next."""

    def __init__(self, sentence: str, exit_code: int = USAGE) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


def worst_code(codes: Iterable[int]) -> int:
    """The exit code that takes precedence over the others; `OK` if there are none."""
    found = set(codes)
    return next((code for code in _PRECEDENCE if code in found), OK)


def code_of(error: ApiError) -> int:
    """The exit code for a request that failed."""
    if isinstance(error, Unauthorized | NotSignedIn | Forbidden):
        return SIGNED_OUT
    return NOT_FOUND if isinstance(error, NotFound) else UNREACHABLE


def describe_failures(failures: Mapping[str, ApiError], requested: int = 1) -> str:
    """A sentence about the requests that failed; empty if none did. Names the jobs unless all `requested` ones failed."""
    code = worst_code(map(code_of, failures.values()))
    if code == OK:
        return ""
    job_ids = [job_id for job_id, error in failures.items() if code_of(error) == code]
    error = failures[job_ids[0]]
    reason = str(error)
    if code == NOT_FOUND:
        return describe_not_found(job_ids)
    if len(job_ids) < requested:
        reason = f"{join_ids(job_ids)}: {reason}"
    if code == SIGNED_OUT:
        return describe_signed_out(reason)
    if error.retry_after or isinstance(error, RateLimited):
        wait = f"in {math.ceil(error.retry_after)} s" if error.retry_after else "in a minute"
        return f"{reason}; try again {wait}."
    if "; " in reason:  # the reason already says what to do
        return f"{reason}."
    return f"{reason}; try again, or run dwtop doctor."


def describe_not_found(job_ids: Sequence[str]) -> str:
    """A sentence about jobs that the API does not know."""
    return f"Not found: {join_ids(job_ids)}; check the ID, and that the token belongs to the job's owner."


def describe_signed_out(reason: str) -> str:
    """A sentence about why the token is missing or rejected, and how to sign in."""
    return reason if "dwtop login" in reason else f"{reason}; see dwtop login."


def describe_system_error(error: OSError) -> str:
    """A sentence about an operating system error and what to do; without a file name, it is about a standard stream."""
    reason = error.strerror or str(error)
    if not error.filename:
        if error.errno in _WRITE_ERRORS:
            return f"The output cannot be written ({reason}); make room, or redirect it elsewhere."
        return f"{reason}; try again, or run dwtop doctor."
    path = safe_text(str(error.filename), 400)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        remedy = "change its permissions, or name another place with --database or --config"
    elif error.errno in _WRITE_ERRORS:
        remedy = "make room there, or name another place"
    else:
        remedy = "correct that, or name another place"
    return f"{path} cannot be used ({reason}); {remedy}."


def join_ids(job_ids: Sequence[str], limit: int = 5) -> str:
    """The job IDs, joined for a sentence; those beyond the limit are only counted."""
    shown = ", ".join(job_ids[:limit])
    return shown if len(job_ids) <= limit else f"{shown} and {len(job_ids) - limit} more"
