"""One sitting: the watch list, the settings in force, and the core as soon as there is an API to ask."""

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.settings import Settings, data_path
from app.watch.api import JobApi
from app.watch.connection import LinkState
from app.watch.pace import Intervals
from app.watch.watch_list import WatchList
from app.watch.watched import Watched

if TYPE_CHECKING:  # what only connecting takes is imported while that is done, behind the first frame
    from app.deepwriter.credentials import Credential
    from app.watch.forecaster import Forecaster
    from app.watch.watcher import Watcher


@dataclass(frozen=True, slots=True)
class Connected:
    """What connecting brought.

    Attributes:
        api: The API to ask.
        use: Signs all further requests with another token.
        close: Gives back what connecting took; called once, in a thread, after the last request.
        warnings: Sentences that a person should read once.
        credential: The token that was found, if any.
    """

    api: JobApi
    use: "Callable[[Credential], None]"
    close: Callable[[], None] = lambda: None
    warnings: tuple[str, ...] = ()
    credential: "Credential | None" = None


Connect = Callable[[], Connected]
"""Finds the token and builds the API client. Slow to import and to run, so it is called in a thread."""


@dataclass(slots=True)
class Session:
    """What the screens share.

    Attributes:
        settings: In force since the start.
        watch_list: The jobs, loaded from the database.
        connect: How to reach the API.
        demo: Whether the API is simulated.
        added: Jobs named on the command line that were not watched yet.
        shared: Whether other programs may have the same watch list open, so that one of them polls for all.
        now: The wall clock, in seconds since the epoch.
        watcher: The core; None until connected.
        intervals: How often jobs are asked for.
    """

    settings: Settings
    watch_list: WatchList
    connect: Connect
    demo: bool = False
    added: tuple[str, ...] = ()
    shared: bool = False
    now: Callable[[], float] = time.time
    watcher: "Watcher | None" = field(default=None, init=False)
    intervals: Intervals = field(init=False)
    _connected: Connected | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Work out the intervals."""
        self.intervals = intervals_of(self.settings)

    async def start(self, on_link: Callable[[LinkState], None]) -> tuple[str, ...]:
        """Connect, without holding up the screen, and build the core.

        Args:
            on_link: Told whenever the state of the connection changes.

        Returns:
            Sentences that a person should read once.
        """
        connected, self.watch_list.forecaster = await asyncio.to_thread(self._get_ready)
        from app.watch.watcher import Watcher

        self._connected = connected
        self.watcher = Watcher(
            self.watch_list,
            connected.api,
            intervals=self.intervals,
            requests_per_minute=self.settings.requests_per_minute,
            on_link=on_link,
            now=self.now,
            sign_in=self._stand_in(connected.credential) if self.shared else None,
        )
        return connected.warnings

    def _stand_in(self, credential: "Credential | None") -> str:
        from app.watch.lead import sign_in_of

        return sign_in_of(credential.secret.reveal() if credential else "", self.settings.base_url)

    def _get_ready(self) -> "tuple[Connected, Forecaster]":
        import app.watch.watcher  # noqa: F401 because importing it takes a while, which must not stop the screen
        from app.watch.forecaster import Forecaster

        forecaster = Forecaster(self.watch_list.store)
        forecaster.read_past()
        return self.connect(), forecaster

    async def sign_in(self, token: str, *, api_key: bool, keep: bool) -> str:
        """Go on with another token.

        Args:
            token: As it was typed.
            api_key: Whether it is an API key rather than a bearer token.
            keep: Whether to keep it for later runs.

        Returns:
            Why that was not possible, in one sentence; empty if it was.
        """
        if self._connected is None or self.watcher is None:
            return "Still connecting; try again in a moment."
        from app.deepwriter.credentials import CredentialError, Scheme, make_credential, store_token

        try:
            credential = make_credential(
                token, Scheme.API_KEY if api_key else Scheme.BEARER, "the login dialog"
            )
            if keep:
                await asyncio.to_thread(store_token, token_path(), credential)
        except CredentialError as error:
            return str(error)
        except OSError as error:
            return f"The token cannot be kept in {token_path()}: {error.strerror}."
        self._connected.use(credential)
        self._connected = replace(self._connected, credential=credential)
        self.watcher.signed_in(self._stand_in(credential))
        return ""

    @property
    def without_token(self) -> bool:
        """Whether no token was found at all; False while that is not known yet."""
        return self._connected is not None and self._connected.credential is None

    def stronger_token_source(self) -> str:
        """A sentence about what would win over a kept token at the next start; empty for nothing."""
        if self.settings.token_file is not None:
            return "With --token-file, that file wins over a token that is kept."
        for name in ("DEEPWRITER_TOKEN", "DEEPWRITER_API_KEY"):
            if os.environ.get(name):
                return f"{name} is set, and wins at the next start over a token that is kept."
        if self.settings.token_command:
            return "The setting token_command wins at the next start over a token that is kept."
        return ""

    def close(self) -> None:
        """Write what is left and let go of the API; takes 2 s at most."""
        if self._connected:
            self._connected.close()
        self.watch_list.store.close()

    def interval(self, entry: Watched) -> float | None:
        """Seconds between two polls of a job as things are; None for one that is not polled."""
        if self.watcher:
            return self.watcher.poller.interval(entry)
        return self.intervals.of(entry.cadence)


def token_path() -> Path:
    """The file that keeps a token for later runs."""
    return data_path() / "token"


def intervals_of(settings: Settings) -> Intervals:
    """The intervals that the settings ask for."""
    if settings.interval is not None:
        return Intervals.every(settings.interval)
    chosen = settings.intervals
    return Intervals(chosen.fast, chosen.medium, chosen.slow)
