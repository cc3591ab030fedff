"""`dwtop watch`: the dashboard, or where there is no terminal, one look at the list."""

import os
import sys

import click

from app.cli.errors import OK, CliError
from app.cli.job_ids import JOB_ID, new_ids
from app.cli.open_dashboard import open_dashboard, read_keys_from_terminal, without_screen
from app.cli.options import common_options, settings_of
from app.settings.schema import Settings
from app.watch.storage import StoreError

_IGNORED_BY_DEMO = ("base_url", "token_file", "token_command", "database", "auth", "allow_insecure_http")
"""Settings that the demo ignores, so that nothing real is touched."""


@click.command("watch")
@click.argument("ids", nargs=-1, metavar="[ID... | -]", type=JOB_ID)
@click.option("--demo", is_flag=True, help="Watch simulated jobs; nothing real is touched.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Instead of the dashboard, print a line of JSON for every change of status, until Ctrl-C.",
)
@common_options
@click.pass_context
def watch_command(context: click.Context, ids: tuple[str, ...], demo: bool, as_json: bool) -> None:
    """Open the dashboard, first adding the jobs named. This is what dwtop does without a command.

    - reads job IDs from the standard input, in any text around them; keys then come from the terminal.
    """
    demo = demo or bool(context.find_root().params.get("demo"))
    wanted, _ = new_ids(ids)
    if demo:
        if as_json:
            raise CliError("The demo is a full-screen program; leave out --json, or --demo.")
        if wanted:
            raise CliError("The demo has jobs of its own; leave out the job IDs, or --demo.")
        context.exit(_demo(settings_of(context, ignore=_IGNORED_BY_DEMO)))
    settings = settings_of(context)
    if as_json:
        context.exit(_stream(settings, wanted))
    on_screen = _on_screen(piped="-" in ids)
    reason = without_screen(os.environ)
    if on_screen and not reason:
        context.exit(_watch(settings, wanted))
    from app.cli.session import say
    from app.cli.status_once import print_status

    if on_screen:
        say(f"{reason}. This is the list as it is now:")
    context.exit(print_status(settings, wanted, add=True, as_json=False))


def _stream(settings: Settings, wanted: list[str]) -> int:
    """Print every change of status as it comes, until there is nobody to print it for."""
    import asyncio

    from app.cli.follow import Follower
    from app.cli.output.progress import Progress
    from app.cli.session import say, sitting
    from app.presentation.json_fields import transition_line

    with sitting(settings, add=wanted) as session:
        if not session.watch_list.entries:
            say("No jobs are watched; add one with: dwtop add ID")
            return OK
        news = Progress(sys.stderr, plain=settings.ascii, quiet=False, bars=False)

        async def follow() -> None:
            follower = Follower(
                session,
                lambda transition: click.echo(transition_line(transition)),
                lambda link: news.show((), link, session.now()),
                output=sys.stdout,
            )
            await follower.run(lambda: False)

        asyncio.run(follow())
    return OK


def _on_screen(*, piped: bool = False) -> bool:
    """Whether a person looks at a terminal, and has keys to press.

    Args:
        piped: Whether the standard input was read for job IDs, so that the keys come from the terminal itself.
    """
    from app.cli.output.tables import on_terminal

    if not on_terminal(sys.stdout):
        return False
    return on_terminal(sys.stdin) or (piped and read_keys_from_terminal())


def _watch(settings: Settings, wanted: list[str]) -> int:
    try:
        return open_dashboard(settings, wanted)
    except StoreError as error:
        raise CliError(str(error)) from None


def _demo(settings: Settings) -> int:
    if not _on_screen():
        raise CliError("The demo is a full-screen program; run it in a terminal.")
    if reason := without_screen(os.environ):
        raise CliError(f"{reason}.")
    from app.cli.demo import run_demo

    return run_demo(settings)
