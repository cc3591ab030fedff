"""`dwtop wait`: until jobs have finished, whatever happens on the way."""

import asyncio
import sys
from collections.abc import Sequence

import click

from app.cli import errors
from app.cli.job_ids import JOB_ID, any_ids
from app.cli.options import SECONDS, common_options, settings_of
from app.job import Status
from app.settings.schema import Settings
from app.watch.watched import Watched


@click.command("wait")
@click.argument("ids", nargs=-1, required=True, metavar="ID...", type=JOB_ID)
@click.option("--any", "one", is_flag=True, help="End as soon as one of them has finished.")
@click.option(
    "--timeout",
    type=SECONDS,
    metavar="SECONDS",
    help="Give up after so long, with exit code 124.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for every change of status.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
@common_options
@click.pass_context
def wait_command(
    context: click.Context,
    ids: tuple[str, ...],
    one: bool,
    timeout: float | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Wait until jobs have finished. Requests that fail, and time without a network, are waited out too."""
    settings = settings_of(context)
    wanted = any_ids(ids, settings)
    context.exit(_wait(settings, wanted, one=one, limit=timeout, as_json=as_json, quiet=quiet))


def _wait(
    settings: Settings, job_ids: list[str], *, one: bool, limit: float | None, as_json: bool, quiet: bool
) -> int:
    from app.cli.follow import Follower
    from app.cli.output.progress import Progress
    from app.cli.output.tables import on_terminal, title_of
    from app.cli.session import say, sitting
    from app.presentation.json_fields import Transition, transition_line

    with sitting(settings, job_ids, keep=True) as session:
        entries = session.watch_list.entries
        bars = not (as_json and on_terminal(sys.stdout))  # lines and bars would run into each other
        progress = Progress(sys.stderr, plain=settings.ascii, quiet=quiet, bars=bars)
        # Where the bars stand on the same terminal, their last state says it all.
        telling = not quiet and not (progress.live and on_terminal(sys.stdout))

        def tell(transition: Transition) -> None:
            entry = transition.entry
            if as_json:
                click.echo(transition_line(transition))
            elif telling and _settled(entry):
                reason = f": {entry.job.error_message}" if entry.job and entry.job.error_message else ""
                click.echo(
                    f"{transition.after}: {title_of(entry, whole=not on_terminal(sys.stdout))}{reason}"
                )

        def finished() -> list[Watched]:
            return [entries[job_id] for job_id in job_ids if _settled(entries[job_id])]

        def done() -> bool:
            over = finished()
            return len(over) == len(job_ids) or (one and any(entry.finished for entry in over))

        async def follow() -> None:
            follower = Follower(
                session,
                tell,
                lambda link: progress.show([entries[job_id] for job_id in job_ids], link, session.now()),
                output=sys.stdout if as_json else None,
            )
            async with asyncio.timeout(limit):
                await follower.run(done)

        try:
            asyncio.run(follow())
        except TimeoutError:
            left = [job_id for job_id in job_ids if not _settled(entries[job_id])]
            progress.close()
            if not quiet:
                say(f"Gave up after {limit:g} s: {errors.named(left)} not finished; --timeout sets the time.")
            return errors.TIMED_OUT
        except (
            BrokenPipeError
        ):  # whoever read our output has had enough, and nobody knows how it would have ended
            return errors.NOT_DONE
        finally:
            progress.close()
        over = finished()
        code = _code(over, one=one)
        if missing := [entry.id for entry in over if _code_of(entry) == code == errors.NOT_FOUND]:
            say(errors.not_found(missing))
        return code


def _settled(entry: Watched) -> bool:
    return entry.finished or entry.misses > 1


def _code(over: Sequence[Watched], *, one: bool) -> int:
    """The exit code, from the jobs that there is nothing more to wait for."""
    codes = [_code_of(entry) for entry in over if entry.finished or not one]
    if one and errors.OK in codes:
        return errors.OK
    return errors.worst(codes or [_code_of(entry) for entry in over])


def _code_of(entry: Watched) -> int:
    if entry.misses > 1:
        return errors.NOT_FOUND
    completed = entry.job is not None and entry.job.status == Status.COMPLETED
    return errors.OK if completed else errors.NOT_DONE
