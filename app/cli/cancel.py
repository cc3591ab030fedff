"""`dwtop cancel`: asks for confirmation, sends each cancel once, and reports the outcome for each job."""

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence

import click

from app.cli import errors
from app.cli.errors import CliError, code_of, describe_failures, describe_not_found, join_ids, worst_code
from app.cli.job_ids import any_ids, complete_ids
from app.cli.options import Command, pass_settings
from app.cli.output.terminal import is_terminal, print_message
from app.cli.session import fetch_each, open_session
from app.deepwriter.errors import ApiError
from app.presentation.sentences import status_words
from app.settings.schema import Settings
from app.watch.session import Session
from app.watch.watched import CancelStep, Watched

_MAX_JOBS_WITHOUT_COUNT = 5
"""To cancel more jobs than this, the user must type the count."""

_REFUSAL_CODES = {"sign in": errors.SIGNED_OUT, "not found": errors.NOT_FOUND}


@click.command("cancel", cls=Command)
@click.argument("ids", nargs=-1, required=True, metavar="ID...", shell_complete=complete_ids)
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
@click.option("--no-wait", is_flag=True, help="Do not wait until accepted cancels have taken effect.")
@pass_settings
def cancel_command(settings: Settings, ids: tuple[str, ...], yes: bool, no_wait: bool) -> int:
    """Cancel jobs, and wait until they are cancelled.

    Only queued jobs and jobs in progress can be cancelled. Each request is sent once and never retried.
    """
    if settings.read_only:
        source = settings.sources["read_only"]
        raise CliError(f"Cancelling is disabled by {source}; remove that to cancel.")
    job_ids = any_ids(ids, settings)
    if not yes and not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise CliError("There is no terminal to confirm on; add --yes to cancel without confirmation.")
    with open_session(settings, job_ids, track=True) as (session, runner):
        entries = session.watch_list.entries
        failures = runner.run(fetch_each(session, job_ids))
        if runner.run(session.connected()).link.signed_out:
            raise CliError(describe_failures(failures), errors.SIGNED_OUT)
        targets = [job_id for job_id in job_ids if _is_target(entries[job_id], failures.get(job_id))]
        if targets and not yes and not _confirmed([entries[job_id] for job_id in targets], failures):
            click.echo("Nothing was cancelled.", err=True)
            return errors.NOT_DONE
        return runner.run(_cancel(session, job_ids, targets, failures, wait=not no_wait))


def _is_target(entry: Watched, failure: ApiError | None) -> bool:
    """Whether to cancel a job: it can be cancelled, or its state is unknown because the API did not answer."""
    return entry.cancellable or (entry.job is None and _is_unreachable(failure))


def _is_unreachable(failure: ApiError | None) -> bool:
    return failure is not None and code_of(failure) == errors.UNREACHABLE


def _confirmed(entries: Sequence[Watched], failures: Mapping[str, ApiError]) -> bool:
    """Whether the user confirms that these jobs are to be cancelled. The end of the input counts as no."""
    from app.cli.output.tables import describe_state, describe_title

    for entry in entries:
        is_old = _is_unreachable(failures.get(entry.id))
        note = " (last known state; the API does not answer)" if is_old else ""
        click.echo(f"  {describe_title(entry)}: {describe_state(entry, time.time())}{note}", err=True)
    number = len(entries)
    if number > _MAX_JOBS_WITHOUT_COUNT:
        return _prompt(f"Type {number} to cancel these {number} jobs: ") == str(number)
    question = "Cancel this job?" if number == 1 else f"Cancel these {number} jobs?"
    return _prompt(f"{question} [y/N] ").lower() in ("y", "yes")


def _prompt(question: str) -> str:
    click.echo(question, nl=False, err=True)
    line = sys.stdin.readline()
    if not line:
        click.echo(err=True)
    return line.strip()


async def _cancel(
    session: Session,
    job_ids: Sequence[str],
    targets: Sequence[str],
    failures: Mapping[str, ApiError],
    *,
    wait: bool,
) -> int:
    """Cancel the targets, and print the outcome for each of `job_ids`; returns the exit code."""
    from app.cli.output.tables import describe_title

    canceller = (await session.connected()).canceller
    by_code: dict[int, list[str]] = {}
    entries = session.watch_list.entries
    output_error: OSError | None = None
    async with asyncio.TaskGroup() as group:
        tasks = {job_id: group.create_task(canceller.cancel(job_id, wait=wait)) for job_id in targets}
        for job_id in job_ids:
            if job_id in tasks:
                if error := await tasks[job_id]:
                    failures = {**failures, job_id: error}
                code, text = _outcome(entries[job_id], wait=wait)
            else:
                code, text = _why_not_tried(entries[job_id], failures.get(job_id))
            by_code.setdefault(code, []).append(job_id)
            try:
                click.echo(f"{text}: {describe_title(entries[job_id], full_id=not is_terminal(sys.stdout))}")
            except OSError as error:  # the other cancels continue
                output_error = error
    code = worst_code(by_code)
    if code != errors.OK:
        print_message(_summary(code, by_code[code], failures, len(job_ids)))
    if output_error and not isinstance(output_error, BrokenPipeError):
        raise output_error
    return code


def _why_not_tried(entry: Watched, failure: ApiError | None) -> tuple[int, str]:
    """The exit code for a job that could not be cancelled, and why."""
    if failure and code_of(failure) == errors.NOT_FOUND:
        return errors.NOT_FOUND, "not found"
    if entry.finished:
        return errors.OK if entry.cancelled else errors.NOT_DONE, f"{entry.label} already"
    if failure:
        return code_of(failure), "state unknown"
    return errors.NOT_DONE, f"{entry.label}, which cannot be cancelled"


def _outcome(entry: Watched, *, wait: bool) -> tuple[int, str]:
    """The exit code for a job whose cancel was sent, and its outcome in words."""
    cancel, text = entry.cancel, status_words(entry, time.time())
    if entry.finished:
        return (errors.OK, "cancelled") if entry.cancelled else (errors.NOT_DONE, text)
    if cancel is None or cancel.step is CancelStep.REFUSED:
        return _REFUSAL_CODES.get(cancel.detail if cancel else "", errors.NOT_DONE), text
    accepted = cancel.step is CancelStep.ACCEPTED
    if accepted and not wait:
        return errors.OK, "accepted"
    if entry.failure:
        return errors.UNREACHABLE, f"{'accepted' if accepted else 'no answer'}, state unknown"
    return errors.NOT_DONE, text


def _summary(code: int, job_ids: Sequence[str], failures: Mapping[str, ApiError], requested: int) -> str:
    """A sentence about the jobs with this exit code, and what to do."""
    if code == errors.NOT_FOUND:
        return describe_not_found(job_ids)
    failed = {job_id: failures[job_id] for job_id in job_ids if job_id in failures}
    if code == errors.SIGNED_OUT:
        return describe_failures(failed, requested)
    if code == errors.UNREACHABLE:
        reason = next((f" ({error})" for error in failed.values()), "")
        return f"Not known whether cancelled: {join_ids(job_ids)}{reason}; check with dwtop status."
    return f"Not cancelled: {join_ids(job_ids)}; see dwtop status."
