"""A session: the watch list, and the poller and everything else that needs an API client once connected."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from app.job import ListedJob
from app.watch.api import Api
from app.watch.observable import Observable
from app.watch.polling.intervals import Intervals
from app.watch.storage import StoreError
from app.watch.watch_list import WatchList
from app.watch.watched import Watched

if TYPE_CHECKING:  # imported while connecting, after the first frame
    from app.deepwriter.auth.credential import Credential, CredentialLookup
    from app.deepwriter.auth.renewal import Renewal
    from app.watch.forecast.forecaster import Forecaster
    from app.watch.watcher import Watcher


_DAY_SECONDS = 86_400.0

_INTEGRITY_CHECK_DELAY_SECONDS = 20.0
"""How long after the start the whole database is checked, so that the check does not slow down the start."""

_TOKEN_COMMAND_EXIT_SECONDS = 0.4
"""How long `close` waits for a token command to exit."""

_DISCONNECT_TIMEOUT_SECONDS = 0.3
"""How long closing connections may take."""

_HISTORY_TIMEOUT_SECONDS = 2.0
"""How long the first request may wait for the histories that forecasts learn from."""


def _no_sign_in(token: str, *, api_key: bool, keep: bool) -> "Credential":
    raise ValueError("Nobody can sign in here.")


class Connected(NamedTuple):
    """The result of connecting.

    Attributes:
        api: The API client.
        close: Releases what connecting acquired; called once, in a thread, after the last request.
        warnings: Sentences to show the user once.
        credential: The credential that was found, if any.
        renewal: Creates a `app.deepwriter.auth.renewal.Renewal` from its keyword arguments; None if the credential
            cannot be renewed.
        enter_token: Makes a credential from a token that the user typed, and stores it for later runs if requested.
            Slow. Raises `ValueError` with a sentence.
        unsigned: Why there is no credential, in a sentence, if there is none.
        log: Lines for the event log.
    """

    api: Api
    close: Callable[[], None] = lambda: None
    warnings: tuple[str, ...] = ()
    credential: "Credential | None" = None
    renewal: "Callable[..., Renewal] | None" = None
    enter_token: "Callable[..., Credential]" = _no_sign_in
    unsigned: str = ""
    log: tuple[str, ...] = ()


Connect = Callable[[], Connected]
"""Finds the token and builds the API client. Slow to import and to run, so it is called in a thread."""


@dataclass(slots=True)
class Session:
    """A watch list and everything that keeps it up to date. Used by the dashboard and by commands.

    Attributes:
        watch_list: The jobs, loaded from the database.
        connect: Connects to the API.
        base_url: The API's base URL; distinguishes accounts among processes that share the database.
        intervals: How often jobs are polled.
        requests_per_minute: The request budget, more than 0.
        history_days: How long events and finished jobs' samples are kept.
        follow: Whether to add the user's new unfinished jobs automatically.
        shared: Whether other processes may have the same watch list open, so that one of them polls for all.
        now: The wall clock, in seconds since the epoch.
        watcher: The poller, canceller and leader election; None until connected.
        token_expiry: When the token expires, in seconds since the epoch, once the user should know; else None.
        ending: Set when the session ends, to cancel a connect that is waiting.
    """

    watch_list: WatchList
    connect: Connect
    base_url: str = ""
    intervals: Intervals = field(default_factory=Intervals)
    requests_per_minute: float = 300.0
    history_days: float = 30.0
    follow: bool = False
    shared: bool = False
    now: Callable[[], float] = time.time
    watcher: "Watcher | None" = field(default=None, init=False)
    token_expiry: Observable[float | None] = field(default_factory=lambda: Observable(None), init=False)
    ending: threading.Event = field(default_factory=threading.Event, init=False)
    _connected: Connected | None = field(default=None, init=False)
    _renewal: "Renewal | None" = field(default=None, init=False)
    _reading_token: threading.Lock = field(default_factory=threading.Lock, init=False)

    async def start(self) -> tuple[str, ...]:
        """Connect, and create the watcher; returns sentences to show the user once. Nothing is sent yet."""
        connected, self.watch_list.forecaster = await asyncio.to_thread(self._connect)
        from app.watch.watcher import Watcher

        self._connected = connected
        await self._remember_progress_unit(connected.api)
        watcher = self.watcher = Watcher(
            self.watch_list,
            connected.api,
            intervals=self.intervals,
            requests_per_minute=self.requests_per_minute,
            now=self.now,
            account=self._account(connected.credential) if self.shared else None,
        )
        if connected.renewal:
            renewal: Renewal = connected.renewal(
                sign_in=watcher.link,
                read=self._read_token,
                on_credential=self._use,
                on_expiry_notice=self.token_expiry.set,
                log=self._log,
                now=self.now,
            )
            self._renewal = renewal
            watcher.link.own.subscribe(lambda state: renewal.wake())
        for line in connected.log:
            self._log(line)
        if connected.unsigned:
            watcher.link.sign_out(connected.unsigned)
        return () if connected.unsigned else connected.warnings

    async def run(self) -> None:
        """Poll, renew the token and trim the history, until cancelled."""
        assert self.watcher is not None
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.watcher.run(), name="watcher")
            tasks.create_task(self._trim_history(), name="history")
            if self._renewal:
                tasks.create_task(self._renewal.run(), name="token renewal")
            if self.follow:
                from app.watch.follow import AccountFollower

                follower = AccountFollower(
                    self.watch_list, self.watcher, self._api, base_url=self.base_url, now=self.now
                )
                tasks.create_task(follower.run(), name="follow")

    async def _trim_history(self) -> None:
        """Delete what exceeds the limits, a batch at a time, now and once a day."""
        store = self.watch_list.store
        while True:
            with suppress(StoreError):  # the store has reported it, and tomorrow is soon enough
                before = self.now() - self.history_days * _DAY_SECONDS
                first: int | None = 0
                while first is not None:
                    first = await asyncio.wrap_future(store.prune(before, first))
            await asyncio.sleep(_INTEGRITY_CHECK_DELAY_SECONDS)
            await asyncio.wrap_future(store.read_soon(store.check_integrity))
            await asyncio.sleep(_DAY_SECONDS - _INTEGRITY_CHECK_DELAY_SECONDS)

    def _connect(self) -> "tuple[Connected, Forecaster]":
        import app.watch.watcher  # noqa: F401 because importing it takes a while, which must not block the screen
        from app.watch.forecast.forecaster import Forecaster

        forecaster = Forecaster(self.watch_list.store)
        learning = self.watch_list.store.read_soon(forecaster.read_past)
        with self._reading_token:
            connected = self.connect()
        with suppress(TimeoutError):  # do not let a slow disk delay requests any longer
            learning.result(_HISTORY_TIMEOUT_SECONDS)
        return connected, forecaster

    # The account

    async def _remember_progress_unit(self, api: Api) -> None:
        """Store the progress unit whenever it is learned, and discard histories that were read with the wrong one."""
        store, name = self.watch_list.store, f"progress unit of {self.base_url}"
        with suppress(StoreError):  # it is learned again
            api.progress.restore(await asyncio.wrap_future(store.read_soon(store.preference, name)))

        def changed(wrong_before: bool) -> None:
            store.set_preference(name, api.progress.unit)
            if wrong_before:
                store.discard_histories()
                if self.watch_list.forecaster:
                    self.watch_list.forecaster.forget_all()

        api.progress.on_change = changed

    async def list_jobs(self) -> Sequence[ListedJob]:
        """Get the user's own jobs at once, ahead of all polls.

        Raises:
            ApiError: There is no answer, or no such list. Neither the sign-in nor the polling changes.
        """
        async with self._urgent():
            return await self._api.list_jobs()

    async def document_url(self, job_id: str) -> str | None:
        """Get the link to a job's document at once, ahead of all polls; None if there is no document.

        The link is a secret: it must not be logged or stored.

        Raises:
            ApiError: There is no answer.
        """
        async with self._urgent():
            return await self._api.fetch_document_url(job_id)

    @asynccontextmanager
    async def _urgent(self) -> AsyncIterator[None]:
        """Send a request ahead of all polls. Raises `RateLimited` while the API asks all clients to wait."""
        assert self.watcher is not None
        async with self.watcher.gate.urgent():
            if wait := self.watcher.link.demanded_wait():
                raise wait
            yield

    @property
    def _api(self) -> Api:
        assert self._connected is not None
        return self._connected.api

    # The token

    async def sign_in(self, token: str, *, api_key: bool, keep: bool) -> str:
        """Continue with a token that the user typed, and store it for later runs if `keep` is set.

        Returns:
            Why the token cannot be used, in one sentence; empty if it can.
        """
        if self._connected is None:
            return "Still connecting; try again in a moment."
        try:
            credential = await asyncio.to_thread(
                self._connected.enter_token, token, api_key=api_key, keep=keep
            )
        except ValueError as error:
            return str(error)
        finally:
            del token  # a traceback that shows local variables would print it
        self._use(credential)
        if self._renewal:
            self._renewal.use_typed(credential, stored=keep)
        return ""

    def request_rejected(self) -> None:
        """Look for another token, since a request by the user was rejected."""
        if self._renewal:
            self._renewal.request_rejected()

    async def renew_token(self) -> bool:
        """Look for another token once, which may run a token command; returns whether requests are worth repeating."""
        return self._renewal is not None and await self._renewal.look_now()

    @property
    def without_token(self) -> bool:
        """Whether no token was found at all; False while that is not known yet."""
        return self._connected is not None and self._connected.credential is None

    def _use(self, credential: "Credential") -> None:
        assert self._connected is not None
        assert self.watcher is not None
        self._connected.api.use(credential)
        self._connected = self._connected._replace(credential=credential)
        self.watcher.sign_in(self._account(credential))

    def _account(self, credential: "Credential | None") -> str:
        from app.watch.sharing.leader_election import account_id

        return account_id(credential.account_key.reveal() if credential else "", self.base_url)

    def _read_token(self, read: "Callable[[], CredentialLookup]") -> "CredentialLookup":
        with self._reading_token:
            return read()

    def _log(self, line: str) -> None:
        from app.watch.events import Event, EventKind

        self.watch_list.store.log_event(Event(self.now(), EventKind.CONNECTION, line))

    # Shutdown

    async def disconnect(self) -> None:
        """Close the connections to the API, or leave those to the system that cannot be closed within 0.3 s."""
        self.ending.set()  # closing the event loop waits for its threads, one of which may run a token command
        if self._connected:
            with suppress(TimeoutError):
                async with asyncio.timeout(_DISCONNECT_TIMEOUT_SECONDS):
                    await self._connected.api.aclose()

    def close(self) -> None:
        """Write what is pending and release the API client; takes at most 2 s."""
        self.ending.set()
        if self._reading_token.acquire(timeout=_TOKEN_COMMAND_EXIT_SECONDS):
            self._reading_token.release()
        if self._connected:
            self._connected.close()
        self.watch_list.store.close()

    def interval(self, entry: Watched) -> float | None:
        """Seconds between two polls of a job at present; None for one that is not polled."""
        if self.watcher:
            return self.watcher.poller.schedule.interval(entry)
        return self.intervals.of(entry.cadence)
