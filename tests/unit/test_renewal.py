"""When a token source is asked for another token, and when the user is told that a token expires; in virtual time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from app.deepwriter.auth.credential import Credential, CredentialLookup, Secret
from app.deepwriter.auth.sources import TokenSource
from app.deepwriter.errors import NOT_SIGNED_IN
from app.watch.account import EXPIRY_NOTICE_SECONDS, Account, Connected
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


@asynccontextmanager
async def running(
    loop: VirtualLoop, source: Source, credential: Credential | None
) -> AsyncIterator[tuple[Account, CoreHarness, list[float | None]]]:
    """An account whose token is accepted, if there is one; with its notices."""
    notices: list[float | None] = []
    async with running_core(loop, 0, polling=False) as core:
        connected = Connected(Api(loop.time), source=source, lookup=CredentialLookup(credential))
        account = Account(lambda: connected, core.watch_list, "")
        account.connect()
        account.attach(core.watcher)
        account.token_expiry.subscribe(notices.append)
        if credential:
            core.watcher.link.succeeded(loop.time())
        task = asyncio.create_task(account.run())
        await asyncio.sleep(0)
        yield account, core, notices
        task.cancel()


def token(loop: VirtualLoop, text: str = "first", lasts: float | None = None) -> Credential:
    return Credential(Secret(text), expires_at=None if lasts is None else loop.wall() + lasts)


@in_virtual_time
async def test_a_command_runs_once_before_a_token_expires(loop: VirtualLoop) -> None:
    source, first = Source(COMMAND), token(loop, lasts=3630)
    async with running(loop, source, first) as (account, _, notices):
        await asyncio.sleep(3630 - EXPIRY_NOTICE_SECONDS - 1)
        assert (source.asked, notices) == (0, [])
        await asyncio.sleep(2)
        assert (source.asked, notices) == (1, [first.expires_at])
        account._wake.set()
        await asyncio.sleep(EXPIRY_NOTICE_SECONDS + 3)
        assert (source.asked, notices) == (1, [first.expires_at, None])


@pytest.mark.parametrize("method", [FILE, COMMAND])
@in_virtual_time
async def test_a_short_lived_token_is_replaced_halfway(loop: VirtualLoop, method: bool) -> None:
    source, first = Source(method, token(loop, "second", lasts=9000)), token(loop, lasts=300)
    async with running(loop, source, first) as (_, _, notices):
        await asyncio.sleep(149)
        assert source.asked == 0
        await asyncio.sleep(2)
        assert source.asked == 1
        assert notices == ([first.expires_at, None] if method is FILE else [])
        await asyncio.sleep(1000)
        assert source.asked == 1


@pytest.mark.parametrize("method", [FILE, COMMAND])
@pytest.mark.parametrize("lasts", [None, -1])
@in_virtual_time
async def test_a_token_that_works_is_kept(loop: VirtualLoop, method: bool, lasts: float | None) -> None:
    source = Source(method)
    async with running(loop, source, token(loop, lasts=lasts)) as (account, _, notices):
        account._wake.set()
        await asyncio.sleep(9000)
        assert (source.asked, notices) == (0, [])


@in_virtual_time
async def test_a_command_runs_once_whenever_a_working_token_is_rejected(loop: VirtualLoop) -> None:
    source = Source(COMMAND, token(loop, "second"))
    async with running(loop, source, token(loop)) as (_, core, _):
        link = core.watcher.link
        for asked, signed_out in ((1, False), (2, True), (2, True)):
            link.sign_out("rejected")
            await asyncio.sleep(60)
            assert (source.asked, link.signed_out) == (asked, signed_out)
            if not signed_out:
                link.succeeded(loop.time())


@in_virtual_time
async def test_a_command_without_a_token_runs_again_only_on_request(loop: VirtualLoop) -> None:
    source = Source(COMMAND, *["the command failed"] * 2, token(loop))
    async with running(loop, source, None) as (account, core, _):
        await asyncio.sleep(60)
        assert source.asked == 0
        for asked in (1, 2):
            account.request_rejected()
            await asyncio.sleep(60)
            reasons = [state.reason for _, state in core.links]
            assert (source.asked, reasons) == (asked, [NOT_SIGNED_IN, "the command failed"])
        account.request_rejected()
        await asyncio.sleep(60)
        assert not core.watcher.link.signed_out
