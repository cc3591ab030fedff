"""Opens the dashboard, if possible without click, whose import takes as long as a dozen frames.

A command line that contains only common options is parsed here. Any other, or one with an error, is left to
`app.cli.main`, which reports the error.
"""

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from app import __version__
from app.cli.configuration import plain_settings
from app.cli.errors import CRASHED, USAGE, describe_system_error
from app.cli.output.terminal import can_move_cursor, is_terminal, print_message
from app.settings.errors import SettingsError
from app.settings.schema import Settings

if TYPE_CHECKING:
    from app.watch.session import Session

_FIRST_FRAME_JOBS = 300
"""How many jobs are loaded for the first frame: more than a screen has lines. The others follow right after."""

_FRAMES_PER_SECOND = "250"
"""At Textual's default of 60, the response to a key can wait up to 17 ms behind a frame that shows poll results."""

_SWITCH_INTERVAL_SECONDS = 0.0005
"""How long one thread runs while others wait. Input and output have threads of their own, and polling delays each of
them by up to this time; Python's default of 5 ms is noticeable."""

_ESCAPE_DELAY_MILLISECONDS = "50"
"""How long after an Escape character the rest of a key's sequence may follow; after that, it is the Esc key."""


def open_at_once(arguments: Sequence[str], environ: Mapping[str, str]) -> int | None:
    """Open the dashboard, if the command line asks for it and has no error.

    Returns the exit code once the user has quit; None, with nothing done, if the command must run the usual way.
    """
    settings = plain_settings(arguments, environ)
    is_interactive = is_terminal(sys.stdin) and is_terminal(sys.stdout)
    if settings is None or not is_interactive or why_no_dashboard(environ):
        return None
    from app.watch.storage import StoreError

    try:
        return open_dashboard(settings, ())
    except StoreError:
        return None
    except OSError as error:
        print_message(describe_system_error(error))
        return USAGE


def open_dashboard(settings: Settings, add: Sequence[str]) -> int:
    """Add jobs to the watch list and show the dashboard until the user quits; returns the exit code."""
    prepare_process()
    from app.cli.session import connect_to_api, new_session, new_store
    from app.watch.watch_list import WatchList

    store = new_store(settings, or_in_memory=True)
    added = [entry.id for entry in store.add(add).result()] if add else []
    session = new_session(
        settings,
        WatchList(store, limit=_FIRST_FRAME_JOBS),
        lambda: connect_to_api(settings, session.account.ending.is_set),
        shared=True,
    )
    return show_dashboard(session, settings, added=added or add)


def show_dashboard(
    session: "Session",
    settings: Settings,
    *,
    demo: bool = False,
    added: Sequence[str] = (),
) -> int:
    """Show the dashboard until the user quits, then close the session; returns the exit code.

    `session` has not started yet; `demo` says that the API is simulated; `added` are jobs to show first.
    """
    from app.dashboard.app import DEMO, Dashboard

    sys.setswitchinterval(_SWITCH_INTERVAL_SECONDS)
    try:
        app = Dashboard(session, settings, demo=demo, added=added, owns_process=True)
        app.run()
    finally:
        session.close()
    if (crash := app.crash) is not None:
        print(_crash_report(crash), file=sys.stderr)
        return CRASHED
    if app.return_value == DEMO:
        # The demo replaces this process, so that nothing of the real session remains.
        os.execv(sys.executable, [sys.executable, "-P", "-m", "app", "--demo"])  # noqa: S606 because it is this program
    return app.return_code or 0


def _crash_report(error: BaseException) -> str:
    """Write a crash report to a file; returns a sentence that names it."""
    import time
    import traceback

    from app.settings.paths import data_path

    text = "".join(traceback.format_exception(error))
    try:
        path = data_path() / f"crash-{time.strftime('%Y%m%d-%H%M%S')}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"dwtop {__version__}\n{text}", encoding="utf-8")
    except (OSError, SettingsError):
        return f"dwtop crashed ({error!r}); please report it."
    return f"dwtop crashed; please report it with the file {path}"


def prepare_process() -> None:
    """Set up the process for the dashboard, before its modules are imported."""
    gc.disable()  # as in `app.__main__`; the dashboard enables it once it is up
    os.environ.setdefault("TEXTUAL_FPS", _FRAMES_PER_SECOND)
    os.environ.setdefault("ESCDELAY", _ESCAPE_DELAY_MILLISECONDS)


def why_no_dashboard(environ: Mapping[str, str]) -> str:
    """Why a terminal of this type cannot show the dashboard; empty if it can."""
    if can_move_cursor(environ):
        return ""
    return (
        f'A terminal of the type TERM="{environ.get("TERM", "")}" cannot show the dashboard; set TERM to its real'
        " type, such as xterm-256color"
    )


def read_keys_from_terminal() -> bool:
    """Connect standard input to the terminal after a pipe has been read; returns whether there is a terminal."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        return False
    os.dup2(terminal, 0)
    os.close(terminal)
    return True
