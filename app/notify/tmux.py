"""Runs commands on the tmux server that this program runs in."""

from app import process

_TIMEOUT_SECONDS = 2.0
"""tmux normally answers at once."""


def run_tmux(*arguments: str, text: str = "") -> str | None:
    """Run a tmux command that reads `text`, and return its output; None if it failed or tmux is not installed.

    Blocks for up to 2 s, so call it in a thread.
    """
    result = process.run(["tmux", *arguments], timeout=_TIMEOUT_SECONDS, stdin=text.encode())
    return None if result.failure else result.stdout.decode("utf-8", "replace")
