"""Runs the program for long, and checks that nothing grows: `python -m tests.soak [--seconds N]`."""

import argparse
import sys
import time

from tests.soak import fuzz, real


def main() -> int:
    """Draw random answers and settings, then run the program; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=real.SECONDS, help="run the program for this long")
    seconds = parser.parse_args().seconds
    start = time.monotonic()
    try:
        fuzz.fuzz(min(seconds, fuzz.SECONDS))
        real.assert_steady(real.soak(seconds))
    except AssertionError as error:
        print(f"not steady: {error}", file=sys.stderr)
        return 1
    print(f"steady; it took {time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
