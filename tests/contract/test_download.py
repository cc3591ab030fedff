"""Finished documents: downloaded from signed links, without the token."""

import asyncio

import pytest

from app.deepwriter.auth.token_text import make_credential
from app.deepwriter.client import Client
from app.deepwriter.download import LinkExpired, open_download
from app.deepwriter.errors import ApiError, BadAnswer, Unreachable
from app.simulator.documents import pdf
from tests.contract.wire import TOKEN
from tests.faults.scripted_server import ScriptedServer, message, say, say_and_close
from tests.simulated_api import COMPLETED, simulated
from tests.simulator_faults.variants import Variants


async def content(link: str, base_url: str) -> tuple[int | None, bytes]:
    async with open_download(link, base_url) as download:
        return download.size, b"".join([chunk async for chunk in download.chunks])


@pytest.mark.parametrize("expired_status", [403, 404])
def test_a_document_arrives_whole_and_an_expired_link_says_so(expired_status: int) -> None:
    with simulated(variants=Variants(expired_links=1, expired_link_status=expired_status)) as server:
        job_id = server.world.add(COMPLETED, title="Tides (and moons)")

        async def run() -> bytes:
            client = Client(server.base_url, make_credential(TOKEN))
            try:
                expired = await client.fetch_document_url(job_id)
                assert expired
                with pytest.raises(LinkExpired) as caught:
                    await content(expired, server.base_url)
                assert "signature" not in str(caught.value)
                fresh = await client.fetch_document_url(job_id)
                assert fresh
                size, found = await content(fresh, server.base_url)
                assert size == len(found)
                return found
            finally:
                await client.aclose()

        assert asyncio.run(run()) == pdf("Tides (and moons)")


async def test_the_token_is_not_sent_and_a_short_body_is_an_error() -> None:
    async with ScriptedServer([say(message(200, b"PDF"))]) as server:
        assert await content(f"{server.base_url}/a.pdf?secret=1", server.base_url) == (3, b"PDF")
        assert "authorization" not in server.seen[0].headers
        assert "x-api-key" not in server.seen[0].headers
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nPDF"
    async with ScriptedServer([say_and_close(cut)]) as server:
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
    async with ScriptedServer([say(page)]) as server:
        with pytest.raises(BadAnswer, match="sent a web page instead of the document"):
            await content(f"{server.base_url}/a.pdf", server.base_url)


async def test_a_redirect_to_an_unsafe_address_is_not_followed() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://files.example.org/b.pdf\r\nContent-Length: 0\r\n\r\n"
    async with ScriptedServer([say(moved)]) as server:
        with pytest.raises(BadAnswer, match="not an https address"):
            await content(f"{server.base_url}/a.pdf", server.base_url)
