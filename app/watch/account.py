"""The user's account with the API: connecting, renewing the token, and requests about the account itself."""

import asyncio
import math
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from app.deepwriter.errors import NOT_SIGNED_IN, ApiError, CredentialError
from app.job import ListedJob
from app.watch.api import Api
from app.watch.events import EventKind
from app.watch.observable import Observable
from app.watch.watch_list import WatchList

if TYPE_CHECKING:  # imported while connecting, after the first frame
    from app.deepwriter.auth.credential import Credential, CredentialLookup
    from app.deepwriter.auth.sources import TokenSource
    from app.watch.watcher import Watcher

EXPIRY_NOTICE_SECONDS = 600.0
"""The time before a token's expiry at which it is replaced, or the user is warned."""

_CHECK_INTERVAL_SECONDS = 3.0
"""How often a token file is read while another token is needed, and the wall clock while the token has an expiry: it jumps
when a suspended machine resumes."""

_TOKEN_COMMAND_EXIT_SECONDS = 0.4
"""How long `close` waits for a token command to exit."""

_DISCONNECT_TIMEOUT_SECONDS = 0.3
"""How long closing connections may take."""


class Connected(NamedTuple):
    """The result of connecting."""

    api: Api
    close: Callable[[], None] = lambda: None  # releases what connecting acquired; called once, in a thread
    source: "TokenSource | None" = None  # None if there can be no other token
    lookup: "CredentialLookup | None" = None  # what the source returned; None if no token is needed


Connect = Callable[[], Connected]
"""Finds the token and builds the API client. Slow to import and to run, so it is called in a thread."""


