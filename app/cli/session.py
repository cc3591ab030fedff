"""Builds sessions from the settings, for the dashboard and for commands.

The dashboard imports this before its first frame; whatever is slow to import or to run is in `connect_to_api`.
"""

import asyncio
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from app.cli.errors import SIGNED_OUT, CliError, code_of
from app.cli.imports import import_in_thread
from app.cli.output.terminal import message_if_slow, print_message
from app.deepwriter.errors import ApiError
from app.settings.paths import stored_token_path
from app.settings.schema import Settings
from app.store.jobs import read_watch_list
from app.store.store import Store
from app.watch.account import Connect, Connected
from app.watch.history import HistoryLimits
from app.watch.observable import Observable
from app.watch.polling.intervals import Intervals
from app.watch.session import Session
from app.watch.storage import StoreError
from app.watch.watch_list import WatchList

if TYPE_CHECKING:
    from app.deepwriter.auth.sources import TokenSource

_TRACK_TIMEOUT_SECONDS = 0.5
"""How long `open_session` waits for the database to track jobs before the command continues without that."""


def new_session(
    settings: Settings,
    watch_list: WatchList,
    connect: Connect,
    *,
    shared: bool = False,
) -> Session:
    """Create a session with the values of the settings; see `Session` for the other parameters."""
    return Session(
        watch_list,
        connect,
        base_url=settings.base_url,
        intervals=Observable(intervals_of(settings)),
        requests_per_minute=settings.requests_per_minute,
        history_days=settings.history.days,
        follow=settings.follow,
        shared=shared,
    )


def intervals_of(settings: Settings) -> Intervals:
    """The polling intervals from the settings."""
    return Intervals.every(settings.interval) if settings.interval else Intervals(*settings.intervals)


def new_store(settings: Settings, *, or_in_memory: bool) -> Store:
    """Open the database that the settings name; see `Store` for `or_in_memory`."""
    limits = HistoryLimits(settings.history.samples, settings.history.events)
    return Store(settings.database, settings.base_url, limits=limits, or_in_memory=or_in_memory)


def token_source(settings: Settings, cancelled: Callable[[], bool] = lambda: False) -> "TokenSource":
    """The source of tokens that the settings and the environment specify."""
    from app.deepwriter.auth.sources import TokenSource

    return TokenSource(
        token_file=settings.token_file,
        environ=os.environ,
        token_command=settings.token_command,
        stored_file=stored_token_path(),
        auth=settings.auth,
        cancelled=cancelled,
    )


def connect_to_api(settings: Settings, cancelled: Callable[[], bool] = lambda: False) -> Connected:
    """Find the token and build the client. This is slow, so the dashboard does it in a thread.

    An unusable token counts as none, since the dashboard is useful without one. `cancelled` is called repeatedly while a
    token command runs; once it returns True, the command is terminated.
    """
    import_in_thread("app.deepwriter.client")
    from app.deepwriter.client import Client
    from app.deepwriter.errors import NOT_SIGNED_IN

    source = token_source(settings, cancelled)
    lookup = source.find()
    client = Client(settings.base_url, lookup.credential, signed_out_reason=lookup.problem or NOT_SIGNED_IN)
    return Connected(client, source=source, lookup=lookup)


@contextmanager
def open_store(
    settings: Settings, *, or_in_memory: bool = False, needs_list: bool = False
) -> Iterator[Store]:
    """Open the database for one command; a message says if it was damaged, or cannot be written.

    Raises `StoreError` if the database cannot be used; with `or_in_memory` only if `needs_list` is set and the watch list
    cannot be read either.
    """
    with message_if_slow(settings.database):
        store = new_store(settings, or_in_memory=or_in_memory)
    try:
        if needs_list and store.problem.value:
            read_watch_list(settings.database, settings.base_url)
        if notice := store.problem.value or store.repair_notice.value:
            print_message(notice)
        store.repair_notice.subscribe(print_message)
        yield store
    finally:
        store.close()


@contextmanager
def open_session(
    settings: Settings, job_ids: Sequence[str] = (), *, add: Collection[str] = (), track: bool = False
) -> Iterator[tuple[Session, asyncio.Runner]]:
    """Start a session for one command, with a runner for its coroutines; closes everything at the end.

    `job_ids` are the jobs to work with, watched or not; empty for the whole watch list, after adding the jobs in `add`.
    With `track`, answers about `job_ids` are stored even if they are not watched. If the database cannot be written and
    there is nothing to add, prints a message and continues in memory.
    """
    with open_store(settings, or_in_memory=not add, needs_list=not job_ids) as store:
        if add:
            with message_if_slow(store.path):
                store.add(list(add)).result()
        if not track or _track(store, job_ids):
            store.problem.subscribe(lambda sentence: print_message(sentence) if sentence else None)
        watch_list = WatchList(store, only=set(job_ids) if job_ids else None)
        watch_list.watch_temporarily(job_ids)
        if job_ids:  # a command for certain jobs adds no others
            settings = settings._replace(follow=False)
        session = new_session(settings, watch_list, lambda: connected)
        with closing(session.account), asyncio.Runner() as runner:
            # Not in the event loop's thread pool, so that Ctrl-C interrupts a waiting token command.
            connected = connect_to_api(settings, session.account.ending.is_set)
            if connected.lookup and connected.lookup.problem:
                raise CliError(f"{connected.lookup.problem}.", SIGNED_OUT)
            for warning in runner.run(session.start()):
                print_message(warning)
            try:
                yield session, runner
            finally:
                runner.run(session.account.disconnect())


async def fetch_each(session: Session, job_ids: Sequence[str]) -> dict[str, ApiError]:
    """Fetch each job once; returns why requests failed, by job ID.

    If the token was rejected and its source has another one, that is tried once too.
    """
    watcher = await session.connected()
    failures = await watcher.poller.fetch_each(job_ids)
    rejected = [job_id for job_id, error in failures.items() if code_of(error) == SIGNED_OUT]
    if rejected and watcher.link.signed_out and await session.account.renew_token():
        for job_id in rejected:
            del failures[job_id]
        failures |= await watcher.poller.fetch_each(rejected)
    return failures


def _track(store: Store, job_ids: Sequence[str]) -> bool:
    """Whether the database now tracks these jobs; if it cannot, a message says why."""
    try:
        store.track(job_ids).result(_TRACK_TIMEOUT_SECONDS)
    except TimeoutError:
        print_message(
            f"The database {store.path} is locked by another program; changes to these jobs may not be saved."
        )
        return False
    except StoreError as error:
        print_message(str(error))
        return False
    return True
