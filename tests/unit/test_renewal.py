"""When a token source is asked for another token, and when the user is told that a token expires; in virtual time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from app.deepwriter.auth.credential import Credential, CredentialError, CredentialLookup, Secret
from app.deepwriter.auth.renewal import EXPIRY_NOTICE_SECONDS, Renewal
from app.deepwriter.auth.sources import RenewalMethod, TokenSource
from tests.virtual_time import VirtualLoop, in_virtual_time

FILE, COMMAND = RenewalMethod.READ_FILE, RenewalMethod.RUN_COMMAND


@pytest.fixture(autouse=True)
def _no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock would jump ahead while a thread works."""

    async def call_here(function: Callable[..., object], *args: object) -> object:
        return function(*args)

    monkeypatch.setattr(asyncio, "to_thread", call_here)


class Source(TokenSource):
    """Has the tokens in `given`, one after the other, and then no other one; counts how often it is asked."""

    def __init__(self, method: RenewalMethod, *given: Credential | CredentialError) -> None:
        self.method = method
        self.given = list(given)
        self.asked = 0

    @property
    def renewal_method(self) -> RenewalMethod:
        return self.method

    def find_another(self) -> CredentialLookup:
        self.asked += 1
        found = self.given.pop(0) if self.given else None
        if isinstance(found, CredentialError):
            raise found
        return CredentialLookup(found)


class Account:
    """The state of the sign-in, and the renewal that changes it."""

    def __init__(self, loop: VirtualLoop, source: Source, credential: Credential | None) -> None:
        self.signed_out = credential is None
        self.token_accepted = credential is not None
        self.reasons: list[str] = []
        self.notices: list[float | None] = []
        self.renewal = Renewal(
            source,
            credential,
            sign_in=self,
            read=lambda find: find(),
            on_credential=self.use,
            on_expiry_notice=self.notices.append,
            log=lambda line: None,
            now=loop.wall,
        )

    def use(self, credential: Credential) -> None:
        self.signed_out = self.token_accepted = False

    def sign_out(self, reason: str) -> None:
        self.signed_out = True
        self.reasons.append(reason)

    async def reject(self) -> None:
        """Reject the token; then wait until it was renewed, if it ever is."""
        self.signed_out = True
        self.renewal.wake()
        await asyncio.sleep(60)


@asynccontextmanager
async def running(loop: VirtualLoop, source: Source, credential: Credential | None) -> AsyncIterator[Account]:
    account = Account(loop, source, credential)
    task = asyncio.create_task(account.renewal.run())
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
        account.renewal.wake()
        await asyncio.sleep(EXPIRY_NOTICE_SECONDS + 3)
        assert (source.asked, account.notices) == (1, [first.expires_at, None])


@pytest.mark.parametrize("method", [FILE, COMMAND])
@in_virtual_time
async def test_a_short_lived_token_is_replaced_halfway(loop: VirtualLoop, method: RenewalMethod) -> None:
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
async def test_a_token_that_works_is_not_replaced(
    loop: VirtualLoop, method: RenewalMethod, lasts: float | None
) -> None:
    source = Source(method)
    async with running(loop, source, token(loop, lasts=lasts)) as account:
        account.renewal.wake()
        await asyncio.sleep(9000)
        assert (source.asked, account.notices) == (0, [])


@in_virtual_time
async def test_a_command_runs_once_whenever_a_working_token_is_rejected(loop: VirtualLoop) -> None:
    source = Source(COMMAND, token(loop, "second"))
    async with running(loop, source, token(loop)) as account:
        account.token_accepted = False  # the first token may be rejected at once
        await account.reject()
        assert (source.asked, account.signed_out) == (1, False)
        account.token_accepted = True
        await account.reject()
        assert (source.asked, account.signed_out) == (2, True)
        await account.reject()
        assert source.asked == 2


@in_virtual_time
async def test_a_command_without_a_token_runs_again_only_on_request(loop: VirtualLoop) -> None:
    source = Source(COMMAND, *[CredentialError("the command failed")] * 2, token(loop))
    async with running(loop, source, None) as account:
        await asyncio.sleep(60)
        assert source.asked == 0
        for asked in (1, 2):
            account.renewal.request_rejected()
            await asyncio.sleep(60)
            assert (source.asked, account.reasons) == (asked, ["the command failed"])
        account.renewal.request_rejected()
        await asyncio.sleep(60)
        assert not account.signed_out


@in_virtual_time
async def test_a_file_is_read_until_it_has_another_token(loop: VirtualLoop) -> None:
    source = Source(FILE, CredentialError("it is gone"), CredentialError("it is gone"), token(loop, "second"))
    async with running(loop, source, token(loop)) as account:
        await account.reject()
        assert (source.asked, account.signed_out, account.reasons) == (3, False, ["it is gone"])
