"""How each fault looks on the wire.

Most are ordinary answers with the wrong content. Those that break HTTP itself need the connection below the
answer; the server puts its transport into the request's state under `TRANSPORT`.
"""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from app.simulator.api import as_json
from tests.simulator_faults.faults import Fault, FaultKind
from tests.simulator_faults.hostile_text import ALL_HOSTILE, HOSTILE

TRANSPORT = "transport"
"""The name under which a request's state holds its `asyncio.Transport`."""

_PROXY_ERRORS = (408, 502, 503, 504)
_CHUNK_BYTES = 65536
_TEXTS = ("title", "progress_stage", "error_message", "reasoning_model", "writing_model", "function_model")


async def respond(
    fault: Fault, scope: Scope, receive: Receive, send: Send, code: int, content: dict[str, Any]
) -> None:
    """Answer a request that a fault strikes.

    Args:
        fault: What goes wrong.
        scope: The request.
        receive: Its further events.
        send: Sends the answer.
        code: The HTTP status of the true answer.
        content: The true answer.
    """
    transport: asyncio.Transport = scope["state"][TRANSPORT]
    match fault.kind:
        case FaultKind.HANG:
            if await _client_left(receive, fault.seconds):
                return
        case FaultKind.RESET:
            # A socket that lingers for zero seconds is not closed but reset.
            transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            transport.abort()
        case FaultKind.CLOSED:
            pass
        case _:
            await _answer(fault, code, content)(scope, receive, send)
            return
    transport.close()
    await _client_left(receive, 1.0)


def _answer(fault: Fault, code: int, content: dict[str, Any]) -> Response:
    match fault.kind:
        case FaultKind.HTTP:
            return _http_error(fault)
        case FaultKind.NOT_JSON:
            return Response('{"id": "', media_type="application/json")
        case FaultKind.HUGE:
            return StreamingResponse(_chunks(fault.size))
        case FaultKind.HOSTILE:
            return as_json(_hostile(fault.text, content), code)
    return as_json(content | dict(fault.fields) if code == 200 else content, code)


def _http_error(fault: Fault) -> Response:
    headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
    text = fault.text if fault.text is not None else f"Simulated answer {fault.code}"
    body = fault.body or ("html" if fault.code in _PROXY_ERRORS else "json")
    if body == "html":
        page = f"<html><head><title>{fault.code}</title></head><body><h1>{text}</h1></body></html>\n"
        return Response(page, fault.code, headers, "text/html")
    if body == "empty":
        return Response(b"", fault.code, headers)
    return Response(json.dumps({"error": text}), fault.code, headers, "application/json")


def _hostile(text: str | None, content: dict[str, Any]) -> dict[str, Any]:
    names = _TEXTS if "id" in content else content
    hostile = content | dict.fromkeys(names, ALL_HOSTILE if text is None else text)
    if text is None and "id" in content:
        hostile["error_message"] = HOSTILE["endless"] + ALL_HOSTILE
    return hostile


async def _chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // _CHUNK_BYTES):
        yield b"x" * _CHUNK_BYTES
        await asyncio.sleep(0)  # serve other requests meanwhile, and notice that the client has left


async def _client_left(receive: Receive, seconds: float) -> bool:
    """Wait; return whether the client disconnects in the meantime."""
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return False
    return True
