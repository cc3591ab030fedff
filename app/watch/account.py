"""The user's account at the API: the client, the token it sends, and the requests about the account."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from app.job import ListedJob
from app.watch.api import Api
from app.watch.events import Event, EventKind
from app.watch.observable import Observable

if TYPE_CHECKING:  # imported while connecting, after the first frame
    from app.deepwriter.auth.credential import Credential, CredentialLookup
    from app.deepwriter.auth.renewal import Renewal
    from app.watch.job_store import JobStore
    from app.watch.watcher import Watcher

_TOKEN_COMMAND_EXIT_SECONDS = 0.4
"""How long `close` waits for a token command to exit."""

_DISCONNECT_TIMEOUT_SECONDS = 0.3
"""How long closing connections may take."""


class Connected(NamedTuple):
    """The result of connecting.

    Attributes:
        api: The API client.
        close: Releases what connecting acquired; called once, in a thread, after the last request.
        warnings: Sentences to show the user once.
        credential: The credential that was found, if any.
        renewal: Creates an `app.deepwriter.auth.renewal.Renewal` from its keyword arguments; None if the credential
            cannot be renewed.
        enter_token: Makes a credential from a token that the user typed, and stores it for later runs if requested.
            Slow. Raises `ValueError` with a sentence. None if signing in is not possible.
        signed_out_reason: Why no credential was found, in a sentence; empty if one was.
        log: Lines for the event log.
    """

    api: Api
    close: Callable[[], None] = lambda: None
    warnings: tuple[str, ...] = ()
    credential: "Credential | None" = None
    renewal: "Callable[..., Renewal] | None" = None
    enter_token: "Callable[..., Credential] | None" = None
    signed_out_reason: str = ""
    log: tuple[str, ...] = ()


Connect = Callable[[], Connected]
"""Finds the token and builds the API client. Slow to import and to run, so it is called in a thread."""


class Account:
    """The user's account: connects to the API, replaces the token when needed, and asks about the account.

    Attributes:
        token_expiry: When the token expires, in seconds since the epoch, once the user should know; else None.
        ending: Set when the session ends, to cancel a connect that is waiting.
    """

    def __init__(self, connect: Connect, store: "JobStore", base_url: str, now: Callable[[], float]) -> None:
        self.token_expiry: Observable[float | None] = Observable(None)
        self.ending = threading.Event()
        self._connect = connect
        self._store = store
        self._base_url = base_url
        self._now = now
        self._connected: Connected | None = None
        self._credential: Credential | None = None
        self._watcher: Watcher | None = None
        self._renewal: Renewal | None = None
        self._reading_token = threading.Lock()

    def connect(self) -> None:
        """Find the token and create the API client. Blocks, so call it in a thread."""
        with self._reading_token:
            self._connected = self._connect()
        self._credential = self._connected.credential

    def attach(self, watcher: "Watcher") -> tuple[str, ...]:
        """Sign the watcher in, and again with each new token; returns sentences to show the user once."""
        assert self._connected is not None
        self._watcher = watcher
        if self._connected.renewal:
            renewal = self._renewal = self._connected.renewal(
                sign_in=watcher.link,
                read=self._read_token,
                on_credential=self._use,
                on_expiry_notice=self.token_expiry.set,
                log=self._log,
                now=self._now,
            )
            watcher.link.own.subscribe(lambda state: renewal.wake())
        for line in self._connected.log:
            self._log(line)
        if self._connected.signed_out_reason:
            watcher.link.sign_out(self._connected.signed_out_reason)
            return ()
        return self._connected.warnings

    async def run(self) -> None:
        """Renew the token whenever needed, until cancelled."""
        if self._renewal:
            await self._renewal.run()

    @property
    def api(self) -> Api:
        """The API client, once connected."""
        assert self._connected is not None
        return self._connected.api

    @property
    def id(self) -> str:
        """Identifies the account to other processes on the same database; see `account_id`."""
        from app.watch.sharing.leader_election import account_id

        return account_id(self._credential.account_key.reveal() if self._credential else "", self._base_url)

    # Requests, ahead of all polls

    async def list_jobs(self) -> Sequence[ListedJob]:
        """Get the user's own jobs. Raises `ApiError`, which changes neither the sign-in nor the polling."""
        async with self._urgent():
            return await self.api.list_jobs()

    async def document_url(self, job_id: str) -> str | None:
        """Get the link to a job's document; None if it has none. Raises `ApiError`.

        The link is a secret: it must not be logged or stored.
        """
        async with self._urgent():
            return await self.api.fetch_document_url(job_id)

    @asynccontextmanager
    async def _urgent(self) -> AsyncIterator[None]:
        """Send a request ahead of all polls. Raises `RateLimited` while the API asks all clients to wait."""
        assert self._watcher is not None
        async with self._watcher.gate.urgent():
            if wait := self._watcher.link.demanded_wait():
                raise wait
            yield

    # The token

    async def sign_in(self, token: str, *, api_key: bool, keep: bool) -> str:
        """Continue with a token that the user typed, and store it for later runs if `keep` is set.

        Returns:
            Why the token cannot be used, in one sentence; empty if it can.
        """
        assert self._connected is not None
        assert self._connected.enter_token is not None
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
        return self._renewal is not None and await self._renewal.renew_now()

    @property
    def without_token(self) -> bool:
        """Whether no token was found at all; False while that is not known yet."""
        return self._connected is not None and self._credential is None

    def _use(self, credential: "Credential") -> None:
        assert self._watcher is not None
        self._credential = credential
        self.api.use(credential)
        self._watcher.sign_in(self.id)

    def _read_token(self, read: "Callable[[], CredentialLookup]") -> "CredentialLookup":
        with self._reading_token:
            return read()

    def _log(self, line: str) -> None:
        self._store.log_event(Event(self._now(), EventKind.CONNECTION, line))

    # Shutdown

    async def disconnect(self) -> None:
        """Close the connections to the API; after 0.3 s, leave the rest to the system."""
        self.ending.set()  # closing the event loop waits for its threads, one of which may run a token command
        if self._connected:
            with suppress(TimeoutError):
                async with asyncio.timeout(_DISCONNECT_TIMEOUT_SECONDS):
                    await self._connected.api.aclose()

    def close(self) -> None:
        """End a token command that is running, and release the API client."""
        self.ending.set()
        if self._reading_token.acquire(timeout=_TOKEN_COMMAND_EXIT_SECONDS):
            self._reading_token.release()
        if self._connected:
            self._connected.close()
