"""Serves the simulated API on this machine, in a thread or in the foreground."""

import asyncio
import contextlib
import errno
import logging
import socket
import threading
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from app.simulator.api import create_app
from app.simulator.documents import Documents
from app.simulator.lifecycle import World

_HOST = "127.0.0.1"
_NO_LOGGING = logging.CRITICAL + 1
_START_TIMEOUT_SECONDS, _STOP_TIMEOUT_SECONDS = 10.0, 5.0  # far longer than the thread needs


class SimulatorServer:
    """Serves a world on 127.0.0.1 from a daemon thread. Touches neither signals nor the terminal.

    Documents are served from a second port, as an object store would serve them from another host. After `stop` the
    server can be started again on the same ports; simulated time continues in the meantime.

    Args:
        world: The jobs.
        tokens: The tokens and API keys that are accepted; None accepts any that is not empty.
        port: The port of the API, 0 to 65535; 0 lets the system choose.
        documents: The links to finished documents; by default those of the world.
    """

    def __init__(
        self,
        world: World,
        tokens: frozenset[str] | None = None,
        *,
        port: int = 0,
        documents: Documents | None = None,
    ) -> None:
        self._documents = documents or Documents(world)
        self.app: ASGIApp = create_app(world, self._documents, tokens)
        self.protocol: type[asyncio.Protocol] = H11Protocol
        self._ports = (port, 0)
        self._thread: threading.Thread | None = None
        self._server: _Server | None = None

    @property
    def port(self) -> int:
        """The port of the API; 0 before the first start if the system chooses it."""
        return self._ports[0]

    @property
    def base_url(self) -> str:
        """The API's base URL, once started."""
        return f"http://{_HOST}:{self.port}/api"

    def start(self) -> str:
        """Start serving.

        Returns:
            The base URL; connections are accepted from now on.

        Raises:
            OSError: The port cannot be used.
            RuntimeError: It is already serving.
        """
        if self._thread is not None:
            raise RuntimeError("the simulated API is already serving")
        listening: list[socket.socket] = []
        try:
            listening += (_listen(port) for port in self._ports)
        except OSError:
            for one in listening:
                one.close()
            raise
        self._ports = (listening[0].getsockname()[1], listening[1].getsockname()[1])
        self._documents.origin = f"http://{_HOST}:{self._ports[1]}"
        server = self._server = _Server(self.app, self.protocol)
        self._thread = threading.Thread(
            target=lambda: asyncio.run(server.serve(sockets=listening)), name="simulator", daemon=True
        )
        self._thread.start()
        if not server.ready.wait(_START_TIMEOUT_SECONDS):
            raise RuntimeError("the simulated API did not start")
        return self.base_url

    def stop(self) -> None:
        """Stop at once and drop all connections. Does nothing if it is not serving."""
        if self._thread is None or self._server is None:
            return
        self._server.request_stop()
        self._thread.join(_STOP_TIMEOUT_SECONDS)
        if self._thread.is_alive():
            raise RuntimeError("the simulated API did not stop")
        self._thread = self._server = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _listen(port: int) -> socket.socket:
    """Create a listening socket, so that clients can connect before the event loop runs."""
    try:
        return socket.create_server((_HOST, port), backlog=1024)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise OSError(f"port {port} is taken: choose another, or 0 for any free one") from None
        if error.errno == errno.EACCES:
            raise OSError(f"port {port} needs rights you lack: choose one above 1023") from None
        raise OSError(f"cannot listen on port {port}: {error.strerror}") from None


class _Server(uvicorn.Server):
    """A uvicorn server that another thread can stop at once, and that logs nothing."""

    def __init__(self, app: ASGIApp, protocol: type[asyncio.Protocol]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="asyncio",
                http=protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                log_level=_NO_LOGGING,
                server_header=False,
                timeout_keep_alive=75,
            )
        )
        self.ready = threading.Event()
        self._stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def request_stop(self) -> None:
        """Ask it to stop, from any thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has already ended
                self._loop.call_soon_threadsafe(self._stopping.set)

    async def main_loop(self) -> None:
        """Serve until asked to stop, waking up only to update the date header."""
        self._loop = asyncio.get_running_loop()
        self.ready.set()
        counter = 0
        while not self._stopping.is_set():
            await self.on_tick(counter)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), 1.0)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drop all connections, including those that are waiting for an answer."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for listening in sockets or []:
            listening.close()
        await asyncio.sleep(0)  # so that the transports can report that they are closed
