"""The descendants of this process: their costs, and how to end them. Linux only."""

import ctypes
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.processes import has_ended, processor_seconds, wake_ups

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_BECOME_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER in <linux/prctl.h>


class ProcessTree:
    """All descendants of this process, daemons such as a tmux server among them."""

    def __init__(self) -> None:
        """Become the parent of orphaned descendants."""
        self._left_out: set[int] = set()
        self._reaped = 0.0
        ctypes.CDLL(None).prctl(_BECOME_SUBREAPER, 1, 0, 0, 0)

    def leave_out(self, pid: int) -> None:
        """Neither count nor end a process of the bench itself, such as a server."""
        self._left_out.add(pid)

    def cpu(self) -> float:
        """The CPU seconds they have used so far, including those that have ended."""
        self._reap()
        return self._reaped + sum(processor_seconds(pid) + _of_ended_children(pid) for pid in self._pids())

    def memory_mib(self) -> float:
        """Their memory together, with shared pages split among the processes that share them (PSS)."""
        return sum(map(_pss_kib, self._pids())) / 1024

    def wake_ups(self) -> int:
        return sum(map(wake_ups, self._pids()))

    def end(self, serve: Callable[[float], object], patience: float = 2.0) -> None:
        """Ask them to end, then make them. Meanwhile `serve` reads their output, or they might hang while writing."""
        for number, wait in ((signal.SIGHUP, 0.3), (signal.SIGTERM, patience), (signal.SIGKILL, patience)):
            for pid in self._living():
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
            give_up = time.monotonic() + wait
            while self._living() and time.monotonic() < give_up:
                serve(0.02)
                self._reap()
        self._reap()

    def _living(self) -> list[int]:
        return [pid for pid in self._pids() if not has_ended(pid)]

    def _pids(self) -> list[int]:
        found: list[int] = []
        waiting = [os.getpid()]
        while waiting:
            for path in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
                with suppress(OSError):  # a thread may have ended meanwhile
                    children = [int(pid) for pid in path.read_text().split()]
                    waiting += [pid for pid in children if pid not in self._left_out]
                    found += [pid for pid in children if pid not in self._left_out]
        return found

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while True:
                pid, _, usage = os.wait4(-1, os.WNOHANG)
                if pid == 0:
                    return
                if pid not in self._left_out:
                    self._reaped += usage.ru_utime + usage.ru_stime


def _of_ended_children(pid: int) -> float:
    """The CPU seconds of the children that a process has had and collected."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
    except OSError:
        return 0.0
    return sum(map(int, after_name.split()[13:15])) / _TICKS_PER_SECOND


def _pss_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0
