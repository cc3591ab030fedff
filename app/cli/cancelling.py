"""Cancels jobs for a command: looks first, sends once, and finds out what became of each."""

import asyncio
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack

import click

from app.cli import errors
from app.cli.errors import CliError, code_of, complaint, named, not_found, worst
from app.cli.output.tables import on_terminal, state_of, title_of
from app.cli.session import begun, say
from app.cli.status_once import fetch_each
from app.deepwriter.errors import ApiError
from app.job import Status
from app.watch.session import Session
from app.watch.watch_list import Change
from app.watch.watched import CANCEL_TIMEOUT_SECONDS, CancelStep, Watched
from app.watch.watcher import Watcher

_SILENCE = 8.0
"""Seconds without any answer after which it is said that the truth could not be asked."""

_LOOK_EVERY = 1.5  # seconds between two looks while answers fail

_TOLD = frozenset({CancelStep.ACCEPTED, CancelStep.NO_ANSWER})
"""Where a cancel stands once the API has been asked, and has said as much as it would at once."""

_CODES = {"sign in": errors.SIGNED_OUT, "not found": errors.NOT_FOUND}


class Cancelling:
    """The cancels of one command, in one event loop."""

    def __init__(self, session: Session, job_ids: Sequence[str]) -> None:
        """Nothing is asked or sent yet.

        Args:
            session: The sitting.
            job_ids: The jobs that were named, all of them on its watch list.
        """
        self._session = session
        self._ids = job_ids
        self._entries = session.watch_list.entries
        self._watcher: Watcher | None = None
        self._failures: dict[str, ApiError] = {}
        self._begun = AsyncExitStack()

    async def look(self) -> None:
        """Ask for the state of each job.

        Raises:
            CliError: Not signed in.
        """
        self._watcher = await self._begun.enter_async_context(begun(self._session))
        self._failures = await fetch_each(self._session, self._ids)
        if worst(map(code_of, self._failures.values())) == errors.SIGNED_OUT:
            raise CliError(complaint(self._failures), errors.SIGNED_OUT)

    async def close(self) -> None:
        """Let go of the API."""
        await self._begun.aclose()

    @property
    def targets(self) -> list[str]:
        """The jobs that would be cancelled: a state that nobody could tell just now is no obstacle."""
        return [
            job_id
            for job_id in self._ids
            if self._entries[job_id].cancellable
            or (self._entries[job_id].job is None and self._unknown(job_id))
        ]

    def lines(self) -> list[str]:
        """What to show of each of them before it is cancelled."""
        return [
            f"{title_of(self._entries[job_id])}: {state_of(self._entries[job_id], time.time())}"
            + (" (state last known; it cannot be asked now)" if self._unknown(job_id) else "")
            for job_id in self.targets
        ]

    async def cancel(self, *, wait: bool) -> int:
        """Cancel what can be cancelled, and tell what became of every job that was named.

        Args:
            wait: Whether to wait until the jobs have really ended.

        Returns:
            The exit code.
        """
        targets = set(self.targets)
        by_code: dict[int, list[str]] = {}
        met: dict[str, ApiError] = {}
        tasks = {job_id: asyncio.create_task(self._one(job_id, wait=wait)) for job_id in targets}
        for job_id in self._ids:
            error = await tasks[job_id] if job_id in tasks else None
            entry = self._entries[job_id]
            code, text = self._outcome(entry, wait=wait, tried=job_id in tasks)
            by_code.setdefault(code, []).append(job_id)
            click.echo(f"{text}: {title_of(entry, whole=not on_terminal(sys.stdout))}")
            if error := error or self._failures.get(job_id):
                met[job_id] = error
        code = worst(by_code)
        if code != errors.OK:
            say(_upshot(code, by_code[code], met))
        return code

    async def _one(self, job_id: str, *, wait: bool) -> ApiError | None:
        assert self._watcher is not None
        task = asyncio.create_task(self._watcher.canceller.cancel(job_id), name=f"cancel {job_id}")
        await self._reached(job_id, task, {CancelStep.NO_ANSWER} if wait else _TOLD)
        if wait and not task.done():
            # It is still what it was. The request may have arrived all the same, but there is no promise of that.
            await asyncio.wait([task], timeout=_SILENCE)
        if not task.done():
            task.cancel()
            await asyncio.wait([task])
            return None
        error = task.result()
        if wait:
            await self._outlast_silence(job_id)
        return error

    async def _reached(
        self, job_id: str, task: "asyncio.Task[ApiError | None]", steps: Collection[CancelStep]
    ) -> None:
        """Wait until a cancel has come to one of these steps, or to its end."""
        there = asyncio.Event()

        def changed(change: Change) -> None:
            cancel = change.after.cancel if change.after else None
            if change.job_id == job_id and cancel and cancel.step in steps:
                there.set()

        unsubscribe = self._session.watch_list.subscribe(changed)
        waiting = asyncio.create_task(there.wait())
        await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        unsubscribe()
        waiting.cancel()

    async def _outlast_silence(self, job_id: str) -> None:
        """Where the last look failed, go on looking: until it is over, or nothing has been heard for too long."""
        assert self._watcher is not None
        clock = asyncio.get_running_loop().time
        begun = heard = clock()
        while self._open(job_id) and clock() - heard < _SILENCE and clock() - begun < CANCEL_TIMEOUT_SECONDS:
            if self._entries[job_id].failure is None and heard == begun:
                return  # it was followed to the end of patience already
            await asyncio.sleep(_LOOK_EVERY)
            if await self._watcher.poller.fetch_now(job_id) is None:
                heard = clock()

    def _open(self, job_id: str) -> bool:
        entry = self._entries[job_id]
        return not entry.finished and entry.cancel is not None and entry.cancel.open

    def _unknown(self, job_id: str) -> bool:
        failure = self._failures.get(job_id)
        return failure is not None and code_of(failure) == errors.UNREACHABLE

    def _outcome(self, entry: Watched, *, wait: bool, tried: bool) -> tuple[int, str]:
        """The exit code, and what became of a job in words."""
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
            return _CODES.get(cancel.detail if cancel else "", errors.NOT_DONE), entry.status_text(
                time.time()
            )
        if cancel.step is CancelStep.ACCEPTED and not wait:
            return errors.OK, "accepted"
        if entry.failure:
            accepted = "accepted" if cancel.step is CancelStep.ACCEPTED else "no answer"
            return errors.UNREACHABLE, f"{accepted}, state unknown"
        return errors.NOT_DONE, entry.status_text(time.time())


def _upshot(code: int, job_ids: Sequence[str], met: Mapping[str, ApiError]) -> str:
    """The sentence for a cancel that did not go well.

    Args:
        code: The exit code.
        job_ids: The jobs that it is for.
        met: The errors that requests met, by job ID.
    """
    if code == errors.NOT_FOUND:
        return not_found(job_ids)
    if code == errors.SIGNED_OUT:
        return complaint({job_id: met[job_id] for job_id in job_ids if job_id in met})
    if code == errors.UNREACHABLE:
        reason = next((f" ({met[job_id]})" for job_id in job_ids if job_id in met), "")
        return f"Not known whether cancelled: {named(job_ids)}{reason}; ask again with dwtop status."
    return f"Not cancelled: {named(job_ids)}; dwtop status shows how they are."
