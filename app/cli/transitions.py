"""Polls jobs as the dashboard does, and yields every status change."""

import asyncio
from collections.abc import AsyncGenerator
from typing import TextIO

from app.cli.errors import SIGNED_OUT, CliError, describe_signed_out
from app.cli.output.terminal import pipe_descriptor
from app.presentation.json_fields import Transition
from app.watch.events import reported_status
from app.watch.polling.link import LinkState
from app.watch.session import Session
from app.watch.watch_list import Change

_CONFIRM_MISSING_SECONDS = 1.0
"""How long after a job was not found it is fetched again, to confirm that."""

_TOKEN_TIMEOUT_SECONDS = 15.0
"""How long to wait for another token after an accepted one is rejected."""


async def transitions(
    session: Session, *, output: TextIO | None = None
) -> AsyncGenerator[tuple[LinkState, list[Transition]]]:
    """Poll the jobs of a started session; yield each job's status, then every change of it. Use with `aclosing`.

    Yields whenever the link or a job changes: the state of the link, and the transitions since, which may be none. Failed
    requests are retried indefinitely.

    Args:
        session: All jobs on its watch list are polled.
        output: Where the caller prints. If it is a pipe, this ends as soon as its reader closes it, not only at the next line.

    Raises:
        CliError: No token was found, or it was rejected.
        BrokenPipeError: The reader of `output` closed it.
    """
    watcher = await session.connected()
    poller, link = watcher.poller, watcher.link
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()
    found: list[Transition] = []
    reported: dict[str, str] = {}

    async def confirm_missing(job_id: str) -> None:
        await asyncio.sleep(_CONFIRM_MISSING_SECONDS)
        await poller.fetch_now(job_id)

    def on_entry_change(change: Change) -> None:
        entry = change.after
        if entry is None:
            return
        if entry.misses == 1:
            tasks.append(asyncio.create_task(confirm_missing(entry.id)))
        status = reported_status(entry)
        # Do not report a status stored by an earlier run, which may be out of date unless it is final.
        current = entry.finished or entry.misses > 1 or (entry.failure is None and not entry.misses)
        if status and current and status != reported.get(entry.id):
            found.append(Transition(session.now(), reported.get(entry.id), entry))
            reported[entry.id] = status
        changed.set()

    def on_reader_closed(pipe: int) -> None:
        loop.remove_reader(pipe)
        polling.cancel()

    polling = asyncio.create_task(session.run(), name="polling")
    polling.add_done_callback(lambda task: changed.set())
    tasks: list[asyncio.Task[None]] = [polling]
    unsubscribe = session.watch_list.subscribe(on_entry_change)
    link.subscribe(lambda state: changed.set())
    for entry in tuple(session.watch_list.entries.values()):
        if entry.finished:  # it is not polled, so nothing else would report it
            on_entry_change(Change(entry, entry))
    pipe = pipe_descriptor(output)
    if pipe is not None:
        loop.add_reader(pipe, on_reader_closed, pipe)
    token_accepted = False
    deadline: float | None = None
    try:
        while True:
            if polling.cancelled():
                raise BrokenPipeError
            if polling.done():
                polling.result()  # raises: polling ends by itself only because of a bug
            token_accepted = token_accepted or link.token_accepted
            if not link.signed_out:
                deadline = None
            elif deadline is None and not await session.account.renew_token():
                # If a token was accepted before, it may have expired, and its source may soon have another.
                deadline = loop.time() + (_TOKEN_TIMEOUT_SECONDS if token_accepted else 0.0)
            try:
                async with asyncio.timeout_at(deadline):
                    await changed.wait()
            except TimeoutError:
                raise CliError(describe_signed_out(link.state.reason), SIGNED_OUT) from None
            changed.clear()
            seen, found = found, []
            yield link.state, seen
    finally:
        if pipe is not None:
            loop.remove_reader(pipe)
        unsubscribe()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
