"""`dwtop status`: asks once for each job, and prints what comes back."""

import time

import click

from app.cli.errors import OK, CliError
from app.cli.job_ids import JOB_ID, any_ids
from app.cli.options import common_options, settings_of
from app.settings.schema import Settings


@click.command("status")
@click.argument("ids", nargs=-1, metavar="[ID...]", type=JOB_ID)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--tmux", is_flag=True, help="Print one line for a status bar, from the database alone.")
@common_options
@click.pass_context
def status_command(context: click.Context, ids: tuple[str, ...], as_json: bool, tmux: bool) -> None:
    """Ask for jobs once, and print what comes back. Without an ID: for the whole watch list."""
    if tmux and (ids or as_json):
        raise CliError("--tmux sums up the whole watch list; leave out the job IDs and --json.")
    settings = settings_of(context)
    if tmux:
        context.exit(_print_line(settings))
    from app.cli.status_once import print_status

    context.exit(print_status(settings, any_ids(ids, settings), add=False, as_json=as_json))


def _print_line(settings: Settings) -> int:
    """What `app.cli.tmux_status.answer` could not print, or why."""
    from app.cli.tmux_status import print_line
    from app.watch.storage import StoreError

    try:
        print_line(settings, time.time())
    except StoreError as error:
        raise CliError(str(error)) from None
    return OK
