"""A sitting without a screen: the same watch list, connection and core as the dashboard's, for one command."""

import sys
import threading
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import click

from app.cli.connect import connect_to_api, limits_of, new_session
from app.cli.errors import SIGNED_OUT, CliError
from app.settings.schema import Settings
from app.store.store import Store
from app.watch.session import Connected, Session
from app.watch.storage import StoreError
from app.watch.watch_list import WatchList
from app.watch.watcher import Watcher


@contextmanager
def sitting(
    settings: Settings, job_ids: Sequence[str] = (), *, add: Collection[str] = (), keep: bool = False
) -> Iterator[Session]:
    """Open the database and find the token; both are given back at the end.

    Where the database cannot be written, and nothing is to be added to it, a sentence says so and nothing is kept.

    Args:
        settings: In force.
        job_ids: The only jobs to have to do with, watched or not; none for the whole watch list.
        add: Jobs to put on the watch list first.
        keep: Whether to keep what happens to those jobs even if they are not watched.

    Raises:
        CliError: The database cannot be used, or a token that was given.
    """
    try:
        store = Store(
            settings.database,
            settings.base_url,
            limits=limits_of(settings),
            on_save_error=_say_trouble,
            or_in_memory=not add,
        )
        if add:
            store.add(list(add)).result()
        if keep:
            store.track(job_ids).result()
        watch_list = WatchList(store, only=set(job_ids) if job_ids else None)
    except StoreError as error:
        raise CliError(str(error)) from None
    if store.notice:
        say(store.notice)
    watch_list.watch_temporarily(job_ids)
    ending = threading.Event()
    try:
        # Here and not in the event loop's thread pool, so that Ctrl-C ends a token command that waits for something.
        connected = _connect(settings, ending.is_set)
    except BaseException:
        store.close()
        raise
    session = new_session(settings, watch_list, lambda: connected)
    session.ending = ending
    try:
        yield session
    finally:
        session.close()


def _connect(settings: Settings, cancelled: Callable[[], bool]) -> Connected:
    connected = connect_to_api(settings, cancelled)
    if connected.warnings and connected.credential is None:
        raise CliError(f"{connected.warnings[0]}.", SIGNED_OUT)  # a token was given, and it cannot be used
    return connected


@asynccontextmanager
async def begun(session: Session) -> AsyncIterator[Watcher]:
    """The core at work, for as long as it is needed; nothing is sent yet.

    Warnings about the token go to the standard error.
    """
    for warning in await session.start():
        say(warning)
    assert session.watcher is not None
    try:
        yield session.watcher
    finally:
        await session.disconnect()


def _say_trouble(sentence: str) -> None:
    if sentence:
        say(sentence)


def say(sentence: str) -> None:
    """Tell a person something on the standard error."""
    if sys.stderr is not None:
        click.echo(f"dwtop: {sentence}", err=True)
