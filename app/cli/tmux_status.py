"""`dwtop status --tmux`: one short line from the database, for a status bar that runs it every few seconds.

Most of the time of a command is spent on imports, so this one runs without click and without the imports of `app.job`.
If anything is wrong, `print_if_requested` returns None, and the command runs the usual way, which reports the problem.
"""

import sys
from collections.abc import Mapping, Sequence

from app.cli.configuration import read_settings, split_options
from app.cli.output.status_line import status_line
from app.settings.errors import SettingsError
from app.settings.schema import Settings
from app.store.counts_query import count_jobs
from app.watch.storage import StoreError


def print_if_requested(arguments: Sequence[str], environ: Mapping[str, str], now: float) -> int | None:
    """Print the line if the command line requests it and nothing is wrong.

    Returns the exit code; None, with nothing printed, if the command must run the usual way.
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
    """Read the database and print the line."""
    counts = count_jobs(settings.database, settings.base_url)
    if sys.stdout is not None:  # None if it was closed before Python started
        print(status_line(counts, settings.tmux_format, now, plain=settings.ascii), flush=True)
