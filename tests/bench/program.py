"""Programs to measure: start one, leave it idle, press keys."""

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.bench.process_tree import Memory, ProcessTree
from tests.bench.terminal import SIZE, Terminal
from tests.terminal.keyboard import encoded

PROJECT = Path(__file__).parents[2]

_READY_WITHIN = 40.0  # seconds
_SILENCE = 0.04  # seconds without output after which a key counts as answered
_KEY_LOST_AFTER = 2.0  # seconds
_DEAF_AFTER = 5  # keys without an answer, after which no more are sent


class NotMeasured(Exception):
    """A program did not do what it should; the message says what, and shows its last screen."""


@dataclass(frozen=True)
class Program:
    """What to run.

    Attributes:
        name: Its name in the tables.
        command: The program and its arguments.
        ready: Texts that are all on its screen once it is ready; without any, the first screen that is not blank.
        env: Environment variables beside those of the bench.
        size: Columns and lines.
    """

    name: str
    command: Sequence[str]
    ready: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    size: tuple[int, int] = SIZE


class Start(NamedTuple):
    """From the start of the process to its first whole frame: milliseconds, and CPU milliseconds."""

    ms: float
    cpu_ms: float


class Rest(NamedTuple):
    """The costs of a program without input."""

    cpu_s_per_min: float
    bytes_per_min: float
    wakeups_per_s: float
    memory: Memory


class Keys(NamedTuple):
    """Milliseconds from each key to the first and the last byte of the answer; and how many keys got none."""

    first: list[float]
    last: list[float]
    lost: int


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share of the values lies, such as 0.99."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class Running:
    """A program that has shown its first frame."""

    terminal: Terminal
    tree: ProcessTree
    start: Start

    def rest(self, seconds: float, settle: float = 2.0) -> Rest:
        """Leave it alone for a while.

        Args:
            seconds: How long it is watched.
            settle: How long it is given before that.
        """
        self.wait(settle)
        self.terminal.keep = False
        cpu, written, wakeups, began = (
            self.tree.cpu(),
            self.terminal.written,
            self.tree.wakeups(),
            time.perf_counter(),
        )
        self.wait(seconds)
        passed = time.perf_counter() - began
        return Rest(
            (self.tree.cpu() - cpu) / passed * 60,
            (self.terminal.written - written) / passed * 60,
            max(0, self.tree.wakeups() - wakeups) / passed,
            self.tree.memory(),
        )

    def press(self, keys: Sequence[str], times: int, *, pause: float = 0.0) -> Keys:
        """Press keys one by one, each after the answer to the one before.

        Args:
            keys: Names as tests type them, in turn.
            times: How often to go through them.
            pause: Seconds between an answer and the next key.
        """
        self.terminal.keep = False
        first, last, lost = [], [], 0
        for name in [*keys] * times:
            if lost == _DEAF_AFTER:
                break
            self.terminal.quiet(_SILENCE, 10 * _SILENCE)
            sent = time.perf_counter()
            self.terminal.type(encoded(name, application_cursor=self.terminal.application_keys))
            while not self.terminal.serve(0.05):
                if time.perf_counter() - sent > _KEY_LOST_AFTER or self.terminal.ended:
                    lost += 1
                    break
            else:
                first.append((self.terminal.burst_at - sent) * 1000)
                self.terminal.quiet(_SILENCE, 10 * _SILENCE)
                last.append((self.terminal.last_at - sent) * 1000)
            if pause:
                self.wait(pause)
        return Keys(first, last, lost)

    def wait(self, seconds: float) -> None:
        """Serve its terminal for a while."""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            self.terminal.serve(min(left, 0.5))
            if self.terminal.ended:
                raise NotMeasured(f"it ended early; its last screen:\n{self.terminal.text}")

    def until(self, holds: Callable[[str], bool], seconds: float = _READY_WITHIN) -> None:
        """Serve its terminal until its screen satisfies a condition."""
        self.terminal.keep = True
        _see(self.terminal, holds, seconds)


class Bench:
    """Runs programs one after another on a core of their own, if there are two."""

    def __init__(self, home: Path) -> None:
        """Nothing runs yet.

        Args:
            home: An empty folder for whatever programs want to keep.
        """
        self._home = home
        self.tree = ProcessTree()
        cores = sorted(os.sched_getaffinity(0))
        self.core = cores[-1] if len(cores) > 1 else None
        if self.core is not None:
            os.sched_setaffinity(
                0, set(cores) - {self.core}
            )  # so that measuring does not slow what is measured

    @contextmanager
    def running(self, program: Program) -> Iterator[Running]:
        """Start a program, wait for its first frame, and end it afterwards.

        Raises:
            NotMeasured: It shows no such frame.
        """
        before = self.tree.cpu()
        env = {
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
            "HOME": str(self._home),
            **program.env,
        }
        terminal = Terminal(program.command, size=program.size, env=env, cwd=PROJECT, core=self.core)
        try:
            wanted = program.ready
            at = _see(
                terminal,
                lambda text: all(word in text for word in wanted) if wanted else bool(text.strip()),
                _READY_WITHIN,
            )
            start = Start((at - terminal.started_at) * 1000, (self.tree.cpu() - before) * 1000)
            yield Running(terminal, self.tree, start)
        finally:
            self.tree.end(terminal.serve)
            terminal.close()

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


def _see(terminal: Terminal, holds: Callable[[str], bool], seconds: float) -> float:
    """Wait for a screen; returns when the output that completed it came."""
    give_up = time.perf_counter() + seconds
    while time.perf_counter() < give_up:
        terminal.serve(0.25)
        for at, text in terminal.frames():
            if holds(text):
                return at
        if terminal.ended:
            raise NotMeasured(f"it ended before it was ready; its last screen:\n{terminal.text}")
    raise NotMeasured(f"it was not ready within {seconds:g} s; its last screen:\n{terminal.text}")
