"""Run the backtest: `python -m tests.backtest [--jobs N] [--seeds A,B,...] [--families NAME,...] [--out FOLDER]`."""

import argparse
import sys
from pathlib import Path

from tests.backtest.families import FAMILIES
from tests.backtest.plot import plot
from tests.backtest.report import report
from tests.backtest.trial import live_through

SIZES = (0, 1, 3, 20, 160)


def main(arguments: list[str] | None = None) -> int:
    """Live every family through; print the tables, and write them and a picture to a folder."""
    parser = argparse.ArgumentParser(prog="python -m tests.backtest", description=__doc__)
    parser.add_argument("--jobs", type=int, default=10, help="jobs a family and seed (default: 10)")
    parser.add_argument("--seeds", default="901,902", help="comma between (default: 901,902)")
    parser.add_argument("--families", default=",".join(FAMILIES), help="comma between (default: all)")
    parser.add_argument(
        "--out", type=Path, default=Path("build/backtest"), help="folder for tables and picture"
    )
    options = parser.parse_args(arguments)
    families = options.families.split(",")
    if wrong := [name for name in families if name not in FAMILIES]:
        parser.error(f"no family {wrong[0]!r}; there are: {', '.join(map(repr, FAMILIES))}")
    seeds = [int(seed) for seed in options.seeds.split(",")]
    found = {}
    for family in families:
        print(f"{family} ...", file=sys.stderr, flush=True)
        found[family] = {size: live_through(family, seeds, size, options.jobs) for size in SIZES}
    note = f"{options.jobs} jobs a family and seed, seeds {', '.join(map(str, seeds))}"
    text = f"# Backtest: {note}\n\n{report(found, SIZES)}"
    print(text)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "backtest.md").write_text(text, encoding="utf-8")
    (options.out / "backtest.svg").write_text(plot(found, note), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
