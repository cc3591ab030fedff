"""`dwtop cancel`: asks for confirmation, sends each cancel once, and reports the outcome for each job."""

import asyncio
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack

import click

from app.cli import errors
from app.cli.errors import CliError, code_of, describe_failures, describe_not_found, join_ids, worst
from app.cli.job_ids import JOB_ID, any_ids
from app.cli.options import common_options, settings_of
from app.cli.output.terminal import is_terminal, print_message
from app.deepwriter.errors import ApiError
from app.job import Status
from app.settings.schema import Settings
from app.watch.session import Session
from app.watch.watch_list import Change
from app.watch.watched import CANCEL_TIMEOUT_SECONDS, CancelStep, Watched
from app.watch.watcher import Watcher

_TYPE_COUNT_ABOVE = 5
"""To cancel more jobs than this, the user must type the count."""

_NO_ANSWER_SECONDS = 8.0
"""A job's state counts as unknown if the API has not answered for this long."""

_RETRY_SECONDS = 1.5
"""Pause between two attempts to fetch a job while requests fail."""

_ANSWERED_STEPS = frozenset({CancelStep.ACCEPTED, CancelStep.NO_ANSWER})
"""Steps of a cancel after its request has been answered or has failed."""

_REFUSAL_CODES = {"sign in": errors.SIGNED_OUT, "not found": errors.NOT_FOUND}


@click.command("cancel")
@click.argument("ids", nargs=-1, required=True, metavar="ID...", type=JOB_ID)
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
@click.option("--no-wait", is_flag=True, help="Do not wait until accepted cancels have taken effect.")
@common_options
@click.pass_context
def cancel_command(context: click.Context, ids: tuple[str, ...], yes: bool, no_wait: bool) -> None:
    """Cancel jobs, and wait until they are cancelled.

    Only queued jobs and jobs in progress can be cancelled. Each request is sent once and never retried.
    """
    settings = settings_of(context)
    if settings.read_only:
        source = settings.sources["read_only"]
        raise CliError(f"Cancelling is switched off by {source}; leave that out to cancel.")
    wanted = any_ids(ids, settings)
    if not yes and not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise CliError("There is no terminal to confirm on; add --yes to cancel without confirmation.")
    context.exit(_cancel(settings, wanted, confirm=not yes, wait=not no_wait))


def _cancel(settings: Settings, job_ids: list[str], *, confirm: bool, wait: bool) -> int:
    from app.cli.session import open_session

    with open_session(settings, job_ids, track=True) as session, asyncio.Runner() as runner:
        batch = CancelBatch(session, job_ids)
        try:
            runner.run(batch.fetch())
            lines = batch.lines()
            if lines and confirm and not _confirmed(lines):
                click.echo("Nothing was cancelled.", err=True)
                return errors.NOT_DONE
            return runner.run(batch.cancel(wait=wait))
        finally:
            runner.run(batch.close())


def _confirmed(lines: list[str]) -> bool:
    """Ask whether to cancel these jobs. The end of the input counts as no."""
    for line in lines:
        click.echo(f"  {line}", err=True)
    number = len(lines)
    if number > _TYPE_COUNT_ABOVE:
        return _prompt(f"Type {number} to cancel these {number} jobs: ") == str(number)
    question = "Cancel this job?" if number == 1 else f"Cancel these {number} jobs?"
    return _prompt(f"{question} [y/N] ").lower() in ("y", "yes")


def _prompt(question: str) -> str:
    click.echo(question, nl=False, err=True)
    line = sys.stdin.readline()
    if not line:
        click.echo(err=True)
    return line.strip()


