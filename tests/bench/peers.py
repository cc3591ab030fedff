"""Other full-screen programs to compare with.

htop, btop and watch are measured if they are installed. `python -m tests.bench.peers` installs those written in Python into
environments of their own in `build/`, which needs a network.
"""

import shutil
import statistics
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping, Sequence

from app.job import Status
from tests.bench.parts import MINIMAL, Setup, dwtop, naive
from tests.bench.program import PROJECT, Keys, NotMeasured, Program, percentile

_ENVIRONMENTS = PROJECT / "build" / "peers"
_FROM_PYPI = {
    "glances": ("glances",),
    "posting": ("posting", "tree-sitter<0.26"),  # with 0.26 it ends at once
    "harlequin": ("harlequin",),
}
_NOBODY = "http://127.0.0.1:9/api"
_MOVES = ("down", "up")
_WITHOUT_KEYS = {"watch"}
"""Their next frame would count as the answer."""


def programs() -> Iterator[Program]:
    """The installed peers."""
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
    """Install each Python peer into its environment, unless it is there."""
    for name, wanted in packages.items():
        tools = _ENVIRONMENTS / name / "bin"
        if (tools / name).exists():
            continue
        venv.create(tools.parent, with_pip=True)
        if subprocess.run(
            [tools / "python", "-m", "pip", "install", "--quiet", *wanted], check=False
        ).returncode:
            print(f"{name} cannot be installed here, and is left out", file=sys.stderr)


def facts(setup: Setup, program: Program) -> dict[str, float]:
    """The figures of a program: start, idle costs, memory and keys."""
    with setup.bench.running(program) as run:
        rest = run.rest(setup.seconds)
        keys = Keys([], [], [], 0) if program.name in _WITHOUT_KEYS else run.press(_MOVES, 40)
    # Only now: a program that is ended hard keeps the lead for a while, and the next one would not poll.
    start = setup.bench.starts([program], setup.times)[program.name]
    found = {
        "start ms": start.ms,
        "idle CPU s/min": rest.cpu_s_per_min,
        "idle bytes/min": rest.bytes_per_min,
        "wake-ups/s": rest.wake_ups_per_s,
        "PSS MiB": rest.memory_mib,
    }
    if keys.first:
        found |= {
            "key p50 ms": statistics.median(keys.first),
            "key p99 ms": percentile(keys.first, 0.99),
            "keys lost": float(keys.lost),
        }
    return found


def measure(setup: Setup) -> Iterator[tuple[str, dict[str, float]]]:
    """This program, the minimal and the naive one, and every installed peer: name and figures."""
    number = 100
    idle = dwtop(setup.database(number, _NOBODY, Status.COMPLETED), _NOBODY, name="dwtop, 100 jobs")
    with setup.server(number) as base_url:
        path = setup.database(number, base_url, Status.IN_PROGRESS)
        polling = dwtop(path, base_url, "--interval", "5", name="dwtop, polling")
        for program in (idle, polling, MINIMAL, naive(base_url, number, 5.0), *programs()):
            print(f"measuring: {program.name}", file=sys.stderr, flush=True)
            try:
                yield program.name, facts(setup, program)
            except NotMeasured as error:
                print(f"{program.name}: {error}", file=sys.stderr)


def table(found: Mapping[str, Mapping[str, float]]) -> str:
    """All figures as text, a program a line."""
    columns = list(dict.fromkeys(name for one in found.values() for name in one))
    lines = [f"{'':20}" + "".join(f"{name:>16}" for name in columns)]
    for name, one in found.items():
        cells = (f"{one[column]:16.4g}" if column in one else f"{'-':>16}" for column in columns)
        lines.append(f"{name:20}" + "".join(cells))
    return "\n".join(lines)


if __name__ == "__main__":
    install(_FROM_PYPI)
