"""Opens the dashboard, without the library that reads command lines: to import that takes as long as a dozen frames.

A call that says nothing but common options, as most that open the dashboard do, is read here. Any other, and any
that has something wrong with it, is left to `app.cli.main`, which also says what is wrong.
"""

import gc
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from app.cli.configuration import read_settings, split_options
from app.cli.encoding import moves_cursor
from app.settings.errors import SettingsError
from app.settings.schema import Settings

if TYPE_CHECKING:
    from app.watch.session import Session

_FIRST_FRAME = 300
"""So many jobs are loaded for the first frame, more than a screen has lines; the rest follows at once."""

_FRAMES_A_SECOND = "250"
"""At most; Textual's own 60 have the answer to a key wait for up to 17 ms behind a frame that shows what polls brought."""

_ESCAPE_DELAY = "50"
"""Milliseconds after which an Escape is the key of that name, and not the beginning of what another key sends."""


def open_at_once(arguments: Sequence[str], environ: Mapping[str, str]) -> int | None:
    """Open the dashboard if that is plainly what is wanted.

    Args:
        arguments: The words after the program's name.
        environ: The environment.

    Returns:
        The exit code once it was quit; None if nothing was done.
    """
    settings = _plain_settings(arguments, environ)
    if settings is None or not all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        return None
    if without_screen(environ):
        return None
    from app.watch.storage import StoreError

    try:
        return open_dashboard(settings, ())
    except StoreError:
        return None
    except OSError as error:
        from app.cli.errors import USAGE, system_error

        print(f"dwtop: {system_error(error)}", file=sys.stderr)
        return USAGE


def open_dashboard(settings: Settings, wanted: Sequence[str]) -> int:
    """Show the dashboard until it is quit.

    Args:
        settings: In force.
        wanted: Jobs to put on the watch list first.

    Returns:
        The exit code.

    Raises:
        StoreError: The database cannot be used.
    """
    prepare()
    from app.cli.connect import connect_to_api, limits_of, new_session
    from app.store.store import Store
    from app.watch.watch_list import WatchList

    store = Store(settings.database, settings.base_url, limits=limits_of(settings), or_in_memory=True)
    added = [entry.id for entry in store.add(wanted).result()] if wanted else []
    session = new_session(
        settings,
        WatchList(store, first=_FIRST_FRAME),
        lambda: connect_to_api(settings, session.ending.is_set),
        shared=True,
    )
    return show(session, settings, added=added or wanted)


def show(
    session: "Session",
    settings: Settings,
    *,
    demo: bool = False,
    added: Sequence[str] = (),
    on_forced_exit: Callable[[], None] | None = None,
) -> int:
    """Show the dashboard of a session until it is quit.

    Args:
        session: Not started yet.
        settings: In force.
        demo: Whether the API is simulated.
        added: Jobs to show first.
        on_forced_exit: Called if the exit has to be forced; None to close the session.

    Returns:
        The exit code.
    """
    from app.dashboard.app import run_dashboard

    return run_dashboard(session, settings, demo=demo, added=added, on_forced_exit=on_forced_exit)


def prepare() -> None:
    """Set what has to be set before the dashboard is imported."""
    gc.disable()  # a tenth of the start would go into it, and find nothing; the dashboard enables it once it is up
    os.environ.setdefault("TEXTUAL_FPS", _FRAMES_A_SECOND)
    os.environ.setdefault("ESCDELAY", _ESCAPE_DELAY)


def without_screen(environ: Mapping[str, str]) -> str:
    """Why the terminal cannot show a full-screen program; empty if it can, or if there is no terminal."""
    if moves_cursor(environ):
        return ""
    return f"TERM={environ.get('TERM', '')} names a terminal that cannot show the dashboard; set TERM to what it is, such as xterm-256color"


def read_keys_from_terminal() -> bool:
    """Make the standard input the terminal again, after a text was read from a pipe; whether there is a terminal."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        return False
    os.dup2(terminal, 0)
    os.close(terminal)
    return True


def _plain_settings(arguments: Sequence[str], environ: Mapping[str, str]) -> Settings | None:
    """The settings of a call with common options alone; None for any other."""
    try:
        options, others = split_options(arguments)
        return None if others else read_settings(options, environ)
    except SettingsError:
        return None
