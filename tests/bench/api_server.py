"""A job API that is never the bottleneck: `python -m tests.bench.api_server JOBS`.

It serves the first jobs of `tests.bench.jobs`, all in progress; each makes progress at every second request. It uses
asyncio without a framework, since the simulator would take as long as the client. It prints its port, and counts requests
at `GET /api/requests`.
"""

import asyncio
import json
import sys
from urllib.parse import parse_qs, urlsplit

from tests.bench.jobs import STAGES, job_id, title


class Jobs:
    """The simulated jobs, and how many requests were made for them."""

    def __init__(self, count: int) -> None:
        self._numbers = {job_id(number): number for number in range(count)}
        self._asked = dict.fromkeys(self._numbers, 0)
        self.requests = 0

    def answer(self, target: str) -> tuple[int, bytes]:
        address = urlsplit(target)
        if address.path == "/api/requests":
            return 200, b'{"requests": %d}' % self.requests
        self.requests += 1
        name = parse_qs(address.query).get("jobId", [""])[0]
        if name not in self._numbers:
            return 404, b'{"error": "Job not found"}'
        number = self._numbers[name]
        self._asked[name] += 1
        steps = (self._asked[name] + number) // 2
        return 200, json.dumps(
            {
                "id": name,
                "user_id": job_id(-1),
                "project_id": job_id(-2),
                "status": "in_progress",
                "created_at": "2025-11-23T10:00:00Z",
                "updated_at": f"2025-11-23T{11 + steps // 3600 % 12:02d}:{steps // 60 % 60:02d}:{steps % 60:02d}Z",
                "progress": steps % 97,
                "percent_complete": steps % 97,
                "progress_stage": STAGES[steps % 97 * len(STAGES) // 97],
                "title": title(number),
                "error_message": None,
                "writing_model": "claude-opus",
                "reasoning_model": "claude-opus",
                "function_model": "claude-sonnet",
                "is_byok": False,
                "is_starred": False,
            }
        ).encode()


class _Connection(asyncio.Protocol):
    """A client's connection, which stays open between requests."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._waiting = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while b"\r\n\r\n" in self._waiting:  # no request of the bench has a body
            head, _, self._waiting = self._waiting.partition(b"\r\n\r\n")
            status, body = self._jobs.answer(head.split(b" ", 2)[1].decode())
            assert self._transport is not None
            self._transport.write(
                b"HTTP/1.1 %d OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
                % (status, len(body), body)
            )


async def main(job_count: int) -> None:
    """Serve until standard input ends, as it does when the parent process ends."""
    jobs = Jobs(job_count)
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(jobs), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    with open(sys.stdin.fileno(), "rb", closefd=False) as parent:  # noqa: ASYNC230 because only a thread reads it
        await asyncio.to_thread(parent.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