class CancelBatch:
    """The jobs of one `dwtop cancel`. Its methods are called in one event loop, in the order below."""

    def __init__(self, session: Session, job_ids: Sequence[str]) -> None:
        """Prepare without sending anything.

        Args:
            session: Has all of the jobs on its watch list.
            job_ids: The jobs named on the command line.
        """
        self._session = session
        self._ids = job_ids
        self._entries = session.watch_list.entries
        self._watcher: Watcher | None = None
        self._failures: dict[str, ApiError] = {}
        self._started = AsyncExitStack()

    async def fetch(self) -> None:
        """Fetch each job.

        Raises:
            CliError: Not signed in.
        """
        from app.cli.session import fetch_each, started

        self._watcher = await self._started.enter_async_context(started(self._session))
        self._failures = await fetch_each(self._session, self._ids)
        if worst(map(code_of, self._failures.values())) == errors.SIGNED_OUT:
            raise CliError(describe_failures(self._failures), errors.SIGNED_OUT)

    @property
    def targets(self) -> list[str]:
        """The jobs that can be cancelled, or whose state is unknown because the API did not answer."""
        return [
            job_id
            for job_id in self._ids
            if self._entries[job_id].cancellable
            or (self._entries[job_id].job is None and self._unreachable(job_id))
        ]

    def lines(self) -> list[str]:
        """One line for each target, to show before it is cancelled."""
        from app.cli.output.tables import describe_state, describe_title

        return [
            f"{describe_title(self._entries[job_id])}: {describe_state(self._entries[job_id], time.time())}"
            + (" (last known state; the API does not answer)" if self._unreachable(job_id) else "")
            for job_id in self.targets
        ]

    async def cancel(self, *, wait: bool) -> int:
        """Cancel the targets, and print the outcome of every job that was named.

        Args:
            wait: Whether to wait until the jobs have really ended.

        Returns:
            The exit code.
        """
        from app.cli.output.tables import describe_title

        by_code: dict[int, list[str]] = {}
        failures: dict[str, ApiError] = {}
        tasks = {job_id: asyncio.create_task(self._cancel_one(job_id, wait=wait)) for job_id in self.targets}
        for job_id in self._ids:
            error = await tasks[job_id] if job_id in tasks else None
            entry = self._entries[job_id]
            code, text = self._outcome(entry, wait=wait, tried=job_id in tasks)
            by_code.setdefault(code, []).append(job_id)
            click.echo(f"{text}: {describe_title(entry, full_id=not is_terminal(sys.stdout))}")
            if error := error or self._failures.get(job_id):
                failures[job_id] = error
        code = worst(by_code)
        if code != errors.OK:
            print_message(_summary(code, by_code[code], failures))
        return code

    async def close(self) -> None:
        """Close the connections to the API."""
        await self._started.aclose()

    async def _cancel_one(self, job_id: str, *, wait: bool) -> ApiError | None:
        assert self._watcher is not None
        task = asyncio.create_task(self._watcher.canceller.cancel(job_id), name=f"cancel {job_id}")
        await self._wait_for_step(job_id, task, {CancelStep.NO_ANSWER} if wait else _ANSWERED_STEPS)
        if wait and not task.done():
            # The job is unchanged. The request may or may not have arrived.
            await asyncio.wait([task], timeout=_NO_ANSWER_SECONDS)
        if not task.done():
            task.cancel()
            await asyncio.wait([task])
            return None
        error = task.result()
        if wait:
            await self._retry_until_known(job_id)
        return error

    async def _wait_for_step(
        self, job_id: str, task: "asyncio.Task[ApiError | None]", steps: Collection[CancelStep]
    ) -> None:
        """Wait until a cancel reaches one of these steps, or ends."""
        reached = asyncio.Event()

        def changed(change: Change) -> None:
            cancel = change.after.cancel if change.after else None
            if change.job_id == job_id and cancel and cancel.step in steps:
                reached.set()

        unsubscribe = self._session.watch_list.subscribe(changed)
        waiting = asyncio.create_task(reached.wait())
        await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        unsubscribe()
        waiting.cancel()

    async def _retry_until_known(self, job_id: str) -> None:
        """If the last fetch failed, fetch again until the job has ended, or the API has been silent for too long."""
        assert self._watcher is not None
        clock = asyncio.get_running_loop().time
        start = answered = clock()
        while (
            self._cancel_open(job_id)
            and clock() - answered < _NO_ANSWER_SECONDS
            and clock() - start < CANCEL_TIMEOUT_SECONDS
        ):
            if self._entries[job_id].failure is None and answered == start:
                return  # the canceller has already followed the job until its timeout
            await asyncio.sleep(_RETRY_SECONDS)
            if await self._watcher.poller.fetch_now(job_id) is None:
                answered = clock()

    def _cancel_open(self, job_id: str) -> bool:
        entry = self._entries[job_id]
        return not entry.finished and entry.cancel is not None and entry.cancel.open

    def _unreachable(self, job_id: str) -> bool:
        failure = self._failures.get(job_id)
        return failure is not None and code_of(failure) == errors.UNREACHABLE

    def _outcome(self, entry: Watched, *, wait: bool, tried: bool) -> tuple[int, str]:
        """The exit code and the outcome in words for a job."""
        if entry.finished:
            if entry.job and entry.job.status == Status.CANCELLED:
                return errors.OK, "cancelled" if tried else "cancelled already"
            return errors.NOT_DONE, entry.status_text(time.time()) if tried else f"{entry.label} already"
        if not tried:
            if entry.id in self._failures:
                code = code_of(self._failures[entry.id])
                return code, "not found" if code == errors.NOT_FOUND else "state unknown"
            return errors.NOT_DONE, f"{entry.label}, which cannot be cancelled"
        cancel = entry.cancel
        if cancel is None or cancel.step is CancelStep.REFUSED:
            code = _REFUSAL_CODES.get(cancel.detail if cancel else "", errors.NOT_DONE)
            return code, entry.status_text(time.time())
        if cancel.step is CancelStep.ACCEPTED and not wait:
            return errors.OK, "accepted"
        if entry.failure:
            accepted = "accepted" if cancel.step is CancelStep.ACCEPTED else "no answer"
            return errors.UNREACHABLE, f"{accepted}, state unknown"
        return errors.NOT_DONE, entry.status_text(time.time())


def _summary(code: int, job_ids: Sequence[str], failures: Mapping[str, ApiError]) -> str:
    """A sentence about the cancels that did not succeed.

    Args:
        code: The exit code.
        job_ids: The jobs with that exit code.
        failures: The errors of requests, by job ID.
    """
    if code == errors.NOT_FOUND:
        return describe_not_found(job_ids)
    if code == errors.SIGNED_OUT:
        return describe_failures({job_id: failures[job_id] for job_id in job_ids if job_id in failures})
    if code == errors.UNREACHABLE:
        reason = next((f" ({failures[job_id]})" for job_id in job_ids if job_id in failures), "")
        return f"Not known whether cancelled: {join_ids(job_ids)}{reason}; ask again with dwtop status."
    return f"Not cancelled: {join_ids(job_ids)}; see dwtop status."
