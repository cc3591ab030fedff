"""How each fault looks on the wire.

Most are ordinary answers with the wrong content. Those that break HTTP itself need the connection below the
answer; the server puts its transport into the request's state under `TRANSPORT`.
"""

import asyncio
import json
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.simulator.api import as_json
from tests.simulator_faults.faults import Fault, FaultKind
from tests.simulator_faults.hostile_text import ALL_HOSTILE, HOSTILE

TRANSPORT = "transport"
"""The name under which a request's state holds its `asyncio.Transport`."""

_PROXY_ERRORS = (408, 502, 503, 504)
_CHUNK = b"x" * 65536
_DRIP_SECONDS = 0.5
_REQUIRED = ("user_id", "project_id", "status", "created_at", "updated_at", "message")
_OPTIONAL = (
    *("progress", "progress_stage", "percent_complete", "title", "is_byok", "is_starred", "error_message"),
    *("reasoning_model", "writing_model", "function_model"),
)


def faulty_response(fault: Fault, request: Request, code: int, content: dict[str, Any]) -> Response:
    """The answer to a request that a fault strikes.

    Args:
        fault: What goes wrong.
        request: The request it strikes.
        code: The HTTP status of the true answer.
        content: The true answer.
    """
    match fault.kind:
        case FaultKind.HTTP:
            return _http_error(fault)
        case FaultKind.NOT_JSON:
            return Response('{"id": "', media_type="application/json")
        case FaultKind.REDIRECT:
            return _redirect(request)
        case FaultKind.SLOW:
            return _RawResponse(as_json(content, code), fault, _late)
        case FaultKind.HANG:
            return _RawResponse(as_json(content, code), fault, _hang)
        case FaultKind.DRIP:
            return _RawResponse(as_json(content, code), fault, _drip)
        case FaultKind.TRUNCATED:
            return _RawResponse(as_json(content, code), fault, _truncate)
        case FaultKind.RESET:
            return _RawResponse(as_json(content, code), fault, _reset)
        case FaultKind.CLOSED:
            return _RawResponse(as_json(content, code), fault, _close)
        case FaultKind.HUGE:
            return _RawResponse(as_json(content), fault, _flood)
        case FaultKind.HOSTILE:
            return as_json(_hostile(fault, content), code)
    return as_json(_reshaped(fault, content) if code == 200 else content, code)


def _http_error(fault: Fault) -> Response:
    headers = {}
    if fault.retry_after is not None:
        when = formatdate(time.time() + fault.retry_after, usegmt=True)
        headers["Retry-After"] = when if fault.retry_as_date else f"{fault.retry_after:g}"
    text = fault.text if fault.text is not None else f"Simulated answer {fault.code}"
    body = fault.body or ("html" if fault.code in _PROXY_ERRORS else "json")
    if body == "html":
        page = f"<html><head><title>{fault.code}</title></head><body><h1>{text}</h1></body></html>\n"
        return Response(page, fault.code, headers, "text/html")
    if body == "empty":
        return Response(b"", fault.code, headers)
    return Response(json.dumps({"error": text}), fault.code, headers, "application/json")


def _redirect(request: Request) -> Response:
    location = f"https://elsewhere.invalid{request.url.path}?{request.url.query}"
    return Response(status_code=307, headers={"Location": location})


def _reshaped(fault: Fault, content: dict[str, Any]) -> dict[str, Any]:
    match fault.kind:
        case FaultKind.WRONG_TYPES:
            return {name: value if name == "id" else _mistyped(value) for name, value in content.items()}
        case FaultKind.MISSING_FIELDS:
            return {name: value for name, value in content.items() if name not in _REQUIRED}
        case FaultKind.OTHER_JOB:
            first = "f" if content["id"][0] != "f" else "0"
            return content | {"id": first + content["id"][1:]}
        case FaultKind.UNKNOWN_STATUS:
            return content | {"status": "paused"}
        case FaultKind.NULLS:
            return content | dict.fromkeys(_OPTIONAL if "id" in content else content)
        case FaultKind.FIELDS:
            return content | dict(fault.fields)
    return content


