"""The thread that reads the database, so that no other thread waits for the disk or a lock."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import ParamSpec, TypeVar

from app.watch.storage import StoreError

P = ParamSpec("P")
T = TypeVar("T")


class Reader:
    """Calls functions in its own thread, one after another. Safe to use from any thread.

    Not a `ThreadPoolExecutor`, which would keep the program from exiting while the disk hangs.

    Attributes:
        busy_since: When the current call began, on the monotonic clock in seconds; None between two.
    """

    def __init__(self) -> None:
        self.busy_since: float | None = None
        self._closing = False
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        threading.Thread(target=self._run, name="dwtop-reader", daemon=True).start()

    def submit(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call a function; the future holds what it returned or raised."""
        future: Future[T] = Future()

        def call() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(read(*args, **kwargs))
            except Exception as error:
                future.set_exception(error)

        if self._closing:
            future.set_exception(StoreError("dwtop is ending; nothing more is read."))
        else:
            self._calls.put(call)
        return future

    def close(self) -> None:
        """End the thread once the calls already submitted are done."""
        self._closing = True
        self._calls.put(None)

    def _run(self) -> None:
        while call := self._calls.get():
            self.busy_since = time.monotonic()
            call()
            self.busy_since = None
