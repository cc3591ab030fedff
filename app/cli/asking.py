"""Commands that ask the API: the dashboard's core without the dashboard."""

import asyncio
import sys
import time
from collections.abc import Sequence

import click

from app.cli import errors
from app.cli.errors import Fault
from app.cli.printing import document, table
from app.dashboard.connect import connect_to_api
from app.dashboard.session import Session
from app.deepwriter.errors import Forbidden, NotFound, NotSignedIn, Unauthorized
from app.settings import Settings
from app.watch.store.errors import StoreError
from app.watch.store.store import Store
from app.watch.watch_list import WatchList


def print_status(settings: Settings, job_ids: Sequence[str], *, add: bool, as_json: bool) -> int:
    """Ask once for each of these jobs, or for the whole watch list, and print them.

    Args:
        settings: In force.
        job_ids: The jobs; none for all that are watched.
        add: Whether to put them on the watch list first, and then print all of it.
        as_json: Whether to print JSON.

    Returns:
        The exit code: 3 for a sign-in that is missing or refused, 5 where the API cannot be reached, 4 for a job
        that it does not know, else 0.
    """
    try:
        store = Store(settings.database, settings.base_url)
        if add and job_ids:
            store.add(job_ids).result()
            job_ids = ()
        watch_list = WatchList(store)
    except StoreError as error:
        raise Fault(str(error)) from None
    watch_list.include(job_ids)
    session = Session(settings, watch_list, lambda: connect_to_api(settings))
    asked = list(job_ids or watch_list.entries)
    try:
        code, complaint = asyncio.run(_ask_once(session, asked)) if asked else (errors.OK, "")
        entries = [watch_list.entries[job_id] for job_id in asked]
        if as_json:
            click.echo(document(entries))
        elif entries:
            piped = not sys.stdout.isatty()
            click.echo(table(entries, time.time(), session.interval, plain=settings.ascii, whole_ids=piped))
        else:
            click.echo("No jobs are watched; add one with: dwtop add ID", err=True)
        if complaint:
            click.echo(f"dwtop: {complaint}", err=True)
    finally:
        session.close()
    return code


async def _ask_once(session: Session, job_ids: Sequence[str]) -> tuple[int, str]:
    """Ask for each job once, within the budget; stop where the first answers show that it is no use."""
    await session.start(lambda link: None)
    assert session.watcher is not None
    failures = [failure for failure in await session.watcher.poller.ask_each(job_ids) if failure]
    for kinds, code in (
        ((Unauthorized, NotSignedIn, Forbidden), errors.SIGNED_OUT),
        ((), errors.UNREACHABLE),
        ((NotFound,), errors.NOT_FOUND),
    ):
        for failure in failures:
            if isinstance(failure, kinds) if kinds else not isinstance(failure, NotFound):
                return code, str(failure)
    return errors.OK, ""
