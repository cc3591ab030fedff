"""What an import loads: the program starts quickly because heavy libraries are loaded only when they are needed.

The contracts in pyproject.toml say which package may name which. These tests look at what is really loaded, in fresh
interpreters.
"""

import pytest

import app
from tests.processes import ROOT, run_python

HEAVY = {"textual", "rich", "httpx", "pydantic", "starlette", "uvicorn"}

MAX_DATACLASSES = 8
"""Own classes that may be made with `dataclass` before the first frame; each takes half a millisecond."""

LATER_THAN_THE_FIRST_FRAME = {
    "httpx",
    "pydantic",
    "app.deepwriter.client",
    "app.deepwriter.auth.sources",
    "app.watch.forecast.forecaster",
    "app.watch.polling.poller",
    "app.watch.watcher",
    "app.dashboard.action_table",
    "app.dashboard.palette",
    "app.presentation.add_preview",
    "app.presentation.cancel_question",
    "app.presentation.detail",
    "app.presentation.help",
    "app.process",
    "widgets.filter_line",
}
"""Beside everything in `widgets.dialogs` and `widgets.detail`."""

_COUNT_DATACLASSES = """
import dataclasses, sys
made = []
process = dataclasses._process_class
def record(cls, *arguments, **options):
    made.append(cls.__module__)
    return process(cls, *arguments, **options)
dataclasses._process_class = record
import app.cli.main, app.cli.watch, app.dashboard.app, app.store.store
print(sum(name.partition(".")[0] in ("app", "widgets") for name in made), *sys.modules)
"""

_RUN_VERSION = """
import sys
before = set(sys.modules)
sys.argv = ["dwtop", "--version"]
import app.__main__
app.__main__.main()
print(*set(sys.modules) - before)
"""


def loaded(*modules: str) -> set[str]:
    """The modules that are loaded once these have been imported."""
    return set(run_python(f"import sys, {', '.join(modules)}; print(*sys.modules)").split())


def modules_under(name: str) -> list[str]:
    """A module, or a package with all that is in it."""
    path = ROOT / name.replace(".", "/")
    files = path.rglob("*.py") if path.is_dir() else [path.with_suffix(".py")]
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    return [name.removesuffix(".__init__") for name in sorted(names)]


@pytest.mark.parametrize(
    ("names", "unwanted"),
    [
        (["app.job", "app.text"], HEAVY),
        (["app.settings"], HEAVY),
        (["app.deepwriter.errors", "app.deepwriter.auth"], HEAVY),
        (["app.watch"], HEAVY),
        (["app.notify"], HEAVY),
        (["app.cli.session", "app.cli.main"], HEAVY),
        (["app.presentation.keymap", "app.presentation.ordering", "app.presentation.rows"], HEAVY),
        (["app.__main__"], HEAVY | {"click", "sqlite3"}),
        (["app.deepwriter.base_url", "app.deepwriter.auth.sources"], {"ssl", "asyncio", "subprocess"}),
        (["app.cli.output.terminal"], HEAVY | {"click"}),
        (["app.cli.open_dashboard", "app.dashboard.app"], {"click", "httpx", "pydantic"}),
        (["app.simulator.lifecycle", "app.simulator.demo_story"], HEAVY | {"asyncio", "app.job"}),
        (["app.deepwriter.client"], {"httpx._main", "click", "pygments", "rich.progress"}),
    ],
    ids=lambda value: value[0].removeprefix("app.") if isinstance(value, list) else "",
)
def test_what_a_module_does_without(names: list[str], unwanted: set[str]) -> None:
    modules = [module for name in names for module in modules_under(name)]
    assert loaded(*modules) & unwanted == set()


def test_the_first_frame_waits_for_nothing_that_it_does_not_show() -> None:
    dataclasses, *modules = run_python(_COUNT_DATACLASSES).split()
    assert LATER_THAN_THE_FIRST_FRAME & set(modules) == set()
    assert [name for name in modules if name.startswith(("widgets.dialogs", "widgets.detail"))] == []
    assert int(dataclasses) <= MAX_DATACLASSES


def test_the_version_needs_no_imports() -> None:
    name, version, *modules = run_python(_RUN_VERSION).split()
    assert (name, version) == ("dwtop", app.__version__)
    assert set(modules) == {"app", "app.__main__"}
