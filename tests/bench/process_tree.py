"""The descendants of this process: their costs, and how to end them. Linux only.

The harness makes itself the parent of orphans, so that daemons such as a tmux server are counted and ended too.
Only processes that were started here are ever signalled, each by its number, and only while the number still
belongs to the process it was first seen with.
"""

import ctypes
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tests.processes import processor_seconds, wake_ups

_TICK = os.sysconf("SC_CLK_TCK")
_BECOME_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER in <linux/prctl.h>


class _Stat(NamedTuple):
    """A process in /proc, with times in ticks."""

    parent: int
    started: int
    of_children: int
    dead: bool


class ProcessTree:
    """All descendants of this process."""

    def __init__(self) -> None:
        """Become the parent of orphaned descendants."""
        self._seen: dict[int, int] = {}
        self._left_out: set[int] = set()
        self._reaped = 0.0
        ctypes.CDLL(None, use_errno=True).prctl(_BECOME_SUBREAPER, 1, 0, 0, 0)

    def leave_out(self, pid: int) -> None:
        """Neither count nor end a process of the bench itself, such as a server."""
        self._left_out.add(pid)

    def cpu(self) -> float:
        """The CPU seconds they have used so far, including those that have ended."""
        self._reap()
        return self._reaped + sum(
            processor_seconds(pid) + stat.of_children / _TICK for pid, stat in self._scan().items()
        )

    def memory_mib(self) -> float:
        """Their memory together, with shared pages split among the processes that share them (PSS)."""
        return sum(map(_pss_kib, self._scan())) / 1024

    def wake_ups(self) -> int:
        """How often their threads have woken up so far."""
        return sum(map(wake_ups, self._scan()))

    def end(self, serve: Callable[[float], object], patience: float = 2.0) -> None:
        """Ask them to end, then make them. Meanwhile `serve` reads their output, or they might hang while writing."""
        for number, wait in ((signal.SIGHUP, 0.3), (signal.SIGTERM, patience), (signal.SIGKILL, patience)):
            if not self._signal(number):
                break
            give_up = time.monotonic() + wait
            while time.monotonic() < give_up and self._living():
                serve(0.02)
                self._reap()
        self._reap()

    def _living(self) -> list[int]:
        return [pid for pid, stat in self._scan().items() if not stat.dead]

    def _signal(self, number: signal.Signals) -> list[int]:
        """Signal all that are alive; returns those."""
        living = self._scan()
        for pid, stat in living.items():
            if not stat.dead and self._seen.get(pid) == stat.started:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
        return [pid for pid, stat in living.items() if not stat.dead]

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while True:
                pid, _, usage = os.wait4(-1, os.WNOHANG)
                if pid == 0:
                    return
                if pid not in self._left_out:
                    self._reaped += usage.ru_utime + usage.ru_stime

    def _scan(self) -> dict[int, _Stat]:
        stats: dict[int, _Stat] = {}
        children: dict[int, list[int]] = {}
        for path in Path("/proc").iterdir():
            if path.name.isdigit() and (stat := _stat(int(path.name))):
                stats[int(path.name)] = stat
                children.setdefault(stat.parent, []).append(int(path.name))
        found: dict[int, _Stat] = {}
        waiting = [pid for pid in children.get(os.getpid(), ()) if pid not in self._left_out]
        while waiting:
            pid = waiting.pop()
            found[pid] = stats[pid]
            waiting.extend(children.get(pid, ()))
        self._seen.update({pid: stat.started for pid, stat in found.items()})
        return found


def _stat(pid: int) -> _Stat | None:
    try:
        raw = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    fields = raw[raw.rindex(b")") + 2 :].split()  # the name before it may hold blanks and brackets
    number = [int(field) for field in fields[1:22]]
    return _Stat(number[0], number[18], number[12] + number[13], fields[0] == b"Z")


def _pss_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0
