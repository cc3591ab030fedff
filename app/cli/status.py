"""`dwtop status`: fetches jobs once, and prints them."""

import time
from collections.abc import Sequence

import click

from app.cli.errors import NO_JOBS, OK, CliError, code_of, describe_failures, worst_code
from app.cli.job_ids import any_ids, complete_ids
from app.cli.options import Command, pass_settings
from app.cli.output.terminal import print_message
from app.cli.session import fetch_each, open_session
from app.cli.tmux_status import print_line
from app.presentation.json_fields import document
from app.settings.schema import Settings


@click.command("status", cls=Command)
@click.argument("ids", nargs=-1, metavar="[ID...]", shell_complete=complete_ids)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--tmux", is_flag=True, help="Print one line for a status bar, from the database alone.")
@pass_settings
def status_command(settings: Settings, ids: tuple[str, ...], as_json: bool, tmux: bool) -> int:
    """Fetch jobs once and print them. Without an ID, fetch the whole watch list."""
    if not tmux:
        return print_status(settings, any_ids(ids, settings), as_json=as_json)
    if ids or as_json:
        raise CliError("--tmux sums up the whole watch list; leave out the job IDs and --json.")
    print_line(settings, time.time())  # raises what kept `print_if_requested` from printing it
    return OK


def print_status(
    settings: Settings, job_ids: Sequence[str] = (), *, add: Sequence[str] = (), as_json: bool = False
) -> int:
    """Fetch jobs once, by default the whole watch list, and print them; returns the exit code.

    `add` names jobs to add to the watch list first.
    """
    from app.cli.output.tables import table

    with open_session(settings, job_ids, add=add) as (session, runner):
        entries = session.watch_list.entries
        wanted = list(job_ids or entries)
        failures = runner.run(fetch_each(session, wanted)) if wanted else {}
        shown = [entries[job_id] for job_id in wanted]
        if as_json:
            click.echo(document(shown))
        elif shown:
            click.echo(table(shown, time.time(), session.interval, ascii=settings.ascii))
        else:
            print_message(NO_JOBS)
    if failures:
        print_message(describe_failures(failures, len(wanted)))
    return worst_code(map(code_of, failures.values()))
