"""`dwtop add`, `remove` and `list`: the watch list without the dashboard, and without the network."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from app.cli.errors import CliError, named
from app.cli.job_ids import JOB_ID, new_ids, watched_ids, watched_now
from app.cli.options import common_options, settings_of
from app.presentation.durations import jobs
from app.settings.schema import Settings
from app.store.read_only import read_histories, read_watch_list
from app.store.store import Store
from app.watch.storage import StoreError
from app.watch.watched import Watched


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
    with _writing(settings) as store:
        removed = store.remove(wanted).result()
    click.echo(f"Removed {jobs(len(removed))}.")


@click.command("list")
@click.option("--json", "form", flag_value="json", help="Print JSON.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV, for a spreadsheet.")
@click.option(
    "--history", is_flag=True, help="Print how each job went so far: one line a change. With --json or --csv."
)
@common_options
@click.pass_context
def list_command(context: click.Context, form: str | None, history: bool) -> None:
    """Print the watch list with the last known state of each job. Asks nobody."""
    settings = settings_of(context)
    if history and not form:
        raise CliError("--history prints JSON or CSV; add --json or --csv.")
    try:
        entries = read_watch_list(settings.database, settings.base_url)
        if form:
            click.echo(_export(settings, entries, form, history=history), nl=False)
            return
    except StoreError as error:
        raise CliError(str(error)) from None
    if not entries:
        click.echo("dwtop: No jobs are watched; add one with: dwtop add ID", err=True)
        return
    from app.cli.connect import intervals_of
    from app.cli.output.tables import table

    intervals = intervals_of(settings)
    click.echo(table(entries, time.time(), lambda entry: intervals.of(entry.cadence), plain=settings.ascii))


def _export(settings: Settings, entries: Sequence[Watched], form: str, *, history: bool) -> str:
    from app.presentation.export import Format, export_history, export_list

    if not history:
        return export_list(entries, Format(form))
    samples = read_histories(settings.database, settings.base_url, [entry.id for entry in entries])
    return export_history(entries, samples.__getitem__, Format(form))


def add_jobs(settings: Settings, job_ids: list[str]) -> list[str]:
    """Put jobs on the watch list; those that were not on it, once that is safe on the disk.

    Raises:
        CliError: The database cannot be used.
    """
    with _writing(settings) as store:
        return [entry.id for entry in store.add(job_ids).result()]


@contextmanager
def _writing(settings: Settings) -> Iterator[Store]:
    """The database, open for a change; a person hears of it where it was damaged.

    Raises:
        CliError: The database cannot be used.
    """
    try:
        store = Store(settings.database, settings.base_url)
        if store.notice:
            click.echo(f"dwtop: {store.notice}", err=True)
        try:
            yield store
        finally:
            store.close()
    except StoreError as error:
        raise CliError(str(error)) from None
