"""Asks the tmux that surrounds us."""

import os
import subprocess

from app.notify.environment import without_token

_LIMIT = 2.0  # seconds; tmux answers at once or not at all


def ask_tmux(*arguments: str, text: str = "") -> str | None:
    """Run a tmux command. Blocks for up to 2 s: use a thread.

    Args:
        arguments: The command and its arguments.
        text: What it reads from its standard input.

    Returns:
        What it printed, or None if it failed or there is no tmux.
    """
    try:
        done = subprocess.run(  # noqa: S603 because the arguments are ours
            ["tmux", *arguments],  # noqa: S607 because it is found where the user has it
            input=text,
            env=without_token(os.environ),
            capture_output=True,
            text=True,
            timeout=_LIMIT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
