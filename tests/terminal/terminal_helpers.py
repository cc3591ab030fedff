"""Starts the dashboard on a terminal, and observes it from outside."""

import sys
import termios
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

from app.store.store import Store
from tests.processes import ROOT, database
from tests.simulated_api import RUNNING
from tests.simulator_faults.server import FaultySimulator
from tests.terminal.pane import Pane

PYTHON = sys.executable
NO_API = "http://127.0.0.1:9/api"
"""A base URL where nothing listens."""

TOKEN = "tok-5d2b48601f3c9a7e-never-shown"
MODES = {1000, 1003, 1004, 1006, 1015, 1049, 2004}
"""The private modes that have to be off at the end."""

SAVE_TITLE = b"\x1b[22;2t"
RESTORE_TITLE = b"\x1b[23;2t"
SHOW_CURSOR = b"\x1b[?25h"
HIDE_CURSOR = b"\x1b[?25l"


@contextmanager
def running(
    simulator: FaultySimulator, *words: str, shows: str = "A long report", **options: Any
) -> Iterator[Pane]:
    """The dashboard with one job in progress, once a text is on the screen; the options are those of `dwtop`."""
    simulator.world.add(RUNNING, title="A long report")
    watch(simulator)
    with dwtop(*words, base_url=simulator.base_url, **options) as pane:
        pane.wait_for(shows)
        pane.wait_for(lambda pane: pane.modes >= MODES)
        yield pane


def dwtop(
    *words: str,
    base_url: str,
    size: tuple[int, int] = (120, 30),
    env: Mapping[str, str] | None = None,
    through: tuple[str, ...] = (),
    entry: tuple[str, ...] = ("-m", "app"),
    lag: float = 0.0,
) -> Pane:
    """Start the dashboard, with a token and a budget that lets no test wait; `through` is a command that runs it."""
    api = {"DEEPWRITER_BASE_URL": base_url, "DEEPWRITER_TOKEN": TOKEN}
    variables = {**api, "DWTOP_REQUESTS_PER_MINUTE": "6000", **(env or {})}
    return Pane(*through, PYTHON, *entry, *words, size=size, env=variables, cwd=ROOT, lag=lag)


def patched(statements: str) -> tuple[str, ...]:
    """An entry for `dwtop` that runs statements before the program, such as one that breaks a method."""
    path = Path.home() / "entry.py"
    path.write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        f"{dedent(statements)}\n"
        "from app.cli.main import run\nsys.exit(run())\n"
    )
    return (str(path),)


BROKEN_PAUSE = """
    from app.dashboard.polling_actions import PollingActions
    def broken(self):
        session = self.session
        raise RuntimeError(f"a mistake in {session!r} {vars(session.account.api) if session.account._connected else ''!r}")
    PollingActions.pause = broken
"""
"""Statements for `patched` with which `p` crashes, with an error that contains all it can."""


def watch(server: FaultySimulator) -> None:
    """Put all jobs of a simulated API on the watch list."""
    with closing(Store(database(), server.base_url)) as store:
        store.add(server.world.ids).result(10)


def assert_restored(pane: Pane, since: int = 0) -> None:
    """The terminal is as the program found it, cursor and title too."""
    assert SHOW_CURSOR in pane.raw[since:]
    assert RESTORE_TITLE in pane.raw[since:]
    assert_in_order(pane)


def assert_in_order(pane: Pane) -> None:
    """The terminal is as a shell needs it, even if the program had only begun to change it."""
    assert not pane.modes & MODES
    assert pane.raw.rfind(HIDE_CURSOR) <= pane.raw.rfind(SHOW_CURSOR)
    assert pane.raw.count(SAVE_TITLE) <= pane.raw.count(RESTORE_TITLE)
    flags = pane.line_discipline
    assert flags & termios.ECHO
    assert flags & termios.ICANON
    assert flags & termios.ISIG
