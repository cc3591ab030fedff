"""Build the wheel and the sdist into `dist`, check their metadata, install them and run them.

Run by `make release-check`. Installs with pip, and with pipx and uv if they are on the PATH.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from email import message_from_bytes
from pathlib import Path
from typing import NoReturn

from packaging.metadata import Metadata

PROJECT = Path(__file__).resolve().parent.parent
DIST = PROJECT / "dist"


def main() -> int:
    """Run all checks, and print what was checked."""
    version = _version()
    if f"## {version}" not in (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8"):
        _fail(f"CHANGELOG.md has no section {version}; write one, or change the version in app/__init__.py")
    wheel, sdist = _build(version)
    _check_metadata(wheel, version)
    _check_contents(wheel, sdist)
    with tempfile.TemporaryDirectory(prefix="dwtop-release-") as folder:
        for number, (installer, dwtop) in enumerate(_installed(wheel, sdist, Path(folder))):
            home = Path(folder) / f"home-{number}"
            home.mkdir()
            _check_program(dwtop, version, home)
            _say(f"{installer}: installed and run")
    return 0


def _version() -> str:
    found = re.search(r'^__version__ = "(.+)"$', (PROJECT / "app" / "__init__.py").read_text(), re.MULTILINE)
    if found is None:
        _fail("app/__init__.py has no line __version__ = ...")
    return found[1]


def _build(version: str) -> tuple[Path, Path]:
    """Build the sdist, and the wheel from it; returns the wheel and the sdist."""
    shutil.rmtree(DIST, ignore_errors=True)
    _run([sys.executable, "-m", "build", "--no-isolation", "--outdir", str(DIST), str(PROJECT)])
    wheel, sdist = DIST / f"dwtop-{version}-py3-none-any.whl", DIST / f"dwtop-{version}.tar.gz"
    if {wheel, sdist} != set(DIST.iterdir()):
        _fail(f"dist holds other files than {wheel.name} and {sdist.name}")
    return wheel, sdist


def _check_metadata(wheel: Path, version: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        raw = archive.read(f"dwtop-{version}.dist-info/METADATA")
    metadata = Metadata.from_email(raw, validate=True)
    if str(metadata.version) != version or metadata.description_content_type != "text/markdown":
        _fail("the metadata has another version, or a description that is not Markdown")
    if not str(message_from_bytes(raw).get_payload()).startswith("# dwtop"):
        _fail("the description is not the README")


def _check_contents(wheel: Path, sdist: Path) -> None:
    """Check that the wheel holds the program and nothing else, and the sdist all that the tests need."""
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    tracked = {
        str(path.relative_to(PROJECT))
        for folder in ("app", "widgets", "styles")
        for path in (PROJECT / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    if packed != tracked:
        _fail(f"the wheel and the tree differ in {', '.join(sorted(packed ^ tracked))}")
    with tarfile.open(sdist) as archive_of_sources:
        names = {name.partition("/")[2] for name in archive_of_sources.getnames()}
    needed = {
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "SECURITY.md",
        "Makefile",
        "constraints.txt",
        "pyproject.toml",
    }
    if missing := needed - names:
        _fail(f"the sdist lacks {', '.join(sorted(missing))}")


def _installed(wheel: Path, sdist: Path, folder: Path) -> list[tuple[str, Path]]:
    """Install with each installer into an empty environment; returns the installers' names and the programs."""
    found = []
    for name, package in (("pip and the wheel", wheel), ("pip and the sdist", sdist)):
        environment = folder / package.suffix.strip(".")
        _run([sys.executable, "-m", "venv", str(environment)])
        pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        _run([*pip, "--disable-pip-version-check", str(package)])
        found.append((name, environment / "bin" / "dwtop"))
    for name, arguments in (("pipx", ["install"]), ("uv", ["tool", "install"])):
        program = shutil.which(name)
        if program is None:
            _say(f"{name}: skipped, because it is not on the PATH")
            continue
        target = folder / name
        environ = {
            "PIPX_HOME": str(target),
            "PIPX_BIN_DIR": str(target / "bin"),
            "UV_TOOL_DIR": str(target / "tools"),
            "UV_TOOL_BIN_DIR": str(target / "bin"),
        }
        _run([program, *arguments, "--python", sys.executable, str(wheel)], environ)
        found.append((name, target / "bin" / "dwtop"))
    return found


def _check_program(dwtop: Path, version: str, home: Path) -> None:
    """Run the first commands of a new user, with warnings as errors, in a locale without our symbols."""
    environ = {
        "HOME": str(home),
        "LANG": "C",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONWARNINGS": "error",
        "PYTHONPATH": "",
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
    }
    if _run([str(dwtop), "--version"], environ).strip() != f"dwtop {version}":
        _fail(f"{dwtop} --version names another version than {version}")
    _run([str(dwtop), "--help"], environ)
    with subprocess.Popen(
        [str(dwtop), "demo-server", "--port", "0", "--jobs", "1", "--speed", "0.01"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=home,
        env=os.environ | environ,
    ) as server:
        try:
            assert server.stdout is not None
            base_url = server.stdout.readline().rpartition(" ")[2].strip()
            job_id = next(line.split()[1] for line in server.stdout if line.startswith("  dwtop "))
            environ |= {"DEEPWRITER_BASE_URL": base_url, "DEEPWRITER_TOKEN": "demo"}
            _run([str(dwtop), "add", job_id], environ)
            jobs = json.loads(_run([str(dwtop), "status", "--json"], environ))["jobs"]
            if [(job["id"], job["status"]) for job in jobs] != [(job_id, "in_progress")]:
                _fail(f"{dwtop} status does not print the simulated job: {jobs}")
            _run([str(dwtop), "cancel", job_id, "--yes"], environ)
        finally:
            server.terminate()


def _run(command: list[str], environ: Mapping[str, str] | None = None) -> str:
    """The output of a command that must succeed."""
    # Outside the project's folder, where Python would import the working tree instead of the installed package.
    done = subprocess.run(
        command,
        env=os.environ | (environ or {}),
        cwd=tempfile.gettempdir(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        _fail(f"{' '.join(command)} failed with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def _say(text: str) -> None:
    print(f"release-check: {text}", flush=True)


def _fail(text: str) -> NoReturn:
    print(f"release-check: {text}", file=sys.stderr)
    raise SystemExit(1)


if __name__ == "__main__":
    sys.exit(main())
