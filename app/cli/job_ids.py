"""Job IDs on the command line: what the words mean, and how the shell completes them."""

import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from app.cli.errors import NOT_FOUND, CliError
from app.cli.options import settings_of
from app.job import find_job_ids, matching_ids, parse_job_id
from app.settings.schema import Settings
from app.store.read_only import read_watch_list
from app.text import safe_text
from app.watch.storage import StoreError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_SHOWN = 60  # characters of a wrong word that a message repeats


def new_ids(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The IDs of jobs that need not be watched yet; `-` stands for those in the standard input.

    Returns:
        The IDs, each once, and those that were named more than once.

    Raises:
        CliError: There is no job ID in an argument, or in the standard input.
    """
    found: list[str] = []
    for argument in arguments:
        given = list(_spelled_out(argument))
        if not given:
            raise CliError(f"{_shown(argument)} is no job ID; a job ID is a UUID of 32 hexadecimal digits.")
        found += given
    return list(dict.fromkeys(found)), list(dict.fromkeys(_repeated(found)))


def watched_ids(arguments: Sequence[str], watched: Collection[str]) -> list[str]:
    """The IDs of watched jobs that these arguments mean, each once. The beginning of an ID is enough.

    Raises:
        CliError: An argument means none of them, or several.
    """
    found = [
        _watched_id(job_id, watched)
        for argument in arguments
        for job_id in (_in_the_input() if argument == "-" else [argument])
    ]
    return list(dict.fromkeys(found))


def any_ids(arguments: Sequence[str], settings: Settings) -> list[str]:
    """The same, but a full ID may be that of any job. The database is only read where an ID is not given in full.

    Raises:
        CliError: An argument is no job ID and means no watched job, or several.
    """
    found = [
        job_id
        for argument in arguments
        for job_id in (list(_spelled_out(argument)) or [_watched_id(argument, watched_now(settings))])
    ]
    return list(dict.fromkeys(found))


def watched_now(settings: Settings) -> list[str]:
    """The IDs of all watched jobs, in the order in which they were added; nothing is made where there is no database.

    Raises:
        CliError: The database cannot be read.
    """
    try:
        return [entry.id for entry in read_watch_list(settings.database, settings.base_url)]
    except StoreError as error:
        raise CliError(str(error)) from None


class JobId(click.types.StringParamType):
    """A word that is to be a job ID. The shell completes it to the IDs of watched jobs."""

    name = "id"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> "list[CompletionItem]":
        """The watched jobs whose IDs begin like this, with their titles."""
        return completions(ctx, incomplete)


JOB_ID = JobId()


def completions(context: click.Context, incomplete: str) -> "list[CompletionItem]":
    """The watched jobs whose IDs begin like a word, with their titles; none where that cannot be found out."""
    from click.shell_completion import CompletionItem

    try:
        settings = settings_of(context)
        entries = read_watch_list(settings.database, settings.base_url)
    except (CliError, StoreError):  # a shell that completes a word is no place for complaints
        return []
    return [
        CompletionItem(entry.id, help=(entry.job.title if entry.job else None) or entry.label)
        for entry in entries
        if entry.id.startswith(incomplete.lower())
    ]


def _spelled_out(argument: str) -> Iterable[str]:
    """The job IDs that stand in full in an argument, whatever stands around them, or in the standard input."""
    if argument == "-":
        return _in_the_input()
    whole = parse_job_id(argument)
    return [whole] if whole else find_job_ids(argument)


def _in_the_input() -> list[str]:
    text = sys.stdin.buffer.read().decode("utf-8", "replace") if sys.stdin else ""
    found = list(find_job_ids(text))
    if not found:
        raise CliError("There is no job ID in the standard input; a job ID is a UUID.")
    return found


def _repeated(job_ids: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for job_id in job_ids:
        if job_id in seen:
            yield job_id
        seen.add(job_id)


def _watched_id(argument: str, watched: Collection[str]) -> str:
    found = matching_ids(argument, watched)
    if len(found) == 1:
        return found[0]
    shown = _shown(argument)
    if found:
        raise CliError(f"{shown} stands for {len(found)} watched jobs; give more of the ID.")
    if parse_job_id(argument):
        raise CliError(f"{shown} is not watched; dwtop list shows the jobs that are.", NOT_FOUND)
    raise CliError(f"{shown} is no job ID, and no watched job's ID begins with it; dwtop list shows them.")


def _shown(argument: str) -> str:
    return repr(safe_text(argument, _SHOWN))
