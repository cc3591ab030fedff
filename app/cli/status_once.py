"""Asks once for some jobs, and prints what comes back."""

import asyncio
import time
from collections.abc import Sequence

import click

from app.cli.errors import OK, SIGNED_OUT, code_of, complaint, worst
from app.cli.output.tables import table
from app.cli.session import begun, say, sitting
from app.deepwriter.errors import ApiError
from app.presentation.json_fields import document
from app.settings.schema import Settings
from app.watch.session import Session


def print_status(settings: Settings, job_ids: Sequence[str], *, add: bool, as_json: bool) -> int:
    """Ask once for each of these jobs, or for the whole watch list, and print them.

    Args:
        settings: In force.
        job_ids: The jobs; none for all that are watched.
        add: Whether to put them on the watch list first, and then print all of it.
        as_json: Whether to print JSON.

    Returns:
        The exit code: 3 for a sign-in that is missing or refused, 5 where the API did not say how things are, 4 for
        a job that it does not know, else 0.
    """
    with sitting(settings, () if add else job_ids, add=job_ids if add else ()) as session:
        entries = session.watch_list.entries
        asked = list(entries if add or not job_ids else job_ids)
        code, sentence = asyncio.run(_ask_once(session, asked)) if asked else (OK, "")
        shown = [entries[job_id] for job_id in asked]
        if as_json:
            click.echo(document(shown))
        elif shown:
            click.echo(table(shown, time.time(), session.interval, plain=settings.ascii))
        else:
            say("No jobs are watched; add one with: dwtop add ID")
        if sentence:
            say(sentence)
    return code


async def fetch_each(session: Session, job_ids: Sequence[str]) -> dict[str, ApiError]:
    """Ask for each job once, within the budget; why those failed that did, by job ID.

    Where the token is refused, its source is looked at once more, and those refused are asked for again if it
    has another.
    """
    assert session.watcher is not None
    watcher = session.watcher
    failures = _failed(job_ids, await watcher.poller.fetch_each(job_ids))
    refused = [job_id for job_id, error in failures.items() if code_of(error) == SIGNED_OUT]
    if refused and watcher.link.signed_out and await session.another_token():
        for job_id in refused:
            del failures[job_id]
        failures |= _failed(refused, await watcher.poller.fetch_each(refused))
    return failures


def _failed(job_ids: Sequence[str], results: Sequence[ApiError | None]) -> dict[str, ApiError]:
    return {job_id: error for job_id, error in zip(job_ids, results, strict=True) if error}


async def _ask_once(session: Session, job_ids: Sequence[str]) -> tuple[int, str]:
    async with begun(session):
        failures = await fetch_each(session, job_ids)
    return worst(map(code_of, failures.values())), complaint(failures, len(job_ids))
