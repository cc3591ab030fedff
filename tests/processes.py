"""Python processes that tests start, and whether a process has ended."""

import subprocess
import sys
from collections.abc import Mapping
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


def has_ended(pid: int) -> bool:
    """Whether a process has ended, even if its parent has not collected it yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
