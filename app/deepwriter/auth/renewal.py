"""Renews the token: looks for another one when the current one is rejected or about to expire."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from app.deepwriter.auth.credential import Credential, CredentialError, CredentialLookup
from app.deepwriter.auth.sources import RenewalMethod, TokenSource

EXPIRY_NOTICE_SECONDS = 600.0
"""How long before its expiry a token is replaced, or the user is notified."""

_FILE_INTERVAL_SECONDS = 3.0
"""How often a token file is read while another token is needed."""

_MAX_SLEEP_SECONDS = 60.0
"""How often the wall clock is read. A machine that was suspended wakes up at another time."""


class SignIn(Protocol):
    """The state of the sign-in, which requests change."""

    @property
    def signed_out(self) -> bool:
        """Whether the token is missing or was rejected."""

    @property
    def token_accepted(self) -> bool:
        """Whether the current token has worked before."""

    def sign_out(self, reason: str) -> None:
        """Stop using the token; `reason` is a sentence that says why."""


class Renewal:
    """Asks a token source for another token when one is needed.

    A file is read repeatedly. A command may prompt the user each time it runs, so it runs once when a working token
    is rejected, once before a token expires, and once whenever a request that the user made was rejected.

    Args:
        source: Where tokens come from.
        credential: The current token.
        sign_in: Signed out again, with another reason, if the source fails while signed out.
        read: Runs a search for a token, one at a time; called in a thread.
        on_credential: Called with a new token, which is then the current one.
        on_expiry_notice: Called with when the token expires, in seconds since the epoch, once the user should know;
            with None when that is over.
        log: Called with lines for the event log.
        now: The wall clock, in seconds since the epoch.
    """

    def __init__(
        self,
        source: TokenSource,
        credential: Credential | None,
        *,
        sign_in: SignIn,
        read: Callable[[Callable[[], CredentialLookup]], CredentialLookup],
        on_credential: Callable[[Credential], None],
        on_expiry_notice: Callable[[float | None], None],
        log: Callable[[str], None],
        now: Callable[[], float],
    ) -> None:
        self._source = source
        self._sign_in = sign_in
        self._read = read
        self._on_credential = on_credential
        self._on_expiry_notice = on_expiry_notice
        self._log = log
        self._now = now
        self._wake = asyncio.Event()
        self._lock = asyncio.Lock()
        self._was_signed_out = False
        self._may_run_command = credential is not None
        self._last_failure = ""
        self._expiry_notice: float | None = None
        self._set_current(credential, from_source=True)

    async def run(self) -> None:
        """Renew the token whenever needed, until cancelled."""
        while True:
            self._wake.clear()
            async with self._lock:
                await self._renew_if_needed()
            self._update_notice()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds_to_sleep()):
                    await self._wake.wait()

    async def renew_now(self) -> bool:
        """Look for another token if one is needed; returns whether the program is then signed in, as far as it knows."""
        async with self._lock:
            await self._renew_if_needed()
        return not self._sign_in.signed_out

    def wake(self) -> None:
        """Check again whether a token is needed: the sign-in may have changed."""
        self._wake.set()

    def request_rejected(self) -> None:
        """Allow one more run of a token command, since a request the user made was rejected."""
        self._may_run_command = True
        self._wake.set()

    def use_typed(self, credential: Credential, *, stored: bool) -> None:
        """Continue with a token that the user typed; `stored` if it was also written to the stored file."""
        if stored:
            self._source.mark_stored(credential)
        self._was_signed_out = False
        self._set_current(credential, from_source=False)
        self._update_notice()
        self._wake.set()

    def _set_current(self, credential: Credential | None, *, from_source: bool) -> None:
        """Work out until when a token is valid, and when to look for the next one."""
        now = self._now()
        expiry = credential.expires_at if credential else None
        self._expiry = expiry if expiry is not None and expiry > now else None
        self._from_source = from_source
        self._renewed_early = False
        # A short-lived token is replaced halfway to its expiry; otherwise it would be replaced all the time.
        self._renew_at = (
            self._expiry - min(EXPIRY_NOTICE_SECONDS, (self._expiry - now) / 2)
            if self._expiry
            else float("inf")
        )

    async def _renew_if_needed(self) -> None:
        signed_out = self._sign_in.signed_out
        if signed_out and not self._was_signed_out:
            self._may_run_command = self._may_run_command or self._sign_in.token_accepted
        self._was_signed_out = signed_out
        method = await asyncio.to_thread(lambda: self._source.renewal_method)
        expires_soon = not signed_out and self._from_source and self._now() >= self._renew_at
        if method is RenewalMethod.READ_FILE and (signed_out or expires_soon):
            await self._renew()
        elif method is RenewalMethod.RUN_COMMAND and signed_out and self._may_run_command:
            self._may_run_command = False
            await self._renew()
        elif method is RenewalMethod.RUN_COMMAND and expires_soon and not self._renewed_early:
            self._renewed_early = True
            await self._renew()

    async def _renew(self) -> None:
        try:
            lookup = await asyncio.to_thread(self._read, self._source.find_another)
        except CredentialError as error:
            self._log_lines(*error.log)
            if str(error) != self._last_failure:
                self._last_failure = str(error)
                self._log(self._last_failure)
                if self._sign_in.signed_out:
                    self._sign_in.sign_out(self._last_failure)
            return
        self._last_failure = ""
        self._log_lines(*lookup.log)
        if lookup.credential:
            self._was_signed_out = False
            self._set_current(lookup.credential, from_source=True)
            self._on_credential(lookup.credential)
            self._log(f"signed in with another token from {lookup.credential.source}")

    def _update_notice(self) -> None:
        """Work out whether the user should know that the token is about to expire."""
        now, expiry = self._now(), self._expiry
        soon = expiry is not None and expiry - EXPIRY_NOTICE_SECONDS <= now < expiry
        # While signed out, that is shown instead. A command that has yet to run may have another token.
        notice = expiry if soon and not self._sign_in.signed_out and not self._command_will_run() else None
        if notice != self._expiry_notice:
            self._expiry_notice = notice
            self._on_expiry_notice(notice)

    def _command_will_run(self) -> bool:
        """Whether a token command has yet to run before the token expires."""
        may_run = self._from_source and not self._renewed_early
        return may_run and self._source.renewal_method is RenewalMethod.RUN_COMMAND

    def _seconds_to_sleep(self) -> float | None:
        """Seconds until there is something to do; None to sleep until woken."""
        if self._sign_in.signed_out:
            return _FILE_INTERVAL_SECONDS
        if self._expiry is None:
            return None
        now = self._now()
        if now >= self._renew_at and self._from_source:
            return _FILE_INTERVAL_SECONDS
        moments = (self._renew_at, self._expiry - EXPIRY_NOTICE_SECONDS, self._expiry)
        return max(0.1, min([_MAX_SLEEP_SECONDS, *(moment - now for moment in moments if moment > now)]))

    def _log_lines(self, *lines: str) -> None:
        for line in lines:
            self._log(line)
