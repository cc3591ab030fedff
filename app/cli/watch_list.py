"""`dwtop add`, `remove` and `list`: the watch list without the dashboard."""

import time
from collections.abc import Sequence

import click

from app.cli.errors import NO_JOBS, CliError, join_ids
from app.cli.job_ids import complete_ids, full_ids, watched_ids
from app.cli.options import Command, pass_settings
from app.cli.output.terminal import message_if_slow, print_message
from app.cli.session import intervals_of, open_session, open_store
from app.deepwriter.errors import Unauthorized
from app.job import status_facts
from app.presentation.export import Format, export_history, export_list
from app.presentation.sentences import job_count
from app.settings.schema import Settings
from app.store.history import read_histories
from app.store.jobs import read_watch_list
from app.watch.watched import Watched


@click.command("add", cls=Command)
@click.argument("ids", nargs=-1, metavar="[ID... | -]")
@click.option("--mine", is_flag=True, help="Add your unfinished jobs from the API's list.")
@click.option("--all", "finished", is_flag=True, help="With --mine: add finished jobs too.")
@pass_settings
def add_command(settings: Settings, ids: tuple[str, ...], mine: bool, finished: bool) -> None:
    """Add jobs to the watch list.

    With -, read job IDs from any text on standard input.
    """
    if not ids and not mine:
        raise CliError("Name a job ID, - to read them from standard input, or --mine for your own jobs.")
    if finished and not mine:
        raise CliError("--all requires --mine.")
    wanted, repeated = full_ids(ids)
    if mine:
        wanted = list(dict.fromkeys([*wanted, *_my_jobs(settings, finished=finished)]))
    with open_store(settings) as store, message_if_slow(store.path):
        added = {entry.id for entry in store.add(wanted).result()}
    known = [job_id for job_id in wanted if job_id not in added]
    click.echo(f"Added {job_count(len(added))}." if added else "Added nothing.")
    if known:
        click.echo(f"Already watched: {join_ids(known)}.")
    if repeated:
        click.echo(f"Given more than once: {join_ids(repeated)}.")


@click.command("remove", cls=Command)
@click.argument("ids", nargs=-1, required=True, metavar="ID...", shell_complete=complete_ids)
@pass_settings
def remove_command(settings: Settings, ids: tuple[str, ...]) -> None:
    """Remove jobs from the watch list. The jobs themselves keep running."""
    wanted = watched_ids(ids, settings)
    with open_store(settings) as store, message_if_slow(store.path):
        removed = store.remove(wanted).result()
    click.echo(f"Removed {job_count(len(removed))}.")


@click.command("list", cls=Command)
@click.option("--json", "format_name", flag_value="json", help="Print JSON.")
@click.option("--csv", "format_name", flag_value="csv", help="Print CSV, for a spreadsheet.")
@click.option(
    "--history", is_flag=True, help="Print each job's progress over time. Requires --json or --csv."
)
@pass_settings
def list_command(settings: Settings, format_name: str | None, history: bool) -> None:
    """Print the watch list with the last known state of each job. Sends no requests."""
    if history and not format_name:
        raise CliError("--history prints JSON or CSV; add --json or --csv.")
    entries = read_watch_list(settings.database, settings.base_url)
    if format_name:
        click.echo(_export(settings, entries, format_name, history=history), nl=False)
        return
    if not entries:
        print_message(NO_JOBS)
        return
    from app.cli.output.tables import table

    intervals = intervals_of(settings)
    click.echo(table(entries, time.time(), lambda entry: intervals.of(entry.cadence), ascii=settings.ascii))


def _my_jobs(settings: Settings, *, finished: bool) -> list[str]:
    with open_session(settings) as (session, runner):
        try:
            listed = runner.run(session.account.list_jobs())
        except Unauthorized:
            if not runner.run(session.account.replace_token()):
                raise
            listed = runner.run(session.account.list_jobs())
    return [job.id for job in listed if finished or not status_facts(job.status).finished]


def _export(settings: Settings, entries: Sequence[Watched], format_name: str, *, history: bool) -> str:
    if not history:
        return export_list(entries, Format(format_name))
    samples = read_histories(settings.database, settings.base_url, [entry.id for entry in entries])
    return export_history(entries, samples.__getitem__, Format(format_name))
