"""A pane that times every byte, and draws only on request, so that drawing does not disturb the measurement."""

import errno
import fcntl
import os
import re
import select
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.processes import processor_seconds
from tests.terminal.pane import Pane

SIZE = (120, 40)
"""Columns and lines of the terminal."""

_QUERY = re.compile(rb"\x1b(?:\[[>0-9]*[cnt]|\[\?[0-9]+\$p|\[\?1[hl]|\]1[01];\?(?:\x07|\x1b\\))")


class TimedPane(Pane):
    """A program in an environment of its own. Use `serve` and `type` in place of the methods that wait."""

    def __init__(
        self, command: Sequence[str], *, env: Mapping[str, str], cwd: Path, core: int | None = None
    ) -> None:
        """Start a program, with variables such as TERM added to its environment; `core` is the only CPU it may use."""
        self.written = 0
        self.ended = False
        self.keep = True
        self.burst_at = 0.0
        self.burst_cpu = 0.0
        self.last_at = 0.0
        self._core = core
        self._chunks: list[tuple[float, float, bytes]] = []
        self._tail = b""
        self.started_at = time.perf_counter()
        super().__init__(*command, size=SIZE, env=env, cwd=cwd)

    def _start(
        self, command: Sequence[str], other_end: int, env: Mapping[str, str], cwd: Path | None
    ) -> subprocess.Popen[bytes]:
        def prepare() -> None:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            if self._core is not None:
                os.sched_setaffinity(0, {self._core})

        # No launcher, which would be part of the measurement; the bench has no threads that it could disturb.
        return subprocess.Popen(
            command,
            stdin=other_end,
            stdout=other_end,
            stderr=other_end,
            cwd=cwd,
            env={name: value for name, value in env.items() if name != "ESCDELAY"},
            start_new_session=True,
            preexec_fn=prepare,
        )

    def serve(self, seconds: float) -> bool:
        """Read output for a number of seconds; returns whether anything came."""
        if self.ended:
            time.sleep(max(seconds, 0.0))
            return False
        came = False
        ready = select.select([self._terminal], [], [], max(seconds, 0.0))[0]
        for _ in range(64 if ready else 0):  # a flood must not keep us here
            at = time.perf_counter()
            try:
                data = os.read(self._terminal, 65536)
            except BlockingIOError:
                break
            except OSError as error:
                if error.errno != errno.EIO:  # which says that the other end is closed
                    raise
                data = b""
            if not data:
                self.ended = True
                break
            if not came:
                came, self.burst_at, self.burst_cpu = True, at, processor_seconds(self.pid)
            self.last_at = at
            self.written += len(data)
            if self.keep:
                self._chunks.append((at, processor_seconds(self.pid), data))
            self._reply(data)
        return came

    def quiet(self, silence: float, max_seconds: float) -> bool:
        """Serve until no output came for a number of seconds; returns False if that took too long."""
        give_up = time.perf_counter() + max_seconds
        while time.perf_counter() < give_up:
            if not self.serve(silence):
                return True
        return False

    def type(self, keys: bytes) -> None:
        rest = memoryview(keys)
        while rest and not self.ended:
            try:
                rest = rest[os.write(self._terminal, rest) :]
            except BlockingIOError:
                self.serve(0.005)
            except OSError:
                self.ended = True

    def frames(self) -> Iterator[tuple[float, float, str]]:
        """The screen after each piece of output: when it came, the CPU seconds used until then, and the text."""
        while self._chunks:
            at, cpu, data = self._chunks.pop(0)
            self._parse(self._incomplete + data)
            yield at, cpu, self.text
            self.serve(0)  # or the program might wait for room to write

    def _reply(self, data: bytes) -> None:
        """Answer the program's queries at once, even if one came in two pieces."""
        text, done = self._tail + data, 0
        for query in _QUERY.finditer(text):
            if query.end() <= len(self._tail):
                continue
            done = query.end()
            if query[0] in (b"\x1b[?1h", b"\x1b[?1l"):
                self.modes = self.modes | {1} if query[0].endswith(b"h") else self.modes - {1}
            elif answer := self._answer(query[0]):
                self.type(answer)
        self._tail = text[max(done, len(text) - 32) :]
