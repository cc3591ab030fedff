"""The simulated API with faults that can be switched, and a log of what came in."""

import asyncio
import json
import socket
from dataclasses import dataclass, field

import uvicorn
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from app.simulator.api import as_json
from app.simulator.server import SimulatorServer
from tests.simulator_faults.faults import TRANSPORT, Endpoint, FaultKind, Faults, struck
from tests.simulator_faults.scripted_world import ScriptedWorld
from tests.simulator_faults.variants import VariantDocuments, VariantMiddleware, Variants, app_response

_ENDPOINTS = {"/api/getJobStatus": Endpoint.STATUS, "/api/cancelJob": Endpoint.CANCEL}
_CREDENTIALS = ("authorization", "x-api-key", "cookie", "proxy-authorization")


class _AbortingServer(uvicorn.Server):
    """A uvicorn server that stops at once, and drops all connections, including those that hang."""

    async def main_loop(self) -> None:
        while not await self.on_tick(0):  # noqa: ASYNC110 - another thread sets `should_exit`
            await asyncio.sleep(0.01)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # so that the transports can report that they are closed


class _Protocol(H11Protocol):
    """HTTP that gives the application its connection, for faults below HTTP."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}


@dataclass(eq=False, slots=True)
class LoggedRequest:
    method: str
    path: str
    credentials: dict[str, str] = field(
        repr=False
    )  # the headers that could carry a secret, by lower-case name
    job_id: str | None = None  # in canonical spelling
    status: int | None = None  # None if no answer was begun
    in_flight: bool = True


class FaultySimulator(SimulatorServer):
    """A `SimulatorServer` whose answers can be made to fail; it accepts any token if `tokens` is None.

    Attributes:
        requests: The requests that came to the API, the oldest first.
        failures: The exceptions in the simulator itself.
    """

    server_class = _AbortingServer
    protocol = _Protocol

    def __init__(
        self,
        world: ScriptedWorld | None = None,
        tokens: set[str] | None = None,
        variants: Variants | None = None,
        *,
        port: int = 0,
    ) -> None:
        self.world = world or ScriptedWorld()
        variants = variants or Variants()
        super().__init__(self.world, port=port, documents=VariantDocuments(self.world, variants))
        app = self.app if tokens is None else _accepting(self.app, tokens)
        self._api = app if variants == Variants() else VariantMiddleware(app, variants)
        self.app = self
        self.faults = Faults()
        self.requests: list[LoggedRequest] = []
        self.failures: list[Exception] = []

    @property
    def asked(self) -> list[str]:
        """The jobs whose status was asked for, in order."""
        return self._jobs("GET")

    @property
    def cancelled(self) -> list[str]:
        """The jobs whose cancel was asked for, in order."""
        return self._jobs("POST")

    def _jobs(self, method: str) -> list[str]:
        return [one.job_id for one in tuple(self.requests) if one.method == method and one.job_id]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and record it unless it is one of the control endpoint."""
        if scope["type"] != "http" or scope["path"].startswith("/_control"):
            await self._api(scope, receive, send)
            return
        headers = Headers(scope=scope)
        credentials = {name: headers[name] for name in _CREDENTIALS if name in headers}
        entry = LoggedRequest(scope["method"], scope["path"], credentials)
        self.requests.append(entry)

        async def note_status(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
            await send(message)

        try:
            await self._answer(entry, scope, receive, note_status)
        except Exception as error:
            self.failures.append(error)
            raise
        finally:
            entry.in_flight = False

    async def _answer(self, entry: LoggedRequest, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, unless a fault strikes it."""
        endpoint = _ENDPOINTS.get(entry.path)
        if endpoint is None:
            await self._api(scope, receive, send)
            return
        request = Request(scope, receive)
        body = await request.body()
        entry.job_id = _job_id(request, body)
        fault = self.faults.pick(endpoint, entry.job_id)
        lost = fault and fault.kind is not FaultKind.FIELDS and not fault.carried_out
        if endpoint is Endpoint.CANCEL and lost:  # such a cancel is not carried out
            answer = as_json({})
        else:
            answer = await app_response(self._api, scope, body)
        response = await struck(fault, answer, scope, receive) if fault else answer
        if response:
            await response(scope, receive, send)


def _accepting(app: ASGIApp, tokens: set[str]) -> ASGIApp:
    """The same application, which accepts no other tokens and API keys than these."""

    async def checked(scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        bearer = headers.get("authorization", "").partition(" ")[2].strip()
        given = {bearer, headers.get("x-api-key", "").strip()} - {""}
        refuses = scope["path"].startswith("/api/") and not given <= tokens
        answer = as_json({"error": "Unauthorized: the token is not valid"}, 401) if refuses else app
        await answer(scope, receive, send)

    return checked


def _job_id(request: Request, body: bytes) -> str | None:
    """The job that a request is about, in canonical spelling."""
    text = request.query_params.get("jobId")
    if request.method == "POST":
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            return None
        text = value.get("jobId") if isinstance(value, dict) else None
    return text.lower() if isinstance(text, str) else None
