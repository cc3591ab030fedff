"""Programs to measure: start one, leave it idle, press keys."""

import os
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.bench.process_tree import ProcessTree
from tests.bench.timed_pane import TimedPane
from tests.processes import processor_seconds
from tests.terminal.keyboard import encoded

PROJECT = Path(__file__).parents[2]

_READY_WITHIN_SECONDS = 40.0
_SILENCE_SECONDS = 0.04  # without output, after which a key counts as answered
_KEY_LOST_SECONDS = 2.0
_MAX_KEYS_LOST = 5  # after that no more are sent


class NotMeasured(Exception):
    """A program did not do what it should; the message says what, and shows its last screen."""


@dataclass(frozen=True)
class Program:
    name: str
    command: Sequence[str]
    ready: Sequence[str]  # texts that are all on its screen once it is ready
    env: Mapping[str, str] = field(default_factory=dict)


class Start(NamedTuple):
    """From the start of the process to its first whole frame: milliseconds, and CPU milliseconds."""

    ms: float
    cpu_ms: float


class Rest(NamedTuple):
    """The costs of a program without input."""

    cpu_s_per_min: float
    bytes_per_min: float
    wake_ups_per_s: float
    memory_mib: float


class Keys(NamedTuple):
    """Milliseconds from each key to the first and the last byte of the answer, and how many keys got none."""

    first: list[float]
    last: list[float]
    cpu: list[float]  # until the first byte
    lost: int


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share of the values lies, such as 0.99."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class Running:
    """A program that has shown its first frame."""

    terminal: TimedPane
    tree: ProcessTree
    start: Start

    def rest(self, seconds: float, warm_up: float = 2.0) -> Rest:
        """Measure it without input for a number of seconds, after some more in which it settles."""
        self.wait(warm_up)
        self.terminal.keep = False
        cpu, wake_ups, written = self.tree.cpu(), self.tree.wake_ups(), self.terminal.written
        began = time.perf_counter()
        self.wait(seconds)
        passed = time.perf_counter() - began
        return Rest(
            (self.tree.cpu() - cpu) / passed * 60,
            (self.terminal.written - written) / passed * 60,
            max(0, self.tree.wake_ups() - wake_ups) / passed,
            self.tree.memory_mib(),
        )

    def press(self, keys: Sequence[str], times: int) -> Keys:
        """Press some keys a number of times, each after the answer to the one before."""
        self.terminal.keep = False
        first, last, cpu, lost = [], [], [], 0
        for name in [*keys] * times:
            if lost == _MAX_KEYS_LOST:
                break
            self.terminal.quiet(_SILENCE_SECONDS, 10 * _SILENCE_SECONDS)
            sent, used = time.perf_counter(), processor_seconds(self.terminal.pid)
            self.terminal.type(encoded(name, application_cursor=1 in self.terminal.modes))
            while not self.terminal.serve(0.05):
                if time.perf_counter() - sent > _KEY_LOST_SECONDS or self.terminal.ended:
                    lost += 1
                    break
            else:
                first.append((self.terminal.burst_at - sent) * 1000)
                cpu.append((self.terminal.burst_cpu - used) * 1000)
                self.terminal.quiet(_SILENCE_SECONDS, 10 * _SILENCE_SECONDS)
                last.append((self.terminal.last_at - sent) * 1000)
        return Keys(first, last, cpu, lost)

    def wait(self, seconds: float) -> None:
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            self.terminal.serve(min(left, 0.5))
            if self.terminal.ended:
                raise NotMeasured(f"it ended early; its last screen:\n{self.terminal.text}")


class Bench:
    """Runs programs one after another on a core of their own, if there are two. They get an empty home folder."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.tree = ProcessTree()
        cores = sorted(os.sched_getaffinity(0))
        self.core = cores[-1] if len(cores) > 1 else None
        if self.core is not None:
            # Measuring must not slow down what is measured.
            os.sched_setaffinity(0, set(cores) - {self.core})

    @contextmanager
    def running(self, program: Program) -> Iterator[Running]:
        """Start a program, wait for its first frame, and end it afterwards."""
        env = {
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
            "HOME": str(self._home),
            **program.env,
        }
        terminal = TimedPane(program.command, env=env, cwd=PROJECT, core=self.core)
        try:
            at, cpu = _ready_at(terminal, program.ready)
            start = Start((at - terminal.started_at) * 1000, cpu * 1000)
            yield Running(terminal, self.tree, start)
        finally:
            self.tree.end(terminal.serve)
            terminal.hang_up()

    def starts(self, programs: Sequence[Program], times: int) -> dict[str, Start]:
        """The medians of starts in turn (A B A B ...), after one of each that does not count."""
        found: dict[str, list[Start]] = {program.name: [] for program in programs}
        for number in range(times + 1):
            for program in programs:
                with self.running(program) as run:
                    if number:
                        found[program.name].append(run.start)
        return {
            name: Start(
                statistics.median(one.ms for one in all_), statistics.median(one.cpu_ms for one in all_)
            )
            for name, all_ in found.items()
        }


def _ready_at(terminal: TimedPane, wanted: Sequence[str]) -> tuple[float, float]:
    """Wait for a screen with all these texts; returns when the output that completed it came, and the CPU seconds."""
    give_up = time.perf_counter() + _READY_WITHIN_SECONDS
    while time.perf_counter() < give_up:
        terminal.serve(0.25)
        for at, cpu, text in terminal.frames():
            if all(word in text for word in wanted):
                return at, cpu
        if terminal.ended:
            raise NotMeasured(f"it ended before it was ready; its last screen:\n{terminal.text}")
    raise NotMeasured(
        f"it was not ready within {_READY_WITHIN_SECONDS:g} s; its last screen:\n{terminal.text}"
    )
