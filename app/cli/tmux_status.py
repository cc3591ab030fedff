"""`dwtop status --tmux`: one short line from the database alone, for a status bar that asks every few seconds.

Running a command the usual way takes several times as long as starting Python, most of it importing. So this one
is answered without click and without what `app.job` needs; where something is wrong, `answer` gives up, and the
command is run the usual way, which says what. The signs repeated here are compared with their originals by the tests.
"""

import sys
from collections.abc import Mapping, Sequence

from app.cli.configuration import read_settings, split_options
from app.percent import whole_percent
from app.settings.errors import SettingsError
from app.settings.schema import Settings
from app.store.counts_query import JobCounts, count_jobs
from app.watch.storage import StoreError

SIGNS = {"running": "▶", "waiting": "○", "attention": "✖", "done": "✔"}
PLAIN_SIGNS = {"running": ">", "waiting": "o", "attention": "!", "done": "+"}

NO_JOBS = "dwtop: no jobs"

OLD = 180.0
"""Seconds after which the age of the data is told."""


class FormatError(ValueError):
    """The format asks for what there is not; the message goes on from the setting's name."""


def answer(arguments: Sequence[str], environ: Mapping[str, str], now: float) -> int | None:
    """Print the line, if this command line asks for it and is a plain case.

    Args:
        arguments: The words after the program's name.
        environ: The environment.
        now: Seconds since the epoch.

    Returns:
        The exit code; None, and nothing was printed, where the command has to be run the usual way.
    """
    try:
        options, words = split_options(arguments)
        if words != ["status", "--tmux"]:
            return None
        print_line(read_settings(options, environ), now)
    except (StoreError, SettingsError, OSError):
        return None
    return 0


def print_line(settings: Settings, now: float) -> None:
    """Print what one look at the database shows.

    Args:
        settings: In force.
        now: Seconds since the epoch.

    Raises:
        StoreError: The database cannot be read.
    """
    found = count_jobs(str(settings.database), settings.base_url)
    if sys.stdout is not None:  # it may have been closed before we started
        print(line(found, settings.tmux_format, now, plain=settings.ascii), flush=True)


def line(found: JobCounts | None, template: str, now: float, *, plain: bool) -> str:
    """The status line.

    Args:
        found: What a look at the database brought; None where there is none.
        template: Text with names of facts in braces. What is zero or unknown is empty, and takes its blank along.
        now: Seconds since the epoch.
        plain: Whether to draw with ASCII alone.

    Raises:
        FormatError: The template asks for what there is not.
    """
    facts = _facts(found or JobCounts(), now, PLAIN_SIGNS if plain else SIGNS)
    try:
        text = " ".join(template.format_map(facts).split())
    except (KeyError, IndexError, ValueError, AttributeError, TypeError):
        names = ", ".join(f"{{{name}}}" for name in facts)
        raise FormatError(f"can name {names}; write other braces twice") from None
    if found is None or not found.jobs:
        return NO_JOBS
    if not (found.running or found.attention or found.done) and "{waiting" not in template:
        return f"{facts['waiting']} {text}".rstrip()  # else it would not say a word about jobs
    return text


def _facts(found: JobCounts, now: float, signs: Mapping[str, str]) -> dict[str, str]:
    facts = {
        name: f"{number}{sign}" if (number := getattr(found, name)) else "" for name, sign in signs.items()
    }
    facts["percent"] = "" if found.fraction is None else f"{whole_percent(found.fraction * 100)}%"
    facts["eta"] = facts["age"] = ""
    if found.finish is not None and found.finish > now:
        from app.watch.forecast.texts import about

        facts["eta"] = about(found.finish - now)
    if found.fetched_at is not None and now - found.fetched_at > OLD:
        from app.presentation.durations import age

        facts["age"] = f"({age(now - found.fetched_at)})"
    return facts
