"""The screens of the gallery: what leads to each of them, and the panes in which it is looked at."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from textual.app import App
from textual.command import CommandPalette
from textual.events import Paste
from textual.pilot import Pilot

from app.dashboard.jobs_screen import JobsScreen
from app.job import Job, Status
from app.watch.polling.link import Link, LinkState
from tests.snapshots.scene import BOOK, ENTRIES
from tests.ui.dashboard_host import NOW
from tests.ui.pane_host import text_on
from widgets.dialogs.cancel import CancelDialog

Size = tuple[int, int]
Step = Callable[[Pilot[Any]], Awaitable[None]]

WIDEST, WIDE, USUAL, SMALL, LEAST, LINES = (200, 60), (120, 30), (80, 24), (40, 10), (40, 8), (20, 2)

_EVERY = (WIDEST, WIDE, USUAL, SMALL, LINES)
_LINE = (WIDE, USUAL, SMALL, LINES)
"""For a screen that differs from the list by one line: the widest pane would tell nothing more."""


class Exhibit(NamedTuple):
    """One screen.

    Attributes:
        name: What the files are called.
        step: Leads to it from the list; None for the list itself.
        sizes: Columns and lines of the panes, from the largest to the smallest.
        scene: How the scene is opened, by the arguments of `open_scene`.
    """

    name: str
    step: Step | None = None
    sizes: tuple[Size, ...] = _EVERY
    scene: Mapping[str, bool] = MappingProxyType({})


def _press(*keys: str) -> Step:
    async def step(pilot: Pilot[Any]) -> None:
        await pilot.press(*keys)

    return step


async def _cancel(pilot: Pilot[Any]) -> None:
    await pilot.press("j", "j", "x")
    await _until(pilot, lambda: isinstance(pilot.app.screen, CancelDialog))


async def _cancel_many(pilot: Pilot[Any]) -> None:
    await pilot.press("asterisk", "slash", *"re", "enter", "x")
    await _until(pilot, lambda: isinstance(pilot.app.screen, CancelDialog))
    _answer(pilot, ENTRIES[2].id, Status.COMPLETED)
    await _until(pilot, lambda: "can no longer be cancelled" in _text(pilot))
    await pilot.press("5")


async def _add(pilot: Pilot[Any]) -> None:
    new = "7a1d5c90-3e42-4b18-a6f7-0c9d8e2b5f31"
    pilot.app.post_message(Paste(f"{BOOK} {new}\n{new}\n12345678-not-an-id"))
    await _until(pilot, lambda: "1 new" in _text(pilot))


async def _palette(pilot: Pilot[Any]) -> None:
    await pilot.press("colon", *"exp")
    await _found(pilot, "Export list as CSV")


async def _themes(pilot: Pilot[Any]) -> None:
    await pilot.press("t", *"text")
    await _found(pilot, "textual-light")


async def _found(pilot: Pilot[Any], text: str) -> None:
    await _until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette) and text in _text(pilot))


async def _digest(pilot: Pilot[Any]) -> None:
    _end_two(pilot)
    await _until(pilot, lambda: "While you were away" in _text(pilot))


async def _digest_in_few_lines(pilot: Pilot[Any]) -> None:
    if pilot.app.size.height > 2:
        await pilot.press("slash", *"re")  # the line that is typed in stays in sight
    _end_two(pilot)
    await _until(pilot, lambda: "1 job done" in _text(pilot))


def _end_two(pilot: Pilot[Any]) -> None:
    """Every unfinished job is answered for the first time since the start; two have ended meanwhile."""
    ended = {ENTRIES[1].id: Status.COMPLETED, ENTRIES[3].id: Status.FAILED}
    for entry in ENTRIES:
        if not entry.finished:
            _answer(pilot, entry.id, ended.get(entry.id))


def _linked(state: LinkState) -> Step:
    async def step(pilot: Pilot[Any]) -> None:
        _main(pilot).show_link(state)

    return step


def _answer(pilot: Pilot[Any], job_id: str, status: Status | None) -> None:
    """Have the API say that a job is as it was, or that it has another status now."""
    watch_list = _main(pilot).session.watch_list
    job = cast("Job", watch_list.entries[job_id].job)
    watch_list.answered(replace(job, status=status) if status else job)


def _main(pilot: Pilot[Any]) -> JobsScreen:
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, JobsScreen)
    return screen


def _text(pilot: Pilot[Any]) -> str:
    return text_on(cast("App[None]", pilot.app))


async def _until(pilot: Pilot[Any], holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < give_up, f"it did not come about in time\n{_text(pilot)}"
        await pilot.pause(0.01)


EXHIBITS = (
    Exhibit("list", sizes=(WIDEST, WIDE, USUAL, SMALL, LEAST, LINES)),
    Exhibit("marks", _press("space", "j", "space", "V"), (USUAL, SMALL, LINES)),
    Exhibit("details", _press("j", "j", "enter")),
    Exhibit("details-of-failed", _press("enter"), (WIDE, USUAL, SMALL)),
    Exhibit("filter", _press("slash", *"re"), _LINE),
    Exhibit("filter-without-match", _press("slash", *"qq"), (USUAL, SMALL)),
    Exhibit("events", _press("e")),
    Exhibit("help", _press("question_mark")),
    Exhibit("add", _add),
    Exhibit("columns", _press("c")),
    Exhibit("login", _press("L")),
    Exhibit("palette", _palette),
    Exhibit("themes", _themes),
    Exhibit("cancel-one", _cancel, (WIDEST, WIDE, USUAL, SMALL, LEAST)),
    Exhibit("cancel-many", _cancel_many, (WIDEST, WIDE, USUAL, SMALL, LEAST)),
    Exhibit("digest", _digest, (WIDE, USUAL)),
    Exhibit("digest-in-few-lines", _digest_in_few_lines, (SMALL, LEAST)),
    Exhibit("digest-in-a-line", _digest_in_few_lines, (LINES,)),
    Exhibit("offline", _linked(LinkState(Link.DOWN, "The API cannot be reached: connection refused.", NOW + 12)), _LINE),
    Exhibit("limited", _linked(LinkState(Link.LIMITED, "The API answered 429 (too many requests).", NOW + 60)), _LINE),
    Exhibit("signed-out", _linked(LinkState(Link.SIGNED_OUT, "The API did not accept the token.")), _LINE),
    Exhibit("paused", _press("p"), _LINE),
    Exhibit("read-only", None, _LINE, {"read_only": True}),
    Exhibit("demo", None, _LINE, {"demo": True}),
    Exhibit("empty", None, (WIDEST, WIDE, USUAL, SMALL, LEAST, LINES), {"empty": True}),
    Exhibit("first-run", None, (WIDEST, WIDE, USUAL, SMALL, LEAST, LINES), {"empty": True, "token": False}),
)  # fmt: skip
"""Every screen, dialog and banner."""
