"""The dashboard for tests, with a database and an API."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from textual.app import App
from textual.events import Paste
from textual.pilot import Pilot

from app.cli.session import new_session, token_source
from app.dashboard.app import Dashboard
from app.dashboard.main_screen import MainScreen
from app.deepwriter.auth.credential import CredentialLookup, Scheme
from app.deepwriter.auth.token_text import make_credential
from app.deepwriter.client import Client
from app.job import Job, status_facts
from app.settings.schema import Settings
from app.store.store import Store
from app.watch.account import Connect, Connected
from app.watch.events import Event
from app.watch.history import Sample
from app.watch.watch_list import WatchList
from app.watch.watched import Watched
from tests.no_account import NoAccount
from tests.processes import database
from tests.scripted_api import job_id
from tests.simulator_faults.server import FaultySimulator
from tests.timing import eventually
from tests.ui.pane_host import text_on
from widgets.dialogs.cancel import CancelDialog
from widgets.filter_line import FilterField
from widgets.model import Cell
from widgets.toasts import Toasts

BASE_URL = "https://example.invalid/api"

NOW = 1_763_906_400.0
"""The time in snapshots: 2025-11-23 14:00:00 UTC."""

EVERY_SECOND = Settings(interval=1.0, requests_per_minute=6000)
"""Jobs in progress are polled every second, and no request waits for the budget."""


class Silent(NoAccount):
    """An `Api` that never answers."""

    async def fetch(self, job_id: str) -> Job:
        await asyncio.Event().wait()
        raise AssertionError(job_id)

    async def cancel(self, job_id: str) -> str:
        await asyncio.Event().wait()
        return job_id


def known(
    number: int, status: str = "in_progress", *, age: float = 0.0, now: float | None = None, **facts: Any
) -> Watched:
    """A job that an earlier run fetched `age` seconds ago, with a number in ID and title, and other fields of `Job`."""
    name, at = job_id(number), (time.time() if now is None else now) - age
    fields: dict[str, Any] = {"progress": 42.9, "stage": "Drafting", "title": f"Book {number}"} | facts
    # The list shows done jobs newest first, and others oldest first. These are in the order of their numbers.
    order = -number if status_facts(status).finished else number
    job = Job(name, "user", "project", status, at - 600, at + order / 1000, **fields)
    return Watched(name, at - 1000 + number, job, at)


def known_jobs(count: int, status: str = "in_progress", *, start: int = 1) -> list[Watched]:
    """Jobs as an earlier run left them, numbered from `start`."""
    now = time.time()  # one time for all: their order must not depend on how long this takes
    return [known(number, status, now=now) for number in range(start, start + count)]


def silence() -> Connected:
    credential = make_credential("a-token", Scheme.BEARER, "a test")
    return Connected(Silent(), lookup=CredentialLookup(credential))


def no_token() -> Connected:
    """A connection without a token."""
    lookup = CredentialLookup(None, "There is no token.")
    return Connected(Silent(), source=token_source(Settings()), lookup=lookup)


def to_server(base_url: str, token: str = "a-token") -> Connect:
    """A function that connects to a simulated API."""

    def connect() -> Connected:
        credential = make_credential(token, Scheme.BEARER, "a test")
        client = Client(base_url, credential)
        return Connected(client, lookup=CredentialLookup(credential), source=token_source(Settings()))

    return connect


def fill(
    path: Path,
    entries: Iterable[Watched],
    samples: Iterable[tuple[str, Sample]] = (),
    events: Sequence[Event] = (),
    *,
    base_url: str = BASE_URL,
) -> None:
    """Store jobs in a database, with samples of their history (oldest first) and events."""
    known = list(entries)
    with closing(Store(path, base_url)) as store:
        store.restore(known).result(10)
        for entry in known:
            store.save(entry)
        for job_id, sample in samples:
            store.save(next(entry for entry in known if entry.id == job_id), sample)
        for event in events:
            store.log_event(event)
        store.set_preference("filled", "yes").result(10)  # committed last


ALPHA, BETA, GAMMA, DELTA = (job_id(number) for number in range(1, 5))


def titled_jobs() -> list[Watched]:
    """Four jobs: `Alpha review`, `Beta study`, `Gamma review`, and `Delta essay`, which is queued."""
    running = [
        known(n, title=title) for n, title in enumerate(("Alpha review", "Beta study", "Gamma review"), 1)
    ]
    return [*running, known(4, "queued", title="Delta essay", stage="Outlining")]


def dashboard(
    path: Path,
    connect: Connect = silence,
    *,
    settings: Settings | None = None,
    base_url: str = BASE_URL,
    now: Callable[[], float] = time.time,
    added: Sequence[str] = (),
    demo: bool = False,
) -> Dashboard:
    """The application on a database, with the API that `connect` connects to; the caller closes its session."""
    store = Store(path, base_url, now=now)
    watch_list = WatchList(store, now)
    session = new_session(settings or Settings(), watch_list, connect)
    return Dashboard(session, settings or Settings(), demo=demo, added=added)


@dataclass
class DashboardPilot:
    """A running dashboard: presses keys and reads the screen."""

    app: Dashboard
    pilot: Pilot[Any]

    @property
    def main(self) -> MainScreen:
        """The main screen, even under a dialog."""
        screen = self.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        return screen

    @property
    def cursor(self) -> str | None:
        return self.main.table.cursor

    @property
    def marks(self) -> set[str]:
        return self.main.board.marks

    @property
    def shown(self) -> list[str]:
        """The jobs in the table, from top to bottom."""
        return list(self.main.table.ids)

    @property
    def watched(self) -> list[str]:
        """The jobs on the watch list, in the order in which they were added."""
        return list(self.app.session.watch_list.entries)

    @property
    def filter_field(self) -> FilterField:
        return self.main.query_one("#filter", FilterField)

    @property
    def text(self) -> str:
        return text_on(cast("App[None]", self.app))

    def cell(self, job_id: str, column: str = "status") -> str:
        """The text of a cell of the table, that of the status with the glyph."""
        row = self.main.board.row(job_id)
        text = row.cells[column].text
        return f"{row.glyph.text} {text}" if column == "status" else text

    def line(self, text: str) -> str:
        """The line of the screen that contains a text; empty if none does."""
        return next((line for line in self.text.splitlines() if text in line), "")

    def answer(self, job_id: str, **changes: Any) -> None:
        """Have the API say that a job is as it was, except for these fields."""
        job = self.app.session.watch_list.entries[job_id].job
        assert job is not None
        self.app.session.watch_list.record_answer(replace(job, **changes))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def paste(self, text: str) -> None:
        self.app.post_message(Paste(text))
        await self.pilot.pause()

    async def until(self, holds: Callable[[], object] | str) -> None:
        """Wait until a condition holds, or a text is on the screen."""
        condition = holds if callable(holds) else lambda: holds in self.text
        await eventually(condition, lambda: self.text)

    async def connected(self) -> None:
        await self.until(lambda: self.app.session.watcher)


def message_of(dash: DashboardPilot) -> str:
    """The message or the news in the toasts, with a line for each."""
    toasts = dash.main.query_one(Toasts)
    if isinstance(toasts.value, Cell):
        return toasts.value.text
    return "\n".join(f"{toast.title}: {toast.text}" for toast in toasts.value)


@asynccontextmanager
async def running(app: Dashboard, *, size: tuple[int, int] = (120, 40)) -> AsyncIterator[DashboardPilot]:
    """Run a dashboard, and close its session at the end."""
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            await pilot.pause()
            try:
                yield DashboardPilot(app, pilot)
            finally:
                app.workers.cancel_all()  # as at a real exit, where Textual does this before it removes the screens
    finally:
        app.session.close()


@asynccontextmanager
async def running_dashboard(
    connect: Connect = silence,
    *,
    size: tuple[int, int] = (120, 40),
    jobs: Iterable[Watched] = (),
    base_url: str = BASE_URL,
    **options: Any,
) -> AsyncIterator[DashboardPilot]:
    """A running dashboard on the usual database, with these jobs; the options are those of `dashboard`."""
    if jobs:
        fill(database(), jobs, base_url=base_url)
    async with running(dashboard(database(), connect, base_url=base_url, **options), size=size) as dash:
        yield dash


@asynccontextmanager
async def served(
    server: FaultySimulator, job_ids: Sequence[str] = (), *, settings: Settings = EVERY_SECOND
) -> AsyncIterator[DashboardPilot]:
    """A running dashboard on a simulated API, with jobs that have been fetched once."""
    url, jobs = server.base_url, [Watched(name, number) for number, name in enumerate(job_ids)]
    async with running_dashboard(to_server(url), jobs=jobs, settings=settings, base_url=url) as dash:
        entries = dash.app.session.watch_list.entries
        await dash.until(lambda: all(entries[name].fetched_at or entries[name].failure for name in job_ids))
        yield dash


async def open_cancel_dialog(dash: DashboardPilot, *keys: str) -> CancelDialog:
    """Press x, or other keys, and wait until the dialog takes a yes."""
    await dash.press(*(keys or ("x",)))
    await dash.until(lambda: isinstance(dash.app.screen, CancelDialog))
    dialog = dash.app.screen
    assert isinstance(dialog, CancelDialog)
    await dash.until(lambda: not dialog.is_guarded())
    return dialog
