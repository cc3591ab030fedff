"""Fixtures for tests against a misbehaving server."""

import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from app.deepwriter.auth.credential import Credential
from app.deepwriter.auth.token_text import make_credential
from app.deepwriter.client import Client

TOKEN = "tok-3f9c1d7e5b2a4860-never-shown"
TIMEOUT_SECONDS = 0.5  # of each request in these tests

ClientMaker = Callable[..., Client]


def assert_hides_token(error: BaseException) -> None:
    """Neither the error nor a traceback with all local variables shows the token."""
    assert TOKEN not in str(error) + repr(error) + repr(vars(error))
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert TOKEN not in "".join(shown.format())


@pytest.fixture
async def make_client() -> AsyncIterator[ClientMaker]:
    """Makes clients that are closed after the test, signed in with `TOKEN` unless another credential is given."""
    signed_in = make_credential(TOKEN)
    async with AsyncExitStack() as stack:

        def make(base_url: str, credential: Credential | None = signed_in, **options: Any) -> Client:
            client = Client(base_url, credential, **({"timeout": TIMEOUT_SECONDS} | options))
            stack.push_async_callback(client.aclose)
            return client

        yield make
