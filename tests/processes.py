"""Python processes that tests start, and whether a process has ended."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import app

ROOT = Path(app.__file__).parent.parent


def run_python(code: str, *arguments: object, env: Mapping[str, str] | None = None) -> str:
    """Run code in a fresh interpreter, which must succeed and print no errors; returns what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
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


def has_ended(pid: int) -> bool:
    """Whether a process has ended, even if its parent has not collected it yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
