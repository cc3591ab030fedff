"""The real client against every way in which a DeepWriter API may list jobs and link documents."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import pytest

from app.deepwriter.auth.token_text import make_credential
from app.deepwriter.base_url import is_safe_link
from app.deepwriter.client import Client
from app.deepwriter.errors import ApiError, Forbidden, NotOffered, RateLimited, ServerError, Unauthorized
from app.job import ListedJob
from tests.contract.wire import TOKEN
from tests.simulated_api import simulated
from tests.simulator_faults.server import FaultySimulator
from tests.simulator_faults.variants import Variants

T = TypeVar("T")


def ask(server: FaultySimulator, call: Callable[[Client], Awaitable[T]]) -> T:
    async def run() -> T:
        client = Client(server.base_url, make_credential(TOKEN))
        try:
            return await call(client)
        finally:
            await client.aclose()

    return asyncio.run(run())


def listed(server: FaultySimulator) -> Sequence[ListedJob]:
    return ask(server, lambda client: client.list_jobs())


@pytest.mark.parametrize(
    ("envelope", "paging"),
    [("array", None), *itertools.product(("documents", "jobs", "data"), (None, "page", "cursor", "link"))],
)
def test_every_job_is_listed_once_whatever_the_envelope_and_the_paging(
    envelope: str, paging: str | None
) -> None:
    with simulated(jobs=25, variants=Variants(envelope=envelope, paging=paging, page_size=10)) as server:
        jobs = listed(server)
        assert [job.id for job in jobs] == list(server.world.ids)
        assert all(job.title and job.created_at and job.status for job in jobs)


def test_the_observed_list_stands_in_for_the_documented_one() -> None:
    with simulated(jobs=5, variants=Variants(fetch_documents=False)) as server:
        assert [job.id for job in listed(server)] == list(server.world.ids)


@pytest.mark.parametrize(
    ("variants", "error"),
    [
        ({"fetch_documents": False, "jobs": False}, NotOffered),
        ({"list_error": 405}, NotOffered),
        ({"list_error": 401}, Unauthorized),
        ({"list_error": 403}, Forbidden),
        ({"list_error": 429}, RateLimited),
        ({"list_error": 502}, ServerError),
    ],
)
def test_why_there_is_no_list(variants: dict[str, Any], error: type[ApiError]) -> None:
    with simulated(jobs=1, variants=Variants(**variants)) as server, pytest.raises(error):
        listed(server)


@pytest.mark.parametrize(
    ("link", "base_url", "safe"),
    [
        ("https://files.example.org/a.pdf?x=1", "https://app.deepwriter.com/api", True),
        ("http://files.example.org/a.pdf", "https://app.deepwriter.com/api", False),
        ("http://127.0.0.1:9/a.pdf", "https://app.deepwriter.com/api", False),
        ("http://127.0.0.1:9/a.pdf", "http://localhost:8/api", True),
        ("http://files.example.org/a.pdf", "http://localhost:8/api", False),
        ("file:///etc/passwd", "http://localhost:8/api", False),
        ("https://user:word@files.example.org/a.pdf", "https://app.deepwriter.com/api", False),
        ("https://[::1/a.pdf", "https://app.deepwriter.com/api", False),
        ("javascript:alert(1)", "https://app.deepwriter.com/api", False),
    ],
)
def test_which_links_may_be_opened(link: str, base_url: str, safe: bool) -> None:
    assert is_safe_link(link, base_url) is safe
