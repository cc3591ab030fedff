"""The simulated API with faults that can be switched, and a log of what came in."""

import asyncio
import json
import socket
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from app.simulator.server import SimulatorServer
from tests.simulator_faults.fault_responses import TRANSPORT, respond
from tests.simulator_faults.faults import Endpoint, Faults
from tests.simulator_faults.request_log import LOG_ENTRY, LoggedRequest, RequestLog
from tests.simulator_faults.scripted_world import ScriptedWorld
from tests.simulator_faults.variants import VariantDocuments, VariantMiddleware, Variants

_ENDPOINTS = {"/api/getJobStatus": Endpoint.STATUS, "/api/cancelJob": Endpoint.CANCEL}


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


class FaultySimulator(SimulatorServer):
    """A `SimulatorServer` whose answers can be made to fail.

    Args:
        world: The jobs; by default none yet.
        faults: What goes wrong; by default nothing.
        tokens: The tokens and API keys that are accepted; None accepts any that is not empty.
        variants: How the API differs from the documented one.
        port: 0 lets the system choose.
    """

    server_class = _AbortingServer
    protocol = _Protocol

    def __init__(
        self,
        world: ScriptedWorld | None = None,
        faults: Faults | None = None,
        tokens: frozenset[str] | None = None,
        variants: Variants | None = None,
        *,
        port: int = 0,
    ) -> None:
        self.world = world or ScriptedWorld()
        variants = variants or Variants()
        super().__init__(self.world, tokens, port=port, documents=VariantDocuments(self.world, variants))
        app = self.app if variants == Variants() else VariantMiddleware(self.app, variants)
        self.faults = Faults() if faults is None else faults
        self.traffic = RequestLog()
        self.app = self.traffic.wrap(_FaultMiddleware(app, self.faults))

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """The requests that came to the API, the oldest first."""
        return self.traffic.requests


class _FaultMiddleware:
    """Replaces or changes the answers to requests that a fault strikes."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = _ENDPOINTS.get(scope.get("path", ""))
        if endpoint is None:
            await self._app(scope, receive, send)
            return
        body = await _read_body(receive) if scope["method"] == "POST" else b""
        job_id = _job_id(scope, body)
        fault = self._faults.pick(endpoint, job_id)
        log_entry: LoggedRequest = scope["state"][LOG_ENTRY]
        log_entry.job_id = job_id
        if fault is None:
            await self._app(scope, _replayed(body, receive), send)
            return
        asks_api = endpoint is Endpoint.STATUS or fault.reaches_api
        code, content = await self._ask(scope, body) if asks_api else (200, {})
        await respond(fault, scope, receive, send, code, content)

    async def _ask(self, scope: Scope, body: bytes) -> tuple[int, dict[str, Any]]:
        """The true answer to a request."""
        code, answer = 0, bytearray()

        async def collect(message: Message) -> None:
            nonlocal code
            code = message.get("status", code)
            answer.extend(message.get("body", b""))

        await self._app(scope, _replayed(body, asyncio.Event().wait), collect)
        return code, json.loads(answer)


def _job_id(scope: Scope, body: bytes) -> str | None:
    """The job that a request is about, in canonical spelling."""
    if scope["method"] == "POST":
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            return None
        text = value.get("jobId") if isinstance(value, dict) else None
    else:
        text = parse_qs(scope["query_string"].decode("latin-1")).get("jobId", [None])[0]
    return text.lower() if isinstance(text, str) else None


async def _read_body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


def _replayed(body: bytes, then: Any) -> Receive:
    """A `receive` that gives a body that has already been read, and then what comes after it."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        message: Message = messages.pop() if messages else await then()
        return message

    return receive
