"""One sitting: the watch list, the settings in force, and the core as soon as there is an API to ask."""

import asyncio
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from app.settings.errors import SettingsError
from app.settings.paths import token_path
from app.settings.schema import Settings
from app.watch.api import JobApi
from app.watch.history import HistoryLimits
from app.watch.polling.link import LinkState
from app.watch.polling.pacing import Intervals
from app.watch.watch_list import WatchList
from app.watch.watched import Watched

if TYPE_CHECKING:  # what only connecting takes is imported while that is done, behind the first frame
    from app.deepwriter.auth.credential import Credential
    from app.deepwriter.auth.renewal import Renewal
    from app.deepwriter.auth.sources import CredentialLookup, TokenSource
    from app.watch.forecast.forecaster import Forecaster
    from app.watch.watcher import Watcher


_DAY = 86_400.0
_SETTLED = 20.0
"""Seconds after which the start is over, and there is time to look through the database."""

_LAST_READ = 0.4
"""Seconds that the end of a token command is waited for."""

_LAST_GOODBYE = 0.3
"""Seconds that closing connections may take."""

_HISTORY_PATIENCE_SECONDS = 2.0
"""How long the first request may wait for what the forecasts learn from."""


@runtime_checkable
class _Closeable(Protocol):
    async def aclose(self) -> None: ...


