"""Run the backtest: `python -m tests.backtest [--jobs N] [--seeds A,B,...] [--families NAME,...] [--out FOLDER]`."""

import argparse
import sys
from pathlib import Path

from tests.backtest.measures import errors
from tests.backtest.plot import plot
from tests.backtest.report import LEARNED, table
from tests.backtest.traces import FAMILIES, ODD, lives
from tests.backtest.trial import Tally, live_through


def main(arguments: list[str] | None = None) -> int:
    """Live every family through for every seed; print the table and write it and the plot to a folder."""
    options = _options(arguments)
    learned: dict[str, Tally] = {}
    untaught: dict[str, Tally] = {}
    for family in options.families:
        learned[family], untaught[family] = Tally(), Tally()
        for seed in options.seeds:
            print(f"{family}, seed {seed} ...", file=sys.stderr, flush=True)
            live_through(lives(family, seed, options.jobs), seed, learned[family])
            live_through(
                lives(family, seed, options.jobs), seed, untaught[family], learning=False, pacing=False
            )
    note = f"{options.jobs} jobs a family and seed, seeds {', '.join(map(str, options.seeds))}"
    report = f"# Backtest: {note}\n\n" + table(learned, untaught)
    print(report)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "backtest.md").write_text(report, encoding="utf-8")
    found = {
        family: errors(tally.cases, lambda case: case.seen >= LEARNED) for family, tally in learned.items()
    }
    (options.out / "backtest.svg").write_text(
        plot(found, f"{note}; once {LEARNED} jobs have been seen"), encoding="utf-8"
    )
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.backtest", description=__doc__)
    parser.add_argument("--jobs", type=_positive, default=500, help="jobs a family and seed (default: 500)")
    parser.add_argument(
        "--seeds", type=_seeds, default=[301, 302, 303], help="comma between (default: 301,302,303)"
    )
    parser.add_argument(
        "--families",
        type=_families,
        default=list(FAMILIES),
        help="comma between (default: all but the odd ones)",
    )
    parser.add_argument("--out", type=Path, default=Path("build/backtest"), help="folder for table and plot")
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("give a number of at least 1")
    return number


def _seeds(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _families(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    wrong = [name for name in names if name not in {**FAMILIES, **ODD}]
    if wrong:
        raise argparse.ArgumentTypeError(
            f"no family {wrong[0]!r}; there are: {', '.join(map(repr, [*FAMILIES, *ODD]))}"
        )
    return names


if __name__ == "__main__":
    sys.exit(main())
