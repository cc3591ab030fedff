"""Keeps a sitting signed in: looks for another token where the one in force was refused, or is about to end."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from app.deepwriter.auth.credential import Credential, CredentialError, Scheme, make_credential
from app.deepwriter.auth.sources import CredentialLookup, RenewalMethod, TokenSource
from app.deepwriter.errors import NotSignedIn
from app.watch.events import Event, EventKind
from app.watch.watcher import Watcher

AHEAD = 600.0
"""Seconds before its end from which on a token is about to end."""

_LOOK_EVERY = 3.0
"""Seconds between two looks at a file while there is need of another token."""

_NAP = 60.0
"""Seconds after which the wall clock is read again; a machine that slept wakes up at another time."""


def token_problem(text: str, api_key: bool) -> str:
    """Why a text that was typed cannot be used as a token, in one sentence; empty if it can.

    Args:
        text: The text.
        api_key: Whether it is an API key rather than a bearer token.
    """
    try:
        make_credential(text, Scheme.API_KEY if api_key else Scheme.BEARER, "The field")
    except CredentialError as error:
        return f"{error}."
    return ""


class SignIn:
    """Asks the source of the token for another when there is need, and says when a token is about to end.

    A file is looked at again and again. A command is run once when a token that worked is refused, once before
    one ends, and whenever a person's own request was refused: it may ask a person something, each time.
    """

    def __init__(
        self,
        source: TokenSource | None,
        credential: Credential | None,
        watcher: Watcher,
        *,
        take: Callable[[Credential], None],
        read: Callable[[Callable[[], CredentialLookup]], CredentialLookup],
        now: Callable[[], float],
        on_notice: Callable[[], None],
    ) -> None:
        """Nothing is looked at before `run`.

        Args:
            source: Where tokens come from; None if there is nothing to ask.
            credential: The token in force.
            watcher: Knows whether we are let in.
            take: Goes on with another token.
            read: Runs a search for a token, never two at once; called in a thread.
            now: The wall clock, in seconds since the epoch.
            on_notice: Told when `ends_at` has changed.
        """
        self._source = source
        self._watcher = watcher
        self._take = take
        self._read = read
        self._now = now
        self._on_notice = on_notice
        self._wake = asyncio.Event()
        self._looking = asyncio.Lock()
        self._was_out = False
        self._may_run = credential is not None
        self._complaint = ""
        self._ends_at: float | None = None
        self._hold(credential, from_source=True)

    @property
    def ends_at(self) -> float | None:
        """When the token in force ends, in seconds since the epoch, if people should be told by now."""
        return self._ends_at

    async def run(self) -> None:
        """Take care until cancelled."""
        while True:
            self._wake.clear()
            async with self._looking:
                await self._care()
            self._tell()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._nap()):
                    await self._wake.wait()

    async def look_now(self) -> bool:
        """Look for another token at once, if there is need of one, or wait for the look that is under way.

        Returns:
            Whether we are signed in afterwards, as far as is known.
        """
        async with self._looking:
            await self._care()
        return not self._watcher.link_monitor.signed_out

    def reconsider(self) -> None:
        """The state of the connection has changed."""
        self._wake.set()

    def refused(self) -> None:
        """A request that a person asked for was not let in: worth another run of a command."""
        self._may_run = True
        self._wake.set()

    def typed(self, credential: Credential, *, kept: bool) -> None:
        """A person has signed in with another token.

        Args:
            credential: That token, which is in force already.
            kept: Whether it was kept for later runs.
        """
        if kept and self._source:
            self._source.mark_stored(credential)
        self._was_out = False
        self._hold(credential, from_source=False)
        self._tell()
        self._wake.set()

    # How it does that

    def _hold(self, credential: Credential | None, *, from_source: bool) -> None:
        """Note until when a token holds, and when to ask for the next one."""
        now = self._now()
        end = credential.expires_at if credential else None
        self._end = end if end is not None and end > now else None
        self._from_source = from_source
        self._asked_ahead = self._end is None
        # One that lives for minutes is replaced halfway, or it would be replaced all the time.
        self._ask_at = self._end - min(AHEAD, (self._end - now) / 2) if self._end else float("inf")

    async def _care(self) -> None:
        out = self._watcher.link_monitor.signed_out
        if out and not self._was_out:
            self._may_run = self._may_run or self._watcher.link_monitor.let_in
        self._was_out = out
        if self._source is None:
            return
        renewal = await asyncio.to_thread(lambda source: source.renewal_method, self._source)
        if renewal is RenewalMethod.NONE:
            return
        soon = not out and self._from_source and self._now() >= self._ask_at
        if renewal is RenewalMethod.RUN_COMMAND:
            if out and self._may_run:
                self._may_run = False
            elif soon and not self._asked_ahead:
                self._asked_ahead = True
            else:
                return
        elif not (out or soon):
            return
        await self._ask(self._source)

    async def _ask(self, source: TokenSource) -> None:
        try:
            finding = await asyncio.to_thread(self._read, source.find_another)
        except CredentialError as error:
            self._note(*error.log)
            if str(error) != self._complaint:
                self._complaint = str(error)
                self._note(self._complaint)
                if self._watcher.link_monitor.signed_out:
                    self._watcher.poller.record_failure("", NotSignedIn(self._complaint), _clock())
            return
        self._complaint = ""
        self._note(*finding.log)
        if finding.credential:
            self._was_out = False
            self._hold(finding.credential, from_source=True)
            self._take(finding.credential)
            self._note(f"signed in with another token from {finding.credential.source}")

    def _tell(self) -> None:
        """Work out anew whether people should be told that the token is about to end."""
        now = self._now()
        ends_at = self._end if self._end is not None and self._end - AHEAD <= now < self._end else None
        if ends_at and self._watcher.link_monitor.signed_out:
            ends_at = None  # there is something worse to tell
        if ends_at and self._from_source and self._source and not self._asked_ahead:
            # A command has not been asked yet, and may well have another.
            ends_at = ends_at if self._source.renewal_method is not RenewalMethod.RUN_COMMAND else None
        if ends_at != self._ends_at:
            self._ends_at = ends_at
            self._on_notice()

    def _nap(self) -> float | None:
        if self._watcher.link_monitor.signed_out:
            return _LOOK_EVERY
        if self._end is None:
            return None
        now = self._now()
        ahead = [moment - now for moment in (self._ask_at, self._end - AHEAD, self._end) if moment > now]
        if now >= self._ask_at and self._from_source:
            return _LOOK_EVERY
        return max(0.1, min([_NAP, *ahead]))

    def _note(self, *lines: str) -> None:
        for line in lines:
            self._watcher.watch_list.store.log_event(Event(self._now(), EventKind.CONNECTION, line))


def _clock() -> float:
    return asyncio.get_running_loop().time()
