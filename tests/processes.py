"""Python processes that tests start, their usual database, and facts about processes from outside."""

import re
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import app
from app.settings.paths import data_path

ROOT = Path(app.__file__).parent.parent


def database() -> Path:
    """The usual database of dwtop, in the home folder of the test."""
    return data_path() / "dwtop.db"


def database_contains(text: bytes) -> bool:
    """Whether a text is in the usual database, or in its log."""
    return any(text in path.read_bytes() for path in data_path().glob("dwtop.db*"))


def python_command(code: str, *arguments: object) -> str:
    """The command line of a script, as in a setting."""
    return shlex.join([sys.executable, "-I", "-S", "-c", code, *map(str, arguments)])


def run_program(*command: object, **options: Any) -> "subprocess.CompletedProcess[str]":
    """Run a program and wait until it ends; its outputs are texts."""
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False, **options)


def run_python(code: str, *arguments: object, env: Mapping[str, str] | None = None) -> str:
    """Run code in a fresh interpreter, which must succeed and print no errors; returns what it prints."""
    done = run_program(sys.executable, "-c", code, *arguments, cwd=ROOT, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def run_together(code: str, *arguments: Sequence[object]) -> None:
    """Run code in a fresh interpreter for each list of arguments, all at once; they must succeed and print no errors."""
    command = (sys.executable, "-c", f"import sys; sys.stdin.read(1)\n{code}")
    with ExitStack() as stack:
        started = []
        for given in arguments:
            process = subprocess.Popen(
                [*command, *map(str, given)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            started.append(stack.enter_context(process))
            stack.callback(process.kill)
        for process in started:  # all have been started
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        for process in started:
            assert (process.communicate(timeout=60)[1], process.returncode) == ("", 0)


def state_of(pid: int) -> str:
    """The state of a process as in ps: R, S, T (stopped), Z; empty once it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def has_ended(pid: int) -> bool:
    """Whether a process has ended, even if its parent has not collected it yet."""
    return state_of(pid) in ("", "Z")


def child_of(pid: int) -> int:
    """The process ID of the only child of a process."""
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)


def processor_seconds(pid: int) -> float:
    """The processor time of a process, without that of its children; 0 if it has ended."""
    try:
        return time.clock_gettime((~pid << 3) | 2)  # as clock_getcpuclockid(3) names the clock of a process
    except OSError:
        return 0.0


def threads_of(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def wake_ups(pid: int) -> int:
    """How often the threads of a process have woken up so far."""
    total = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/status"):
        with suppress(OSError):  # it has ended meanwhile
            total += int(
                re.findall(r"^voluntary_ctxt_switches:\s+(\d+)", thread.read_text(), re.MULTILINE)[0]
            )
    return total
