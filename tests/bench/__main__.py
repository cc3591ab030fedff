"""Measures speed and idle costs against their goals: `python -m tests.bench`."""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench import parts
from tests.bench.goals import Result, save, table
from tests.bench.program import PROJECT, Bench, NotMeasured

_PARTS: dict[str, Callable[[parts.Setup], Iterator[Result]]] = {
    "starts": parts.starts,
    "rest": parts.idle,
    "polling": parts.polling,
    "keys": parts.keys,
    "long-list": parts.long_list,
    "memory": parts.memory,
    "httpx": parts.processing,
    "writing": parts.writing,
    "day": parts.day,
}


def main() -> int:
    """Run the chosen parts; returns 1 if a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(_PARTS)}; default: all")
    parser.add_argument(
        "--seconds", type=float, default=30, help="how long a program is watched (default 30)"
    )
    parser.add_argument("--times", type=int, default=9, help="how often starts are repeated (default 9)")
    parser.add_argument("--json", type=Path, default=PROJECT / "build" / "bench.json", metavar="FILE")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(_PARTS):
        parser.error(f"there is no part {unknown.pop()!r}; there are {', '.join(_PARTS)}")
    if sys.platform != "linux":
        parser.error("the bench reads /proc; run it on Linux")
    if not shutil.which("tmux"):
        parser.error("the bench also measures inside tmux; install tmux first")
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="dwtop-bench-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        setup = parts.Setup(Bench(home), Path(folder), asked.seconds, asked.times)
        for name in asked.parts or _PARTS:
            print(f"measuring: {name}", file=sys.stderr, flush=True)
            try:
                results += _PARTS[name](setup)
            except NotMeasured as error:
                print(f"{name}: {error}", file=sys.stderr)
                return 2
    print(table(results))
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    save(results, asked.json)
    return int(any(one.reached is False for one in results))


if __name__ == "__main__":
    sys.exit(main())
