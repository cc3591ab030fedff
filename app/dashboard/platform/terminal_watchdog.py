"""Makes sure that the program ends when it should: when told to, when its terminal is gone, and in good time.

The toolkit does not: it reads end-of-file for ever, and its event loop stands still once what it writes goes
nowhere. So the terminal is watched from a thread of its own, and signals are taken where no loop is needed.
"""

import asyncio
import contextlib
import os
import select
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable

from app.notify import escape_sequences

_LOOK_EVERY = 5.0
"""Seconds between two looks at the terminal where the system does not tell by itself that it is gone."""

_PATIENCE = 1.2
"""Seconds after the wish to end until what still hangs (a name server, a command) is left behind."""

_LAST_WORDS = 0.6
"""Seconds that the last words may take when the end is forced."""

_IN_ORDER = (
    "\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2048l\x1b[<u"
    f"{escape_sequences.CLEAR_SCREEN}\x1b[?1049l\x1b[?25h\x1b[?1004l{escape_sequences.RESTORE_TITLE}"
).encode()
"""Undoes all that is ever done to a terminal: pastes in brackets, mouse, keys, screen, cursor, focus, title."""

_FATAL_SIGNALS: frozenset[int] = frozenset(
    number
    for number in signal.valid_signals()
    if number >= getattr(signal, "SIGRTMIN", signal.NSIG)
    or signal.Signals(number).name
    in (
        *("SIGTERM", "SIGQUIT", "SIGABRT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF"),
        *("SIGIO", "SIGPOLL", "SIGXCPU", "SIGTRAP", "SIGSYS", "SIGPWR", "SIGSTKFLT", "SIGEMT"),
    )
)
"""What ends a program unless it is handled, and leaves the terminal as it is. Memory faults (SIGSEGV, SIGBUS, SIGFPE,
SIGILL) cannot be handled in Python: the faulty instruction would be run again for ever."""

_GONE = select.POLLHUP | select.POLLERR


class TerminalWatchdog:
    """Watches the terminal, and the signals that ask for an end or a rest."""

    def __init__(
        self, leave: Callable[[int], None], last_words: Callable[[], None], rest: Callable[[bool], None]
    ) -> None:
        """Nothing is watched before `install`.

        Args:
            leave: Asks the application to end in good order, with an exit code.
            last_words: Saves what has to be saved; takes little time, does no harm a second time, and is
                called from another thread.
            rest: Called with True to give the terminal back to the shell and stop, and with False when
                somebody else stopped the process and has set it going again.
        """
        self._leave = leave
        self._last_words = last_words
        self._rest = rest
        self._terminal = sys.__stdin__.fileno() if sys.__stdin__ else -1
        self._loop: asyncio.AbstractEventLoop | None = None
        self._exit_code: int | None = None  # once the end has begun
        self._found: list[int | list[bytes | int]] = []

    def install(self) -> None:
        """Take over the signals that end us, and watch the terminal. For the event loop in the main thread."""
        self._loop = asyncio.get_running_loop()
        with contextlib.suppress(termios.error):
            self._found = termios.tcgetattr(self._terminal)
        if threading.current_thread() is threading.main_thread():
            for fatal in _FATAL_SIGNALS:
                signal.signal(fatal, lambda number, frame: self._end(128 + number))
            signal.signal(signal.SIGINT, lambda number, frame: self._end(0))
            signal.signal(signal.SIGHUP, lambda number, frame: self._hung_up())
            heard, told = os.pipe()
            os.set_blocking(told, False)
            signal.set_wakeup_fd(told, warn_on_full_buffer=False)
            threading.Thread(target=self._listen, args=(heard,), name="dwtop-signals", daemon=True).start()
        threading.Thread(target=self._watch, name="dwtop-watchdog", daemon=True).start()

    def install_suspend(self) -> None:
        """Take over the signals that stop us and set us going as well, once the toolkit has taken them for itself."""
        if self._loop is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTSTP, lambda number, frame: self._soon(self._rest, True))
            signal.signal(signal.SIGCONT, lambda number, frame: self._soon(self._rest, False))

    def force_exit_after(self, code: int) -> None:
        """The end has begun: see to it that it comes.

        Args:
            code: The exit code if it has to be forced.
        """
        if self._exit_code is None:
            self._exit_code = code
            timer = threading.Timer(_PATIENCE, self._force, (code,))
            timer.daemon = True
            timer.start()

    def end_if_asked(self) -> None:
        """End at once if the end has begun. For when the terminal is in order, and may be the shell's by now."""
        if self._exit_code is not None:
            self._force(self._exit_code)

    # Signals: the handlers run between any two steps of the main thread, so they take no lock and write nothing

    def _end(self, code: int) -> None:
        self.force_exit_after(code)
        self._soon(self._leave, code)

    def _hung_up(self) -> None:
        if self._gone(0):
            threading.Thread(target=self._force, args=(128 + signal.SIGHUP,), daemon=True).start()
        else:
            self._end(128 + signal.SIGHUP)

    def _soon(self, call: Callable[..., None], *arguments: object) -> None:
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(call, *arguments)

    def _listen(self, heard: int) -> None:
        """See to the end also where the main thread hangs and runs no handler: the system itself tells of signals."""
        codes: dict[int, int] = {signal.SIGINT: 0, **{number: 128 + number for number in _FATAL_SIGNALS}}
        while numbers := os.read(heard, 64):
            for number in numbers:
                if number in codes:
                    self.force_exit_after(codes[number])

    # The terminal

    def _watch(self) -> None:
        """End when the terminal is gone: then nobody is there to see anything put in order."""
        while not self._gone(_LOOK_EVERY):
            pass
        self._force(128 + signal.SIGHUP)

    def _gone(self, patience: float) -> bool:
        """Whether the terminal is gone, waiting for that for so many seconds."""
        poll = select.poll()
        poll.register(self._terminal, 0)
        events = [event for _, event in poll.poll(1000 * patience)]
        if any(event & _GONE for event in events):
            return True
        if events:  # some systems cannot poll terminals, and say so at once
            time.sleep(patience)
        try:
            termios.tcgetattr(self._terminal)
        except termios.error:
            return True
        return False

    def _force(self, code: int) -> None:
        saving = threading.Thread(target=self._save, daemon=True)
        saving.start()
        saving.join(_LAST_WORDS)
        os._exit(code)

    def _save(self) -> None:
        self._last_words()
        # If the loop stands still, nobody but us puts the terminal in order. Where it is gone, this fails, and may.
        with contextlib.suppress(OSError, termios.error):
            if self._found and termios.tcgetattr(self._terminal) != self._found:
                # Answers that nobody will read, and output that a stuck terminal has no room behind.
                termios.tcflush(self._terminal, termios.TCIOFLUSH)
                termios.tcsetattr(self._terminal, termios.TCSANOW, self._found)
                door = os.open(os.ttyname(self._terminal), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
                os.write(door, _IN_ORDER)
