"""`dwtop status`: asks once for each job, and prints what comes back."""

import click

from app.cli.errors import Fault
from app.cli.jobs import any_ids
from app.cli.options import common_options, settings_of
from app.watch.store.errors import StoreError
from app.watch.store.reading import read_watch_list


@click.command("status")
@click.argument("ids", nargs=-1, metavar="[ID...]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common_options
@click.pass_context
def status_command(context: click.Context, ids: tuple[str, ...], as_json: bool) -> None:
    """Ask for jobs once, and print what comes back. Without an ID: for the whole watch list."""
    from app.cli.asking import print_status

    settings = settings_of(context)
    try:
        watched = [entry.id for entry in read_watch_list(settings.database, settings.base_url)]
    except StoreError as error:
        raise Fault(str(error)) from None
    context.exit(print_status(settings, any_ids(ids, watched), add=False, as_json=as_json))
