"""The console entry: answers at once what needs nothing, and hands over the rest."""

import sys


def main() -> int:
    """Run dwtop with the words it was started with; the exit code."""
    try:
        return _run()
    except KeyboardInterrupt:  # while still importing
        return 130


def _run() -> int:
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from app import __version__

        try:  # not by click, whose import would take longer than all the rest
            print(f"dwtop {__version__}", flush=True)
        except OSError:  # such as a full disk: the usual way says so
            pass
        else:
            return 0
    import os
    from contextlib import suppress

    from app.cli.encoding import replace_unencodable

    with suppress(OSError):  # what an attempt to print the version has left cannot be written
        replace_unencodable()
    if "--tmux" in arguments:
        import time

        from app.cli.tmux_status import answer

        code = answer(arguments, os.environ, time.time())
    else:
        from app.cli.open_dashboard import open_at_once

        code = open_at_once(arguments, os.environ)
    if code is not None:
        return code
    from app.cli.main import run

    return run()


if __name__ == "__main__":
    sys.exit(main())
