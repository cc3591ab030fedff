"""Writes to the terminal. A thread writes what the terminal does not accept at once, so a slow one blocks nothing else."""

import os
import select
import termios
import threading
import time
from collections.abc import Callable
from contextlib import suppress

FLUSH_SECONDS = 0.5
"""How long to wait on exit for the terminal to read the rest of the output."""

_CHUNK_BYTES = 4096


class TerminalWriter(threading.Thread):
    """A queue of output for a terminal, and the thread that writes it; it calls `on_empty` when the queue is empty."""

    def __init__(self, fileno: int, on_empty: Callable[[], None]) -> None:
        super().__init__(name="dwtop-output", daemon=True)
        self._fileno = open_nonblocking(fileno)
        self._on_empty = on_empty
        self._queue = bytearray()
        self._behind_since = 0.0
        self._may_block = os.get_blocking(self._fileno)
        self._changed = threading.Condition()
        self._stopping = False

    @property
    def lag_seconds(self) -> float:
        """Seconds since the queue was last empty; 0 if it is empty."""
        return time.monotonic() - self._behind_since if self._queue else 0.0

    def write(self, data: bytes) -> None:
        """Write as much as the terminal accepts, and queue the rest. Never waits for the terminal.

        Nearly always the terminal accepts everything, and the thread, which is slower, has nothing to do.
        """
        with self._changed:
            was_empty = not self._queue
            self._queue += data
            if was_empty:
                self._behind_since = time.monotonic()
                if not self._may_block:
                    self._write(len(data))
            if self._queue:
                self._changed.notify()

    def stop(self, restore: bytes) -> None:
        """Wait for the queue to empty, for up to `FLUSH_SECONDS`; if it does not, write `restore` instead of the rest.

        The system's output buffer is then discarded, to make room.
        """
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self.join(FLUSH_SECONDS)
        with self._changed, suppress(OSError, termios.error):
            if self._queue:
                self._queue.clear()
                termios.tcflush(self._fileno, termios.TCOFLUSH)
                os.write(self._fileno, restore)

    def run(self) -> None:
        """Write until stopped."""
        room = select.poll()
        room.register(self._fileno, select.POLLOUT)
        try:
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._queue or self._stopping)
                    if not self._queue:
                        break
                room.poll()
                with self._changed:
                    self._write(_CHUNK_BYTES)
                    empty = not self._queue
                if empty:
                    self._on_empty()
        finally:
            os.close(self._fileno)

    def _write(self, max_bytes: int) -> None:
        """Write the beginning of the queue."""
        try:
            written = os.write(self._fileno, self._queue[:max_bytes])
        except BlockingIOError:
            written = 0
        except OSError:  # the terminal is gone
            written = len(self._queue)
        del self._queue[:written]


def open_nonblocking(terminal: int) -> int:
    """A new descriptor of the terminal, in non-blocking mode; setting that on the old one would affect other programs."""
    mode = os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK
    with suppress(OSError):
        return os.open(os.ttyname(terminal), mode)
    with suppress(OSError):  # it has no name, as in some containers
        os.tcgetpgrp(terminal)  # fails if it is not the controlling terminal
        return os.open("/dev/tty", mode)
    return os.dup(terminal)  # writing may then block
