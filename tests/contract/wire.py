"""A client on plain sockets, so that no client library hides a fault."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from app.simulator.server import SimulatorServer

TOKEN = "a-token"


@dataclass(frozen=True)
class Answer:
    """The answer, read until the connection closed."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def status_request(job_id: str, headers: str = f"Authorization: Bearer {TOKEN}\r\n") -> bytes:
    return f"GET /api/getJobStatus?jobId={job_id} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n".encode()


def cancel_request(
    job_id: str, headers: str = f"Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n"
) -> bytes:
    body = json.dumps({"jobId": job_id}) if "{" not in job_id else job_id
    return (
        f"POST /api/cancelJob HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n{headers}\r\n{body}"
    ).encode()


@contextmanager
def connection(server: SimulatorServer, seconds: float = 5.0) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), seconds) as line:
        yield line


def read_to_end(line: socket.socket) -> bytes:
    pieces = []
    while piece := line.recv(1 << 20):
        pieces.append(piece)
    return b"".join(pieces)


def parse(raw: bytes) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Answer(int(first.split()[1]), headers, body)


def exchange(server: SimulatorServer, request: bytes) -> Answer:
    """Send one request and read the answer until the connection closes."""
    with connection(server) as line:
        line.sendall(request)
        return parse(read_to_end(line))


def ask(server: SimulatorServer, job_id: str) -> Answer:
    return exchange(server, status_request(job_id))


def cancel(server: SimulatorServer, job_id: str) -> Answer:
    return exchange(server, cancel_request(job_id))