class Connected(NamedTuple):
    """What connecting brought.

    Attributes:
        api: The API to ask.
        use: Signs all further requests with another token.
        close: Gives back what connecting took; called once, in a thread, after the last request.
        warnings: Sentences that a person should read once.
        credential: The token that was found, if any.
        source: Where to look for another; None if there is nowhere.
        unsigned: Why there is no token, for people, where there is none.
        log: What is worth an entry in the event log, a line each.
    """

    api: JobApi
    use: "Callable[[Credential], None]"
    close: Callable[[], None] = lambda: None
    warnings: tuple[str, ...] = ()
    credential: "Credential | None" = None
    source: "TokenSource | None" = None
    unsigned: str = ""
    log: tuple[str, ...] = ()


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
        ending: Set once nobody waits any more for what connecting takes.
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
    ending: threading.Event = field(default_factory=threading.Event, init=False)
    _connected: Connected | None = field(default=None, init=False)
    _renewal: "Renewal | None" = field(default=None, init=False)
    _reading: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        """Work out the intervals."""
        self.intervals = intervals_of(self.settings)

    async def start(
        self, on_link: Callable[[LinkState], None], on_notice: Callable[[], None] = lambda: None
    ) -> tuple[str, ...]:
        """Connect, without holding up the screen, and build the core.

        Args:
            on_link: Told whenever the state of the connection changes.
            on_notice: Told whenever `token_ends_at` changes.

        Returns:
            Sentences that a person should read once.
        """
        connected, self.watch_list.forecaster = await asyncio.to_thread(self._get_ready)
        from app.deepwriter.auth.renewal import Renewal
        from app.watch.watcher import Watcher

        def tell(state: LinkState) -> None:
            if self._renewal:
                self._renewal.wake()
            on_link(state)

        self._connected = connected
        self.watcher = Watcher(
            self.watch_list,
            connected.api,
            intervals=self.intervals,
            requests_per_minute=self.settings.requests_per_minute,
            on_link=tell,
            now=self.now,
            sign_in=self._stand_in(connected.credential) if self.shared else None,
        )
        monitor = self.watcher.link_monitor
        self._renewal = Renewal(
            connected.source,
            connected.credential,
            signed_out=lambda: monitor.signed_out,
            let_in=lambda: monitor.let_in,
            read=self._read_token,
            on_credential=self._take,
            on_note=self._log,
            on_failure=self._sign_in_failed,
            on_expiry_notice=on_notice,
            now=self.now,
        )
        for line in connected.log:
            self._log(line)
        if connected.unsigned:
            self._sign_in_failed(connected.unsigned)
        return () if connected.unsigned else connected.warnings

    def _log(self, line: str) -> None:
        from app.watch.events import Event, EventKind

        self.watch_list.store.log_event(Event(self.now(), EventKind.CONNECTION, line))

    def _sign_in_failed(self, reason: str) -> None:
        from app.deepwriter.errors import NotSignedIn

        assert self.watcher is not None
        self.watcher.poller.record_failure("", NotSignedIn(reason), asyncio.get_running_loop().time())

    async def run(self) -> None:
        """Keep the watch list up to date, the sign-in alive and the history short, until cancelled."""
        assert self.watcher is not None
        assert self._renewal is not None
        tasks = [
            asyncio.create_task(self.watcher.run(), name="watcher"),
            asyncio.create_task(self._renewal.run(), name="sign-in"),
            asyncio.create_task(self._forget_the_past(), name="history"),
        ]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _forget_the_past(self) -> None:
        """Delete, now and once a day, what is older than the settings want it kept, or more; a little at a time."""
        from app.watch.storage import StoreError

        while True:
            with suppress(StoreError):  # tomorrow is soon enough, and what hinders it has been said
                before = self.now() - self.settings.history.days * _DAY
                place: int | None = 0
                while place is not None:
                    place = await asyncio.wrap_future(self.watch_list.store.prune(before, place))
            await asyncio.sleep(_SETTLED)
            await asyncio.to_thread(self.watch_list.store.check_integrity)
            await asyncio.sleep(_DAY - _SETTLED)

    def _stand_in(self, credential: "Credential | None") -> str:
        from app.watch.sharing.leader_election import sign_in_id

        return sign_in_id(credential.account_key.reveal() if credential else "", self.settings.base_url)

    def _get_ready(self) -> "tuple[Connected, Forecaster]":
        import app.watch.watcher  # noqa: F401 because importing it takes a while, which must not stop the screen
        from app.watch.forecast.forecaster import Forecaster

        forecaster = Forecaster(self.watch_list.store)
        learning = self.watch_list.store.read_soon(forecaster.read_past)
        with self._reading:
            connected = self.connect()
        with suppress(TimeoutError):  # a slow disk holds up no request
            learning.result(_HISTORY_PATIENCE_SECONDS)
        return connected, forecaster

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
        from app.deepwriter.auth.credential import CredentialError, Scheme, make_credential
        from app.deepwriter.auth.token_file import store_token

        try:
            credential = make_credential(
                token, Scheme.API_KEY if api_key else Scheme.BEARER, "the login dialog"
            )
            del token  # a traceback that shows local variables would print it
            if keep:
                await asyncio.to_thread(store_token, token_path(), credential)
        except (CredentialError, SettingsError) as error:
            return str(error)
        except OSError as error:
            return f"The token cannot be kept in {token_path()}: {error.strerror}."
        self._take(credential)
        if self._renewal:
            self._renewal.use_typed(credential, stored=keep)
        return ""

    def refused(self) -> None:
        """A request that a person asked for was not let in."""
        if self._renewal:
            self._renewal.request_rejected()

    async def another_token(self) -> bool:
        """After a refusal: look once for another token where ours came from, which may run a command.

        Returns:
            Whether there was one, so that it is worth asking again.
        """
        return self._renewal is not None and await self._renewal.look_now()

    @property
    def token_ends_at(self) -> float | None:
        """When the token ends, in seconds since the epoch, if people should be told by now; else None."""
        return self._renewal.expiry_notice if self._renewal else None

    def _take(self, credential: "Credential") -> None:
        """Go on with another token."""
        assert self._connected is not None
        assert self.watcher is not None
        self._connected.use(credential)
        self._connected = self._connected._replace(credential=credential)
        self.watcher.signed_in(self._stand_in(credential))

    def _read_token(self, read: "Callable[[], CredentialLookup]") -> "CredentialLookup":
        with self._reading:
            return read()

    @property
    def without_token(self) -> bool:
        """Whether no token was found at all; False while that is not known yet."""
        return self._connected is not None and self._connected.credential is None

    def stronger_token_source(self) -> str:
        """A sentence about what would win over a kept token at the next start; empty for nothing."""
        source = stronger_token_source(self.settings)
        return f"{source} wins at the next start over a token that is kept." if source else ""

    async def disconnect(self) -> None:
        """Close the connections to the API, which belong to the event loop; takes 0.3 s at most, and no more requests.

        What cannot be closed in time, such as a connection whose other end has gone, is left to the system.
        """
        api: object = self._connected.api if self._connected else None
        if isinstance(api, _Closeable):
            with suppress(TimeoutError):
                async with asyncio.timeout(_LAST_GOODBYE):
                    await api.aclose()

    def close(self) -> None:
        """Write what is left and let go of the API; takes 2 s at most."""
        self.ending.set()
        if self._reading.acquire(timeout=_LAST_READ):  # so that a token command does not outlive us
            self._reading.release()
        if self._connected:
            self._connected.close()
        self.watch_list.store.close()

    def interval(self, entry: Watched) -> float | None:
        """Seconds between two polls of a job as things are; None for one that is not polled."""
        if self.watcher:
            return self.watcher.poller.interval(entry)
        return self.intervals.of(entry.cadence)


def stronger_token_source(settings: Settings) -> str:
    """What goes before a kept token, in words that begin a sentence; empty for nothing."""
    from app.deepwriter.auth.sources import VARIABLES

    if settings.token_file is not None:
        return "The file named with --token-file"
    for name in VARIABLES:
        if os.environ.get(name, "").strip():
            return f"The environment variable {name}"
    return "The setting token_command" if settings.token_command else ""


def intervals_of(settings: Settings) -> Intervals:
    """The intervals that the settings ask for."""
    if settings.interval is not None:
        return Intervals.every(settings.interval)
    chosen = settings.intervals
    return Intervals(chosen.fast, chosen.medium, chosen.slow)


def limits_of(settings: Settings) -> HistoryLimits:
    """How much of the past the settings want kept."""
    return HistoryLimits(settings.history.samples, settings.history.events)
