"""Connects a session to the API. Everything here is slow to import or to run, and is called in a thread."""

import os
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from app.settings.errors import SettingsError
from app.settings.paths import stored_token_path, token_path
from app.settings.schema import Settings
from app.watch.history import HistoryLimits
from app.watch.polling.intervals import Intervals
from app.watch.session import Connect, Connected, Session
from app.watch.watch_list import WatchList

if TYPE_CHECKING:
    from app.deepwriter.auth.credential import Credential


def new_session(
    settings: Settings,
    watch_list: WatchList,
    connect: Connect,
    *,
    shared: bool = False,
    now: Callable[[], float] = time.time,
) -> Session:
    """Create a session with the values of the settings; see `Session` for the other parameters."""
    return Session(
        watch_list,
        connect,
        base_url=settings.base_url,
        intervals=intervals_of(settings),
        requests_per_minute=settings.requests_per_minute,
        history_days=settings.history.days,
        follow=settings.follow,
        shared=shared,
        now=now,
    )


def intervals_of(settings: Settings) -> Intervals:
    """The polling intervals from the settings."""
    if settings.interval is not None:
        return Intervals.every(settings.interval)
    chosen = settings.intervals
    return Intervals(chosen.fast, chosen.medium, chosen.slow)


def limits_of(settings: Settings) -> HistoryLimits:
    """The history limits from the settings."""
    return HistoryLimits(settings.history.samples, settings.history.events)


def connect_to_api(settings: Settings, cancelled: Callable[[], bool] = lambda: False) -> Connected:
    """Find the token and build the client.

    An unusable token counts as none, with a warning, since the dashboard is useful without one.

    Args:
        settings: In force.
        cancelled: Whether to end a running token command, because the session is ending.
    """
    from app.deepwriter.auth.credential import CredentialError
    from app.deepwriter.auth.renewal import Renewal
    from app.deepwriter.auth.sources import CredentialLookup, TokenSource
    from app.deepwriter.client import UNSIGNED, Client

    source = TokenSource(
        token_file=settings.token_file,
        environ=os.environ,
        token_command=settings.token_command,
        stored_file=stored_token_path(),
        auth=settings.auth,
        cancelled=cancelled,
    )
    unsigned = UNSIGNED
    try:
        found = source.find()
    except CredentialError as error:
        unsigned = str(error)
        found = CredentialLookup(None, warnings=(unsigned,), log=error.log)
    client = Client(settings.base_url, found.credential, unsigned=unsigned)
    return Connected(
        client,
        client.use,
        warnings=found.warnings,
        credential=found.credential,
        renewal=partial(Renewal, source, found.credential),
        enter_token=enter_token,
        unsigned="" if found.credential else unsigned,
        log=found.log,
        account=client,
    )


def enter_token(token: str, *, api_key: bool, keep: bool) -> "Credential":
    """Make a credential from a token that the user typed, and store it for later runs if requested.

    Args:
        token: As it was typed.
        api_key: Whether it is an API key rather than a bearer token.
        keep: Whether to store it.

    Raises:
        ValueError: It is not a token, or cannot be stored; the message is a sentence.
    """
    from app.deepwriter.auth.credential import CredentialError, Scheme, make_credential
    from app.deepwriter.auth.token_file import store_token

    try:
        credential = make_credential(token, Scheme.API_KEY if api_key else Scheme.BEARER, "the login dialog")
        if keep:
            store_token(token_path(), credential)
    except (CredentialError, SettingsError) as error:
        raise ValueError(str(error)) from None
    except OSError as error:
        raise ValueError(f"The token cannot be kept in {token_path()}: {error.strerror}.") from None
    return credential


def demo_connection(start: Callable[[], str], stop: Callable[[], None]) -> Connected:
    """Start the simulated API and build a client for it.

    Args:
        start: Starts it, and returns its base URL.
        stop: Stops it.
    """
    from app.deepwriter.auth.credential import make_credential
    from app.deepwriter.client import Client

    client = Client(start(), make_credential("demo", "bearer", "the demo"))
    return Connected(client, client.use, close=stop, account=client)
