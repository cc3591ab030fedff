"""Install this project and its dependencies into `.venv`: `python .ci/install.py [dev]`.

Does nothing, and needs no network, if `.venv` is up to date. That is decided by content, never by file times, so that a
fresh clone, a `git pull` and a moved folder all work. After an interrupted installation `.venv` is created again.
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
    """Install the project with an extra; an empty text means none."""
    os.chdir(PROJECT)
    wanted = {"python": list(sys.version_info[:2]), "from": _fingerprint(), "extra": extra}
    with (PROJECT / ".ci" / "install.py").open() as lock:
        # Another terminal may be installing at the same time; wait for it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = _found()
        kept = found if found and found["python"] == wanted["python"] else None
        if kept and kept["from"] == wanted["from"] and kept["extra"] in (extra, "dev"):
            return 0
        tools = " and the development tools" if extra else ""
        _say(f"installing dwtop{tools} into .venv (once; this may take a minute)")
        if not kept:
            _create_venv()
        STAMP.unlink(missing_ok=True)  # until the installation is complete
        _install(extra)
        _use_relative_path()
        STAMP.write_text(json.dumps(wanted), encoding="utf-8")
    return 0


def _fingerprint() -> str:
    """A hash of what the installation depends on: the pins, the project's metadata, and its folder.

    Tool settings in pyproject.toml are left out, since changing them needs no installation.
    """
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    facts = [project["build-system"], project["project"], project["tool"]["hatch"]]
    pins = (PROJECT / "constraints.txt").read_bytes()
    return hashlib.sha256(os.fsencode(PROJECT) + json.dumps(facts).encode() + pins).hexdigest()


def _found() -> dict[str, Any] | None:
    """The record of the last complete installation; None if there is none, or its Python is gone."""
    try:
        stamp: dict[str, Any] = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return stamp if PYTHON.exists() and {"python", "from", "extra"} <= stamp.keys() else None


def _create_venv() -> None:
    if VENV.is_symlink():
        VENV.unlink()
    elif VENV.exists():
        shutil.rmtree(VENV)
    # Not the interpreter in the environment that is being replaced.
    base = getattr(sys, "_base_executable", None) or sys.executable
    _run(
        [base, "-m", "venv", str(VENV)],
        "creating .venv failed; fix what Python reports above, and run make again",
    )


def _install(extra: str) -> None:
    # A file name without its folder: pip splits these variables at spaces.
    limits = {"PIP_CONSTRAINT": "constraints.txt", "PIP_BUILD_CONSTRAINT": "constraints.txt"}
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    what = ["--constraint", "constraints.txt", "--editable", f".[{extra}]" if extra else "."]
    _run(
        [*pip, *what],
        "the installation failed; see what pip reports above (is there a network?), and run make again",
        limits,
    )


def _use_relative_path() -> None:
    """Have .venv find the project by a relative path.

    An editable installation writes the project's path to a file that Python reads in the encoding of the locale. If that
    cannot encode the folder's name, no Python in .venv would start.
    """
    for link in VENV.glob("lib/python*/site-packages/*.pth"):
        if set(link.read_text(encoding="utf-8").splitlines()) == {str(PROJECT)}:
            link.write_text(os.path.relpath(PROJECT, link.parent) + "\n", encoding="utf-8")


def _run(command: list[str], failure: str, settings: dict[str, str] | None = None) -> None:
    # These would install outside .venv, or import another Python's modules.
    misleading = (
        "PIP_USER",
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_ROOT",
        "PYTHONPATH",
        "PYTHONHOME",
        "__PYVENV_LAUNCHER__",
    )
    environ = {name: value for name, value in os.environ.items() if name not in misleading} | (settings or {})
    if subprocess.run(command, env=environ, check=False).returncode:
        _say(failure)
        raise SystemExit(1)


def _say(text: str) -> None:
    print(f"make: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:2] or [""]))
    except KeyboardInterrupt:
        _say("interrupted; run make again to start over")
        sys.exit(130)
