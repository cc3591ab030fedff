"""The wheel holds what it should and nothing else, and runs where there is no checkout."""

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import app
from tests.processes import ROOT, run_program

PACKAGES = ("app", "widgets", "styles")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """The wheel of this checkout, built with what is installed already."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ("--wheel", "--no-isolation", "--outdir", folder, ROOT)
    built = run_program(sys.executable, "-m", "build", *options)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("*.whl")
    assert path.name == f"dwtop-{app.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(path) as archive:
        yield archive


def files_of_the_checkout() -> set[str]:
    """What git would keep of the packages: everything but what Python leaves behind."""
    return {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_it_holds_every_file_of_the_packages_and_no_other(wheel: zipfile.ZipFile) -> None:
    names = {name for name in wheel.namelist() if not name.endswith("/")}
    about = f"dwtop-{app.__version__}.dist-info"
    assert {name.partition("/")[0] for name in names} == {*PACKAGES, about}
    assert {name for name in names if not name.startswith(about)} == files_of_the_checkout()
    assert {"app/py.typed", "widgets/py.typed"} <= names
    assert any(name.startswith("styles/") and name.endswith(".tcss") for name in names)
    assert f"{about}/licenses/LICENSE" in names


def test_it_gives_the_command_and_no_other(wheel: zipfile.ZipFile) -> None:
    about = f"dwtop-{app.__version__}.dist-info"
    entry_points = wheel.read(f"{about}/entry_points.txt").decode()
    assert entry_points.split() == ["[console_scripts]", "dwtop", "=", "app.__main__:main"]
    metadata = wheel.read(f"{about}/METADATA").decode().splitlines()
    assert "Name: dwtop" in metadata
    assert f"Version: {app.__version__}" in metadata


_IMPORT_ALL = """
import sys
unpacked, checkout = sys.argv[1:]
sys.path[:] = [unpacked, *(path for path in sys.path if path != checkout)]  # which may be installed for editing
import importlib, pathlib
for package in ("app", "widgets"):
    for path in sorted(pathlib.Path(unpacked, package).rglob("*.py")):
        name = ".".join(path.relative_to(unpacked).with_suffix("").parts).removesuffix(".__init__")
        module = importlib.import_module(name)
        assert module.__file__.startswith(unpacked), module.__file__
        print(name)
sys.argv = ["dwtop", "--version"]
sys.exit(importlib.import_module("app.__main__").main())
"""


def test_all_its_modules_and_its_command_work_without_a_checkout(
    wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    unpacked, away = tmp_path / "unpacked", tmp_path / "away"
    wheel.extractall(unpacked)
    away.mkdir()
    done = run_program(sys.executable, "-I", "-c", _IMPORT_ALL, unpacked, ROOT, cwd=away)
    assert done.returncode == 0, done.stderr
    *imported, name, version = done.stdout.split()
    assert {"app", "app.settings.load", "widgets.model"} <= set(imported)
    assert (name, version) == ("dwtop", app.__version__)
    assert list(away.iterdir()) == []
