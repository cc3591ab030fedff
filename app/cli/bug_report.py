"""The file for a bug report: a check-up, the course of one job, the newest events, and a picture of the screen."""

import asyncio
import json
import os
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.cli.settings_check import problems
from app.cli.temporary_folder import temporary_folder
from app.job import Job
from app.presentation import durations
from app.presentation.json_fields import job_object
from app.settings.schema import Hooks, Settings
from app.store.read_only import read_watch_list
from app.store.store import Store
from app.watch.events import Event
from app.watch.history import Sample
from app.watch.session import Connected, Session
from app.watch.watch_list import WatchList
from app.watch.watched import Watched

_EVENTS = 500  # so many of the newest are told
_SIZE = (120, 36)
_HIDDEN = "hidden"


def write_report(file: Path, settings: Settings, text: str, course: str | None) -> None:
    """Write the report as a zip file.

    Args:
        file: Where to; it must not be there yet.
        settings: In force.
        text: The check-up.
        course: The job whose course is told; None for one that failed last, else the one heard of last.

    Raises:
        OSError: The file is there already, or cannot be written.
    """
    entries = read_watch_list(settings.database, settings.base_url)
    with zipfile.ZipFile(file, "x", zipfile.ZIP_DEFLATED) as bundle:
        home = os.path.expanduser("~")  # noqa: PTH111 because pathlib raises where there is no home folder
        bundle.writestr("checkup.txt", text.replace(home, "~") + "\n")
        if settings.database.exists():
            chosen = next((entry for entry in entries if entry.id == course), None) or _telling(entries)
            store = Store(settings.database, settings.base_url, or_in_memory=True)
            try:
                bundle.writestr(
                    "events.txt", "\n".join(_event_line(event) for event in store.events(limit=_EVENTS))
                )
                if chosen:
                    bundle.writestr("job.json", _course(chosen, store.samples(chosen.id)))
            finally:
                store.close()
        bundle.writestr("screen.svg", asyncio.run(_picture(settings, [redacted(entry) for entry in entries])))


def redacted(entry: Watched) -> Watched:
    """An entry without what is private: its title, and whose it is."""
    job = entry.job
    if job is None:
        return entry
    title = None if job.title is None else f"title of {len(job.title)} characters"
    return replace(entry, job=replace(job, title=title, user_id=_HIDDEN, project_id=_HIDDEN))


def _telling(entries: Sequence[Watched]) -> Watched | None:
    """The job that tells most: one whose last request failed, else the one heard of last."""
    return max(
        entries,
        key=lambda entry: (
            entry.failure is not None,
            entry.failure.at if entry.failure else entry.fetched_at or 0.0,
        ),
        default=None,
    )


def _course(entry: Watched, samples: Sequence[Sample]) -> str:
    return json.dumps(
        {"job": job_object(redacted(entry)), "samples": [sample._asdict() for sample in samples]}, indent=2
    )


def _event_line(event: Event) -> str:
    return f"{durations.moment(event.at)} {event.kind.value} {event.job_id or '-'} {event.text}"


class _Silent:
    """An API that never answers, for a screen that is only to be looked at."""

    async def fetch(self, job_id: str) -> Job:
        await asyncio.Event().wait()
        raise AssertionError

    async def cancel(self, job_id: str) -> str:
        await asyncio.Event().wait()
        raise AssertionError


async def _picture(settings: Settings, entries: Sequence[Watched]) -> str:
    """The dashboard as it would be now, from a database of its own, as SVG."""
    from app.dashboard.app import Dashboard

    quiet = replace(settings, hooks=Hooks(), bell=False, desktop_notifications="off")
    if any(problems(settings)):  # then there is no such screen; the usual one is better than none
        quiet = replace(quiet, theme=Settings().theme, keys={}, sources={})
    with temporary_folder("dwtop-report-") as folder:
        path = folder / "dwtop.db"
        store = Store(path, settings.base_url)
        await asyncio.wrap_future(store.add([entry.id for entry in entries]))
        for entry in entries:
            store.save(entry)
        store.close()
        session = Session(
            WatchList(Store(path, settings.base_url)),
            lambda: Connected(_Silent(), lambda credential: None),
        )
        app = Dashboard(session, quiet)
        try:
            async with app.run_test(size=_SIZE) as pilot:
                await pilot.pause()
                return app.export_screenshot(title="dwtop")
        finally:
            session.close()
