"""The console entry: answers at once what needs nothing, and hands over the rest."""

import sys


def main() -> int:
    """Run dwtop with the words it was started with; the exit code."""
    if sys.argv[1:] == ["--version"]:
        from app import __version__

        print(f"dwtop {__version__}")  # not by click, whose import would take longer than all the rest
        return 0
    from app.cli.main import run

    return run()


if __name__ == "__main__":
    sys.exit(main())
