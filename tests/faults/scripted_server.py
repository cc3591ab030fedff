"""A TCP server that follows a script, and records its requests."""

import asyncio
import contextlib
import json
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Self

JOB_ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
OTHER_ID = "123e4567-e89b-42d3-a456-426614174000"


@dataclass(frozen=True)
class Seen:
    """One request: its first line, headers by lower-case name, body, and the number of its connection."""

    line: str
    headers: Mapping[str, str]
    body: bytes
    connection: int


@dataclass
class Exchange:
    """A request and its connection."""

    seen: Seen
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()


Behaviour = Callable[[Exchange], Awaitable[None]]


@dataclass
class ScriptedServer:
    """Serves each request with the next behaviour of its script, and every further one with the last."""

    script: list[Behaviour]
    tls: ssl.SSLContext | None = None
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __aenter__(self) -> Self:
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", 0, ssl=self.tls, ssl_shutdown_timeout=0.2 if self.tls else None
        )
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def base_url(self) -> str:
        scheme = "https" if self.tls else "http"
        return f"{scheme}://127.0.0.1:{self.port}/api"

    async def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds, which is checked after every request and every closed connection."""
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(condition)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.open += 1
        number = self.connections
        try:
            while True:
                seen = await _read_request(reader, number)
                behaviour = self.script[min(len(self.seen), len(self.script) - 1)]
                self.seen.append(seen)
                async with self.changed:
                    self.changed.notify_all()
                await behaviour(Exchange(seen, reader, writer))
                if writer.is_closing():
                    return
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()
            self._tasks.discard(task)
            self.open -= 1
            async with self.changed:
                self.changed.notify_all()


async def _read_request(reader: asyncio.StreamReader, connection: int) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *rest = head.rstrip("\r\n").split("\r\n")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (entry.partition(":") for entry in rest)
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Seen(line, headers, body, connection)


def job_payload(**changes: object) -> dict[str, object]:
    """A good answer about `JOB_ID`."""
    return {
        "id": JOB_ID,
        "user_id": OTHER_ID,
        "project_id": OTHER_ID,
        "status": "in_progress",
        "progress": 42.5,
        "created_at": "2026-01-02T03:04:05Z",
        "updated_at": "2026-01-02T03:05:05.5Z",
    } | changes


def message(status: int = 200, body: bytes | object = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """A whole HTTP answer. A body that is not bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {"Content-Type": "application/json", "Content-Length": str(len(content))} | dict(headers or {})
    head = f"HTTP/1.1 {status} Whatever\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in fields.items()
    )
    return head.encode("latin-1") + b"\r\n" + content


def reply_with(data: bytes = b"", then: Literal["keep", "close", "hang"] = "keep") -> Behaviour:
    """Send these bytes; then keep the connection for the next request, close it, or wait until the client does."""

    async def behave(exchange: Exchange) -> None:
        await exchange.send(data)
        if then == "hang":
            await exchange.reader.read()
        if then != "keep":
            exchange.writer.close()

    return behave


def drip(data: bytes, pause: float = 0.02) -> Behaviour:
    """Send a byte at a time, until the client disconnects."""

    async def behave(exchange: Exchange) -> None:
        for byte in data:
            await exchange.send(bytes([byte]))
            await asyncio.sleep(pause)

    return behave


async def reset(exchange: Exchange) -> None:
    """Reset the connection."""
    channel: socket.socket = exchange.writer.get_extra_info("socket")
    channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.writer.transport.abort()


@dataclass
class Flood:
    """Send a head and then zeros up to a size; `sent` counts them."""

    size: int
    head: bytes
    sent: int = 0

    async def __call__(self, exchange: Exchange) -> None:
        await exchange.send(self.head)
        piece = b"0" * 65536
        while self.sent < self.size:
            await exchange.send(piece)
            self.sent += len(piece)
        exchange.writer.close()
