"""`dwtop status`: fetches jobs once, and prints them."""

import asyncio
import time
from collections.abc import Sequence

import click

from app.cli.errors import OK, CliError, code_of, describe_failures, worst
from app.cli.job_ids import JOB_ID, any_ids
from app.cli.options import common_options, settings_of
from app.cli.output.terminal import print_message
from app.settings.schema import Settings
from app.watch.session import Session
from app.watch.storage import StoreError


@click.command("status")
@click.argument("ids", nargs=-1, metavar="[ID...]", type=JOB_ID)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--tmux", is_flag=True, help="Print one line for a status bar, from the database alone.")
@common_options
@click.pass_context
def status_command(context: click.Context, ids: tuple[str, ...], as_json: bool, tmux: bool) -> None:
    """Fetch jobs once and print them. Without an ID: the whole watch list."""
    if tmux and (ids or as_json):
        raise CliError("--tmux sums up the whole watch list; leave out the job IDs and --json.")
    settings = settings_of(context)
    if tmux:
        context.exit(_print_status_line(settings))
    context.exit(print_status(settings, any_ids(ids, settings), add=False, as_json=as_json))


def print_status(settings: Settings, job_ids: Sequence[str], *, add: bool, as_json: bool) -> int:
    """Fetch these jobs once, or the whole watch list, and print them.

    Args:
        settings: In force.
        job_ids: The jobs; empty for the whole watch list.
        add: Whether to put them on the watch list first, and then print all of it.
        as_json: Whether to print JSON.

    Returns:
        The exit code.
    """
    from app.cli.output.tables import table
    from app.cli.session import open_session
    from app.presentation.json_fields import document

    with open_session(settings, () if add else job_ids, add=job_ids if add else ()) as session:
        entries = session.watch_list.entries
        wanted = list(entries if add or not job_ids else job_ids)
        code, sentence = asyncio.run(_fetch(session, wanted)) if wanted else (OK, "")
        shown = [entries[job_id] for job_id in wanted]
        if as_json:
            click.echo(document(shown))
        elif shown:
            click.echo(table(shown, time.time(), session.interval, ascii=settings.ascii))
        else:
            print_message("No jobs are watched; add one with: dwtop add ID")
        if sentence:
            print_message(sentence)
    return code


async def _fetch(session: Session, job_ids: Sequence[str]) -> tuple[int, str]:
    """Fetch jobs once; returns the exit code, and a sentence about failures."""
    from app.cli.session import fetch_each, started

    async with started(session):
        failures = await fetch_each(session, job_ids)
    return worst(map(code_of, failures.values())), describe_failures(failures, len(job_ids))


def _print_status_line(settings: Settings) -> int:
    """Print the line, or the error that kept `app.cli.tmux_status.print_if_requested` from doing so."""
    from app.cli.tmux_status import print_line

    try:
        print_line(settings, time.time())
    except StoreError as error:
        raise CliError(str(error)) from None
    return OK
