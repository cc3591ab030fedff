"""Run the backtest: `python -m tests.backtest [--jobs N] [--seeds A,B,...] [--families NAME,...] [--out FOLDER]`."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from itertools import chain
from operator import attrgetter
from pathlib import Path
from statistics import fmean

from tests.backtest.families import FAMILIES
from tests.backtest.plot import plot
from tests.backtest.trial import Outcome, mean_of_medians, run_family

SIZES = (0, 1, 3, 20, 160)
PACED_AFTER = 20
"""After how many finished jobs steadiness, stalls and pacing are reported."""


def main(arguments: list[str] | None = None) -> int:
    """Run every family; print the tables, and write them and a picture to a folder."""
    parser = argparse.ArgumentParser(prog="python -m tests.backtest", description=__doc__)
    parser.add_argument("--jobs", type=int, default=10, help="jobs per family and seed (default: 10)")
    parser.add_argument("--seeds", default="901,902", help="separated by commas (default: 901,902)")
    parser.add_argument("--families", default=",".join(FAMILIES), help="separated by commas (default: all)")
    parser.add_argument(
        "--out", type=Path, default=Path("build/backtest"), help="folder for tables and picture"
    )
    options = parser.parse_args(arguments)
    families, seeds = options.families.split(","), [int(seed) for seed in options.seeds.split(",")]
    if wrong := [name for name in families if name not in FAMILIES]:
        parser.error(f"no family {wrong[0]!r}; there are: {', '.join(map(repr, FAMILIES))}")
    found = {}
    for family in families:
        print(f"{family} ...", file=sys.stderr, flush=True)
        found[family] = {size: run_family(family, seeds, size, options.jobs) for size in SIZES}
    note = f"{options.jobs} jobs per family and seed, seeds {', '.join(map(str, seeds))}"
    text = f"# Backtest: {note}\n\n{_errors(found)}\n\nAfter {PACED_AFTER} finished jobs:\n\n{_other_figures(found)}\n"
    print(text)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "backtest.md").write_text(text, encoding="utf-8")
    (options.out / "backtest.svg").write_text(plot(found, note), encoding="utf-8")
    return 0


def _errors(found: Mapping[str, Mapping[int, Outcome]]) -> str:
    """Errors, and in brackets how often the actual time was in the range, by family and number of finished jobs."""
    rows = [
        [family, _number(mean_of_medians(by_size[0].line_errors)), *map(_cell, by_size.values())]
        for family, by_size in found.items()
    ]
    means = ["**mean**", ""]
    for size in SIZES:
        known = [one for by_size in found.values() if (one := by_size[size]).error is not None]
        error = fmean(one.error or 0.0 for one in known) if known else None
        means.append(f"**{_number(error)}** ({_percent([hit for one in known for hit in one.in_range])})")
    return _table(["family", "straight line", *(f"after {size}" for size in SIZES)], [*rows, means])


def _other_figures(found: Mapping[str, Mapping[int, Outcome]]) -> str:
    heads = "family,shown,changes,jitter,healthy marked,hangs found,requests,end seen late"
    paced = {family: [by_size[PACED_AFTER]] for family, by_size in found.items()}
    rows = [*paced.items(), ("**all**", list(chain(*paced.values())))]
    return _table(heads.split(","), [_other_row(name, outcomes) for name, outcomes in rows])


def _other_row(name: str, outcomes: Sequence[Outcome]) -> list[str]:
    names = ("shown", "changes", "jitter", "marked", "found", "requests", "late")
    shown, changes, jitter, *others, late = (list(chain(*map(attrgetter(name), outcomes))) for name in names)
    shares = [_percent(jitter, 2), *map(_percent, others)]
    seen = f"{fmean(late):.1f} s" if late else "-"
    return [name, _percent(shown), str(max(changes, default=0)), *shares, seen]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [heads, ["---"] * len(heads), *rows])


def _cell(one: Outcome) -> str:
    return "-" if one.error is None else f"{_number(one.error)} ({_percent(one.in_range)})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}" if value < 10 else f"{value:.0f}"


def _percent(values: Sequence[float], digits: int = 0) -> str:
    return f"{100 * fmean(values):.{digits}f} %" if values else "-"


if __name__ == "__main__":
    sys.exit(main())
