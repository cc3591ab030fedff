"""Makes sure that the program ends when it should: when told to, when its terminal is gone, and in good time."""

import asyncio
import contextlib
import os
import select
import signal
import sys
import threading
from collections.abc import Callable

LOOK_EVERY = 2.0
"""Seconds between two looks at whether the terminal is still there."""

_PATIENCE = 1.7
"""Seconds after the wish to end by which the process does, whatever still hangs (a name server, a command)."""

_GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL


class Lifeline:
    """Watches the terminal and the signals that ask for an end. Used in the event loop's thread."""

    def __init__(self, leave: Callable[[int], None], last_words: Callable[[], None]) -> None:
        """Nothing is watched before `hold`.

        Args:
            leave: Asks the application to end in good order, with an exit code.
            last_words: Saves what has to be saved; takes little time, and does no harm a second time.
        """
        self._leave = leave
        self._last_words = last_words
        self._terminal = sys.__stdin__.fileno() if sys.__stdin__ else -1

    def hold(self) -> None:
        """Take over SIGTERM and SIGHUP."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(NotImplementedError, ValueError):
            loop.add_signal_handler(signal.SIGTERM, self._leave, 128 + signal.SIGTERM)
            loop.add_signal_handler(signal.SIGHUP, self._end_at_once)

    def look(self) -> None:
        """End if the terminal is gone: then nobody is there to see anything put in order.

        Without this a process that ignores SIGHUP, or never got it, would read end-of-file for ever.
        """
        poll = select.poll()
        poll.register(self._terminal, 0)
        if any(event & _GONE for _, event in poll.poll(0)):
            self._end_at_once()

    def let_go(self, code: int) -> None:
        """The end has begun: see to it that it comes.

        Args:
            code: The exit code if it has to be forced.
        """
        timer = threading.Timer(_PATIENCE, self._force, (code,))
        timer.daemon = True
        timer.start()

    def _end_at_once(self) -> None:
        self._force(128 + signal.SIGHUP)

    def _force(self, code: int) -> None:
        self._last_words()
        os._exit(code)
