"""`dwtop --demo`: the dashboard with simulated jobs, in a database in memory that is filled with their history."""

import asyncio
from dataclasses import fields
from datetime import datetime
from heapq import merge
from operator import itemgetter
from typing import Any

from app.cli.open_dashboard import prepare_process, show_dashboard
from app.cli.session import new_session
from app.job import Job
from app.settings.schema import Settings
from app.simulator.demo_story import PAUSES, demo_story
from app.simulator.lifecycle import World
from app.store.store import Store
from app.watch.account import Connected
from app.watch.forecast.forecaster import Forecaster
from app.watch.history import Sample
from app.watch.watch_list import WatchList
from app.watch.watched import Watched

_BASE_URL = "demo"
_INTERVAL_SECONDS = 1.0
_REQUESTS_PER_MINUTE = 900  # enough for that interval
_ANSWERS_PER_JOB = 60  # about as many as a chart has points


def run_demo(settings: Settings) -> int:
    """Show the demo until the user quits; returns the exit code."""
    prepare_process()
    settings = settings._replace(
        interval=settings.interval or _INTERVAL_SECONDS,
        requests_per_minute=max(settings.requests_per_minute, _REQUESTS_PER_MINUTE),
    )
    story = demo_story()
    world = World(story.jobs, pauses=PAUSES)
    finished = World(story.finished, clock=lambda: world.start)

    def connect() -> Connected:
        from app.deepwriter.auth.token_text import make_credential
        from app.deepwriter.client import Client
        from app.simulator.server import SimulatorServer

        server = SimulatorServer(world)
        client = Client(server.start(), make_credential("demo", source="the demo"))
        return Connected(client, close=server.stop)

    store = Store(None, _BASE_URL)
    fill_store(store, world, finished)
    session = new_session(settings, WatchList(store), connect)
    # The cursor starts on the first job, which has the longest history.
    return show_dashboard(session, settings, demo=True, added=world.ids[:1])


def fill_store(store: Store, world: World, finished: World) -> None:
    """Fill an empty store as if dwtop had watched these jobs from the start.

    Forecasts learn from `finished`, which are not on the watch list.
    """
    store.track(finished.ids).result()  # first, since answers about untracked jobs are dropped
    for job_id in finished.ids:
        for at, job in _earlier_answers(finished, job_id):
            store.save(Watched(job_id, at, job, at), Sample.of(job, at))
    store.add(world.ids).result()  # also waits until the samples above are written
    now = world.start
    watch_list = WatchList(store, now=lambda: now)
    for at, job in merge(*(_earlier_answers(world, job_id) for job_id in world.ids), key=itemgetter(0)):
        now = at
        watch_list.record_answer(job)
    store.track(world.ids).result()  # waits until all of that is written
    # Forecast from what is stored, as the session will, or times would change at the first answers.
    watch_list.forecaster = Forecaster(store)
    watch_list.forecaster.train()
    asyncio.run(_forecast(watch_list, watch_list.forecaster))
    store.track(world.ids).result()


def job_of(answer: dict[str, Any]) -> Job:
    """The job in an answer, parsed without the client's pydantic and httpx, which take 0.1 s to import."""
    values: dict[str, Any] = {field.name: answer.get(field.name) for field in fields(Job)}
    values["stage"] = answer.get("progress_stage")
    for name in ("created_at", "updated_at"):
        values[name] = datetime.fromisoformat(answer[name]).timestamp()
    return Job(**values)


async def _forecast(watch_list: WatchList, forecaster: Forecaster) -> None:
    for entry in list(watch_list.entries.values()):
        if entry.job is not None and not entry.finished:
            await forecaster.read_history(entry.id)
            watch_list.record_answer(entry.job)


def _earlier_answers(world: World, job_id: str) -> list[tuple[float, Job]]:
    return [(at, job_of(answer)) for at, answer in world.history(job_id, _ANSWERS_PER_JOB)]
