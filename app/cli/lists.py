"""`dwtop add`, `remove` and `list`: the watch list without the dashboard, and without the network."""

import time

import click

from app.cli.errors import Fault, named
from app.cli.jobs import JOB_ID, new_ids, watched_ids, watched_now
from app.cli.options import common_options, settings_of
from app.dashboard.words import jobs
from app.settings import Settings
from app.watch.store.errors import StoreError
from app.watch.store.reading import read_watch_list
from app.watch.store.store import Store


@click.command("add")
@click.argument("ids", nargs=-1, required=True, metavar="ID... | -")
@common_options
@click.pass_context
def add_command(context: click.Context, ids: tuple[str, ...]) -> None:
    """Add jobs to the watch list; - reads their IDs from the standard input, in any text around them."""
    settings = settings_of(context)
    wanted, repeated = new_ids(ids)
    added = add_jobs(settings, wanted)
    known = [job_id for job_id in wanted if job_id not in added]
    click.echo(f"Added {jobs(len(added))}." if added else "Added nothing.")
    if known:
        click.echo(f"Watched already: {named(known)}.")
    if repeated:
        click.echo(f"Named more than once: {named(repeated)}.")


@click.command("remove")
@click.argument("ids", nargs=-1, required=True, metavar="ID...", type=JOB_ID)
@common_options
@click.pass_context
def remove_command(context: click.Context, ids: tuple[str, ...]) -> None:
    """Take jobs off the watch list. The jobs themselves go on."""
    settings = settings_of(context)
    wanted = watched_ids(ids, watched_now(settings))
    try:
        store = Store(settings.database, settings.base_url)
        try:
            removed = store.remove(wanted).result()
        finally:
            store.close()
    except StoreError as error:
        raise Fault(str(error)) from None
    click.echo(f"Removed {jobs(len(removed))}.")


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common_options
@click.pass_context
def list_command(context: click.Context, as_json: bool) -> None:
    """Print the watch list with the last known state of each job. Asks nobody."""
    from app.cli.printing import table
    from app.cli.shapes import document
    from app.dashboard.session import intervals_of

    settings = settings_of(context)
    try:
        entries = read_watch_list(settings.database, settings.base_url)
    except StoreError as error:
        raise Fault(str(error)) from None
    if as_json:
        click.echo(document(entries))
    elif entries:
        intervals = intervals_of(settings)
        click.echo(
            table(entries, time.time(), lambda entry: intervals.of(entry.cadence), plain=settings.ascii)
        )
    else:
        click.echo("dwtop: No jobs are watched; add one with: dwtop add ID", err=True)


def add_jobs(settings: Settings, job_ids: list[str]) -> list[str]:
    """Put jobs on the watch list; those that were not on it, once that is safe on the disk.

    Raises:
        Fault: The database cannot be used.
    """
    try:
        store = Store(settings.database, settings.base_url)
        try:
            return [entry.id for entry in store.add(job_ids).result()]
        finally:
            store.close()
    except StoreError as error:
        raise Fault(str(error)) from None
