"""`dwtop watch`: opens the dashboard; without a terminal, prints the list once."""

import os
import sys
from collections.abc import Sequence
from contextlib import aclosing

import click

from app.cli.errors import NO_JOBS, OK, CliError
from app.cli.job_ids import complete_ids, full_ids
from app.cli.open_dashboard import open_dashboard, read_keys_from_terminal, why_no_dashboard
from app.cli.options import Command, settings_of
from app.cli.output.terminal import is_terminal, print_message
from app.settings.schema import Settings

_IGNORED_BY_DEMO = ("base_url", "token_file", "token_command", "database", "auth", "allow_insecure_http")
"""Settings that the demo ignores, so that it uses neither the real API nor the real database."""


@click.command("watch", cls=Command)
@click.argument("ids", nargs=-1, metavar="[ID... | -]", shell_complete=complete_ids)
@click.option("--demo", is_flag=True, help="Watch simulated jobs; needs no account.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Instead of opening the dashboard, print a line of JSON for every status change, until Ctrl-C.",
)
@click.pass_context
def watch_command(context: click.Context, ids: tuple[str, ...], demo: bool, as_json: bool) -> int:
    """Add the given jobs to the watch list and open the dashboard. This is the default command.

    With -, read job IDs from any text on standard input, and keys from the terminal.
    """
    wanted, _ = full_ids(ids)
    if demo or context.find_root().params.get("demo"):
        if as_json:
            raise CliError("The demo is a full-screen program; leave out --json, or --demo.")
        if wanted:
            raise CliError("The demo has its own jobs; leave out the job IDs, or --demo.")
        return _run_demo(settings_of(context, ignore=_IGNORED_BY_DEMO))
    settings = settings_of(context)
    if as_json:
        return _print_changes(settings, wanted)
    interactive = _is_interactive(stdin_was_read="-" in ids)
    reason = why_no_dashboard(os.environ)
    if interactive and not reason:
        return open_dashboard(settings, wanted)
    from app.cli.status import print_status

    if interactive:
        print_message(f"{reason}. Printing the list instead:")
    return print_status(settings, add=wanted)


def _print_changes(settings: Settings, add: Sequence[str]) -> int:
    """Print every status change as it happens, until the reader of the output closes it."""
    from app.cli.output.progress import LinkReport
    from app.cli.session import open_session
    from app.cli.transitions import transitions
    from app.presentation.json_fields import transition_line

    with open_session(settings, add=add) as (session, runner):

        async def print_all() -> None:
            link_report = LinkReport()
            async with aclosing(transitions(session, output=sys.stdout)) as changes:
                async for link, seen in changes:
                    link_report.show(link)
                    for transition in seen:
                        click.echo(transition_line(transition))

        if session.watch_list.entries or settings.follow:
            runner.run(print_all())
        else:
            print_message(NO_JOBS)
    return OK


def _is_interactive(*, stdin_was_read: bool = False) -> bool:
    """Whether there is a terminal to draw on and to read keys from, even if standard input was a pipe."""
    if not is_terminal(sys.stdout):
        return False
    return is_terminal(sys.stdin) or (stdin_was_read and read_keys_from_terminal())


def _run_demo(settings: Settings) -> int:
    if not _is_interactive():
        raise CliError("The demo is a full-screen program; run it in a terminal.")
    if reason := why_no_dashboard(os.environ):
        raise CliError(f"{reason}.")
    from app.cli.demo import run_demo

    return run_demo(settings)
