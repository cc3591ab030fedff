"""The simulated API: the endpoints of DeepWriter's OpenAPI document, and a control endpoint.

Every request needs a token, which may be any text. The exceptions are documents, whose links are signed, and `/_control`.
"""

import json
import math
import re
from collections.abc import Callable
from http.client import responses
from typing import Any, TypeGuard
from uuid import UUID

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.simulator.documents import Documents
from app.simulator.lifecycle import World

_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_LISTED_STATUS = {"submitted": "draft", "queued": "draft", "cancelled": "failed"}
"""The documented statuses that /fetchDocuments sends in place of undocumented ones."""


def create_app(world: World, documents: Documents) -> Starlette:
    """Create the application that serves a world."""
    api = _Api(world, documents)
    return Starlette(
        routes=[
            Route("/api/getJobStatus", api.status, methods=["GET"]),
            Route("/api/cancelJob", api.cancel, methods=["POST"]),
            Route("/api/fetchDocuments", api.fetch_documents, methods=["GET"]),
            Route("/api/jobs", api.jobs, methods=["GET"]),
            Route("/documents/{job_id}.pdf", documents.serve, methods=["GET"]),
            Route("/_control/faults", api.faults, methods=["GET", "POST", "DELETE"]),
        ],
        exception_handlers={HTTPException: _http_error},
    )


_FAULT_HELP = (
    'send a JSON object such as {"code": 503, "count": 5, "retry_after": 7}: the HTTP error, for how many requests'
    " (all, unless it is given), and the seconds of a Retry-After header"
)


_FAULT_NUMBERS = {"code": range(400, 600), "count": range(1, 10**9), "retry_after": range(10**9)}


def _is_fault(value: object) -> TypeGuard[dict[str, int]]:
    return (
        isinstance(value, dict)
        and "code" in value
        and value.keys() <= _FAULT_NUMBERS.keys()
        and all(type(number) is int and number in _FAULT_NUMBERS[name] for name, number in value.items())
    )


class _Api:
    """DeepWriter's endpoints, and the control endpoint, which makes requests to them fail."""

    def __init__(self, world: World, documents: Documents) -> None:
        self._world = world
        self._documents = documents
        self._faults: list[dict[str, int]] = []

    async def status(self, request: Request) -> Response:
        """GET /api/getJobStatus?jobId=UUID."""
        self._check(request)
        given = request.query_params.getlist("jobId")
        job_id = _canonical(given[0]) if len(given) == 1 else None
        if job_id is None:  # the OpenAPI document has no 400 for this endpoint
            raise HTTPException(404, "jobId must be given once, as a UUID")
        job = self._world.job(job_id)
        if job is None:
            raise HTTPException(404, "Job not found")
        if job["status"] == "completed":
            job["output_url_pdf"] = self._documents.link(job_id)
        return as_json(job)

    async def cancel(self, request: Request) -> Response:
        """POST /api/cancelJob with {"jobId": UUID}."""
        body = await _body(request)
        self._check(request)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise HTTPException(400, "the request body must be application/json")
        if not isinstance(body, dict):
            raise HTTPException(400, "the request body must be a JSON object")
        job_id = _canonical(body.get("jobId"))
        if job_id is None:
            raise HTTPException(400, "jobId must be given as a UUID")
        code, answer = self._world.cancel(job_id)
        return as_json(answer, code)

    async def fetch_documents(self, request: Request) -> Response:
        """GET /api/fetchDocuments: the user's jobs, as documented."""
        self._check(request)
        return self._list("documents", _document)

    async def jobs(self, request: Request) -> Response:
        """GET /api/jobs: the user's jobs, in the form that the vendor's own client reads."""
        self._check(request)
        return self._list("jobs", _listed_job)

    async def faults(self, request: Request) -> Response:
        """GET the faults in force, POST another as a JSON object, or DELETE them all."""
        if request.method == "DELETE":
            self._faults.clear()
        elif request.method == "POST":
            fault = await _body(request)
            if not _is_fault(fault):
                raise HTTPException(400, _FAULT_HELP)
            self._faults.append(fault)
        return as_json({"faults": self._faults})

    def _list(self, envelope: str, item: Callable[[dict[str, Any]], dict[str, Any]]) -> Response:
        items = [item(job) for job in self._world.jobs()]
        return as_json({envelope: items, "total": len(items)})

    def _check(self, request: Request) -> None:
        """Refuse a request that a fault applies to, or that has no token."""
        if self._faults:
            fault = self._faults[0]
            if "count" in fault:
                fault["count"] -= 1
                if not fault["count"]:
                    del self._faults[0]
            raise _failure(fault["code"], fault.get("retry_after"))
        if wait := self._world.pause_left():
            raise _failure(429, math.ceil(wait))
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        signed_in = scheme.lower() == "bearer" and bearer.strip()
        if not (signed_in or request.headers.get("x-api-key", "").strip()):
            raise HTTPException(401, "Unauthorized: send a bearer token or an API key")


def as_json(content: object, code: int = 200) -> Response:
    """A JSON response, in pure ASCII, so that even lone surrogates can be sent."""
    return Response(json.dumps(content), code, media_type="application/json")


def _document(job: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": job["id"],
        "jobId": job["id"],
        "projectId": job["project_id"],
        "title": job.get("title") or "Untitled",
        "status": _LISTED_STATUS.get(job["status"], job["status"]),
        "progress": job.get("progress") or 0.0,
        "is_starred": bool(job.get("is_starred")),
        "created_at": job["created_at"],
        "updated_at": job["updated_at"],
    }


def _listed_job(job: dict[str, Any]) -> dict[str, Any]:
    """An item of /jobs, as observed: the percentage is a fraction, and the title is missing if there is none."""
    percent = job.get("progress")
    item = {name: job[name] for name in ("id", "project_id", "status", "created_at")}
    item["percent_complete"] = None if percent is None else round(percent / 100, 6)
    return item | ({"title": job["title"]} if job.get("title") else {})


def _canonical(value: object) -> str | None:
    return str(UUID(value)) if isinstance(value, str) and _UUID.fullmatch(value) else None


async def _body(request: Request) -> object:
    """Parse the body as JSON; None if it is not JSON."""
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError):
        return None


def _failure(code: int, retry_after: int | None) -> HTTPException:
    headers = None if retry_after is None else {"Retry-After": str(retry_after)}
    return HTTPException(code, responses.get(code, "Error"), headers)


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = as_json({"error": error.detail}, error.status_code)
    answer.headers.update(error.headers or {})
    return answer
