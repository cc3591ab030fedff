"""Downloads a finished document from its signed link, without the token."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app import __version__
from app.deepwriter.base_url import is_safe_link
from app.deepwriter.error_mapping import request_error
from app.deepwriter.errors import ApiError, BadAnswer, ServerError
from app.deepwriter.lean_httpx import httpx
from app.deepwriter.transport import tls_context

_TIMEOUT_SECONDS = 30.0
"""How long to wait for the connection, and for each chunk."""

_CHUNK_BYTES = 64 * 1024
_MAX_REDIRECTS = 5
_HOST = "the document's host"


class LinkExpired(ApiError):
    """The link has expired. Get a new one from the API."""


@dataclass(frozen=True, slots=True)
class Download:
    """A document that is being downloaded."""

    size: int | None  # in bytes; None if the server does not say
    chunks: AsyncIterator[bytes]  # raises `ApiError` if the connection breaks or bytes are missing


@asynccontextmanager
async def open_download(link: str, base_url: str) -> AsyncIterator[Download]:
    """Open a link to a document for reading. No error message repeats the link, which is a secret.

    Raises `LinkExpired` if the server answers 403, 404 or 410. Whether plain http is allowed depends on the API's base
    URL; see `is_safe_link`.
    """
    client = httpx.AsyncClient(
        verify=tls_context(link),
        timeout=_TIMEOUT_SECONDS,
        trust_env=link.startswith("https:"),  # proxies, as for the API
        headers={"User-Agent": f"dwtop/{__version__}"},
    )
    async with client:
        try:
            response = await _get(client, link, base_url)
        except Exception as error:
            raise error if isinstance(error, ApiError) else request_error(error, _HOST) from None
        try:
            _check_is_document(response)
            yield Download(_size(response), _chunks(response))
        finally:
            await response.aclose()


async def _get(client: httpx.AsyncClient, link: str, base_url: str) -> httpx.Response:
    """Follow redirects to the answer, without reading any body. httpx would read those of redirects, however long."""
    request = client.build_request("GET", link)
    for _ in range(_MAX_REDIRECTS + 1):
        if not is_safe_link(str(request.url), base_url):
            raise BadAnswer("the link to the document is not an https address")
        response = await client.send(request, stream=True)
        if response.next_request is None:
            return response
        await response.aclose()
        request = response.next_request
    raise BadAnswer("the link to the document redirects too many times")


def _check_is_document(response: httpx.Response) -> None:
    if response.status_code in (403, 404, 410):
        raise LinkExpired("the link to the document has expired")
    if not response.is_success:
        raise ServerError(f"{_HOST} answered {response.status_code}")
    if response.headers.get("content-type", "").lower().startswith("text/html"):
        raise BadAnswer(f"{_HOST} sent a web page instead of the document")


def _size(response: httpx.Response) -> int | None:
    text = response.headers.get("content-length", "")
    is_exact = text.isascii() and text.isdigit() and "content-encoding" not in response.headers
    return int(text) if is_exact else None


async def _chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in response.aiter_bytes(_CHUNK_BYTES):
            yield chunk
    except httpx.HTTPError as error:
        raise request_error(error, _HOST) from None
