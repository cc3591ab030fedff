"""The thread that reads the database, so that nobody else has to wait for a disk or a lock."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import ParamSpec, TypeVar

from app.watch.storage import StoreError

P = ParamSpec("P")
T = TypeVar("T")
_Request = tuple[Callable[[], object], Future[object]]


class ReadQueue:
    """Calls functions one after the other. Safe to use from any thread.

    A thread of a `ThreadPoolExecutor` would keep the program from ending for as long as a disk does not answer.

    Attributes:
        busy_since: When the call that is under way began, by the monotonic clock in seconds; None between two.
    """

    def __init__(self) -> None:
        """Start the thread."""
        self.busy_since: float | None = None
        self._closing = False
        self._requests: SimpleQueue[_Request | None] = SimpleQueue()
        threading.Thread(target=self._run, name="dwtop-reader", daemon=True).start()

    def soon(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call a function; the future holds what it returned or raised."""
        future: Future[T] = Future()
        if self._closing:
            future.set_exception(StoreError("dwtop is ending; nothing more is read."))
        else:
            request = (lambda: read(*args, **kwargs), future)
            self._requests.put(request)  # type: ignore[arg-type]  # because a future is invariant
        return future

    def close(self) -> None:
        """End the thread, once what it was asked for before is done."""
        self._closing = True
        self._requests.put(None)

    def _run(self) -> None:
        while request := self._requests.get():
            read, future = request
            if not future.set_running_or_notify_cancel():
                continue
            self.busy_since = time.monotonic()
            try:
                result = read()
            except Exception as error:
                future.set_exception(error)
            else:
                future.set_result(result)
            self.busy_since = None
