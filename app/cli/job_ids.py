"""Parses job IDs in command-line arguments, and completes them in the shell."""

import sys
from collections import Counter
from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

from app.cli.errors import NOT_FOUND, CliError
from app.cli.options import settings_of
from app.job import find_job_ids, matching_ids, parse_job_id
from app.settings.errors import SettingsError
from app.settings.schema import Settings
from app.store.jobs import read_watch_list
from app.text import safe_text
from app.watch.storage import StoreError

_MAX_SHOWN_CHARACTERS = 60
"""How much of an invalid argument a message repeats."""


def full_ids(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Job IDs given in full, watched or not; `-` reads them from standard input.

    Returns the IDs, each once, and the repeated ones.
    """
    counts: Counter[str] = Counter()
    for argument in arguments:
        found = _ids_in(argument)
        if not found:
            raise CliError(
                f"{_shown(argument)} is not a job ID; a job ID is a UUID of 32 hexadecimal digits."
            )
        counts.update(found)
    return list(counts), [job_id for job_id, count in counts.items() if count > 1]


def any_ids(arguments: Sequence[str], settings: Settings) -> list[str]:
    """Job IDs given in full, watched or not, or as a unique prefix of a watched job's ID; each once."""
    found = [
        job_id
        for argument in arguments
        for job_id in (_ids_in(argument) or [_watched_id(argument, settings)])
    ]
    return list(dict.fromkeys(found))


def one_id(argument: str, settings: Settings) -> str:
    """A single job ID, given like those of `any_ids`."""
    found = any_ids([argument], settings)
    if len(found) > 1:
        raise CliError(f"{_shown(argument)} names {len(found)} jobs; name one of them.")
    return found[0]


def watched_ids(arguments: Sequence[str], settings: Settings) -> list[str]:
    """The IDs of watched jobs, given in full or as a unique prefix; each once."""
    found, watched = any_ids(arguments, settings), _all_watched_ids(settings)
    if unknown := next((job_id for job_id in found if job_id not in watched), None):
        raise CliError(f"{unknown!r} is not watched; dwtop list shows the jobs that are.", NOT_FOUND)
    return found


def complete_ids(
    context: click.Context, parameter: click.Parameter | None, incomplete: str
) -> list[CompletionItem]:
    """The watched jobs whose IDs begin with a word, with their titles; empty if settings or database are unusable."""
    try:
        settings = settings_of(context)
        entries = read_watch_list(settings.database, settings.base_url)
    except (SettingsError, StoreError):  # the shell would print the message into the command line
        return []
    return [
        CompletionItem(entry.id, help=(entry.job.title if entry.job else None) or entry.label)
        for entry in entries
        if entry.id.startswith(incomplete.lower())
    ]


def _all_watched_ids(settings: Settings) -> set[str]:
    return {entry.id for entry in read_watch_list(settings.database, settings.base_url)}


def _ids_in(argument: str) -> list[str]:
    """The full job IDs in an argument, in any surrounding text, or in standard input if it is `-`."""
    if argument != "-":
        job_id = parse_job_id(argument)
        return [job_id] if job_id else list(find_job_ids(argument))
    text = sys.stdin.buffer.read().decode("utf-8", "replace") if sys.stdin else ""
    if found := list(find_job_ids(text)):
        return found
    raise CliError("There is no job ID in standard input; a job ID is a UUID.")


def _watched_id(argument: str, settings: Settings) -> str:
    """The ID of the only watched job whose ID begins with the argument."""
    found = matching_ids(argument, _all_watched_ids(settings))
    if len(found) == 1:
        return found[0]
    shown = _shown(argument)
    if found:
        raise CliError(f"{shown} matches {len(found)} watched jobs; give more of the ID.")
    raise CliError(f"{shown} is not a job ID, nor the beginning of a watched job's ID; see dwtop list.")


def _shown(argument: str) -> str:
    return repr(safe_text(argument, _MAX_SHOWN_CHARACTERS))
