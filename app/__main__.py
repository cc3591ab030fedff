"""The console entry point. Answers the most frequent command lines without click; `app.cli.main` handles the rest."""

import sys


def main() -> int:
    """Run dwtop with the arguments it was started with, and return the exit code."""
    try:
        return _run()
    except KeyboardInterrupt:  # pressed during the imports
        return 130


def _run() -> int:
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from app import __version__

        try:  # without click, whose import takes longer than everything else
            print(f"dwtop {__version__}", flush=True)
        except OSError:  # such as a full disk; `app.cli.main` reports it
            pass
        else:
            return 0
    import gc
    import os
    from contextlib import suppress

    from app.cli.output.terminal import replace_unencodable

    gc.disable()  # a collection during the imports takes a tenth of the startup time and frees nothing
    with suppress(OSError):  # after a failed print, the buffer may hold text that cannot be written
        replace_unencodable()
    if "--tmux" in arguments:
        import time

        from app.cli.tmux_status import print_if_requested

        code = print_if_requested(arguments, os.environ, time.time())
    else:
        from app.cli.open_dashboard import open_at_once

        code = open_at_once(arguments, os.environ)
    if code is not None:
        return code
    gc.enable()
    from app.cli.main import run

    return run()


if __name__ == "__main__":
    sys.exit(main())
