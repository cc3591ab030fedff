"""The screens of the gallery: the keys that lead to each, and the sizes in which it is drawn."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from app.job import Status
from app.watch.polling.link import Link, LinkState
from tests.snapshots.scene import BOOK, ENTRIES
from tests.ui.dashboard_host import NOW, DashboardPilot
from widgets.dialogs.cancel import CancelDialog
from widgets.dialogs.model import ListedJobLine
from widgets.dialogs.my_jobs import MyJobsDialog
from widgets.model import Tone

Size = tuple[int, int]
Step = Callable[[DashboardPilot], Awaitable[None]]

WIDEST, WIDE, USUAL, SMALL, LEAST, LINES = (200, 60), (120, 30), (80, 24), (40, 10), (40, 8), (20, 2)

_USUAL = (USUAL,)


class Screen(NamedTuple):
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


def _press(*keys: str, shows: str = "") -> Step:
    async def step(dash: DashboardPilot) -> None:
        await dash.press(*keys)
        await dash.until(shows)

    return step


async def _cancel(dash: DashboardPilot) -> None:
    await dash.press("j", "j", "x")
    await dash.until(lambda: isinstance(dash.app.screen, CancelDialog))


async def _cancel_many(dash: DashboardPilot) -> None:
    await dash.press("asterisk", "slash", *"re", "enter", "x")
    await dash.until(lambda: isinstance(dash.app.screen, CancelDialog))
    dash.answer(ENTRIES[2].id, status=Status.COMPLETED)
    await dash.until("has ended")
    await dash.press("5")


async def _add(dash: DashboardPilot) -> None:
    new = "7a1d5c90-3e42-4b18-a6f7-0c9d8e2b5f31"
    await dash.paste(f"{BOOK} {new}\n{new}\n12345678-not-an-id")
    await dash.until("1 new")


async def _my_jobs(dash: DashboardPilot) -> None:
    await dash.press("A")
    await dash.until("cannot be asked")  # the scene has no account
    dialog = dash.app.screen
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
    await dash.press("down")


def _digest(shows: str) -> Step:
    async def step(dash: DashboardPilot) -> None:
        _end_two(dash)
        await dash.until(shows)

    return step


async def _digest_in_few_lines(dash: DashboardPilot) -> None:
    if dash.app.size.height > 2:
        await dash.press("slash", *"re")  # the line that is typed in stays in sight
    _end_two(dash)
    await dash.until(lambda: "1 job done" in dash.text or "and 1 more" in dash.text)


def _end_two(dash: DashboardPilot) -> None:
    """Every unfinished job is answered for the first time since the start; two have ended meanwhile."""
    ended = {ENTRIES[1].id: Status.COMPLETED, ENTRIES[3].id: Status.FAILED}
    for entry in ENTRIES:
        if entry.job and not entry.finished:
            dash.answer(entry.id, status=ended.get(entry.id, entry.job.status))


def _linked(state: LinkState) -> Step:
    async def step(dash: DashboardPilot) -> None:
        dash.main.show_link(state)

    return step


_DOWN = LinkState(Link.DOWN, "The API cannot be reached: connection refused.", NOW + 12)
_LIMITED = LinkState(Link.LIMITED, "The API answered 429 (too many requests).", NOW + 60)
_SIGNED_OUT = LinkState(Link.SIGNED_OUT, "The API did not accept the token.")

SCREENS = (
    Screen("list", None, (WIDEST, WIDE, USUAL, SMALL, LEAST, LINES), light=(WIDE, USUAL), ascii=(WIDE, USUAL, SMALL)),
    Screen("marks", _press("space", "j", "space", "V"), (USUAL, SMALL, LINES), light=_USUAL, ascii=_USUAL),
    Screen("details", _press("j", "j", "enter"), (WIDEST, WIDE, USUAL, SMALL, LINES), light=(WIDE,), ascii=(WIDE,)),
    Screen("details-of-failed", _press("enter"), (WIDE, USUAL, SMALL), light=(WIDE,)),
    Screen("filter", _press("slash", *"re"), (WIDE, USUAL, SMALL, LINES)),
    Screen("filter-without-match", _press("slash", *"qq"), (USUAL, SMALL)),
    Screen("events", _press("e"), (WIDE, USUAL, SMALL, LINES), light=_USUAL, ascii=_USUAL),
    Screen("help", _press("question_mark"), (WIDEST, USUAL, SMALL, LINES), light=_USUAL, ascii=_USUAL),
    Screen("add", _add, (WIDE, USUAL, SMALL, LINES), light=_USUAL, ascii=_USUAL),
    Screen("my-jobs", _my_jobs, (USUAL, SMALL, LINES), light=_USUAL, ascii=_USUAL),
    Screen("columns", _press("c"), (USUAL, SMALL, LINES), light=_USUAL, ascii=_USUAL),
    Screen("login", _press("L"), (USUAL, SMALL, LINES), light=_USUAL, ascii=_USUAL),
    Screen("palette", _press("colon", *"exp", shows="Export the list as CSV"), (USUAL, SMALL), light=_USUAL),
    Screen("themes", _press("t", *"text", shows="textual-light"), _USUAL),
    Screen("cancel-one", _cancel, (WIDE, USUAL, SMALL, LEAST), light=_USUAL, ascii=_USUAL),
    Screen("cancel-many", _cancel_many, (WIDE, USUAL, SMALL, LEAST), light=_USUAL, ascii=_USUAL),
    Screen("digest", _digest("while dwtop was closed"), (WIDE,), light=(WIDE,)),
    Screen("digest-in-toasts", _digest("▌ ✔ Soil carbon"), _USUAL, light=_USUAL),
    Screen("digest-in-few-lines", _digest_in_few_lines, (SMALL, LEAST)),
    Screen("digest-in-a-line", _digest_in_few_lines, (LINES,)),
    Screen("offline", _linked(_DOWN), (WIDE, USUAL, SMALL, LINES), light=_USUAL, ascii=_USUAL),
    Screen("limited", _linked(_LIMITED), (USUAL, SMALL)),
    Screen("signed-out", _linked(_SIGNED_OUT), (USUAL, SMALL, LINES), light=_USUAL),
    Screen("paused", _press("p"), (USUAL, SMALL, LINES), light=_USUAL, ascii=_USUAL),
    Screen("read-only", None, (WIDE, USUAL, LINES), scene={"read_only": True}),
    Screen("demo", None, (USUAL, SMALL, LINES), scene={"demo": True}),
    Screen("empty", None, (WIDEST, USUAL, SMALL, LINES), light=_USUAL, ascii=_USUAL, scene={"empty": True}),
    Screen("first-run", None, (WIDE, USUAL, SMALL, LEAST, LINES), scene={"empty": True, "token": False}),
)  # fmt: skip
"""Every screen, dialog and banner."""
