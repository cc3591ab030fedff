"""Serves the simulated API on this machine, in a thread."""

import asyncio
import errno
import socket
import threading
from typing import ClassVar, Self

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from app.simulator.api import create_app
from app.simulator.documents import Documents
from app.simulator.lifecycle import World

_HOST = "127.0.0.1"
_KEEP_ALIVE_SECONDS = 75
_STOP_TIMEOUT_SECONDS = 5.0  # far longer than the thread ever needs


class SimulatorServer:
    """Serves a world on 127.0.0.1 from a daemon thread. Touches neither signals nor the terminal.

    Documents are served from a second port, as an object store would serve them from another host. After `stop`, the
    server can be started again; simulated time goes on in between.

    Attributes:
        port: The port of the API; 0 before the first start if the system chooses it.
    """

    server_class: ClassVar[type[uvicorn.Server]] = uvicorn.Server
    protocol: ClassVar[type[asyncio.Protocol]] = H11Protocol

    def __init__(self, world: World, *, port: int = 0, documents: Documents | None = None) -> None:
        self._documents = documents or Documents(world)
        self.app: ASGIApp = create_app(world, self._documents)
        self.port = port
        self._thread: threading.Thread | None = None
        self._server: uvicorn.Server | None = None

    @property
    def base_url(self) -> str:
        """The API's base URL, once started."""
        return f"http://{_HOST}:{self.port}/api"

    def start(self) -> str:
        """Start serving; returns the base URL, which now accepts connections. Raises `OSError` if the port cannot be used."""
        assert self._thread is None, "the simulated API is already serving"
        listeners = [_listen(self.port), _listen(0)]  # accept connections before the event loop runs
        self.port, documents_port = (listener.getsockname()[1] for listener in listeners)
        self._documents.origin = f"http://{_HOST}:{documents_port}"
        config = uvicorn.Config(
            self.app,
            loop="asyncio",
            http=self.protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=0,
        )
        self._server = self.server_class(config)
        self._thread = threading.Thread(
            target=self._server.run, args=(listeners,), name="simulator", daemon=True
        )
        self._thread.start()
        return self.base_url

    def stop(self) -> None:
        """Stop at once, dropping the requests that have no answer yet. Does nothing if not started."""
        if self._thread is not None and self._server is not None:
            self._server.should_exit = self._server.force_exit = True
            self._thread.join(_STOP_TIMEOUT_SECONDS)
            self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((_HOST, port), backlog=1024)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise OSError(f"port {port} is taken: choose another, or 0 for any free one") from None
        if error.errno == errno.EACCES:
            raise OSError(f"port {port} needs rights you lack: choose one above 1023") from None
        raise OSError(f"cannot listen on port {port}: {error.strerror}") from None
