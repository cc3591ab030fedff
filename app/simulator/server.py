"""The simulated API as a server on this machine: in a thread for tests and the demo, or in the foreground."""

import asyncio
import contextlib
import errno
import ipaddress
import logging
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from app.simulator.api import create_app
from app.simulator.broken import TRANSPORT
from app.simulator.faults import Faults
from app.simulator.lifecycle import World
from app.simulator.traffic import Seen, Traffic

__all__ = ["SimulatorServer", "create_app", "serve"]

_STARTED, _STOPPED = 10.0, 5.0  # seconds that the thread may take, far more than it needs


class SimulatorServer:
    """Serves a world on loopback from a daemon thread of its own. Touches neither signals nor the terminal.

    It can be started again after it was stopped, on the same port, with its world gone on in the meantime.

    Args:
        world: The jobs; by default those of a `World()`.
        faults: What goes wrong; by default nothing.
        tokens: The tokens and API keys that are let in; None lets in any that is not empty.
        host: An address of this machine that no other can reach.
        port: The port; 0 lets the system choose.

    Raises:
        ValueError: The host is not a loopback address, or the port is no port.
    """

    def __init__(
        self,
        world: World | None = None,
        faults: Faults | None = None,
        tokens: frozenset[str] | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.world = World() if world is None else world
        self.faults = Faults() if faults is None else faults
        self.traffic = Traffic()
        self._app = create_app(self.world, self.faults, tokens, self.traffic)
        self._host = _loopback(host)
        if not 0 <= port <= 65535:
            raise ValueError(
                f"{port} is no port: use a number from 0 to 65535, where 0 lets the system choose"
            )
        self._port = port
        self._thread: threading.Thread | None = None
        self._server: _Server | None = None

    @property
    def port(self) -> int:
        """The port; 0 before the first start if the system is to choose."""
        return self._port

    @property
    def base_url(self) -> str:
        """The API's base URL, once started."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}/api"

    @property
    def requests(self) -> tuple[Seen, ...]:
        """The requests that came to the API, the oldest first."""
        return self.traffic.requests

    def start(self) -> str:
        """Begin to serve.

        Returns:
            The base URL; connections are accepted from now on.

        Raises:
            OSError: The port cannot be used.
            RuntimeError: It is serving already.
        """
        if self._thread is not None:
            raise RuntimeError("the simulated API is serving already")
        listening = _listen(self._host, self._port)
        self._port = listening.getsockname()[1]
        server = self._server = _Server(self._app)
        self._thread = threading.Thread(
            target=lambda: asyncio.run(server.serve(sockets=[listening])), name="simulator", daemon=True
        )
        self._thread.start()
        if not server.ready.wait(_STARTED):
            raise RuntimeError("the simulated API did not start")
        return self.base_url

    def stop(self) -> None:
        """End at once: whoever waits for an answer loses the connection. Does nothing if it is not serving."""
        if self._thread is None or self._server is None:
            return
        self._server.end()
        self._thread.join(_STOPPED)
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


def serve(
    host: str,
    port: int,
    world: World,
    faults: Faults,
    on_ready: Callable[[str], None],
) -> None:
    """Serve until Ctrl-C, which ends it in good order.

    Args:
        host: An address of this machine that no other can reach.
        port: The port; 0 lets the system choose.
        world: The jobs.
        faults: What goes wrong.
        on_ready: Is told the base URL once connections are accepted.

    Raises:
        ValueError: The host is not a loopback address, or the port is no port.
        OSError: The port cannot be used.
    """
    with (
        SimulatorServer(world, faults, host=host, port=port) as server,
        contextlib.suppress(KeyboardInterrupt),
    ):
        on_ready(server.base_url)
        threading.Event().wait()


def _loopback(host: str) -> str:
    """The address of a loopback host."""
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise ValueError(f"the simulated API serves this machine only: use 127.0.0.1 instead of {host}")
    return str(address)


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket, so that callers can connect before the loop runs."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(1024)
    except OSError as error:
        listening.close()
        # Without a number of its own an error says its sentence and nothing else.
        if error.errno == errno.EADDRINUSE:
            raise OSError(f"port {port} is taken: choose another, or 0 for any free one") from None
        if error.errno == errno.EACCES:
            raise OSError(f"port {port} needs rights you lack: choose one above 1023") from None
        raise OSError(f"cannot listen on {host} port {port}: {error.strerror}") from None
    return listening


class _Protocol(H11Protocol):
    """HTTP that lets the application at its connection, for faults below HTTP."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}


class _Server(uvicorn.Server):
    """Uvicorn that ends from another thread, at once, and keeps quiet."""

    def __init__(self, app: Any) -> None:
        # Its loggers are global; without a handler of their own they would write to the terminal.
        for name in ("uvicorn.error", "uvicorn.access"):
            logger = logging.getLogger(name)
            logger.propagate = False
            if not logger.handlers:
                logger.addHandler(logging.NullHandler())
        super().__init__(
            uvicorn.Config(
                app,
                loop="asyncio",
                http=_Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=75,
            )
        )
        self.ready = threading.Event()
        self._over = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def end(self) -> None:
        """Ask it to end, from any thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._over.set)

    async def main_loop(self) -> None:
        """Serve until the end, waking up only to keep the date."""
        self._loop = asyncio.get_running_loop()
        self.ready.set()
        counter = 0
        while not self._over.is_set():
            await self.on_tick(counter)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), 1.0)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drop all connections, whatever they wait for."""
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
        await asyncio.sleep(0)  # lets the closed connections say so
