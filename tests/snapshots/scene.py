"""A watch list on a winter afternoon, with one job of every kind, and the clock stopped."""

from pathlib import Path
from typing import Any

from app.dashboard.app import Dashboard
from app.job import Group, Job
from app.settings.schema import Settings
from app.watch.events import Event, EventKind
from app.watch.history import Sample
from app.watch.watched import Cancel, CancelStep, Failure, Outlook, Watched
from tests.ui.dashboard_host import NOW, dashboard, fill, no_token, silence

BOOK = "5f0c2a91-7d1e-4b52-9a36-0c8b7e4d2f10"


def open_scene(
    path: Path,
    *,
    empty: bool = False,
    ascii: bool = False,
    token: bool = True,
    read_only: bool = False,
    demo: bool = False,
) -> Dashboard:
    """The dashboard on that list, in a new database; nothing answers it, so it does not change."""
    if not empty:
        fill(path, ENTRIES, SAMPLES, EVENTS)
    return dashboard(
        path,
        silence if token else no_token,
        now=lambda: NOW,
        settings=Settings(ascii=ascii, theme="dwtop-dark", read_only=read_only),
        demo=demo,
    )


def _entry(
    number: int,
    job_id: str,
    title: str | None,
    status: str,
    progress: float | None,
    stage: str | None = None,
    *,
    minutes: float,
    left: float | None = None,
    age: float = 4.0,
    error: str | None = None,
    **more: Any,
) -> Watched:
    """One job, created some minutes ago, last fetched `age` seconds ago, with some minutes left."""
    user, project = "0d9c1f52-3b7a-4f0e-8a44-6e2f9b1c7d03", "b81e6c70-52d4-4c1b-9f3e-7a0d5e8c4b21"
    times, models = (NOW - 60 * minutes, NOW - age), ("opus-4", "o3", "haiku-3.5")
    is_byok, is_starred = False, number == 0
    job = Job(
        job_id, user, project, status, *times, progress, stage, title, error, *models, is_byok, is_starred
    )
    outlook = Outlook(NOW + 60 * left, NOW + 48 * left, NOW + 75 * left) if left else None
    return Watched(job_id, NOW - 9000 + number, job, NOW - age, outlook=outlook, **more)


ENTRIES = (
    _entry(0, BOOK, "The Cartographer's Winter", "in_progress", 63.4, "Drafting chapters", minutes=96, left=52),
    _entry(1, "a3d84e07-2c6f-4d19-8b50-1f7e9c2a6d34", "Soil carbon in drained peatlands: a review", "in_progress",
           88.0, "Checking citations", minutes=31, left=4),
    _entry(2, "c9417b5e-8f20-4a6d-b3c1-5d0e7f9a2b48", "Quarterly supply chain risk report", "in_progress", 12.0,
           "Outlining", minutes=3, left=18),
    _entry(3, "e7b25d18-0a9c-4f73-86e4-9c3b1d5f7a60", "Dissertation, chapter 4", "in_progress", 41.0, "Research",
           minutes=140, age=540, failure=Failure(NOW - 6, "The API answered 503 (service unavailable).")),
    _entry(4, "1b6f9e42-d37c-4085-a921-4e8d0c5b3f72", "Grant proposal for tidal power", "queued", None, None,
           minutes=6),
    _entry(5, "72e0c8d5-914b-4e3a-bd67-3a1f5c9e8b04", None, "draft", None, None, minutes=55),
    _entry(6, "d4a91c3f-65b8-4702-9ef0-8b2c7d6e1a95", "Market entry brief: Nordic heat pumps", "failed", 37.0,
           "Research", minutes=70, age=1260, error="The source archive could not be opened: it is not a ZIP file."),
    _entry(7, "38c5f7a0-be12-4d96-8431-6f9a0e2d5c7b", "Field guide to lichens", "completed", 100.0, None, minutes=300,
           age=5400),
    _entry(8, "95d1e2b6-4c70-4f8a-a5d3-2e7b0f6c9138", "Letters from Trieste", "cancelled", 22.0, "Outlining",
           minutes=200, age=7200),
    _entry(9, "0e83a6f4-c951-4b2d-97e8-d15c4f7b0a26", "Annual report 2025", "in_progress", 70.0, "Polishing",
           minutes=44, left=9, cancel=Cancel(NOW - 80, CancelStep.REFUSED, "too many requests")),
)  # fmt: skip
"""The jobs, in the order in which they were added."""

SAMPLES = tuple(
    (BOOK, Sample(NOW - 60 * minutes, status, progress, stage))
    for minutes, status, progress, stage in (
        (96, "submitted", None, None),
        (95, "queued", None, None),
        (90, "in_progress", 0.0, "Research"),
        (82, "in_progress", 6.0, "Research"),
        (74, "in_progress", 13.0, "Research"),
        (66, "in_progress", 20.0, "Outlining"),
        (58, "in_progress", 24.0, "Outlining"),
        (50, "in_progress", 29.0, "Drafting chapters"),
        (38, "in_progress", 38.0, "Drafting chapters"),
        (25, "in_progress", 47.0, "Drafting chapters"),
        (12, "in_progress", 55.0, "Drafting chapters"),
        (0.1, "in_progress", 63.4, "Drafting chapters"),
    )
)
"""The first one's past."""

_FAILURE = "failed at 37%: The source archive could not be opened: it is not a ZIP file."

EVENTS = (
    Event(NOW - 5400, EventKind.STATUS, "started after 5m in the queue", BOOK, "queued", "in_progress", Group.RUNNING),
    Event(NOW - 1260, EventKind.STATUS, _FAILURE, ENTRIES[6].id, "in_progress", "failed", Group.ATTENTION),
)  # fmt: skip
"""What is in the event log."""
