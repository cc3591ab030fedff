"""Runs a session for one command: the same watch list, connection and poller as the dashboard, without a screen."""

import threading
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

from app.cli.connect import connect_to_api, limits_of, new_session
from app.cli.errors import SIGNED_OUT, CliError, code_of
from app.cli.output.terminal import message_if_slow, print_message, waiting_for
from app.deepwriter.errors import ApiError
from app.settings.schema import Settings
from app.store.store import Store
from app.watch.session import Connected, Session
from app.watch.storage import StoreError
from app.watch.watch_list import WatchList
from app.watch.watcher import Watcher

_TRACK_TIMEOUT_SECONDS = 0.5
"""How long `open_session` waits until the database keeps what happens to jobs, which is no reason to fail."""


@contextmanager
def open_session(
    settings: Settings, job_ids: Sequence[str] = (), *, add: Collection[str] = (), track: bool = False
) -> Iterator[Session]:
    """Open the database and find the token; closes both at the end.

    If the database cannot be written and there is nothing to add, prints a message and continues in memory.

    Args:
        settings: In force.
        job_ids: The jobs to work with, watched or not; empty for the whole watch list.
        add: Jobs to put on the watch list first.
        track: Whether to store answers about `job_ids` even if they are not watched.

    Raises:
        CliError: The database or the given token cannot be used.
    """
    try:
        store = Store(
            settings.database,
            settings.base_url,
            limits=limits_of(settings),
            or_in_memory=not add,
        )
        if add:
            with message_if_slow(waiting_for(store.path)):
                store.add(list(add)).result()
        if not track or _track(store, job_ids):
            store.on_save_error = lambda sentence: print_message(sentence) if sentence else None
        watch_list = WatchList(store, only=set(job_ids) if job_ids else None)
    except StoreError as error:
        raise CliError(str(error)) from None
    if notice := store.unsaved_notice or store.repair_notice:
        print_message(notice)
    watch_list.watch_temporarily(job_ids)
    ending = threading.Event()
    try:
        # Not in the event loop's thread pool, so that Ctrl-C interrupts a token command that is waiting.
        connected = _connect(settings, ending)
    except BaseException:
        store.close()
        raise
    session = new_session(settings, watch_list, lambda: connected)
    session.ending = ending
    try:
        yield session
    finally:
        session.close()


def _track(store: Store, job_ids: Sequence[str]) -> bool:
    """Have the database keep what happens to these jobs; False if it cannot now, which a message says."""
    try:
        store.track(job_ids).result(_TRACK_TIMEOUT_SECONDS)
    except TimeoutError:
        print_message(
            f"The database {store.path} is held by another program; what happens to these jobs may not be kept."
        )
        return False
    except StoreError as error:
        print_message(str(error))
        return False
    return True


def _connect(settings: Settings, ending: threading.Event) -> Connected:
    connected = connect_to_api(settings, ending.is_set)
    if connected.warnings and connected.credential is None:
        raise CliError(f"{connected.warnings[0]}.", SIGNED_OUT)  # a token was given, but cannot be used
    return connected


@asynccontextmanager
async def started(session: Session) -> AsyncIterator[Watcher]:
    """Start a session, and close its connections at the end. Sends nothing.

    Prints warnings about the token to standard error.
    """
    for warning in await session.start():
        print_message(warning)
    assert session.watcher is not None
    try:
        yield session.watcher
    finally:
        await session.disconnect()


async def fetch_each(session: Session, job_ids: Sequence[str]) -> dict[str, ApiError]:
    """Fetch each job once, within the budget.

    If the token is rejected, its source is read again. If it has another token, the rejected jobs are fetched again.

    Returns:
        Why requests failed, by job ID.
    """
    assert session.watcher is not None
    watcher = session.watcher
    failures = _failed(job_ids, await watcher.poller.fetch_each(job_ids))
    rejected = [job_id for job_id, error in failures.items() if code_of(error) == SIGNED_OUT]
    if rejected and watcher.link.signed_out and await session.renew_token():
        for job_id in rejected:
            del failures[job_id]
        failures |= _failed(rejected, await watcher.poller.fetch_each(rejected))
    return failures


def _failed(job_ids: Sequence[str], results: Sequence[ApiError | None]) -> dict[str, ApiError]:
    return {job_id: error for job_id, error in zip(job_ids, results, strict=True) if error}
