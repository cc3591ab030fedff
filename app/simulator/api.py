"""The simulated API itself: both endpoints to the letter of DeepWriter's OpenAPI document, and a control door.

Sign-in comes first, then the request is looked at, then the world is asked. A fault that strikes a request takes
the place of the answer. The control door, `/_control`, lies outside `/api` and needs no sign-in.
"""

import json
import re
from typing import Any
from uuid import UUID

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.simulator.broken import as_json, broken
from app.simulator.faults import Endpoint, Fault, FaultKind, Faults
from app.simulator.lifecycle import Verdict, World
from app.simulator.traffic import SEEN, Traffic

_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_LONGEST_BODY = 65536  # bytes of a request
_CODES = {Verdict.ACCEPTED: 200, Verdict.NOT_CANCELLABLE: 400, Verdict.UNKNOWN: 404}


def create_app(
    world: World, faults: Faults, tokens: frozenset[str] | None = None, traffic: Traffic | None = None
) -> Starlette:
    """The application that serves a world.

    Args:
        world: The jobs.
        faults: What goes wrong.
        tokens: The tokens and API keys that are let in; None lets in any that is not empty.
        traffic: Where requests are recorded; by default nobody looks.
    """
    api = _Api(world, faults, tokens)
    control = _Control(world, faults)
    app = Starlette(
        routes=[
            Route("/api/getJobStatus", api.status, methods=["GET"]),
            Route("/api/cancelJob", api.cancel, methods=["POST"]),
            Route("/_control/faults", control.faults, methods=["GET", "POST", "DELETE"]),
            Route("/_control/jobs", control.jobs, methods=["GET"]),
        ],
        exception_handlers={HTTPException: _http_error, Exception: _own_error},
    )
    app.add_middleware((traffic or Traffic(limit=1)).watch)
    return app


_Answer = tuple[int, dict[str, Any]]  # the HTTP status and what the JSON says


class _Api:
    def __init__(self, world: World, faults: Faults, tokens: frozenset[str] | None) -> None:
        self._world = world
        self._faults = faults
        self._tokens = tokens

    async def status(self, request: Request) -> Response:
        """GET /api/getJobStatus?jobId=UUID."""
        asked = request.query_params.getlist("jobId")
        job_id = _canonical(asked[0]) if len(asked) == 1 else None
        fault = self._strike(request, Endpoint.STATUS, job_id)
        code, content = self._unsigned(request) or self._job(job_id)
        return broken(fault, request, code, content) if fault else as_json(content, code)

    async def cancel(self, request: Request) -> Response:
        """POST /api/cancelJob with {"jobId": UUID}."""
        body = await _body(request)
        value = body.get("jobId") if isinstance(body, dict) else None
        job_id = _canonical(value) if isinstance(value, str) else None
        fault = self._strike(request, Endpoint.CANCEL, job_id)
        code, content = self._unsigned(request) or _malformed(request, body) or self._cancelled(job_id, fault)
        return broken(fault, request, code, content) if fault else as_json(content, code)

    def _job(self, job_id: str | None) -> _Answer:
        if job_id is None:  # the document gives this endpoint no 400
            return 404, {"error": "jobId must be given once, as a UUID"}
        job = self._world.job(job_id)
        return (404, {"error": "Job not found"}) if job is None else (200, job)

    def _cancelled(self, job_id: str | None, fault: Fault | None) -> _Answer:
        if job_id is None:
            return 400, {"error": "jobId must be given as a UUID"}
        ignored = fault is not None and (fault.kind is FaultKind.IGNORED_CANCEL or not fault.heard)
        verdict, message = self._world.cancel(job_id, ignored=ignored)
        return _CODES[verdict], {"message" if verdict is Verdict.ACCEPTED else "error": message}

    def _unsigned(self, request: Request) -> _Answer | None:
        """What is answered to somebody who is not signed in; None to all others."""
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        shown = {bearer.strip()} if scheme.lower() == "bearer" else set()
        shown = (shown | {request.headers.get("x-api-key", "").strip()}) - {""}
        if not shown:
            return 401, {"error": "Unauthorized: send a bearer token or an API key"}
        if self._tokens is not None and not shown <= self._tokens:
            return 401, {"error": "Unauthorized: the token is not valid"}
        return None

    def _strike(self, request: Request, endpoint: Endpoint, job_id: str | None) -> Fault | None:
        fault = self._faults.pick(endpoint, job_id)
        seen = getattr(request.state, SEEN)
        seen.job_id = job_id
        seen.fault = fault.kind.value if fault else None
        return fault


class _Control:
    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults

    async def faults(self, request: Request) -> Response:
        """GET the faults in force, POST one more as a JSON object, DELETE them all."""
        if request.method == "DELETE":
            self._faults.clear()
        elif request.method == "POST":
            try:
                self._faults.add(Fault.from_json(await _body(request)))
            except ValueError as error:
                return as_json({"error": str(error)}, 400)
        return as_json({"faults": [fault.to_json() for fault in self._faults.active]})

    async def jobs(self, _request: Request) -> Response:
        """GET the jobs, in short."""
        jobs = [job for job_id in self._world.ids if (job := self._world.job(job_id)) is not None]
        names = ("id", "status", "title")
        return as_json({"jobs": [{name: job.get(name) for name in names} for job in jobs]})


def _canonical(text: str) -> str | None:
    return str(UUID(text)) if _UUID.fullmatch(text) else None


def _malformed(request: Request, body: object) -> _Answer | None:
    """What is answered to a request body that is none; None to all others."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return 400, {"error": "the request body must be application/json"}
    return None if isinstance(body, dict) else (400, {"error": "the request body must be a JSON object"})


async def _body(request: Request) -> object:
    """The body's JSON; None if it is none, or is longer than any request needs to be."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_BODY:
            return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = as_json({"error": error.detail}, error.status_code)
    answer.headers.update(error.headers or {})
    return answer


async def _own_error(_request: Request, _error: Exception) -> Response:
    return as_json({"error": "Internal server error"}, 500)
