"""Differences between the documented API and real ones, served by changing the answers of the simulated API."""

import json
import math
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.simulator.api import as_json
from app.simulator.documents import Documents
from app.simulator.lifecycle import World


@dataclass(frozen=True, kw_only=True)
class Variants:
    """Independent switches; the defaults are the documented API."""

    fetch_documents: bool = True  # offer GET /fetchDocuments; without it, 404
    jobs: bool = True  # offer GET /jobs; without it, 404
    envelope: str = "documents"  # the key around the list of /fetchDocuments, or `array` for a bare one
    paging: str | None = None  # how a list names its next page: `page`, `cursor` or `link`; None for no pages
    page_size: int = 20  # items per page
    list_error: int | None = None  # answer every list request with this HTTP status
    documents: bool = True  # completed jobs carry `output_url_pdf`
    expired_links: int = 0  # how many links, counted from the first, are already expired when they are sent
    expired_link_status: int = 403  # of the answer to an expired link


class VariantDocuments(Documents):
    """Documents whose first links have already expired when they are sent."""

    def __init__(self, world: World, variants: Variants) -> None:
        super().__init__(world)
        self._expired_links = variants.expired_links
        self._expired_link_status = variants.expired_link_status

    def link(self, job_id: str, lifetime_seconds: int = 3600) -> str:
        if self._expired_links > 0:
            self._expired_links -= 1
            lifetime_seconds = 0
        return super().link(job_id, lifetime_seconds)

    async def serve(self, request: Request) -> Response:
        response = await super().serve(request)
        if b"expired" in response.body:
            response.status_code = self._expired_link_status
        return response


class VariantMiddleware:
    """Changes the answers of the documented API to those of a variant."""

    def __init__(self, app: ASGIApp, variants: Variants) -> None:
        self._app = app
        self._variants = variants

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        response = await self._respond(Request(scope, receive))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        variants, path = self._variants, request.url.path
        offered = {"/api/fetchDocuments": variants.fetch_documents, "/api/jobs": variants.jobs}
        if not offered.get(path, True):
            return _error(404)
        answer = await app_response(self._app, request.scope, await request.body())
        if answer.status_code == 200 and path == "/api/getJobStatus" and not variants.documents:
            job = json.loads(bytes(answer.body))
            job.pop("output_url_pdf", None)
            return as_json(job)
        if answer.status_code == 200 and path in offered:
            if variants.list_error:
                return _error(variants.list_error)
            key = "jobs" if path == "/api/jobs" else "documents"
            return as_json(self._list(request, json.loads(bytes(answer.body))[key], key))
        return answer

    def _list(self, request: Request, items: list[Any], key: str) -> object:
        variants, total = self._variants, len(items)
        if key == "documents":
            key = variants.envelope
        page, next_page = 1, None
        if variants.paging and key != "array":  # which has no place to name the next page
            size = variants.page_size
            page = _page_number(request, variants.paging)
            items = items[(page - 1) * size : page * size]
            next_page = page + 1 if page * size < total else None
        if key == "array":
            return items
        answer: dict[str, Any] = {key: items, "total": total}
        match variants.paging:
            case "page":
                answer |= {"page": page, "total_pages": max(1, math.ceil(total / variants.page_size))}
            case "cursor":
                answer["next_cursor"] = f"after-{next_page - 1}" if next_page else None
            case "link":
                answer["next"] = str(request.url.include_query_params(page=next_page)) if next_page else None
        return answer


def _page_number(request: Request, paging: str) -> int:
    """The requested page, at least 1; anything invalid means the first."""
    if paging == "cursor":
        text = request.query_params.get("cursor", "after-0").removeprefix("after-")
        return int(text) + 1 if text.isdecimal() else 1
    text = request.query_params.get("page", "1")
    return max(1, int(text)) if text.isdecimal() else 1


def _error(code: int) -> Response:
    return as_json({"error": HTTPStatus(code).phrase}, code)


async def app_response(app: ASGIApp, scope: Scope, body: bytes) -> Response:
    """The answer of an application to a request, whose body was read already."""
    head: dict[str, Any] = {}
    content = bytearray()

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def collect(message: Message) -> None:
        if message["type"] == "http.response.start":
            head.update(message)
        content.extend(message.get("body", b""))

    await app(scope, receive, collect)
    answer = Response(bytes(content), head["status"])
    answer.raw_headers = list(head["headers"])
    return answer
