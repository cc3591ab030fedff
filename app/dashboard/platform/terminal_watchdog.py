"""Ends the program on a signal or when its terminal is gone, and forces the exit if it takes too long.

Textual 8.2.8 handles only SIGTSTP and SIGCONT, reads end-of-file in a loop once its terminal is gone, and
waits for its event loop, which may hang. So threads watch the terminal and handle the signals.
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

from app.dashboard.platform.terminal_writer import open_nonblocking
from app.notify import escape_sequences

_TERMINAL_CHECK_SECONDS = 5.0
"""The interval between checks of the terminal, on systems whose `poll` does not report that it is gone."""

_EXIT_GRACE_SECONDS = 1.2
"""How long the program may take to exit, for example while a name server or a command hangs."""

_SAVE_TIMEOUT_SECONDS = 0.6
"""How long saving may take in a forced exit."""

_SIGNAL_DELIVERY_SECONDS = 0.3
"""How long a signal that was sent before a SIGCONT may take until its handler has run."""

_RESET_TERMINAL = (
    "\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2048l\x1b[<u"
    f"{escape_sequences.CLEAR_SCREEN}\x1b[?1049l\x1b[?25h\x1b[?1004l{escape_sequences.RESTORE_TITLE}"
).encode()
"""Resets every terminal mode that the program sets: bracketed paste, mouse, keys, screen, cursor, focus, title."""

_EXIT_CODES: dict[int, int] = {
    number: 0 if number == signal.SIGINT else 128 + number
    for number in signal.valid_signals()
    if number >= getattr(signal, "SIGRTMIN", signal.NSIG)
    or signal.Signals(number).name
    in (
        *("SIGINT", "SIGHUP", "SIGTERM", "SIGQUIT", "SIGABRT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM"),
        *("SIGPROF", "SIGIO", "SIGPOLL", "SIGXCPU", "SIGTRAP", "SIGSYS", "SIGPWR", "SIGSTKFLT", "SIGEMT"),
    )
}
"""The exit codes for signals whose default action ends a program and leaves the terminal as it is. Memory faults
(SIGSEGV, SIGBUS, SIGFPE, SIGILL) cannot be handled in Python: the faulty instruction would run again forever."""


def in_foreground(terminal: int) -> bool:
    """Whether the program may use its terminal. While it is in the background, the shell or another job does."""
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:  # it is not our controlling terminal, or it is gone
        return True


class TerminalWatchdog:
    """Watches the terminal, and handles the signals that end or suspend the program.

    Attributes:
        exit_code: Set once the exit has begun.
    """

    def __init__(
        self, leave: Callable[[int], None], save: Callable[[], None], suspend: Callable[[bool], None]
    ) -> None:
        """Nothing is watched or handled before `install`.

        Args:
            leave: Asks the application to exit normally, with an exit code.
            save: Saves what must not be lost. Called from another thread; must be quick, and safe to call twice.
            suspend: Called with True to give the terminal back to the shell and stop, and with False after another
                process stopped and continued this one.
        """
        self._leave = leave
        self._save = save
        self._suspend = suspend
        self._terminal = sys.__stdin__.fileno() if sys.__stdin__ else -1
        self._loop: asyncio.AbstractEventLoop | None = None
        self.exit_code: int | None = None
        self._initial_mode: list[int | list[bytes | int]] = []

    def install(self) -> None:
        """Handle the signals that end the program, and watch the terminal. Needs a running event loop."""
        self._loop = asyncio.get_running_loop()
        with contextlib.suppress(termios.error):
            self._initial_mode = termios.tcgetattr(self._terminal)
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in _EXIT_CODES:
            signal.signal(number, _handled_in_thread)
        threading.Thread(
            target=self._handle_signals, args=(reader,), name="dwtop-signals", daemon=True
        ).start()
        threading.Thread(target=self._watch_terminal, name="dwtop-terminal", daemon=True).start()

    def install_suspend(self) -> None:
        """Handle the signals that stop and continue the program, after Textual has installed its own handlers."""
        for number in (signal.SIGTSTP, signal.SIGCONT):
            signal.signal(number, _handled_in_thread)

    def force_exit_after_grace(self, code: int) -> None:
        """Note that the exit has begun, and force it unless the program ends within the grace period."""
        if self.exit_code is None:
            self.exit_code = code
            timer = threading.Timer(_EXIT_GRACE_SECONDS, self._force_exit, (code,))
            timer.daemon = True
            timer.start()

    def wait_for_foreground(self, *, stop: bool) -> None:
        """After the terminal has been restored, wait until the program is in the foreground; exit if a signal asks for it.

        With `stop`, the program stops first, even in the foreground.
        """
        on_continue = signal.signal(signal.SIGCONT, signal.SIG_DFL)
        while stop or not in_foreground(self._terminal):
            if not stop:
                # Continued by `bg`, or by `kill %1`, for which a shell sends SIGTERM and SIGCONT. The system may deliver
                # SIGTERM to another thread; if this one stopped the program again at once, its handler would not run.
                time.sleep(_SIGNAL_DELIVERY_SECONDS)
                self._exit_if_requested()
            os.kill(os.getpid(), signal.SIGSTOP)
            stop = False
        self._exit_if_requested()
        signal.signal(signal.SIGCONT, on_continue)

    def _exit_if_requested(self) -> None:
        if self.exit_code is not None:
            self._force_exit(self.exit_code)

    def _handle_signals(self, wakeup: int) -> None:
        """Handle the signals that the wakeup pipe reports, even while the main thread hangs."""
        while numbers := os.read(wakeup, 64):
            for number in numbers:
                if signal.getsignal(number) is not _handled_in_thread:
                    continue
                if number in (signal.SIGTSTP, signal.SIGCONT):
                    self._call_in_loop(self._suspend, number == signal.SIGTSTP)
                elif number == signal.SIGHUP and self._is_gone(0):
                    self._force_exit(_EXIT_CODES[number])
                else:
                    self.force_exit_after_grace(_EXIT_CODES[number])
                    self._call_in_loop(self._leave, _EXIT_CODES[number])

    def _call_in_loop(self, call: Callable[..., None], *arguments: object) -> None:
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(call, *arguments)

    # The terminal

    def _watch_terminal(self) -> None:
        """Exit once the terminal is gone. There is nothing to restore."""
        while not self._is_gone(_TERMINAL_CHECK_SECONDS):
            pass
        self._force_exit(128 + signal.SIGHUP)

    def _is_gone(self, timeout_seconds: float) -> bool:
        """Whether the terminal goes away within `timeout_seconds`."""
        poll = select.poll()
        poll.register(self._terminal, 0)
        events = [event for _, event in poll.poll(1000 * timeout_seconds)]
        if any(event & (select.POLLHUP | select.POLLERR) for event in events):
            return True
        if events:  # some systems cannot poll terminals, and return at once
            time.sleep(timeout_seconds)
        try:
            termios.tcgetattr(self._terminal)
        except termios.error:
            return True
        return False

    def _force_exit(self, code: int) -> None:
        saving = threading.Thread(target=self._save_and_reset, daemon=True)
        saving.start()
        saving.join(_SAVE_TIMEOUT_SECONDS)
        os._exit(code)

    def _save_and_reset(self) -> None:
        self._save()
        # The event loop may hang and not reset the terminal. If the terminal is gone, this fails, which does not matter.
        with contextlib.suppress(OSError, termios.error):
            mode = termios.tcgetattr(self._terminal)
            if self._initial_mode and mode != self._initial_mode and in_foreground(self._terminal):
                # Discard replies that nothing will read, and output that a stuck terminal has no room for.
                termios.tcflush(self._terminal, termios.TCIOFLUSH)
                termios.tcsetattr(self._terminal, termios.TCSANOW, self._initial_mode)
                os.write(open_nonblocking(self._terminal), _RESET_TERMINAL)


def _handled_in_thread(number: int, frame: object) -> None:
    """Do nothing; only signals with a Python handler are reported on the wakeup pipe."""
