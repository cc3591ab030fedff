"""`dwtop status --tmux`: one short line from the database, for a status bar that runs it every few seconds.

Most of a command's time is spent on imports, so this one runs without click. If anything is wrong, it runs the usual
way, which reports the problem.
"""

import sys
from collections.abc import Mapping, Sequence

from app.cli.configuration import plain_settings
from app.presentation.tmux_line import status_line
from app.settings.schema import Settings
from app.store.counts_query import count_jobs
from app.watch.storage import StoreError
from widgets.ascii import in_ascii


def print_if_requested(arguments: Sequence[str], environ: Mapping[str, str], now: float) -> int | None:
    """Print the line if the command line asks for it; returns the exit code, or None if the command must run as usual."""
    settings = plain_settings(arguments, environ, ["status", "--tmux"])
    if settings is None:
        return None
    try:
        print_line(settings, now)
    except (StoreError, OSError):
        return None
    return 0


def print_line(settings: Settings, now: float) -> None:
    """Read the database and print the line."""
    counts = count_jobs(settings.database, settings.base_url)
    if sys.stdout is not None:  # None if it was closed before Python started
        line = status_line(counts, settings.tmux_format, now)
        print(in_ascii(line) if settings.ascii else line, flush=True)
