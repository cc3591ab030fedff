"""Polls jobs as the dashboard does, and reports every change of status."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from app.cli.errors import SIGNED_OUT, CliError, describe_signed_out
from app.cli.output.terminal import pipe_descriptor
from app.presentation.json_fields import Transition
from app.watch.events import reported_status
from app.watch.polling.link import LinkState
from app.watch.session import Session
from app.watch.watch_list import Change

_CONFIRM_MISSING_SECONDS = 1.0
"""Pause before a job that was not found is fetched once more, to confirm it."""

_TOKEN_TIMEOUT_SECONDS = 15.0
"""How long to wait for another token after a working one is rejected."""


class TransitionReporter:
    """Reports the transitions of a session's jobs, starting with the current status of each.

    Args:
        session: A started session; all jobs on its watch list are reported.
        on_transition: Called with each transition. An `OSError` that it raises ends `run`.
        on_change: Called with the state of the link whenever the link or a job changes.
        output: The stream that `on_transition` prints to. If it is a pipe, `run` ends as soon as its reader closes it,
            without waiting for the next line to be printed.
    """

    def __init__(
        self,
        session: Session,
        on_transition: Callable[[Transition], None],
        on_change: Callable[[LinkState], None],
        *,
        output: TextIO | None = None,
    ) -> None:
        assert session.watcher is not None
        self._session = session
        self._watcher = session.watcher
        self._on_transition = on_transition
        self._on_change = on_change
        self._output = output
        self._reported: dict[str, str] = {}
        self._token_accepted = False
        self._changed = asyncio.Event()
        self._confirmations: set[asyncio.Task[object]] = set()
        self._error: Exception | None = None

    async def run(self, done: Callable[[], bool]) -> None:
        """Poll and report until `done`, which is called at the start and after every change.

        Failed requests are retried indefinitely.

        Raises:
            CliError: No token was found, or it was rejected.
            OSError: `on_transition` failed, or the reader of `output` closed it.
        """
        unsubscribe = self._session.watch_list.subscribe(self._on_entry_change)
        self._watcher.link.subscribe(lambda state: self._notify())
        for entry in tuple(self._session.watch_list.entries.values()):
            if entry.finished:
                self._on_entry_change(Change(entry, entry))
        polling = asyncio.create_task(self._session.run(), name="polling")
        polling.add_done_callback(lambda task: self._changed.set())
        try:
            with _on_reader_closed(self._output, self._reader_closed):
                await self._wait_until(done, polling)
        finally:
            unsubscribe()
            for task in (polling, *self._confirmations):
                task.cancel()
            await asyncio.gather(polling, *self._confirmations, return_exceptions=True)

    async def _wait_until(self, done: Callable[[], bool], polling: "asyncio.Task[None]") -> None:
        clock = asyncio.get_running_loop().time
        link = self._watcher.link
        deadline: float | None = None
        while not (done() or self._error):
            self._changed.clear()
            if not link.signed_out:
                deadline = None
            elif deadline is None:
                if await self._session.account.renew_token():
                    continue
                # If the token was accepted before, it may have expired, and its source may soon have another.
                deadline = clock() + (_TOKEN_TIMEOUT_SECONDS if self._token_accepted else 0.0)
            try:
                async with asyncio.timeout_at(deadline):
                    await self._changed.wait()
            except TimeoutError:
                raise CliError(describe_signed_out(link.state.reason), SIGNED_OUT) from None
            if polling.done():
                polling.result()  # raises: polling ends by itself only because of a bug
        if self._error:
            raise self._error

    def _notify(self) -> None:
        self._changed.set()
        self._on_change(self._watcher.link.state)

    def _on_entry_change(self, change: Change) -> None:
        entry = change.after
        if entry is None:
            return
        if entry.misses == 1:
            self._confirm_missing(entry.id)
        answered = entry.failure is None
        # A finished entry may have been loaded from the database, without an answer.
        self._token_accepted = self._token_accepted or (answered and not entry.finished)
        status = reported_status(entry)
        # Do not report a status stored by an earlier run, which may be out of date.
        current = entry.misses > 1 or (answered and not entry.misses)
        if status and current and status != self._reported.get(entry.id):
            transition = Transition(self._session.now(), self._reported.get(entry.id), entry)
            self._reported[entry.id] = status
            try:
                self._on_transition(transition)
            except OSError as error:  # raised here, it would end the poll instead
                self._error = error
        self._notify()

    def _reader_closed(self) -> None:
        self._error = BrokenPipeError()
        self._changed.set()

    def _confirm_missing(self, job_id: str) -> None:
        async def confirm() -> None:
            await asyncio.sleep(_CONFIRM_MISSING_SECONDS)
            await self._watcher.poller.fetch_now(job_id)

        task: asyncio.Task[object] = asyncio.create_task(confirm(), name=f"confirm missing {job_id}")
        self._confirmations.add(task)
        task.add_done_callback(self._confirmations.discard)


@contextmanager
def _on_reader_closed(output: TextIO | None, callback: Callable[[], None]) -> Iterator[None]:
    """Call a function once when the reader of a pipe closes it; does nothing for other outputs."""
    descriptor = pipe_descriptor(output)
    if descriptor is None:
        yield
        return
    loop = asyncio.get_running_loop()

    def closed() -> None:
        loop.remove_reader(descriptor)
        callback()

    loop.add_reader(descriptor, closed)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
