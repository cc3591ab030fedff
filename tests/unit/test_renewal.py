"""When a token source is asked for another token, and when the user is told that a token expires; in virtual time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from app.deepwriter.auth.credential import Credential, CredentialLookup, Secret
from app.deepwriter.auth.sources import TokenSource
from app.watch.account import EXPIRY_NOTICE_SECONDS, Account, Connected
from app.watch.polling.link import LinkState
from tests.no_account import NoAccount
from tests.scripted_api import CoreHarness, ScriptedApi, running_core
from tests.virtual_time import VirtualLoop, in_virtual_time

FILE, COMMAND = False, True


@pytest.fixture(autouse=True)
def _no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock would jump ahead while a thread works."""

    async def call_here(function: Callable[..., object], *args: object) -> object:
        return function(*args)

    monkeypatch.setattr(asyncio, "to_thread", call_here)


class Source(TokenSource):
    """Has the tokens in `given`, one after the other, and then no other one; counts how often it is asked."""

    def __init__(self, is_command: bool, *given: Credential | str) -> None:
        self.command = is_command
        self.given = list(given)
        self.asked = 0

    @property
    def is_command(self) -> bool:
        return self.command

    def find_another(self) -> CredentialLookup:
        self.asked += 1
        found = self.given.pop(0) if self.given else None
        return CredentialLookup(None, found) if isinstance(found, str) else CredentialLookup(found)


class Api(NoAccount, ScriptedApi):
    """An API that is not asked."""


class SignedIn(Account):
    """An account whose token is accepted, if there is one."""

    def __init__(self, core: CoreHarness, source: Source, credential: Credential | None) -> None:
        self.reasons: list[str] = []
        self.notices: list[float | None] = []
        connected = Connected(Api(core.loop.time), source=source, lookup=CredentialLookup(credential))
        super().__init__(lambda: connected, core.store, "", core.loop.wall)
        self.connect()
        self.watcher = core.watcher
        self.attach(self.watcher)
        self.watcher.link.own.subscribe(self.note_reason)
        self.token_expiry.subscribe(self.notices.append)
        self.accept()

    @property
    def signed_out(self) -> bool:
        return self.watcher.link.signed_out

    def note_reason(self, state: LinkState) -> None:
        if state.reason != "rejected" and state.reason:
            self.reasons.append(state.reason)

    def accept(self) -> None:
        """Have a request answered, if there is a token."""
        if not self.signed_out:
            self.watcher.link.succeeded(asyncio.get_running_loop().time())

    async def reject(self) -> None:
        """Reject the token; then wait until it was renewed, if it ever is."""
        self.watcher.link.sign_out("rejected")
        await asyncio.sleep(60)

    def wake(self) -> None:
        """Check again whether a token is needed."""
        self._wake.set()


@asynccontextmanager
async def running(
    loop: VirtualLoop, source: Source, credential: Credential | None
) -> AsyncIterator[SignedIn]:
    async with running_core(loop, 0, polling=False) as core:
        account = SignedIn(core, source, credential)
        task = asyncio.create_task(account.run())
        try:
            await asyncio.sleep(0)
            yield account
        finally:
            task.cancel()


def token(loop: VirtualLoop, text: str = "first", lasts: float | None = None) -> Credential:
    return Credential(Secret(text), expires_at=None if lasts is None else loop.wall() + lasts)


@in_virtual_time
async def test_a_command_runs_once_before_a_token_expires(loop: VirtualLoop) -> None:
    source, first = Source(COMMAND), token(loop, lasts=3630)
    async with running(loop, source, first) as account:
        await asyncio.sleep(3630 - EXPIRY_NOTICE_SECONDS - 1)
        assert (source.asked, account.notices) == (0, [])
        await asyncio.sleep(2)
        assert (source.asked, account.notices) == (1, [first.expires_at])
        account.wake()
        await asyncio.sleep(EXPIRY_NOTICE_SECONDS + 3)
        assert (source.asked, account.notices) == (1, [first.expires_at, None])


@pytest.mark.parametrize("method", [FILE, COMMAND])
@in_virtual_time
async def test_a_short_lived_token_is_replaced_halfway(loop: VirtualLoop, method: bool) -> None:
    source, first = Source(method, token(loop, "second", lasts=9000)), token(loop, lasts=300)
    async with running(loop, source, first) as account:
        await asyncio.sleep(149)
        assert source.asked == 0
        await asyncio.sleep(2)
        assert source.asked == 1
        assert account.notices == ([first.expires_at, None] if method is FILE else [])
        await asyncio.sleep(1000)
        assert source.asked == 1


@pytest.mark.parametrize("method", [FILE, COMMAND])
@pytest.mark.parametrize("lasts", [None, -1])
@in_virtual_time
async def test_a_token_that_works_is_kept(loop: VirtualLoop, method: bool, lasts: float | None) -> None:
    source = Source(method)
    async with running(loop, source, token(loop, lasts=lasts)) as account:
        account.wake()
        await asyncio.sleep(9000)
        assert (source.asked, account.notices) == (0, [])


@in_virtual_time
async def test_a_command_runs_once_whenever_a_working_token_is_rejected(loop: VirtualLoop) -> None:
    source = Source(COMMAND, token(loop, "second"))
    async with running(loop, source, token(loop)) as account:
        await account.reject()
        assert (source.asked, account.signed_out) == (1, False)
        account.accept()
        await account.reject()
        assert (source.asked, account.signed_out) == (2, True)
        await account.reject()
        assert source.asked == 2


@in_virtual_time
async def test_a_command_without_a_token_runs_again_only_on_request(loop: VirtualLoop) -> None:
    source = Source(COMMAND, *["the command failed"] * 2, token(loop))
    async with running(loop, source, None) as account:
        await asyncio.sleep(60)
        assert source.asked == 0
        for asked in (1, 2):
            account.request_rejected()
            await asyncio.sleep(60)
            assert (source.asked, account.reasons) == (asked, ["the command failed"])
        account.request_rejected()
        await asyncio.sleep(60)
        assert not account.signed_out
