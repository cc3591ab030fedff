"""Other full-screen programs beside this one, in one run: `python -m tests.bench.peers`.

Those that come from the system (htop, btop, watch) are measured if they are installed. Those written in Python are
put into environments of their own, below `build/`, which takes a network the first time.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from app.job import Status
from tests.bench.outside import MINIMAL, Stage, dwtop
from tests.bench.program import PROJECT, Bench, Keys, NotMeasured, Program, percentile

_ENVIRONMENTS = PROJECT / "build" / "peers"
_FROM_PYPI = {
    "glances": ("glances",),
    "posting": ("posting", "tree-sitter<0.26"),  # with 0.26 it ends at once
    "harlequin": ("harlequin",),
}
_NOBODY = "http://127.0.0.1:9/api"
_MOVES = ("down", "up")
_DEAF = {"watch"}
"""They take no keys for moving; their next frame would count as the answer."""


def programs() -> Iterator[Program]:
    """The peers that are there."""
    ready = {
        "watch": ("Every",),
        "htop": ("Load average",),
        "btop": ("proc",),
        "glances": ("CPU",),
        "posting": ("Collection",),
        "harlequin": ("Query Editor",),
    }
    arguments = {"watch": ("-n2", "cat", str(PROJECT / "LICENSE")), "glances": ("--disable-check-update",)}
    for name, texts in ready.items():
        found = shutil.which(name, path=str(_ENVIRONMENTS / name / "bin")) or shutil.which(name)
        if found:
            yield Program(name, (found, *arguments.get(name, ())), texts)


def install(packages: Mapping[str, Sequence[str]]) -> None:
    """Put peers from the package index each into its environment, unless it is there."""
    for name, wanted in packages.items():
        tools = _ENVIRONMENTS / name / "bin"
        if (tools / name).exists():
            continue
        venv.create(tools.parent, with_pip=True)
        if subprocess.run(
            [tools / "python", "-m", "pip", "install", "--quiet", *wanted], check=False
        ).returncode:
            print(f"{name} cannot be installed here, and is left out", file=sys.stderr)


def facts(stage: Stage, program: Program) -> dict[str, float]:
    """Its figures: start, rest, memory and keys."""
    start = stage.bench.starts([program], stage.times)[program.name]
    with stage.bench.running(program) as run:
        rest = run.rest(stage.seconds)
        keys = Keys([], [], 0) if program.name in _DEAF else run.press(_MOVES, 40)
    found = {
        "start ms": start.ms,
        "idle CPU s/min": rest.cpu_s_per_min,
        "idle bytes/min": rest.bytes_per_min,
        "wake-ups/s": rest.wakeups_per_s,
        "PSS MiB": rest.memory.pss,
    }
    if keys.first:
        found |= {
            "key p50 ms": statistics.median(keys.first),
            "key p99 ms": percentile(keys.first, 0.99),
            "keys lost": float(keys.lost),
        }
    return found


def main() -> int:
    """Measure all that are there; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peers", description=__doc__)
    parser.add_argument("--seconds", type=float, default=30, help="how long each rests (default 30)")
    parser.add_argument("--times", type=int, default=5, help="how often starts are repeated (default 5)")
    parser.add_argument("--no-install", action="store_true", help="take only what is there")
    parser.add_argument("--json", type=Path, default=PROJECT / "build" / "peers.json", metavar="FILE")
    asked = parser.parse_args()
    if not asked.no_install:
        install(_FROM_PYPI)
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="dwtop-peers-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        stage = Stage(Bench(home), Path(folder), asked.seconds, asked.times)
        ours = dwtop(stage.database(100, _NOBODY, Status.COMPLETED), _NOBODY, name="dwtop, 100 jobs")
        for program in (ours, MINIMAL, *programs()):
            print(f"measuring: {program.name}", file=sys.stderr, flush=True)
            try:
                found[program.name] = facts(stage, program)
            except NotMeasured as error:
                print(f"{program.name}: {error}", file=sys.stderr)
    columns = list(dict.fromkeys(name for one in found.values() for name in one))
    print(f"{'':20}" + "".join(f"{name:>16}" for name in columns))
    for name, one in found.items():
        cells = (f"{one[column]:16.4g}" if column in one else f"{'-':>16}" for column in columns)
        print(f"{name:20}" + "".join(cells))
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps({"version": 1, "programs": found}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