class Account:
    """Connects to the API, asks it about the account, and replaces the token when needed.

    A token file is read repeatedly while another token is needed. A command may prompt the user each time it runs, so it
    runs once when a working token is rejected, once before a token expires, and once after each rejected request that
    the user made.

    Attributes:
        token_expiry: When the token expires, in seconds since the epoch; None until the user should be warned.
        ending: Set when the session ends; cancels a token command that is still running.
    """

    def __init__(self, connect: Connect, watch_list: WatchList, base_url: str) -> None:
        self.token_expiry: Observable[float | None] = Observable(None)
        self.ending = threading.Event()
        self._connect = connect
        self._base_url = base_url
        self._watch_list = watch_list
        self._connected: Connected | None = None
        self._source: TokenSource | None = None
        self._watcher: Watcher  # set by `attach`
        self._token_lock = threading.Lock()
        self._renewal_lock = asyncio.Lock()
        self._wake = asyncio.Event()
        self._command_ran_at: float | None = None  # on the event loop's clock; None if it may run again
        self._last_problem = ""
        self._credential: Credential | None = None
        self._expiry = math.inf
        self._renew_at = math.inf

    def connect(self) -> None:
        """Find the token and create the API client. Blocks, so call it in a thread."""
        with self._token_lock:
            self._connected = self._connect()
        self._source = self._connected.source
        if lookup := self._connected.lookup:
            if lookup.credential is None:
                self._command_ran_at = -math.inf  # it has just failed: not again until a token has worked
            self._set_current(lookup.credential)

    def attach(self, watcher: "Watcher") -> tuple[str, ...]:
        """Keep a watcher signed in as long as there is a token; returns sentences to show the user once."""
        assert self._connected is not None
        self._watcher = watcher
        watcher.link.own.subscribe(lambda state: self._wake.set())
        lookup = self._connected.lookup
        if lookup is None:
            return ()
        self._log(*lookup.log)
        if lookup.credential is None:
            watcher.link.sign_out(lookup.problem or NOT_SIGNED_IN)
        return lookup.warnings

    async def disconnect(self) -> None:
        """Close the connections to the API; those still open after 0.3 s are left to the operating system."""
        self.ending.set()  # otherwise closing the event loop would wait for a running token command
        if self._connected:
            with suppress(TimeoutError):
                async with asyncio.timeout(_DISCONNECT_TIMEOUT_SECONDS):
                    await self._connected.api.aclose()

    def close(self) -> None:
        """End a token command that is running, and release the API client."""
        self.ending.set()
        if self._token_lock.acquire(timeout=_TOKEN_COMMAND_EXIT_SECONDS):
            self._token_lock.release()
        if self._connected:
            self._connected.close()

    @property
    def api(self) -> Api:
        """The API client, once connected."""
        assert self._connected is not None
        return self._connected.api

    @property
    def id(self) -> str:
        """Identifies the account to other processes on the same database; see `account_id`."""
        return account_id(self._credential.account_key.reveal() if self._credential else "", self._base_url)

    @property
    def without_token(self) -> bool:
        """Whether no token was found; False until the search has ended."""
        return self._connected is not None and self._connected.lookup is not None and self._credential is None

    # Requests about the account, sent ahead of all polls

    async def list_jobs(self) -> Sequence[ListedJob]:
        """Get the user's own jobs. An `ApiError` affects polling only through its `Retry-After`."""
        async with self._urgent():
            return await self.api.list_jobs()

    async def document_url(self, job_id: str) -> str | None:
        """Get the link to a job's document, or None if it has none. The link is a secret: do not log or store it."""
        async with self._urgent():
            return await self.api.fetch_document_url(job_id)

    @asynccontextmanager
    async def _urgent(self) -> AsyncIterator[None]:
        """Send a request ahead of all polls. Raises `RateLimited` while the API asks all clients to wait."""
        async with self._watcher.gate.urgent():
            if wait := self._watcher.link.demanded_wait():
                raise wait
            try:
                yield
            except ApiError as error:
                self._watcher.link.note_retry_after(error)
                raise

    # The token

    async def run(self) -> None:
        """Renew the token whenever needed, until cancelled."""
        while self._source:
            self._wake.clear()
            await self.renew_token()
            self._update_notice()
            check_again = self._signed_out or self._expiry < math.inf
            with suppress(TimeoutError):
                async with asyncio.timeout(_CHECK_INTERVAL_SECONDS if check_again else None):
                    await self._wake.wait()

    async def renew_token(self) -> bool:
        """Look for another token if one is needed; returns whether the session is signed in afterwards."""
        async with self._renewal_lock:
            if self._source and self._token_needed(self._source):
                await self._renew(self._source)
        return not self._signed_out

    async def replace_token(self) -> bool:
        """Look for another token, since a request about the account was rejected; returns whether there is one."""
        rejected = self._credential
        async with self._renewal_lock:
            if self._source:
                await self._renew(self._source)
        return self._credential is not rejected

    async def sign_in(self, token: str, *, api_key: bool, keep: bool) -> str:
        """Switch to a token that the user typed, and store it for later runs if `keep` is set.

        Returns:
            Why the token cannot be used, in one sentence; empty if it can.
        """
        assert self._source is not None
        try:
            credential = await asyncio.to_thread(self._source.enter, token, api_key=api_key, keep=keep)
        except CredentialError as error:
            return str(error)
        finally:
            del token  # a traceback that shows local variables would print it
        self._use(credential, typed=True)
        self._update_notice()
        self._wake.set()
        return ""

    def request_rejected(self) -> None:
        """Allow one more run of a token command, since a request that the user made was rejected."""
        self._command_ran_at = None
        self._wake.set()

    def _token_needed(self, source: "TokenSource") -> bool:
        """Whether to look for another token now. For a command, each True is recorded as a run."""
        if not self._signed_out:
            needed = self._watch_list.now() >= self._renew_at
            if needed and source.is_command:
                self._renew_at = math.inf
            return needed
        if source.is_command:
            # It runs again only once a token has worked since its last run.
            if self._command_ran_at is not None and self._watcher.link.accepted_at <= self._command_ran_at:
                return False
            self._command_ran_at = asyncio.get_running_loop().time()
        return True

    async def _renew(self, source: "TokenSource") -> None:
        lookup = await asyncio.to_thread(self._read_token, source.find_another)
        self._log(*lookup.log)
        if lookup.problem and lookup.problem != self._last_problem:
            self._log(lookup.problem)
            if self._signed_out:
                self._watcher.link.sign_out(lookup.problem)
        self._last_problem = lookup.problem
        if lookup.credential:
            self._use(lookup.credential)
            self._log(f"signed in with another token from {lookup.credential.source}")

    def _read_token(self, read: "Callable[[], CredentialLookup]") -> "CredentialLookup":
        with self._token_lock:
            return read()

    def _use(self, credential: "Credential", *, typed: bool = False) -> None:
        self._set_current(credential, typed=typed)
        self.api.use(credential)
        self._watcher.sign_in(self.id)

    def _set_current(self, credential: "Credential | None", *, typed: bool = False) -> None:
        """Set the token, its expiry, and when to look for the next one: for a typed one, only once it is rejected."""
        now = self._watch_list.now()
        expiry = credential.expires_at if credential and credential.expires_at is not None else math.inf
        self._credential = credential
        self._expiry = expiry if expiry > now else math.inf
        # A short-lived token is replaced halfway to its expiry; otherwise it would be replaced continually.
        early = min(EXPIRY_NOTICE_SECONDS, (self._expiry - now) / 2)
        self._renew_at = math.inf if typed else self._expiry - early

    def _update_notice(self) -> None:
        """Set or clear the notice that the token is about to expire."""
        soon = self._expiry - EXPIRY_NOTICE_SECONDS <= self._watch_list.now() < self._expiry
        command_will_run = self._renew_at < math.inf and self._source is not None and self._source.is_command
        # While signed out, the banner says that instead. A command that has yet to run may return another token.
        self.token_expiry.set(self._expiry if soon and not (self._signed_out or command_will_run) else None)

    @property
    def _signed_out(self) -> bool:
        return self._watcher.link.signed_out

    def _log(self, *lines: str) -> None:
        for line in lines:
            self._watch_list.log(EventKind.CONNECTION, line)


def account_id(account_key: str, base_url: str) -> str:
    """Identify an account at an API to other processes on the same database, without revealing its token.

    `account_key` is what all tokens of the account have in common; empty for no token.
    """
    import hashlib  # loads OpenSSL, which takes a few milliseconds

    key = hashlib.sha256(base_url.encode()).digest()
    return hashlib.blake2b(account_key.encode(), key=key, digest_size=8).hexdigest()
