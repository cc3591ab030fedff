"""Fixtures for tests against a misbehaving server."""

import traceback
from collections.abc import AsyncIterator
from typing import Protocol

import pytest

from app.deepwriter.auth.credential import Credential
from app.deepwriter.auth.token_text import make_credential
from app.deepwriter.client import Client

TOKEN = "tok-3f9c1d7e5b2a4860-never-shown"
TIMEOUT_SECONDS = 0.5  # of each request in these tests


class ClientMaker(Protocol):
    """Makes clients that are closed after the test."""

    def __call__(self, base_url: str, timeout: float = TIMEOUT_SECONDS) -> Client: ...


def assert_hides_token(error: BaseException) -> None:
    """Neither the error nor a traceback with all local variables shows the token."""
    assert TOKEN not in str(error) + repr(error) + repr(vars(error))
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert TOKEN not in "".join(shown.format())


@pytest.fixture
def credential() -> Credential:
    return make_credential(TOKEN)


@pytest.fixture
async def make_client(credential: Credential) -> AsyncIterator[ClientMaker]:
    made: list[Client] = []

    def make(base_url: str, timeout: float = TIMEOUT_SECONDS) -> Client:
        made.append(Client(base_url, credential, timeout=timeout))
        return made[-1]

    yield make
    for client in made:
        await client.aclose()
