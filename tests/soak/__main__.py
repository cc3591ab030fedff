"""Runs the program for long, and checks that nothing grows: `python -m tests.soak [--seconds N | --days N]`."""

import argparse
import sys
import time

from tests.soak import fuzz, real, simulated


def main() -> int:
    """Run one of the soaks; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument(
        "--seconds", type=float, default=real.SECONDS, help="run the real program for this long"
    )
    kind.add_argument("--days", type=int, help="run the core in simulated time for this long")
    asked = parser.parse_args()
    start = time.monotonic()
    try:
        if asked.days is None:
            fuzz.fuzz(min(asked.seconds, fuzz.SECONDS))
            real.assert_steady(real.soak(asked.seconds))
        else:
            simulated.assert_steady(simulated.soak(asked.days))
    except AssertionError as error:
        print(f"not steady: {error}", file=sys.stderr)
        return 1
    print(f"steady; it took {time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
