"""The real client against every way in which a DeepWriter API may list jobs and link documents."""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from app.deepwriter.auth.token_text import make_credential
from app.deepwriter.base_url import is_safe_link
from app.deepwriter.client import Client
from app.deepwriter.download import open_download
from app.deepwriter.errors import (
    ApiError,
    BadAnswer,
    Forbidden,
    NotFound,
    NotOffered,
    RateLimited,
    ServerError,
    TooLarge,
    Unauthorized,
    Unreachable,
)
from app.job import ListedJob
from tests.contract.wire import TOKEN
from tests.faults.scripted_server import ScriptedServer, message, reply_with
from tests.simulated_api import simulated
from tests.simulator_faults.variants import Variants

JOB_ID = "11111111-2222-4333-8444-555555555555"


async def listed(base_url: str) -> Sequence[ListedJob]:
    """The list of an API, as the client reads it."""
    client = Client(base_url, make_credential(TOKEN))
    try:
        return await client.list_jobs()
    finally:
        await client.aclose()


@pytest.mark.parametrize(
    ("envelope", "paging"),
    [("array", None), *itertools.product(("documents", "jobs", "data"), (None, "page", "cursor", "link"))],
)
async def test_every_job_is_listed_once_in_any_envelope_and_paging(envelope: str, paging: str | None) -> None:
    with simulated(jobs=25, variants=Variants(envelope=envelope, paging=paging, page_size=10)) as server:
        jobs = await listed(server.base_url)
        assert [job.id for job in jobs] == list(server.world.ids)
        assert all(job.title and job.created_at and job.status for job in jobs)


async def test_the_observed_list_stands_in_for_the_documented_one() -> None:
    with simulated(jobs=5, variants=Variants(fetch_documents=False)) as server:
        assert [job.id for job in await listed(server.base_url)] == list(server.world.ids)


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
async def test_why_there_is_no_list(variants: dict[str, Any], error: type[ApiError]) -> None:
    with simulated(jobs=1, variants=Variants(**variants)) as server, pytest.raises(error):
        await listed(server.base_url)


@pytest.mark.parametrize(
    "link",
    ["http://[::1", "https://elsewhere.example/api/jobs?page=2", "?page=\0", "/\ud800", "?" + "x" * 70_000],
)
async def test_a_next_page_that_is_elsewhere_or_no_address_is_left_out(link: str) -> None:
    page = {"jobs": [{"id": JOB_ID, "status": "queued"}], "next": link}
    async with ScriptedServer([reply_with(message(200, page))]) as server:
        assert [job.id for job in await listed(server.base_url)] == [JOB_ID]
    assert len(server.seen) == 1


async def test_a_null_in_a_list_counts_as_missing() -> None:
    items = [None, {"jobId": None, "id": JOB_ID, "status": None, "title": None, "created_at": None}]
    async with ScriptedServer([reply_with(message(200, items))]) as server:
        client = Client(server.base_url, make_credential(TOKEN))
        try:
            assert list(await client.list_jobs()) == [ListedJob(JOB_ID, "unknown")]
        finally:
            await client.aclose()


async def test_a_next_page_without_a_list_is_left_out() -> None:
    page = {"jobs": [{"id": JOB_ID, "status": "queued"}], "next": "/fetchDocuments?page=2"}
    script = [reply_with(message(200, page)), reply_with(message(404, b"<html>"))]
    async with ScriptedServer(script) as server:
        assert [job.id for job in await listed(server.base_url)] == [JOB_ID]
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (message(200, b"[" + b" " * 2**20 + b"]"), TooLarge),
        (message(404, {"error": "not now"}, {"Retry-After": "60"}), NotFound),
        (message(403, b"<html>", {"Retry-After": "60"}), BadAnswer),
    ],
    ids=["too large", "404 with Retry-After", "a proxy with Retry-After"],
)
async def test_an_answer_that_says_nothing_of_lists_is_an_error(answer: bytes, error: type[ApiError]) -> None:
    async with ScriptedServer([reply_with(answer)]) as server:
        with pytest.raises(error):
            await listed(server.base_url)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("page", "cursor"),
    [({"next": "a+1"}, "a%2B1"), ({"next_cursor": "a/1"}, "a%2F1"), ({"next_cursor": "\ud800"}, "%3F")],
)
async def test_a_cursor_leads_to_the_next_page(page: dict[str, str], cursor: str) -> None:
    jobs = [{"id": JOB_ID, "status": "queued"}]
    pages: list[dict[str, object]] = [{"jobs": jobs, **page}, {"jobs": []}]
    async with ScriptedServer([reply_with(message(200, page)) for page in pages]) as server:
        assert [job.id for job in await listed(server.base_url)] == [JOB_ID]
    assert server.seen[1].line == f"GET /api/fetchDocuments?cursor={cursor} HTTP/1.1"


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


async def content(link: str, base_url: str) -> tuple[int | None, bytes]:
    async with open_download(link, base_url) as download:
        return download.size, b"".join([chunk async for chunk in download.chunks])


async def test_the_token_is_not_sent_and_a_short_body_is_an_error() -> None:
    async with ScriptedServer([reply_with(message(200, b"PDF"))]) as server:
        assert await content(f"{server.base_url}/a.pdf?secret=1", server.base_url) == (3, b"PDF")
        assert "authorization" not in server.seen[0].headers
        assert "x-api-key" not in server.seen[0].headers
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nPDF"
    async with ScriptedServer([reply_with(cut, "close")]) as server:
        with pytest.raises(ApiError) as caught:
            await content(f"{server.base_url}/a.pdf?secret=1", server.base_url)
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("link", "error"),
    [
        ("http://files.example.org/a.pdf", BadAnswer),
        ("ftp://127.0.0.1/a.pdf", BadAnswer),
        ("http://127.0.0.1:9/a.pdf?secret=1", Unreachable),
    ],
)
async def test_links_that_cannot_be_opened(link: str, error: type[ApiError]) -> None:
    with pytest.raises(error) as caught:
        await content(link, "http://127.0.0.1:8/api")
    assert "secret" not in str(caught.value)


async def test_a_web_page_is_not_a_document() -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; charset=utf-8\r\nContent-Length: 4\r\n\r\n<h1>"
    async with ScriptedServer([reply_with(page)]) as server:
        with pytest.raises(BadAnswer, match="sent a web page instead of the document"):
            await content(f"{server.base_url}/a.pdf", server.base_url)


async def test_a_redirect_to_an_unsafe_address_is_not_followed() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://files.example.org/b.pdf\r\nContent-Length: 0\r\n\r\n"
    async with ScriptedServer([reply_with(moved)]) as server:
        with pytest.raises(BadAnswer, match="not an https address"):
            await content(f"{server.base_url}/a.pdf", server.base_url)


async def test_redirects_are_followed_without_reading_them_and_only_a_few_times() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /b.pdf\r\nContent-Length: 10\r\n\r\ncut"
    async with ScriptedServer([reply_with(moved, "close"), reply_with(message(200, b"PDF"))]) as server:
        assert await content(f"{server.base_url}/a.pdf", server.base_url) == (3, b"PDF")
    async with ScriptedServer([reply_with(moved, "close")] * 30) as server:
        with pytest.raises(BadAnswer, match="redirects too many times"):
            await content(f"{server.base_url}/a.pdf", server.base_url)
