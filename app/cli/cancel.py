"""`dwtop cancel`: asks, sends each cancel once, and tells what became of it."""

import sys

import click

from app.cli.errors import NOT_DONE, CliError
from app.cli.job_ids import JOB_ID, any_ids
from app.cli.options import common_options, settings_of
from app.settings.schema import Settings

_COUNTED = 5  # from more jobs than that on, their number has to be typed


@click.command("cancel")
@click.argument("ids", nargs=-1, required=True, metavar="ID...", type=JOB_ID)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--no-wait", is_flag=True, help="End when the API has accepted it, before it has come about.")
@common_options
@click.pass_context
def cancel_command(context: click.Context, ids: tuple[str, ...], yes: bool, no_wait: bool) -> None:
    """Cancel jobs that are queued or in progress, and wait until they are.

    The request is sent once for each job, and never again by itself.
    """
    from app.cli.output.tables import on_terminal

    settings = settings_of(context)
    if settings.read_only:
        raise CliError(
            f"Cancelling is switched off by {settings.sources['read_only']}; leave that out to cancel."
        )
    wanted = any_ids(ids, settings)
    if not yes and not (on_terminal(sys.stdin) and on_terminal(sys.stderr)):
        raise CliError("There is no terminal to ask on; add --yes to cancel without being asked.")
    context.exit(_cancel(settings, wanted, ask=not yes, wait=not no_wait))


def _cancel(settings: Settings, job_ids: list[str], *, ask: bool, wait: bool) -> int:
    import asyncio

    from app.cli.cancelling import Cancelling
    from app.cli.session import sitting

    with sitting(settings, job_ids, keep=True) as session, asyncio.Runner() as runner:
        cancelling = Cancelling(session, job_ids)
        try:
            runner.run(cancelling.look())
            lines = cancelling.lines()
            if lines and ask and not _agreed(lines):
                click.echo("Nothing was cancelled.", err=True)
                return NOT_DONE
            return runner.run(cancelling.cancel(wait=wait))
        finally:
            runner.run(cancelling.close())


def _agreed(lines: list[str]) -> bool:
    """Ask whether to cancel these; the end of the input means no."""
    for line in lines:
        click.echo(f"  {line}", err=True)
    number = len(lines)
    if number > _COUNTED:
        return _answer(f"Type {number} to cancel these {number} jobs: ") == str(number)
    question = "Cancel this job?" if number == 1 else f"Cancel these {number} jobs?"
    return _answer(f"{question} [y/N] ").lower() in ("y", "yes")


def _answer(question: str) -> str:
    click.echo(question, nl=False, err=True)
    line = sys.stdin.readline()
    if not line:
        click.echo(err=True)
    return line.strip()
