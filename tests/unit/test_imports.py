"""What an import brings along: the start of the program is only quick while heavy libraries wait for their turn.

The contracts in pyproject.toml say which room may name which. These tests say what is really loaded, by
whatever way, and they do it in a fresh interpreter, for in this one everything is loaded already.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import app
import widgets

HEAVY = {"textual", "rich", "httpx", "pydantic", "starlette", "uvicorn"}

# Imports modules one after another, and tells for each what it was the first to bring in.
PROBE = """
import importlib, json, sys
brought = {}
for name in sys.argv[1:]:
    before = set(sys.modules)
    importlib.import_module(name)
    brought[name] = sorted({module.partition(".")[0] for module in set(sys.modules) - before})
print(json.dumps(brought))
"""


def modules_of(package_file: str | None) -> list[str]:
    """The names of all modules under a package, found as files, so that none has to be listed here."""
    assert package_file
    folder = Path(package_file).parent
    names = []
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        names.append(".".join(parts).removesuffix(".__init__"))
    return names


def brought_in(names: list[str]) -> dict[str, set[str]]:
    """By module, the top-level packages that came with it when it was imported in a fresh interpreter."""
    command = [sys.executable, "-c", PROBE, *names]
    root = Path(app.__file__).parent.parent
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=root)
    assert done.returncode == 0, done.stderr
    return {name: set(brought) for name, brought in json.loads(done.stdout).items()}


def culprits(names: list[str], unwanted: set[str]) -> dict[str, set[str]]:
    return {name: brought & unwanted for name, brought in brought_in(names).items() if brought & unwanted}


def rooms(*prefixes: str) -> list[str]:
    """The modules that are, or are inside, one of these; those there are so far."""
    names = modules_of(app.__file__)
    return [
        name for name in names if any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)
    ]


def test_the_probe_sees_what_an_import_brings() -> None:
    assert "textual" in brought_in(["json", "textual.widget"])["textual.widget"]


def test_modules_are_found() -> None:
    found = modules_of(app.__file__) + modules_of(widgets.__file__)
    assert {"app", "app.job", "app.watch", "app.watch.api", "widgets.model"} <= set(found)


@pytest.mark.parametrize(
    "room",
    [
        ["app.job", "app.text"],
        ["app.settings"],
        ["app.deepwriter.errors", "app.deepwriter.base_url", "app.deepwriter.auth.sources"],
        ["app.watch"],
        ["app.notify"],
        ["app.simulator.lifecycle"],
        ["app.watch.session", "app.cli.session", "app.deepwriter.auth.renewal"],
        [
            "app.presentation.rows",
            "app.presentation.ordering",
            "app.presentation.glyphs",
            "app.presentation.durations",
        ],
        ["app.presentation.columns", "app.presentation.keymap"],
    ],
    ids=lambda room: room[0].removeprefix("app."),
)
def test_the_core_needs_no_heavy_library(room: list[str]) -> None:
    names = rooms(*room)
    assert names, f"nothing of {room} is there"
    assert culprits(names, HEAVY) == {}


def test_commands_import_heavy_libraries_only_when_they_run() -> None:
    names = [name for name in rooms("app.cli") if not name.startswith("app.cli.output.")]
    assert culprits(names, HEAVY) == {}
    assert culprits(rooms("app.cli.output.terminal"), HEAVY | {"click"}) == {}


def test_the_first_frame_needs_neither_click_nor_the_client() -> None:
    names = [
        "app.__main__",
        "app.cli.open_dashboard",
        "app.cli.session",
        "app.store.store",
        "app.dashboard.app",
    ]
    assert culprits(names, {"click", "httpx", "pydantic"}) == {}


def test_the_entry_answers_before_anything_is_imported() -> None:
    assert culprits(["app", *rooms("app.__main__")], HEAVY | {"click", "sqlite3"}) == {}


def test_widgets_know_nothing_of_the_application() -> None:
    assert culprits(modules_of(widgets.__file__), {"app", "httpx", "pydantic", "starlette", "uvicorn"}) == {}
