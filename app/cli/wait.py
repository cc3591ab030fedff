"""`dwtop wait`: waits until jobs have finished."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import aclosing, nullcontext

import click

from app.cli import errors
from app.cli.job_ids import any_ids, complete_ids
from app.cli.options import Command, pass_settings, positive_number
from app.cli.output.terminal import is_terminal, print_message
from app.cli.session import open_session
from app.cli.transitions import transitions
from app.job import Status
from app.presentation.json_fields import Transition, transition_line
from app.settings.schema import Settings
from app.watch.watched import Watched


@click.command("wait", cls=Command)
@click.argument("ids", nargs=-1, required=True, metavar="ID...", shell_complete=complete_ids)
@click.option("--any", "first_only", is_flag=True, help="Stop as soon as one of them has finished.")
@click.option(
    "--timeout",
    type=positive_number,
    metavar="SECONDS",
    help="Stop after this time, with exit code 124.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for every change of status.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
@pass_settings
def wait_command(
    settings: Settings,
    ids: tuple[str, ...],
    first_only: bool,
    timeout: float | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Wait until jobs have finished. Failed requests are retried."""
    from app.cli.output.progress import LinkReport, can_show_bars, job_bars
    from app.cli.output.tables import describe_title

    job_ids = any_ids(ids, settings)
    on_terminal = is_terminal(sys.stdout)
    # Bars and lines of JSON on one terminal would overwrite each other.
    show_bars = not quiet and not (as_json and on_terminal) and can_show_bars()
    # The bars stay on the terminal and show the outcomes.
    print_outcomes = not quiet and not (show_bars and on_terminal)
    link_report = LinkReport()

    def report(transition: Transition) -> None:
        entry = transition.entry
        if as_json:
            click.echo(transition_line(transition))
        elif print_outcomes and _settled(entry):
            reason = f": {entry.job.error_message}" if entry.job and entry.job.error_message else ""
            click.echo(f"{transition.after}: {describe_title(entry, full_id=not on_terminal)}{reason}")

    with open_session(settings, job_ids, track=True) as (session, runner):
        entries = session.watch_list.entries

        def settled() -> list[Watched]:
            return [entries[job_id] for job_id in job_ids if _settled(entries[job_id])]

        def done() -> bool:
            ended = settled()
            return len(ended) == len(job_ids) or (first_only and any(entry.finished for entry in ended))

        async def wait() -> None:
            changes = transitions(session, output=sys.stdout if as_json else None)
            async with asyncio.timeout(timeout), aclosing(changes):
                async for link, seen in changes:
                    if show:
                        show([entries[job_id] for job_id in job_ids], link, session.now())
                    elif not quiet:
                        link_report.show(link)
                    for transition in seen:
                        report(transition)
                    if seen and done():
                        break

        try:
            with job_bars(ascii=settings.ascii) if show_bars else nullcontext() as show:
                runner.run(wait())
        except TimeoutError:
            left = [job_id for job_id in job_ids if not _settled(entries[job_id])]
            if not quiet:
                print_message(f"Timed out after {timeout:g} s; not finished: {errors.join_ids(left)}.")
            return errors.TIMED_OUT
        except BrokenPipeError:  # the reader of our output closed it, and the outcome is not known
            return errors.OUTPUT_CLOSED
    return _exit_code(settled(), first_only=first_only)


def _settled(entry: Watched) -> bool:
    """Whether there is nothing more to wait for: the job has finished, or the API does not know it."""
    return entry.finished or entry.misses > 1


def _exit_code(settled: Sequence[Watched], *, first_only: bool) -> int:
    """The exit code for the jobs that have settled; if it is `NOT_FOUND`, a message names the jobs."""
    codes = {entry.id: _code_of(entry) for entry in settled}
    finished = [codes[entry.id] for entry in settled if entry.finished]
    if first_only and errors.OK in finished:
        return errors.OK
    code = errors.worst_code(finished if first_only and finished else codes.values())
    if code == errors.NOT_FOUND:
        print_message(errors.describe_not_found([job_id for job_id in codes if codes[job_id] == code]))
    return code


def _code_of(entry: Watched) -> int:
    if entry.misses > 1:
        return errors.NOT_FOUND
    completed = entry.job is not None and entry.job.status == Status.COMPLETED
    return errors.OK if completed else errors.NOT_DONE
