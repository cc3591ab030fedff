"""An event loop in which waiting takes no time: hours of polling pass in milliseconds.

Whenever every task waits and nothing is ready, the clock jumps to the next timer. `asyncio.sleep`, `timeout` and
`loop.time` all use it. Work in threads takes no virtual time, so nothing under test may wait for a thread with a
timeout.
"""

import asyncio
import functools
import inspect
import selectors
import sqlite3
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, wait
from typing import Any, ParamSpec, TypeVar

import pytest

from app.store.store import Reader
from app.store.writer import Writer

P = ParamSpec("P")
T = TypeVar("T")

EPOCH = 1_700_000_000.0
"""The wall clock at the start, in seconds since the epoch."""

_STUCK_SECONDS = 10.0  # how long to wait for a thread, in real time, when there is no timer to jump to


class _JumpingSelector(selectors.DefaultSelector):
    """Never blocks while there is a timer to jump to."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is not None:
            self.now += timeout
            return ready
        ready = super().select(_STUCK_SECONDS)
        if not ready:
            raise RuntimeError("every task waits for something that never happens")
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop, and a wall clock that follows it."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        self.set_back = 0.0
        super().__init__(self._jumping)

    def time(self) -> float:
        """The monotonic clock, in seconds."""
        return self._jumping.now

    def jump(self, seconds: float) -> None:
        """Move the clock of the loop ahead, as when the machine slept."""
        self._jumping.now += seconds

    def wall(self) -> float:
        """The wall clock, in seconds since the epoch; `set_back` moves it."""
        return EPOCH + self.time() - 1000.0 - self.set_back


def run(main: Callable[[VirtualLoop], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine function in virtual time. It gets the loop."""
    loop = VirtualLoop()
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner(loop_factory=lambda: loop) as runner:
        patch.setattr(Reader, "submit", _read_now)
        patch.setattr(Writer, "submit", _write_now)
        return runner.run(main(loop))


def in_virtual_time(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test in virtual time. The loop is its first argument, before fixtures and examples."""

    @functools.wraps(test)
    def run_test(*args: Any, **fixtures: Any) -> None:
        run(lambda loop: test(loop, *args, **fixtures))

    signature = inspect.signature(test)
    _, *parameters = signature.parameters.values()
    run_test.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]  # for pytest
    return run_test


def _read_now(reader: Reader, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    """Read in the caller's thread, since the clock would jump ahead meanwhile."""
    future: Future[T] = Future()
    try:
        future.set_result(read(*args, **kwargs))
    except Exception as error:
        future.set_exception(error)
    return future


_submit_write = Writer.submit


def _write_now(
    writer: Writer, write: Callable[[sqlite3.Connection], T], *, at_once: bool = True
) -> Future[T]:
    """Wait until a change is committed, for the same reason."""
    future = _submit_write(writer, write)
    wait([future], 10)
    return future