def _mistyped(value: object) -> object:
    match value:
        case str():
            return {"text": value}
        case bool():
            return "perhaps"
        case int() | float():
            return [value]
    return 7


def _hostile(fault: Fault, content: dict[str, Any]) -> dict[str, Any]:
    text = ALL_HOSTILE if fault.text is None else fault.text
    if "id" not in content:
        return dict.fromkeys(content, text)
    return content | {
        "title": text,
        "progress_stage": text,
        "error_message": HOSTILE["endless"] + ALL_HOSTILE if fault.text is None else text,
        "reasoning_model": text,
        "writing_model": text,
        "function_model": text,
    }


class _RawResponse(Response):
    """An answer that is sent in an unusual way, or not at all."""

    def __init__(self, answer: Response, fault: Fault, sender: "_Sender") -> None:
        super().__init__(answer.body, answer.status_code, dict(answer.headers))
        self._fault = fault
        self._sender = sender

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = _Exchange(self, self._fault, scope, receive, send)
        await self._sender(exchange)


class _Exchange:
    """A connection with a request that waits for its answer."""

    def __init__(self, answer: Response, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        self.answer = answer
        self.body = bytes(answer.body)
        self.fault = fault
        self.scope = scope
        self.receive = receive
        self.send = send
        self.transport: asyncio.Transport = scope["state"][TRANSPORT]

    async def start(self, headers: list[tuple[bytes, bytes]] | None = None) -> None:
        """Send the status and the headers, by default those of the answer."""
        headers = self.answer.raw_headers if headers is None else headers
        await self.send(
            {"type": "http.response.start", "status": self.answer.status_code, "headers": headers}
        )

    async def write(self, body: bytes, *, more: bool = True) -> None:
        """Send a piece of the body."""
        await self.send({"type": "http.response.body", "body": body, "more_body": more})

    async def client_left(self, seconds: float) -> bool:
        """Wait; return whether the client disconnects in the meantime."""
        try:
            async with asyncio.timeout(seconds):
                while (await self.receive())["type"] != "http.disconnect":
                    pass
        except TimeoutError:
            return False
        return True

    async def hang_up(self) -> None:
        """Close the connection after what has been written, and see it closed."""
        self.transport.close()
        await self.client_left(1.0)


_Sender = Callable[[_Exchange], Awaitable[None]]


async def _late(exchange: _Exchange) -> None:
    if not await exchange.client_left(exchange.fault.seconds):
        await exchange.start()
        await exchange.write(exchange.body, more=False)


async def _hang(exchange: _Exchange) -> None:
    if not await exchange.client_left(exchange.fault.seconds):
        await exchange.hang_up()


async def _drip(exchange: _Exchange) -> None:
    enough = time.monotonic() + exchange.fault.seconds
    await exchange.start()
    for position in range(len(exchange.body)):
        if time.monotonic() >= enough:
            await exchange.hang_up()
            return
        await exchange.write(exchange.body[position : position + 1])
        if await exchange.client_left(_DRIP_SECONDS):
            return
    await exchange.write(b"", more=False)


async def _truncate(exchange: _Exchange) -> None:
    await exchange.start()
    await exchange.write(exchange.body[: len(exchange.body) // 2])
    await exchange.hang_up()


async def _close(exchange: _Exchange) -> None:
    await exchange.hang_up()


async def _reset(exchange: _Exchange) -> None:
    # A socket that lingers for zero seconds is not closed but reset.
    exchange.transport.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    exchange.transport.abort()
    await exchange.client_left(1.0)


async def _flood(exchange: _Exchange) -> None:
    head = exchange.body[:-1] + (b', "padding": "' if len(exchange.body) > 2 else b'"padding": "')
    tail = b'"}'
    left = max(exchange.fault.size - len(head) - len(tail), 0)
    length = str(len(head) + left + len(tail)).encode()
    headers = [(b"content-type", b"application/json")]
    await exchange.start([*headers, (b"content-length", length)])
    await exchange.write(head)
    while left:
        piece = _CHUNK[:left]
        await exchange.write(piece)
        left -= len(piece)
        await asyncio.sleep(0)  # serve other requests meanwhile
    await exchange.write(tail, more=False)
