"""The screens of the gallery: the keys that lead to each, and the sizes in which it is drawn."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from textual.app import App
from textual.command import CommandPalette
from textual.events import Paste
from textual.pilot import Pilot

from app.dashboard.main_screen import MainScreen
from app.job import Job, Status
from app.watch.polling.link import Link, LinkState
from tests.snapshots.scene import BOOK, ENTRIES
from tests.timing import eventually
from tests.ui.dashboard_host import NOW
from tests.ui.pane_host import text_on
from widgets.dialogs.cancel import CancelDialog
from widgets.dialogs.model import ListedJobLine
from widgets.dialogs.my_jobs import MyJobsDialog
from widgets.model import Tone

Size = tuple[int, int]
Step = Callable[[Pilot[Any]], Awaitable[None]]

WIDEST, WIDE, USUAL, SMALL, LEAST, LINES = (200, 60), (120, 30), (80, 24), (40, 10), (40, 8), (20, 2)

_USUAL = (USUAL,)


class Exhibit(NamedTuple):
    """One screen, in the panes and themes in which it can look wrong in a way of its own.

    Attributes:
        name: What the files are called.
        step: Leads to it from the list; None for the list itself.
        sizes: Columns and lines of the panes, from the largest to the smallest: one for each layout it has.
        light: The panes in which it is drawn with the light theme too, if it uses colours that no other screen shows.
        ascii: The panes in which it is drawn in ASCII too, if it has signs of its own.
        scene: How the scene is opened, by the arguments of `open_scene`.
    """

    name: str
    step: Step | None
    sizes: tuple[Size, ...]
    light: tuple[Size, ...] = ()
    ascii: tuple[Size, ...] = ()
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
    await _until(pilot, lambda: "has ended" in _text(pilot))
    await pilot.press("5")


async def _add(pilot: Pilot[Any]) -> None:
    new = "7a1d5c90-3e42-4b18-a6f7-0c9d8e2b5f31"
    pilot.app.post_message(Paste(f"{BOOK} {new}\n{new}\n12345678-not-an-id"))
    await _until(pilot, lambda: "1 new" in _text(pilot))


async def _my_jobs(pilot: Pilot[Any]) -> None:
    await pilot.press("A")
    await _until(pilot, lambda: "cannot be asked" in _text(pilot))  # the scene has no account
    dialog = pilot.app.screen
    assert isinstance(dialog, MyJobsDialog)
    dialog.show(
        (
            ListedJobLine(BOOK, "The Salt Roads", "in progress", "08:17", chosen=True, tone=Tone.RUNNING),
            ListedJobLine(ENTRIES[1].id, "Night trains", "queued", "10:32", chosen=True, tone=Tone.WAITING),
            ListedJobLine(ENTRIES[2].id, "Tide tables", "failed", "Nov 22 16:40", tone=Tone.ATTENTION),
            ListedJobLine(ENTRIES[3].id, "School meals", "completed", "Nov 21 09:05", tone=Tone.DONE),
            ListedJobLine(ENTRIES[4].id, "Harbour hearing", "completed", "Nov 20 11:00", known=True),
        )
    )
    await pilot.press("down")


async def _palette(pilot: Pilot[Any]) -> None:
    await pilot.press("colon", *"exp")
    await _found(pilot, "Export the list to a CSV file")


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
    await _until(pilot, lambda: "1 job done" in _text(pilot) or "and 1 more" in _text(pilot))


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
    watch_list.record_answer(replace(job, status=status) if status else job)


def _main(pilot: Pilot[Any]) -> MainScreen:
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, MainScreen)
    return screen


def _text(pilot: Pilot[Any]) -> str:
    return text_on(cast("App[None]", pilot.app))


async def _until(pilot: Pilot[Any], holds: Callable[[], bool]) -> None:
    await eventually(holds, describe=lambda: _text(pilot))


_DOWN = LinkState(Link.DOWN, "The API cannot be reached: connection refused.", NOW + 12)
_LIMITED = LinkState(Link.LIMITED, "The API answered 429 (too many requests).", NOW + 60)
_SIGNED_OUT = LinkState(Link.SIGNED_OUT, "The API did not accept the token.")

EXHIBITS = (
    Exhibit("list", None, (WIDEST, WIDE, USUAL, SMALL, LEAST, LINES), light=(WIDE, USUAL), ascii=(WIDE, USUAL, SMALL)),
    Exhibit("marks", _press("space", "j", "space", "V"), (USUAL, SMALL, LINES), light=_USUAL, ascii=_USUAL),
    Exhibit("details", _press("j", "j", "enter"), (WIDEST, WIDE, USUAL, SMALL, LINES), light=(WIDE,), ascii=(WIDE,)),
    Exhibit("details-of-failed", _press("enter"), (WIDE, USUAL, SMALL), light=(WIDE,)),
    Exhibit("filter", _press("slash", *"re"), (WIDE, USUAL, SMALL, LINES)),
    Exhibit("filter-without-match", _press("slash", *"qq"), (USUAL, SMALL)),
    Exhibit("events", _press("e"), (WIDE, USUAL, SMALL, LINES), light=_USUAL, ascii=_USUAL),
    Exhibit("help", _press("question_mark"), (WIDEST, USUAL, SMALL, LINES), light=_USUAL, ascii=_USUAL),
    Exhibit("add", _add, (WIDE, USUAL, SMALL, LINES), light=_USUAL, ascii=_USUAL),
    Exhibit("my-jobs", _my_jobs, (USUAL, SMALL, LINES), light=_USUAL, ascii=_USUAL),
    Exhibit("columns", _press("c"), (USUAL, SMALL, LINES), light=_USUAL, ascii=_USUAL),
    Exhibit("login", _press("L"), (USUAL, SMALL, LINES), light=_USUAL, ascii=_USUAL),
    Exhibit("palette", _palette, (USUAL, SMALL), light=_USUAL),
    Exhibit("themes", _themes, _USUAL),
    Exhibit("cancel-one", _cancel, (WIDE, USUAL, SMALL, LEAST), light=_USUAL, ascii=_USUAL),
    Exhibit("cancel-many", _cancel_many, (WIDE, USUAL, SMALL, LEAST), light=_USUAL, ascii=_USUAL),
    Exhibit("digest", _digest, (WIDE, USUAL), light=(WIDE,)),
    Exhibit("digest-in-few-lines", _digest_in_few_lines, (SMALL, LEAST)),
    Exhibit("digest-in-a-line", _digest_in_few_lines, (LINES,)),
    Exhibit("offline", _linked(_DOWN), (WIDE, USUAL, SMALL, LINES), light=_USUAL, ascii=_USUAL),
    Exhibit("limited", _linked(_LIMITED), (USUAL, SMALL)),
    Exhibit("signed-out", _linked(_SIGNED_OUT), (USUAL, SMALL, LINES), light=_USUAL),
    Exhibit("paused", _press("p"), (USUAL, SMALL, LINES), light=_USUAL, ascii=_USUAL),
    Exhibit("read-only", None, (WIDE, USUAL, LINES), scene={"read_only": True}),
    Exhibit("demo", None, (USUAL, SMALL, LINES), scene={"demo": True}),
    Exhibit("empty", None, (WIDEST, USUAL, SMALL, LINES), light=_USUAL, ascii=_USUAL, scene={"empty": True}),
    Exhibit("first-run", None, (WIDE, USUAL, SMALL, LEAST, LINES), scene={"empty": True, "token": False}),
)  # fmt: skip
"""Every screen, dialog and banner."""
