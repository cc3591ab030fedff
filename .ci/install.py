"""Make `.venv` hold this project and what it needs: `python .ci/install.py [dev]`.

Does nothing, and needs no network, where that is so already. Everything is judged by content, never by file
times, so that a fresh clone, a `git pull` and a moved folder all come out right. Only what is sure to be
whole is kept: after an interrupted installation the environment is made anew.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
VENV = PROJECT / ".venv"
STAMP = VENV / "dwtop.json"
PYTHON = VENV / "bin" / "python"


def main(extra: str) -> int:
    """Install the project, with an extra or without (the empty text)."""
    os.chdir(PROJECT)
    wanted = {"python": list(sys.version_info[:2]), "from": _fingerprint(), "extra": extra}
    with (PROJECT / ".ci" / "install.py").open() as lock:
        # Two terminals may ask at the same time; the second waits, and then finds nothing left to do.
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = _found()
        kept = found if found and found["python"] == wanted["python"] else None
        if kept and kept["from"] == wanted["from"] and kept["extra"] in (extra, "dev"):
            return 0
        tools = " and the tools its tests need" if extra else ""
        _say(f"installing dwtop{tools} into .venv, this once; it may take a minute")
        if not kept:
            _make_anew()
        STAMP.unlink(missing_ok=True)  # from here until the end it is not sure to be whole
        _install(extra)
        _link_in_ascii()
        STAMP.write_text(json.dumps(wanted), encoding="utf-8")
    return 0


def _fingerprint() -> str:
    """What the installation depends on: what is pinned, what the project says of itself, and where it is.

    The settings of the checks stand in the same file and do not count: to change one needs no installation.
    """
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    facts = [project["build-system"], project["project"], project["tool"]["hatch"]]
    pins = (PROJECT / "constraints.txt").read_bytes()
    return hashlib.sha256(os.fsencode(PROJECT) + json.dumps(facts).encode() + pins).hexdigest()


def _found() -> dict[str, Any] | None:
    """What the last whole installation left; None if there was none, or its Python is gone."""
    try:
        stamp: dict[str, Any] = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return stamp if PYTHON.exists() and {"python", "from", "extra"} <= stamp.keys() else None


def _make_anew() -> None:
    if VENV.is_symlink():
        VENV.unlink()
    elif VENV.exists():
        shutil.rmtree(VENV)
    # Not the interpreter of the environment that is being replaced, should that be the one we run in.
    base = getattr(sys, "_base_executable", None) or sys.executable
    _run(
        [base, "-m", "venv", str(VENV)],
        "making .venv failed; with what Python says above put right, run make again",
    )


def _install(extra: str) -> None:
    # A name without its folder: pip splits this variable at blanks, and the folder's name may hold some.
    limits = {"PIP_CONSTRAINT": "constraints.txt", "PIP_BUILD_CONSTRAINT": "constraints.txt"}
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    what = ["--constraint", "constraints.txt", "--editable", f".[{extra}]" if extra else "."]
    _run(
        [*pip, *what],
        "installing failed; see what pip says above (is the network there?) and run make again",
        limits,
    )


def _link_in_ascii() -> None:
    """Have .venv find the project by a relative path.

    An editable installation is a file with the project's path in it, which Python reads in the encoding of the
    locale; where that cannot hold the folder's name, no Python in .venv would start. The way up has no such name.
    """
    for link in VENV.glob("lib/python*/site-packages/*.pth"):
        if set(link.read_text(encoding="utf-8").splitlines()) == {str(PROJECT)}:
            link.write_text(os.path.relpath(PROJECT, link.parent) + "\n", encoding="utf-8")


def _run(command: list[str], failure: str, settings: dict[str, str] | None = None) -> None:
    # These would lead an installation out of .venv, or another Python's modules into it.
    astray = (
        "PIP_USER",
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_ROOT",
        "PYTHONPATH",
        "PYTHONHOME",
        "__PYVENV_LAUNCHER__",
    )
    environ = {name: value for name, value in os.environ.items() if name not in astray} | (settings or {})
    if subprocess.run(command, env=environ, check=False).returncode:
        _say(failure)
        raise SystemExit(1)


def _say(text: str) -> None:
    print(f"make: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:2] or [""]))
    except KeyboardInterrupt:
        _say("interrupted; the next make starts the installation over")
        sys.exit(130)
