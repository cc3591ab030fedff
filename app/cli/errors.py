"""How a command ends: the exit codes that scripts rely on, and which of them goes first."""

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
TIMED_OUT = 124
INTERRUPTED = 130

MEANINGS: Mapping[int, str] = {
    OK: "All is well. `wait`: every job was completed. `cancel`: every job named is now cancelled.",
    NOT_DONE: "A job that was waited for failed, was moderated or cancelled; or a job could not be cancelled.",
    USAGE: "The call makes no sense: a bad ID or option, wrong settings, an insecure base URL, no terminal to ask on.",
    SIGNED_OUT: "Not signed in, or the token was not accepted.",
    NOT_FOUND: "A job was not found.",
    UNREACHABLE: "The API cannot be reached, or did not say how things are.",
    TIMED_OUT: "`wait` ran out of time.",
    INTERRUPTED: "Ctrl-C.",
}
"""What each exit code means, for the documentation."""

_FIRST = (SIGNED_OUT, UNREACHABLE, NOT_FOUND, NOT_DONE)


class CliError(Exception):
    """An end with one sentence that says what to do next.

    Attributes:
        exit_code: One of those above.
    """

    def __init__(self, sentence: str, exit_code: int = USAGE) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)


def system_error(error: OSError) -> str:
    """A sentence about what the system refused, with a way on.

    Errors that name no file are those of our outputs.
    """
    reason = error.strerror or str(error)
    if not error.filename:
        if error.errno in _NO_ROOM:
            return f"The output cannot be written ({reason}); make room, or send it elsewhere."
        return f"{reason}; run it again, or see what dwtop doctor says."
    path = safe_text(str(error.filename), 400)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        way = "change its permissions, or name another place with --database or --config"
    elif error.errno in _NO_ROOM:
        way = "make room there, or name another place"
    else:
        way = "correct that, or name another place"
    return f"{path} cannot be used ({reason}); {way}."


def worst(codes: Iterable[int]) -> int:
    """The exit code of several ends at once."""
    met = set(codes)
    return next((code for code in _FIRST if code in met), OK)


def code_of(error: ApiError) -> int:
    """The exit code of a request that brought no usable answer."""
    if isinstance(error, Unauthorized | NotSignedIn | Forbidden):
        return SIGNED_OUT
    return NOT_FOUND if isinstance(error, NotFound) else UNREACHABLE


def complaint(failures: Mapping[str, ApiError], asked: int = 1) -> str:
    """One sentence about the requests that failed; empty for none.

    Args:
        failures: Why each failed, by job ID.
        asked: How many jobs were asked for; those that failed are named unless that was all of them.
    """
    by_code: dict[int, list[str]] = {}
    for job_id, error in failures.items():
        by_code.setdefault(code_of(error), []).append(job_id)
    code = worst(by_code)
    if code == OK:
        return ""
    error = failures[by_code[code][0]]
    reason = str(error)
    if code == NOT_FOUND:
        return not_found(by_code[code])
    if code == SIGNED_OUT:
        return way_in(reason)
    if len(by_code[code]) < asked:
        reason = f"{named(by_code[code])}: {reason}"
    if isinstance(error, RateLimited):
        return f"{reason}; {_when(error.retry_after)}."
    return f"{reason}; try again, or see what dwtop doctor says."


def not_found(job_ids: Sequence[str]) -> str:
    """A sentence about jobs that the API does not know."""
    return f"Not found: {named(job_ids)}; check the ID, and whose token this is."


def way_in(reason: str) -> str:
    """A sentence about why we are not let in, with the way to be."""
    return reason if "dwtop login" in reason else f"{reason}; see dwtop login."


def _when(wait: float | None) -> str:
    """When to ask again."""
    return f"try again in {math.ceil(wait)} s" if wait else "try again in a minute"


def named(job_ids: Sequence[str], most: int = 5) -> str:
    """Some jobs in a sentence; beyond the first few they are counted."""
    shown = ", ".join(job_ids[:most])
    return shown if len(job_ids) <= most else f"{shown} and {len(job_ids) - most} more"
